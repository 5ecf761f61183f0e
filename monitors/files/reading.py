"""One file, one step: what is new in it, as mentions, and the entry that says where to go on.

Runs in a worker thread and blocks on the disk. It raises nothing for a bad file: the trouble comes
back as a value, so that one file never stops the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.domain.mention import Mention
from app.errors import AppError, BadResponse, ConfigError
from app.i18n import _, ngettext
from monitors.files import csvfile, jsonl, sqlitefile, walk, xlsx
from monitors.files.batch import Batch, Row, State
from monitors.files.columns import said
from monitors.files.mediacrawler import Links, MediaCrawler
from monitors.files.understand import Understanding
from monitors.files.walk import File
from monitors.files.xlsx import Books
from monitors.reading import clean

Entry = dict[str, Any]
"""A file in the cursor: k kind, s size, m mtime, h head, t tail, st where the reader stands, end
nothing more for now, rest something half-written follows, shown that half was given once, u
addresses are no identities, bad why it cannot be read, g the database's own stamp."""

_MAX_SIBLING = 64 * 1024 * 1024


@dataclass(slots=True)
class Taken:
    """What one step brought."""

    entry: Entry
    mentions: list[Mention] = field(default_factory=list)
    rows: int = 0
    skipped: int = 0
    more: bool = False
    notes: list[str] = field(default_factory=list)
    problem: AppError | None = None


@dataclass(slots=True)
class Desk:
    """What outlives a step: how to read, the workbook in hand, addresses met so far."""

    mapping: Mapping[str, str]
    platform: str
    books: Books = field(default_factory=Books)
    links: Links = field(default_factory=dict)
    searched: set[Path] = field(default_factory=set)
    understood: dict[str, Understanding] = field(default_factory=dict)


def step(file: File, old: Entry | None, desk: Desk, rows: int, final: bool) -> Taken:
    """Read on in `file`. `final`: nothing more will be written, a last half line is all there is."""
    try:
        return _step(file, old or {}, desk, rows, final)
    except OSError as error:
        return Taken(old or {}, problem=walk.trouble(error))
    except BadResponse as error:
        return Taken(_refused(file, old or {}, str(error)), problem=error)
    except AppError as error:  # for now only: the entry stays as it was
        return Taken(old or {}, problem=error)


def _refused(file: File, old: Entry, why: str) -> Entry:
    return {"k": old.get("k", ""), "s": file.size, "m": file.mtime, "end": 1, "bad": why}


def _step(file: File, old: Entry, desk: Desk, rows: int, final: bool) -> Taken:
    unchanged = (old.get("s"), old.get("m")) == (file.size, file.mtime)
    kind = old["k"] if unchanged and old.get("k") else walk.kind(file.path)
    stamp = sqlitefile.stamp(file.path) if kind == "sqlite" else None
    unchanged = (unchanged and stamp == old.get("g")) or (unchanged and "bad" in old)
    waits = bool(old.get("rest")) and not old.get("shown")
    if not kind or (unchanged and old.get("end") and not waits):
        return Taken(old, problem=BadResponse(old["bad"]) if unchanged and "bad" in old else None)
    state = old.get("st") if old.get("k") == kind and _goes_on(file, old, kind, unchanged) else None
    flush = final or (unchanged and waits)
    batch = _batch(file.path, kind, state, rows=rows, final=flush, books=desk.books)
    again = flush and not final and not batch.more
    entry = _entry(file, kind, batch, stamp, state if again else batch.state)
    entry["shown"] = int(again)
    return _taken(file, batch, entry, desk, old if state is not None else {})


def _goes_on(file: File, old: Entry, kind: str, unchanged: bool) -> bool:
    """Is this still the file whose beginning was read, so that only what follows is new?"""
    state = old.get("st")
    if not state:
        return False
    if kind == "sqlite":
        return True
    if kind == "xlsx":
        return unchanged
    if kind == "json" and old.get("end") and not unchanged:
        return False  # written anew as a whole: what changed in it can stand anywhere
    at = int(state.get("at", 0))
    return (
        at <= file.size and walk.same_head(file.path, file.size, old.get("h")) and _same_tail(file, at, old)
    )


def _same_tail(file: File, at: int, old: Entry) -> bool:
    return bool(walk.tail(file.path, at) == old.get("t"))


def _batch(path: Path, kind: str, state: State | None, *, rows: int, final: bool, books: Books) -> Batch:
    match kind:
        case "csv":
            return csvfile.read(path, state, rows, final)
        case "xlsx":
            return xlsx.read(path, state, rows, books)
        case "sqlite":
            return sqlitefile.read(path, state, rows)
    return jsonl.read(path, state, rows, final, array=kind == "json")


