"""The mentions: saving pages of them, and every way to look at them.

Any thread may call; writes happen on the writer thread. What people do to mentions (corrections,
claims, answers) is in `desk.py`, what the scorer does in `scores.py` and `rescoring.py`, what is handed
to early warning in `tones.py`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import peewee

from app.domain.mention import Hit, Kind, Stored
from app.domain.query import Key, Listing, MentionQuery
from app.domain.sentiment import Tone
from app.errors import NotFound
from app.i18n import _
from app.storage import saving, tones
from app.storage.authors import same_author
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.desk import Desk
from app.storage.edge import micros, moment, pieces
from app.storage.filters import conditions
from app.storage.gone import REMEMBERED, Gone
from app.storage.models import EditRow, MentionRow, RawRow
from app.storage.reading import every, fetch, indexed, matching, newest, rows_of, verified
from app.storage.rescoring import Rescoring
from app.storage.rows import Names, stored, write_hits
from app.storage.scores import Scores
from app.storage.search import sought
from app.storage.tallies import Tallies
from app.storage.tones import Slots
from app.storage.values import Found, Saved

_M = MentionRow
_NEWER_CAP = 1000
_CHUNK = 500
_CLOSE = 5000
"""Up to so many rows behind the newest, the primary key is the shorter way."""


class Mentions(Desk, Gone, Scores, Rescoring, Slots, Tallies):
    """`storage.mentions`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save_page(
        self,
        source_id: int,
        found: Sequence[Found],
        cursor: str | None,
        *,
        now: datetime,
        set_cursor: bool = True,
    ) -> Saved:
        """Mentions, index, hits, raw items and the cursor in one transaction.

        `Saved.new`, `.edited` and `.seen` add up to what was handed in.
        """

        def act(connection: Connection) -> Saved:
            saved = saving.save_page(connection, source_id, found, now)
            if set_cursor:
                saving.set_cursor(connection, source_id, cursor)
            return saved

        return self._database.write(act)

    # ── one by one ───────────────────────────────────────────────────────────────────────────

    def get(self, id: int) -> Stored:
        found = self.many([id])
        if not found:
            raise NotFound(_("This mention is not in the database (any more)."))
        return found[0]

    def many(self, ids: Sequence[int], *, grave: bool = False) -> tuple[Stored, ...]:
        """In the order asked for; unknown ids are passed over.

        `grave`: only those an alert can be about. They name a brand, and are negative, or have one star,
        or a word that is serious whatever the tone.
        """
        bad = (_M.tone == Tone.NEGATIVE) | (_M.severe == True) | (_M.rating <= 1)  # noqa: E712  # a column
        named = ((_M.brands != "") & bad) if grave else (_M.id > 0)
        by_id: dict[int, Stored] = {}
        with self._database.read() as connection:
            names = Names.read(connection)
            for part in pieces(list(dict.fromkeys(ids)), _CHUNK):
                by_id.update((one.id, one) for one in fetch(connection, names, _M.id.in_(part) & named))
        return tuple(by_id[id_] for id_ in ids if id_ in by_id)

    def roots_of(self, ids: Sequence[int]) -> tuple[tuple[int, str], ...]:
        """(id, native id) of the stored posts at whose head these stand, if those name a brand."""
        found: dict[int, str] = {}
        with self._database.read() as connection:
            for part in pieces(ids, _CHUNK):
                named = _M.select(_M.id, _M.native_id, _M.platform, _M.root_id).where(
                    _M.id.in_(part), _M.brands != ""
                )
                rows = connection.execute(named).fetchall()
                found.update((id_, native) for id_, native, _on, root in rows if root in ("", native))
                below = {(on, root) for _id, native, on, root in rows if root not in ("", native)}
                found.update(_heads(connection, below))
        return tuple(found.items())

    def by_name(self, name: str) -> Stored | None:
        """The newest mention with this number or address."""
        with self._database.read() as connection:
            names = Names.read(connection)
            for same in (_M.native_id == name, _M.url == name):
                if found := fetch(connection, names, same, limit=1):
                    return found[0]
        return None

    def raw(self, id: int) -> str:
        """The item as received; empty where it was none or has been purged."""
        with self._database.read() as connection:
            row = connection.execute(RawRow.select(RawRow.body).where(RawRow.mention_id == id)).fetchone()
        return zlib.decompress(bytes(row[0])).decode() if row else ""

    def edits(self, id: int) -> tuple[tuple[datetime, str], ...]:
        """Earlier texts (the title on a line above), oldest first, and when each was replaced."""
        wanted = EditRow.select(EditRow.at, EditRow.title, EditRow.text).where(EditRow.mention_id == id)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(EditRow.id)).fetchall()
        return tuple((moment(at), f"{title}\n{text}" if title else text) for at, title, text in rows)

    def earlier_by(self, stored: Stored, limit: int = 20) -> tuple[Stored, ...]:
        """Other mentions by the same author (native id, else name) on the same platform, newest first."""
        author = stored.mention.author
        if not (author.native_id or author.name.strip()):
            return ()
        same = same_author(stored) & (_M.id != stored.id)
        with self._database.read() as connection:
            return tuple(fetch(connection, Names.read(connection), same, limit=limit))

    def thread(self, stored: Stored, limit: int = 20) -> tuple[Stored, ...]:
        """The post at the head of its thread, what it answers, and what its author wrote there; the newest
        of them, oldest first."""
        of, head = stored.mention, stored.mention.root_id or stored.mention.native_id
        theirs = (_M.root_id == head) & (_M.author_id == of.author.native_id) & (_M.author_id != "")
        above = _M.native_id.in_([one for one in (head, of.parent_id, of.native_id) if one])
        with self._database.read() as connection:
            names = Names.read(connection)
            found = fetch(connection, names, (_M.platform == of.platform) & (above | theirs), limit=limit)
        return tuple(sorted(found, key=lambda one: (one.published_at, one.id)))

    def newest_id(self) -> int:
        with self._database.read() as connection:
            return newest(connection)

    # ── lists ────────────────────────────────────────────────────────────────────────────────

    def page(self, query: MentionQuery, after: Key | None = None, limit: int = 200) -> Listing:
        """A page by key: `next` goes on behind the last row, whatever has come in meanwhile."""
        with self._database.read() as connection:
            rows = matching(connection, query, after, limit + 1)
        more = len(rows) > limit
        rows = rows[:limit]
        return Listing(tuple(rows), Key(rows[-1].published_at, rows[-1].id) if more and rows else None)

    def iterate(self, query: MentionQuery, chunk: int = _CHUNK) -> Iterator[Stored]:
        """All that match, in the order of the list; between chunks no transaction is held."""
        after: Key | None = None
        while True:
            listing = self.page(query, after, chunk)
            yield from listing.rows
            after = listing.next
            if after is None:
                return

    def newer(self, query: MentionQuery, than_id: int) -> int:
        """How many stored after `than_id` match; 1000 stands for "a thousand or more"."""
        with self._database.read() as connection:
            names = Names.read(connection)
            asked = sought(query.text, connection)
            far = newest(connection) - than_id > _CLOSE
            later = (_M.id + 0 > than_id) if far else (_M.id > than_id)
            wanted = [later, *conditions(query, names), *indexed(asked)]
            if asked is None or asked.exact:
                inner = _M.select(_M.id).where(every(wanted)).limit(_NEWER_CAP)
                counted = peewee.Select([inner], [peewee.fn.COUNT(1)])
                return int(connection.execute(counted).fetchone()[0])
            rows = verified(connection, names, asked, wanted, limit=_NEWER_CAP)
            return len(rows)

    # ── upkeep ───────────────────────────────────────────────────────────────────────────────

    def rematch(
        self,
        match: Callable[[Stored], tuple[Hit, ...]],
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Find the brands in everything stored anew; how many mentions name other brands than before.

        `match` runs in the caller's thread, between short transactions. A mention edited meanwhile
        is left alone: its new text was matched when it was saved.
        """
        changed = done = last = 0
        while True:
            with self._database.read() as connection:
                names = Names.read(connection)
                rows = rows_of(
                    connection, (_M.id > last) & REMEMBERED, (_M.id.asc(),), _CHUNK, extra=_REMATCHED
                )
            if not rows:
                return changed
            fresh = [(row, write_hits(match(stored(row, names)))) for row in rows]
            differing = [
                (row[0], row[-3], new) for row, new in fresh if (row[-2], row[-1]) != tuple(new.values())
            ]
            if differing:
                changed += self._database.write(partial(_put_hits, rows=differing))
            last = rows[-1][0]
            done += len(rows)
            if progress is not None:
                progress(done)

    def purge_raw(self, before: datetime) -> int:
        """Forget items as received that were fetched before; how many."""

        def act(connection: Connection) -> int:
            gone = connection.execute(RawRow.delete().where(RawRow.at < micros(before)))
            return int(gone.rowcount)

        return self._database.write(act)


def _heads(connection: Connection, wanted: Iterable[tuple[str, str]]) -> list[tuple[int, str]]:
    """(id, native id) of stored posts by (platform, native id); comments are none."""
    by_root = dict.fromkeys(wanted)
    rows = connection.execute(
        _M.select(_M.id, _M.native_id, _M.platform).where(
            _M.native_id.in_([root for _on, root in by_root]), _M.kind != str(Kind.COMMENT)
        )
    ).fetchall()
    return [(id_, native) for id_, native, on in rows if (on, native) in by_root]


_REMATCHED = (_M.revision, _M.hits, _M.brands)


def _put_hits(connection: Connection, *, rows: Iterable[tuple[int, int, dict[str, Any]]]) -> int:
    changed = []
    for id_, revision, columns in rows:
        put = _M.update(columns).where(_M.id == id_, _M.revision == revision)
        if connection.execute(put).rowcount:
            changed.append(id_)
    tones.refresh(connection, changed)
    return len(changed)
