"""A page of mentions into the database: what is new, what was edited, what only has new counts.

Called inside one write transaction, on the writer thread. The unique keys decide what is new, so a
page may come twice, in pieces, in any order, and from two processes at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.storage import search, seeing, tones
from app.storage.connection import Connection
from app.storage.edge import clean, maybe_micros, micros, pieces
from app.storage.gone import FORGOTTEN
from app.storage.models import EditRow, GoingRow, MentionRow, RawRow, SeenRow, SourceRow
from app.storage.rows import write_counts, write_hits, write_mention, write_severity
from app.storage.values import Found, Saved

_M = MentionRow
_AT_ONCE = 200
"""Rows a statement: some 40 columns each must stay below the engines' limit of parameters."""

_Identity = tuple[str, str, str]


def save_page(connection: Connection, source_id: int, found: Sequence[Found], now: datetime) -> Saved:
    """Everything but the cursor."""
    page = _folded(found)
    new: list[int] = []
    edited: list[int] = []
    for part in pieces(list(page.values()), _AT_ONCE):
        made = _insert(connection, source_id, part, now)
        new += made.values()
        known = [one for one in part if _identity(one) not in made]
        edited += _refresh(connection, source_id, known, now) if known else []
    _count(connection, source_id, len(new))
    return Saved(tuple(new), tuple(edited), len(found) - len(new) - len(edited))


def set_cursor(connection: Connection, source_id: int, cursor: str | None) -> None:
    kept = None if cursor is None else clean(cursor)
    connection.execute(SourceRow.update(cursor=kept).where(SourceRow.id == source_id))


def _identity(found: Found) -> _Identity:
    mention = found.mention
    return clean(mention.native_id), clean(mention.platform), str(mention.kind)


def _folded(found: Sequence[Found]) -> dict[_Identity, Found]:
    """A mention that stands twice on a page counts once, as it stands there last."""
    page: dict[_Identity, Found] = {}
    owners: dict[str, _Identity] = {}
    for one in found:
        identity = _identity(one)
        print_ = clean(one.mention.fingerprint)
        owner = owners.setdefault(print_, identity) if print_ else identity
        page[identity if identity in page else owner] = one
    return {_identity(one): one for one in page.values()}


def _insert(
    connection: Connection, source_id: int, part: Sequence[Found], now: datetime
) -> dict[_Identity, int]:
    rows = [write_mention(one, source_id, now) for one in part]
    added = connection.insert_rows(
        _M, rows, "ON CONFLICT DO NOTHING RETURNING id, native_id, platform, kind"
    )
    made = {(native, platform, kind): id_ for id_, native, platform, kind in added.fetchall()}
    fresh = [(made[_identity(one)], one) for one in part if _identity(one) in made]
    seeing.count_hours(connection, source_id, [micros(one.published_at) for _id, one in fresh])
    search.add(connection, [(id_, clean(one.mention.title), clean(one.mention.text)) for id_, one in fresh])
    _keep_raw(connection, fresh, now)
    return made


def _keep_raw(connection: Connection, fresh: Sequence[tuple[int, Found]], now: datetime) -> None:
    rows = [
        {
            "mention_id": id_,
            "at": micros(now),
            "body": zlib.compress(one.mention.raw.encode("utf-8", "replace")),
        }
        for id_, one in fresh
        if one.mention.raw
    ]
    if rows:
        connection.insert_rows(
            RawRow, rows, "ON CONFLICT (mention_id) DO UPDATE SET at = excluded.at, body = excluded.body"
        )


def _refresh(connection: Connection, source_id: int, known: Sequence[Found], now: datetime) -> list[int]:
    """Bring known rows up to date; the ids of those whose text changed."""
    by_identity, by_print = _known_rows(connection, source_id, known)
    edited = []
    moved = []
    for one in known:
        row = by_identity.get(_identity(one)) or by_print.get(clean(one.mention.fingerprint))
        if row is None:
            continue
        changes = _newer_counts(row, one)
        if row["gone_at"] is not None:
            changes |= _back(connection, row, one)
        if _is_edit(row, one, source_id):
            changes |= _edit(connection, row, one, now)
            edited.append(row["id"])
        if changes:
            connection.execute(_M.update(changes).where(_M.id == row["id"]))
        if "followers" in changes:
            moved.append(row["id"])
    if edited:
        # What a person left as it was is not what stands there now.
        connection.execute(SeenRow.delete().where(SeenRow.mention_id.in_(edited)))
    if edited or moved:
        tones.refresh(connection, [*edited, *moved])
    return edited