def _entry(file: File, kind: str, batch: Batch, stamp: list[int] | None, state: State | None) -> Entry:
    entry: Entry = {
        "k": kind,
        "s": file.size,
        "m": file.mtime,
        "st": state or {},
        "end": int(not batch.more),
    }
    if stamp is not None:
        entry["g"] = stamp
    elif kind != "xlsx":
        entry["h"] = walk.head(file.path, file.size)
        entry["t"] = walk.tail(file.path, int(entry["st"].get("at", 0)))
    entry["rest"] = int(batch.rest)
    return entry


def _taken(file: File, batch: Batch, entry: Entry, desk: Desk, old: Entry) -> Taken:
    made = Taken(entry, rows=len(batch.rows) + batch.skipped, skipped=batch.skipped, more=batch.more)
    reader = _understanding(file, desk, old)
    problem = _unfit(batch, reader) if not old else None
    if problem is not None:
        return Taken(_refused(file, entry, str(problem)), problem=problem, rows=made.rows)
    reader.look(batch.rows)
    if not reader.by_url:
        entry["u"] = 1
    _find_links(file, entry["k"], batch.rows, reader, desk)
    for row in batch.rows:
        _one(row, reader, made)
    made.notes = _notes(batch)
    return made


def _understanding(file: File, desk: Desk, old: Entry) -> Understanding:
    base = datetime.fromtimestamp(file.mtime / 1e9, UTC)
    known = desk.understood.get(file.name)
    if known is None or known.base != base or not old:
        known = Understanding(
            file.name, base, desk.mapping, desk.platform, desk.links, by_url=not old.get("u")
        )
        desk.understood = {file.name: known}
    return known


def _one(row: Row, reader: Understanding, made: Taken) -> None:
    one = reader.reader(row)
    mention = one.read(row) if one is not None else None
    if mention is not None:
        made.mentions.append(mention)
    elif one is None or not one.ignored:
        made.skipped += 1


def _unfit(batch: Batch, reader: Understanding) -> AppError | None:
    """At the beginning of a file: is this a file we can read at all?"""
    if not batch.rows:
        # (An endless first line is passed over in several steps; what follows it may be good.)
        hopeless = batch.skipped > 1 or (batch.skipped and not batch.more)
        return BadResponse(_("None of its rows could be read.")) if hopeless else None
    if any(reader.reader(row) is not None for row in batch.rows):
        return None
    names = clean(", ".join(str(name) for name in list(batch.rows[0].values)[:12]), limit=200)
    told = _("No column with the text was found (columns: {columns}). Say which column is which.")
    return ConfigError(told.format(columns=names), field="mapping")


def _notes(batch: Batch) -> list[str]:
    notes = []
    if batch.ragged:
        n = batch.ragged
        notes.append(
            ngettext("{n} row does not fit the header", "{n} rows do not fit the header", n).format(n=n)
        )
    if batch.damaged:
        n = batch.damaged
        told = ngettext("{n} row has unreadable characters", "{n} rows have unreadable characters", n)
        notes.append(told.format(n=n))
    if batch.skipped:
        n = batch.skipped
        notes.append(ngettext("{n} row could not be read", "{n} rows could not be read", n).format(n=n))
    return notes


def _find_links(file: File, kind: str, rows: Sequence[Row], reader: Understanding, desk: Desk) -> None:
    """Comments on xhs notes open only with the token that the note's own row holds."""
    posts = {said(row.values.get("note_id")) for row in rows if _needs_link(row, reader)}
    missing = {post for post in posts if post and ("xhs", post) not in desk.links}
    if not missing:
        return
    if kind == "sqlite":
        sqlitefile.add_links(file.path, missing, desk.links)
    elif "comments" in file.path.name:
        _from_sibling(file.path.with_name(file.path.name.replace("comments", "contents")), reader, desk)


def _needs_link(row: Row, reader: Understanding) -> bool:
    one = reader.reader(row)
    return isinstance(one, MediaCrawler) and (one.layout.platform, one.layout.item) == ("xhs", "comments")


def _from_sibling(path: Path, reader: Understanding, desk: Desk) -> None:
    """Once for each run: the posts' file beside the comments' one."""
    if path in desk.searched:
        return
    desk.searched.add(path)
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _MAX_SIBLING:
            return
        kind = walk.kind(path)
        state: State | None = None
        while kind in ("csv", "json", "jsonl"):
            batch = _batch(path, kind, state, rows=1000, final=True, books=desk.books)
            for row in batch.rows:
                one = reader.reader(row)
                if one is not None:
                    one.read(row)
            state = batch.state
            if not batch.more:
                return
    except (OSError, BadResponse):
        return  # the comments are worth having without their links
