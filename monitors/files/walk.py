"""Which files there are, and whether one is still the file it was.

Runs in a worker thread; reads, never writes. Nothing outside the chosen folder is touched: folders
behind links are not entered, and a link to a file counts only if it ends inside.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from app.errors import AppError, BadResponse, Transient
from app.i18n import _
from monitors.files.sqlitefile import MAGIC
from monitors.reading import clean

TEXTS = {".jsonl", ".ndjson", ".json", ".csv", ".tsv"}
BOOKS = {".xlsx", ".xlsm", ".xls"}
BASES = {".db", ".sqlite", ".sqlite3"}
SUFFIXES = TEXTS | BOOKS | BASES

_UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".download", ".swp", ".bak", "~")
MAX_FILES = 20_000
_MAX_DEPTH = 16
_HEAD = 512
_TAIL = 64


@dataclass(frozen=True, slots=True)
class File:
    """A file as the folder listing shows it. `name` is relative to the folder, with slashes."""

    path: Path
    name: str
    size: int
    mtime: int
    """Nanoseconds."""

    @property
    def shown(self) -> str:
        """The name for people: a file may be called anything."""
        return clean(self.name, limit=120) or "?"


@dataclass(slots=True)
class Listing:
    files: list[File] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    """Folders that could not be looked into, by name."""
    full: bool = False


def listing(root: Path, pattern: str = "", recursive: bool = True) -> Listing:
    """The files to read, posts before the comments under them. Raises OSError for the root itself."""
    made = Listing()
    if root.is_file():
        about = root.stat()
        made.files.append(File(root, root.name, about.st_size, about.st_mtime_ns))
        return made
    _enter(root, root, pattern, _MAX_DEPTH if recursive else 0, made)
    made.files.sort(key=lambda one: ("comments" in one.path.name.lower(), one.name))
    return made


def _enter(folder: Path, root: Path, pattern: str, deeper: int, made: Listing) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        if folder == root:
            raise
        made.closed.append(folder.relative_to(root).as_posix())
        return
    for entry in entries:
        if len(made.files) >= MAX_FILES:
            made.full = True
            return
        if entry.name.startswith((".", "~$")):
            continue
        if entry.is_dir(follow_symlinks=False):
            if deeper:
                _enter(Path(entry.path), root, pattern, deeper - 1, made)
        else:
            _add(Path(entry.path), root, pattern, made)


def _add(path: Path, root: Path, pattern: str, made: Listing) -> None:
    name = path.relative_to(root).as_posix()
    if not _wanted(path, name, pattern) or (path.is_symlink() and not _inside(path, root)):
        return
    try:
        about = path.stat()
    except OSError:
        return  # gone between the listing and now
    if path.is_file():
        made.files.append(File(path, name, about.st_size, about.st_mtime_ns))


def _wanted(path: Path, name: str, pattern: str) -> bool:
    if path.name.lower().endswith(_UNFINISHED):
        return False
    if pattern:
        return any(fnmatch(one, part) for one in (name, path.name) for part in pattern.split())
    return path.suffix.lower() in SUFFIXES


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False


def kind(path: Path) -> str:
    """jsonl | json | csv | xlsx | sqlite, by what the file holds and then by its name; "" while it
    is empty. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        return ""
    if head.startswith(MAGIC):
        return "sqlite"
    suffix = path.suffix.lower()
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or suffix in BOOKS:
        return "xlsx"
    if suffix in BASES:
        return "sqlite"
    first = head.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").removeprefix(b"\xff\xfe").lstrip()[:1]
    if suffix in (".csv", ".tsv"):
        return "csv"
    if suffix == ".json" or (first == b"[" and suffix in (".jsonl", ".ndjson")):
        return "json"
    return (
        "jsonl" if first == b"{" or suffix in (".jsonl", ".ndjson") else "json" if first == b"[" else "csv"
    )


def head(path: Path, size: int) -> list[object]:
    """The file's first bytes, hashed: another file under the same name begins otherwise."""
    return [min(size, _HEAD), _hash(path, 0, min(size, _HEAD))]


def same_head(path: Path, size: int, told: object) -> bool:
    if not isinstance(told, list) or len(told) != 2 or not isinstance(told[0], int):
        return False
    return told[0] <= size and _hash(path, 0, told[0]) == told[1]


def tail(path: Path, at: int) -> str:
    """The bytes just before `at`, hashed: a file made anew differs there, whatever its head."""
    return _hash(path, max(0, at - _TAIL), at)


def _hash(path: Path, begin: int, end: int) -> str:
    with path.open("rb") as file:
        file.seek(begin)
        return hashlib.sha256(file.read(max(0, end - begin))).hexdigest()[:12]


def trouble(error: OSError) -> AppError:
    """Why a file cannot be opened, for people."""
    if isinstance(error, PermissionError):
        return BadResponse(_("It may not be read: ask for permission, or choose another file."))
    if isinstance(error, FileNotFoundError):
        return Transient(_("It is not there any more."))
    told = _("It cannot be read just now ({reason}).").format(reason=clean(error.strerror or "", limit=80))
    return Transient(told, details=type(error).__name__)
