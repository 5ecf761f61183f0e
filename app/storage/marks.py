"""Sentences of models' drafts that a person must look at before an answer with them is approved.

Any thread may call; writes happen on the writer thread. A mark stays when the draft is thrown away: its
words may stand in an answer all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from app.domain.modelling import Doubt, Mark, Sentence
from app.storage import desk
from app.storage.connection import Connection
from app.storage.database import Database
from app.storage.edge import clean, micros
from app.storage.models import ModelMarkRow
from app.storage.values import Event

_R = ModelMarkRow
_COLUMNS = (_R.id, _R.mention_id, _R.sentence, _R.why, _R.seen_by)


class Marks:
    """`storage.marks`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, mention_id: int, marked: Sequence[Sentence], event: Event) -> tuple[Mark, ...]:
        """Those of a draft, unseen, and the draft's line in the mention's history. A sentence that is
        marked again must be looked at again."""

        def act(connection: Connection) -> None:
            for one in marked:
                row = {
                    "mention_id": mention_id,
                    "sentence": clean(one.text),
                    "why": " ".join(one.doubts),
                    "at": micros(event.at),
                }
                connection.execute(_R.insert(row))
            desk.note(connection, [mention_id], event)

        self._database.write(act)
        return self.unseen(mention_id)

    def unseen(self, mention_id: int) -> tuple[Mark, ...]:
        """Nobody has looked at these; the oldest first."""
        wanted = _R.select(*_COLUMNS).where(_R.mention_id == mention_id, _R.seen_at.is_null())
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_R.id)).fetchall()
        return tuple(_mark(row) for row in rows)

    def seen(self, mention_id: int, ids: Collection[int], by: str, at: datetime) -> None:
        """A person has looked at them; in the mention's history, too."""

        def act(connection: Connection) -> None:
            which = _R.id.in_(list(ids)) & (_R.mention_id == mention_id) & _R.seen_at.is_null()
            put = _R.update(seen_by=clean(by), seen_at=micros(at)).where(which).returning(_R.sentence)
            looked = [sentence for (sentence,) in connection.execute(put).fetchall()]
            if looked:
                desk.note(connection, [mention_id], Event(at, by, "model_seen", "\n".join(looked)))

        self._database.write(act)


def _mark(row: Any) -> Mark:
    id_, mention_id, sentence, why, seen_by = row
    doubts = tuple(Doubt(one) for one in why.split() if one in tuple(Doubt))
    return Mark(id_, mention_id, sentence, doubts, seen_by)
