"""Files that other programs wrote: crawl folders, exports of listening services, spreadsheets.

`poll` runs in the engine's loop and does its disk work in a worker thread; `read_path`, `preview`
and what they call run in the caller's thread and block. Nothing is ever written, and nothing
outside the chosen path is read. What is new is known from the cursor alone: for every file its
size, its first bytes, and a byte offset or row number.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.domain.mention import Mention
from app.domain.watch import Page, Watch
from app.errors import AppError, BadResponse, ConfigError, Transient
from app.i18n import N_, _, ngettext
from app.settings.schema import flag, text
from app.settings.schema import path as a_path
from monitors.base import Info, Monitor
from monitors.files import sqlitefile, walk
from monitors.files.columns import FIELDS, Preview
from monitors.files.reading import Desk, Entry, Taken, step
from monitors.files.understand import Understanding
from monitors.files.walk import File, Listing
from monitors.reading import CHINA, clean, fingerprint

PAGE_ROWS = 1_000
_SAMPLE = 20
_TOLD = 5
"""Files named in a note; the others are counted."""

_VERSION = 1


@dataclass(frozen=True)
class Settings:
    path: str = a_path(N_("File or folder"), required=True)
    recursive: bool = flag(N_("With the folders inside"), default=True)
    pattern: str = text(
        N_("Only files named"),
        placeholder="*.jsonl *.csv",
        help=N_("Empty: all kinds we can read."),
    )
    platform: str = text(
        N_("Platform"),
        default="import",
        help=N_("A name for rows that do not say which platform they are from."),
    )
    mapping: str = text(
        N_("Columns"),
        placeholder='{"text": "正文", "author": "昵称"}',
        help=N_("Which column is which, as JSON; empty: found by the usual names."),
    )


class Folder(Monitor[Settings]):
    """Reads a file, or every file in a folder, and then what is added to them."""

    info = Info(
        id="folder",
        name=N_("Files and crawl folders"),
        every=15,
        per_minute=0,
        about=N_("Imports tables, exports and crawler output, and follows them as they grow."),
        basis=N_("imported files"),
        network=False,
        personal=N_("whatever names and links of authors the files hold"),
    )
    Settings = Settings

    _desk: Desk | None = None
    """Not state: a workbook in hand and addresses met, to save reading them again in one run."""

    @staticmethod
    def vet(settings: Any) -> None:
        _mapping(settings.mapping)

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # files hold what they hold
        return await asyncio.to_thread(self._page, cursor)

    async def check(self) -> str:
        return await asyncio.to_thread(_seen, self.settings)

    def _page(self, cursor: str | None) -> Page:
        self._desk = self._desk or _desk(self.settings)
        return _page(self.settings, cursor, self._desk, final=False)


def read_path(settings: Settings, cursor: str | None = None) -> Iterator[Page]:
    """Everything in the path since `cursor`, page after page, taking the files as finished."""
    desk = _desk(settings)
    while True:
        page = _page(settings, cursor, desk, final=True)
        yield page
        if not page.more:
            return
        cursor = page.cursor


def preview(path: str | Path, mapping: Mapping[str, str] | None = None, platform: str = "") -> Preview:
    """What an import of this file would make of it; of a folder, the first file with rows.

    Raises only when the path itself cannot be read; a file nobody understands is a `problem`.
    """
    settings = Settings(
        path=str(path), mapping=json.dumps(dict(mapping or {})), platform=platform or "import"
    )
    listed = _listing(settings)
    made = Preview("", problem=_("There is nothing to import here."))
    for file in listed.files[:50]:
        made = _previewed(file, _desk(settings))
        if made.sample:
            break
    return made


# ── a page ────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Run:
    """One page in the making."""

    entries: dict[str, Entry]
    mentions: dict[tuple[str, str, str], Mention] = field(default_factory=dict)
    left: int = PAGE_ROWS
    more: bool = False
    skipped: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[tuple[File, AppError]] = field(default_factory=list)

    def add(self, file: File, taken: Taken) -> None:
        if taken.entry:
            self.entries[file.name] = taken.entry
        self.left -= max(taken.rows, len(taken.mentions))
        self.more |= taken.more
        self.skipped += taken.skipped
        self.notes += [_named(file, note) for note in taken.notes]
        if taken.problem is not None:
            self.problems.append((file, taken.problem))
        for one in taken.mentions:
            key = (one.platform, one.kind, one.native_id)
            self.mentions.pop(key, None)  # the last line wins, and stands where it was written
            self.mentions[key] = one


def _page(settings: Settings, cursor: str | None, desk: Desk, *, final: bool) -> Page:
    by = fingerprint(settings.path, settings.mapping, settings.platform)[:12]
    known = _entries(cursor, by)
    listed = _listing(settings, known=bool(known))
    run = _Run({name: entry for name, entry in known.items() if _behind(name, listed.closed)})
    for file in listed.files:
        old = known.get(file.name)
        if run.left <= 0:
            run.more = True
            run.entries.update({file.name: old} if old else {})
        else:
            run.add(file, step(file, old, desk, run.left, final))
    _raise_if_all_bad(listed, run)
    made = json.dumps({"v": _VERSION, "by": by, "files": run.entries}, separators=(",", ":"))
    return Page(tuple(run.mentions.values()), made, run.more, run.skipped, _note(listed, run))


def _entries(cursor: str | None, by: str) -> dict[str, Entry]:
    """The cursor's files; a cursor that cannot be read, or of other settings, is none at all."""
    try:
        held: Any = json.loads(cursor or "{}")
        fit = held["v"] == _VERSION and held["by"] == by
        return {str(name): entry for name, entry in held["files"].items() if _sound(entry)} if fit else {}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _sound(entry: object) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("st", {}), dict):
        return False
    state = entry.get("st", {})
    at = state.get("at", 0)
    kind = entry.get("k")
    whole = {"csv": {"at", "h", "d", "e"}, "jsonl": {"at"}, "json": {"at"}, "xlsx": {"at", "sheet"}}
    return isinstance(at, int) and at >= 0 and (not state or whole.get(str(kind), set()) <= set(state))