_WANTED: tuple[Any, ...] = (
    _M.id, _M.native_id, _M.platform, _M.kind, _M.fingerprint, _M.source_id, _M.title, _M.text,
    _M.edited_at, _M.corrected, _M.revision, _M.edits, _M.likes, _M.comments, _M.shares, _M.views,
    _M.favorites, _M.rating, _M.followers, _M.verified, _M.gone_at,
)  # fmt: skip


def _known_rows(
    connection: Connection, source_id: int, known: Sequence[Found]
) -> tuple[dict[_Identity, dict[str, Any]], dict[str, dict[str, Any]]]:
    natives = {clean(one.mention.native_id) for one in known}
    prints = {clean(one.mention.fingerprint) for one in known} - {""}
    wanted = _M.native_id.in_(list(natives))
    rows = _dicts(connection, wanted)
    if prints:
        rows += _dicts(connection, _M.fingerprint.in_(list(prints)) & (_M.source_id == source_id))
    by_identity = {(row["native_id"], row["platform"], row["kind"]): row for row in rows}
    mine = (row for row in rows if row["fingerprint"] and row["source_id"] == source_id)
    return by_identity, {row["fingerprint"]: row for row in mine}


def _dicts(connection: Connection, wanted: Any) -> list[dict[str, Any]]:
    names = [field.name for field in _WANTED]
    rows = connection.execute(_M.select(*_WANTED).where(wanted)).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _newer_counts(row: dict[str, Any], found: Found) -> dict[str, Any]:
    """What this poll knows and the row says otherwise; what it does not know stays."""
    counts = write_counts(found.mention)
    return {name: value for name, value in counts.items() if value is not None and value != row[name]}


def _is_edit(row: dict[str, Any], found: Found, source_id: int) -> bool:
    """Another text from the row's own source, and not an older one that comes late.

    A second source that shows the same post shortened would otherwise "edit" it to and fro for ever.
    """
    mention = found.mention
    title, text = clean(mention.title), clean(mention.text)
    if not (title or text) or (title, text) == (row["title"], row["text"]):
        return False
    stamp = maybe_micros(mention.edited_at)
    if stamp is not None and row["edited_at"] is not None and stamp < row["edited_at"]:
        return False
    return bool(row["source_id"] == source_id)


def _back(connection: Connection, row: dict[str, Any], found: Found) -> dict[str, Any]:
    """A post thought deleted is seen again; what was forgotten of it is known again."""
    connection.execute(GoingRow.delete().where(GoingRow.mention_id == row["id"]))
    if row["title"] or row["text"]:
        return {"gone_at": None}
    again = write_mention(found, row["source_id"], found.published_at)
    return {"gone_at": None, **{name: again[name] for name in FORGOTTEN if name not in ("title", "text")}}


def _edit(connection: Connection, row: dict[str, Any], found: Found, now: datetime) -> dict[str, Any]:
    """Keep the old text; the columns that make the row the new one, waiting to be scored again."""
    mention = found.mention
    title, text = clean(mention.title), clean(mention.text)
    if row["title"] or row["text"]:  # of a post that was forgotten and came back there is no earlier text
        connection.execute(
            EditRow.insert(mention_id=row["id"], at=micros(now), title=row["title"], text=row["text"])
        )
    search.replace(connection, row["id"], (row["title"], row["text"]), (title, text))
    _keep_raw(connection, [(row["id"], found)], now)
    return {
        "title": title,
        "text": text,
        "edited_at": maybe_micros(mention.edited_at) or row["edited_at"],
        "revision": row["revision"] + 1,
        "edits": row["edits"] + bool(row["title"] or row["text"]),
        "score_id": None,
        "aspects": "",
        **({} if row["corrected"] else {"tone": None}),
        **write_hits(found.hits),
        **write_severity(found.severity),
    }


def _count(connection: Connection, source_id: int, more: int) -> None:
    if more:
        grown = SourceRow.update(mentions=SourceRow.mentions + more)
        connection.execute(grown.where(SourceRow.id == source_id))
