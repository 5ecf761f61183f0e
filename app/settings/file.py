"""Versioned JSON, written whole to a neighbour and renamed; keys of other versions are kept."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from app.errors import Broken, ConfigError, TooNew, Unavailable
from app.i18n import _
from app.settings.local import Local
from app.settings.schema import read, specs

VERSION = 1

T = TypeVar("T")


def load(path: Path) -> Local:
    """Defaults where there is no file. A damaged file is set aside, never overwritten."""
    kept = _document(path)
    known = {name for name, _spec in specs(Local)}
    values = {name: value for name, value in _mapping(kept.get("settings")).items() if name in known}
    try:
        return read(Local, values)
    except ConfigError:
        return _one_by_one(values, Local)


def save(path: Path, local: Local) -> None:
    """Atomic: after a crash the old file or the new one is there, never half of either."""
    kept = _document(path)
    merged = {**_mapping(kept.get("settings")), **asdict(local)}
    write_json(path, {**kept, "version": VERSION, "settings": merged})


def window_state(path: Path) -> dict[str, Any]:
    """Where the window stood; plain values only."""
    return dict(_mapping(_document(path).get("window")))


def save_window_state(path: Path, state: Mapping[str, Any]) -> None:
    save_section(path, "window", state)


def read_section(path: Path, name: str, cls: type[T]) -> T:
    """A settings value of its own beside `Local`; what does not fit takes its default."""
    known = {field for field, _spec in specs(cls)}
    given = _mapping(_document(path).get(name))
    return _one_by_one({field: value for field, value in given.items() if field in known}, cls)


def save_section(path: Path, name: str, values: Mapping[str, Any]) -> None:
    kept = _document(path)
    write_json(path, {"version": VERSION, **kept, name: dict(values)})


def write_json(path: Path, document: Mapping[str, Any], mode: int = 0o644) -> None:
    """Raises Unavailable, naming the file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                json.dump(document, out, ensure_ascii=False, indent=1, sort_keys=True)
                out.flush()
                os.fsync(out.fileno())
            Path(beside).chmod(mode)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        told = _("The settings cannot be saved to {path}: {reason}")
        raise Unavailable(told.format(path=path, reason=error.strerror or error)) from error


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _document(path: Path) -> dict[str, Any]:
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        told = _("The settings in {path} cannot be read: {reason}")
        raise Unavailable(told.format(path=path, reason=error.strerror or error)) from error
    try:
        document = json.loads(body)
        version = int(document.get("version", 1))
    except (ValueError, OverflowError, AttributeError, TypeError, RecursionError):
        return _set_aside(path)
    if version > VERSION:
        told = _("The settings in {path} were written by a newer version of Tingfeng. Please update.")
        raise TooNew(told.format(path=path))
    return dict(document)


def _set_aside(path: Path) -> dict[str, Any]:
    """Keep what was there for a person to look at, and start from the defaults."""
    beside = path.with_name(f"{path.name}.damaged")
    try:
        path.replace(beside)
    except OSError as error:
        told = _("The settings in {path} are damaged and cannot be moved aside: {reason}")
        raise Broken(told.format(path=path, reason=error.strerror or error)) from error
    return {}


def _one_by_one(values: Mapping[str, Any], cls: type[T]) -> T:
    """One unfit value must not cost the others."""
    good: dict[str, Any] = {}
    for name, value in values.items():
        try:
            read(cls, {name: value})
        except ConfigError:
            continue
        good[name] = value
    return read(cls, good)