def _behind(name: str, closed: Sequence[str]) -> bool:
    """In a folder that could not be looked into just now?"""
    return any(name.startswith(folder + "/") for folder in closed)


def _desk(settings: Settings) -> Desk:
    return Desk(_mapping(settings.mapping), clean(settings.platform, limit=40).lower() or "import")


def _mapping(said: str) -> dict[str, str]:
    if not said.strip():
        return {}
    try:
        held = json.loads(said)
    except (ValueError, RecursionError):
        held = None
    if not isinstance(held, dict) or not all(isinstance(one, str) for one in held.values()):
        told = _('The columns must be written as JSON, like {{"text": "content", "author": "name"}}.')
        raise ConfigError(told.format(), field="mapping")
    strange = sorted(set(held) - set(FIELDS))
    if strange:
        told = _("There is no field named “{name}”; there are: {fields}.")
        raise ConfigError(
            told.format(name=clean(strange[0], limit=40), fields=", ".join(FIELDS)), field="mapping"
        )
    return {name: column for name, column in held.items() if column}


def _listing(settings: Settings, *, known: bool = False) -> Listing:
    """The files of the path. A path that was there before may come back (a drive, a share)."""
    root = Path(settings.path).expanduser()
    shown = clean(str(root), limit=200)
    try:
        if not root.exists():
            raise _missing(shown, known)
        return walk.listing(root, settings.pattern, settings.recursive)
    except PermissionError as error:
        told = _("{path} may not be read: ask for permission, or choose another.").format(path=shown)
        raise ConfigError(told, field="path", details=type(error).__name__) from error
    except (OSError, ValueError) as error:
        told = _("{path} cannot be read just now.").format(path=shown)
        raise Transient(told, details=str(error)[:200]) from error


def _missing(shown: str, known: bool) -> AppError:
    if known:
        return Transient(_("{path} is not there at the moment.").format(path=shown))
    return ConfigError(_("There is no file or folder {path}.").format(path=shown), field="path")


# ── what a person is told ─────────────────────────────────────────────────────────────────────


def _named(file: File, what: str) -> str:
    return _("{file}: {what}").format(file=file.shown, what=what)


