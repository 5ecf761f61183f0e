"""Where keys and tokens rest: the system keyring; where there is none, a file only its owner can read."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path
from typing import Any, Protocol

from app import log
from app.i18n import _
from app.settings.file import write_json


class SecretStore(Protocol):
    """Names are "source/3/key"."""

    @property
    def where(self) -> str:
        """In words, for the person."""
        ...

    def get(self, name: str) -> str:
        """Empty when there is none."""
        ...

    def set(self, name: str, value: str) -> None: ...

    def remove(self, name: str) -> None: ...


def open_store(root: Path) -> SecretStore:
    """The system keyring if one works here, else `secrets.json` (0600) in the home folder."""
    backend = _working_keyring()
    return KeyringStore(backend, root) if backend is not None else FileStore(root / "secrets.json")


class LateStore:
    """Looks for the keyring when the first secret is wanted: that takes a tenth of a second, and most
    starts want none.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._found: SecretStore | None = None

    def _store(self) -> SecretStore:
        with self._lock:
            if self._found is None:
                self._found = open_store(self._root)
            return self._found

    @property
    def where(self) -> str:
        return self._store().where

    def get(self, name: str) -> str:
        return self._store().get(name)

    def set(self, name: str, value: str) -> None:
        self._store().set(name, value)

    def remove(self, name: str) -> None:
        self._store().remove(name)


def _working_keyring() -> Any | None:
    import keyring  # noqa: PLC0415  # 60 ms that most starts do not need

    try:
        backend = keyring.get_keyring()
        return backend if backend.priority > 0 and "fail" not in type(backend).__module__ else None
    except Exception as error:  # noqa: BLE001  # backends raise whatever their platform raises
        log.topic("core").info("no system keyring: %s", error)
        return None


class KeyringStore:
    """One service name a home folder, so that two homes do not share secrets."""

    def __init__(self, backend: Any, root: Path) -> None:
        self._backend = backend
        self._service = f"tingfeng-{hashlib.sha256(str(root.resolve()).encode()).hexdigest()[:12]}"

    @property
    def where(self) -> str:
        return _("the system keyring")

    def get(self, name: str) -> str:
        value = self._backend.get_password(self._service, name) or ""
        log.hide(value)
        return value

    def set(self, name: str, value: str) -> None:
        log.hide(value)
        self._backend.set_password(self._service, name, value)

    def remove(self, name: str) -> None:
        if self._backend.get_password(self._service, name) is not None:
            self._backend.delete_password(self._service, name)


class FileStore:
    """Readable by its owner only; the window says so."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __repr__(self) -> str:
        return f"FileStore({self._path.name})"

    @property
    def where(self) -> str:
        return _("a private file in Tingfeng's folder, since this computer has no keyring")

    def _all(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return {str(name): str(value) for name, value in kept.items()} if isinstance(kept, dict) else {}

    def get(self, name: str) -> str:
        value = self._all().get(name, "")
        log.hide(value)
        return value

    def set(self, name: str, value: str) -> None:
        log.hide(value)
        write_json(self._path, {**self._all(), name: value}, mode=0o600)

    def remove(self, name: str) -> None:
        kept = self._all()
        if kept.pop(name, None) is not None:
            write_json(self._path, kept, mode=0o600)