def _raise_if_all_bad(listed: Listing, run: _Run) -> None:
    """A source of which nothing can be read is in trouble; one bad file among good ones is a note."""
    if not run.problems or run.mentions or len(run.problems) < len(listed.files):
        return
    file, first = run.problems[0]
    told = _named(file, str(first))
    match first:
        case ConfigError():
            raise ConfigError(told, field=first.field, details=first.details)
        case Transient():
            raise Transient(told, details=first.details)
    raise BadResponse(told, details=first.details)


def _note(listed: Listing, run: _Run) -> str:
    notes = [_named(file, str(problem)) for file, problem in run.problems] + run.notes
    notes += [_("{folder} may not be read").format(folder=clean(name, limit=120)) for name in listed.closed]
    if listed.full:
        notes.append(_("Only the first {n} files are read.").format(n=walk.MAX_FILES))
    more = len(notes) - _TOLD
    told = notes[:_TOLD]
    if more > 0:
        told.append(ngettext("and {n} more", "and {n} more", more).format(n=more))
    return " · ".join(told)


def _previewed(file: File, desk: Desk) -> Preview:
    taken = step(file, None, desk, 200, True)
    under = desk.understood.get(file.name)
    kind = str(taken.entry.get("k", "")).upper()
    rows, reader = _first_columns(under)
    if reader is None:
        return Preview(kind, rows, {}, rows, (), _problem(file, taken))
    mapping = {name: column for name, column in reader.mapping.items() if column in rows}
    unmapped = tuple(column for column in rows if column not in mapping.values())
    label = f"{reader.format} ({kind})" if reader.format else kind
    return Preview(label, rows, mapping, unmapped, tuple(taken.mentions[:_SAMPLE]), _problem(file, taken))


def _first_columns(under: Understanding | None) -> tuple[tuple[str, ...], Any]:
    """The columns and the reader of the first table somebody can read, else of the first one."""
    tables = list(under.readers.items()) if under else []
    chosen = next((one for one in tables if one[1] is not None and not one[1].ignored), None)
    (_group, columns), reader = chosen or (tables[0] if tables else (("", ()), None))
    return columns, reader


def _problem(file: File, taken: Taken) -> str:
    if taken.problem is not None:
        return _named(file, str(taken.problem))
    if not taken.mentions:
        return _named(file, _("There are no rows with words in it."))
    return ""


def _seen(settings: Settings) -> str:
    """For `check`: one sentence about what is there."""
    desk = _desk(settings)
    listed = _listing(settings)
    if not listed.files:
        raise ConfigError(_("There is no file here that we can read (yet)."), field="path")
    tried = [step(file, None, desk, 20, False).problem for file in listed.files[:20]]
    first = next((problem for problem in tried if problem is not None), None)
    if first is not None and all(tried):
        _raise_if_all_bad(Listing(listed.files[:1]), _Run({}, problems=[(listed.files[0], first)]))
    files, rows = len(listed.files), sum(_about(file) for file in listed.files[:200])
    newest = datetime.fromtimestamp(max(file.mtime for file in listed.files) / 1e9, UTC)
    told = ngettext(
        "{n} file, about {rows} rows, newest of {time}.",
        "{n} files, about {rows} rows, newest of {time}.",
        files,
    )
    said = told.format(n=files, rows=f"{rows:,}", time=f"{newest.astimezone(CHINA):%Y-%m-%d %H:%M}")
    return f"{said} {_named(listed.files[tried.index(first)], str(first))}" if first is not None else said


def _about(file: File) -> int:
    """About how many rows: from the first quarter megabyte, or from the database itself."""
    try:
        kind = walk.kind(file.path)
        if kind == "sqlite":
            return sqlitefile.counted(file.path)
        with file.path.open("rb") as opened:
            piece = opened.read(256 * 1024)
    except (OSError, BadResponse):
        return 0
    mark = {"json": b"},", "xlsx": b""}.get(kind, b"\n")
    found = piece.count(mark) if mark else file.size // 60  # a packed row of a workbook takes about that
    return max(1, found * file.size // max(1, len(piece))) if mark else found
