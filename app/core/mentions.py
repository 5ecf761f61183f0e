"""Reading and judging mentions: the live feed's half of the facade."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from app.change import Change
from app.core.parts import Parts
from app.domain.mention import Status, Stored
from app.domain.query import Key, Listing, MentionQuery, Tally, View
from app.domain.queue import Act
from app.domain.report import DayLine
from app.errors import Conflict, QueryError
from app.i18n import _
from app.matching.matcher import compile_text
from app.storage.values import Event


def here() -> tzinfo:
    """The person's time zone, as it is now."""
    zone = datetime.now().astimezone().tzinfo
    return zone or UTC  # astimezone() always sets one


class Mentions(Parts):
    """Synchronous, any thread but a window's."""

    def mentions(self, query: MentionQuery, after: Key | None = None, limit: int = 200) -> Listing:
        return self.storage.mentions.page(query, after, limit)

    def mention(self, id: int) -> Stored:
        return self.storage.mentions.get(id)

    def mentions_of(self, ids: Sequence[int]) -> tuple[Stored, ...]:
        """In the order asked for; those that are gone are passed over."""
        return self.storage.mentions.many(ids)

    def newer(self, query: MentionQuery, than_id: int) -> int:
        """How many have come since (counted up to 1,000)."""
        return self.storage.mentions.newer(query, than_id)

    def newest_id(self) -> int:
        return self.storage.mentions.newest_id()

    def tally(self, query: MentionQuery) -> Tally:
        return self.storage.mentions.tally(query)

    def by_day(self, query: MentionQuery) -> tuple[DayLine, ...]:
        return self.storage.mentions.by_day(query, here())

    def earlier_by(self, id: int, limit: int = 20) -> tuple[Stored, ...]:
        return self.storage.mentions.earlier_by(self.storage.mentions.get(id), limit)

    def raw(self, id: int) -> str:
        """The item as received; empty once its thirty days are over."""
        return self.storage.mentions.raw(id)

    def edits(self, id: int) -> tuple[tuple[datetime, str], ...]:
        return self.storage.mentions.edits(id)

    def history(self, id: int) -> tuple[Event, ...]:
        return self.storage.mentions.history(id)

    def highlights(self, stored: Stored, text_query: str = "") -> tuple[tuple[int, int], ...]:
        """Where a search text stands in a mention; quick and pure."""
        try:
            return compile_text(text_query, stored=True).spans(stored.text) if text_query.strip() else ()
        except QueryError:
            return ()

    def check_text_query(self, text: str) -> QueryError | None:
        """Quick and pure: a window may call it while a person types."""
        try:
            if text.strip():
                compile_text(text, stored=True)
        except QueryError as error:
            return error
        return None

    def set_status(self, ids: Sequence[int], status: Status) -> int:
        """How many changed. One that a colleague holds is skipped; if it is the only one, Conflict."""
        changed = self.storage.mentions.set_status(ids, status, self.me, self.clock.now())
        if not changed and len(ids) == 1:
            self._refuse_held(ids[0])
        self.tell(Change.STATUS)
        return changed

    def _refuse_held(self, id: int) -> None:
        stored = self.storage.mentions.get(id)
        if stored.status is Status.CLAIMED and stored.status_by != self.me:
            raise Conflict(_("{owner} is working on this.").format(owner=stored.status_by))

    def claim(self, ids: Sequence[int]) -> int:
        """How many are mine now. One that a colleague holds is skipped; if it is the only one, Conflict."""
        if len(ids) == 1:
            self.storage.mentions.claim(ids[0], self.me, self.clock.now())
            taken = 1
        else:
            taken = len(self.storage.acts.do(Act.CLAIM, ids, self.me, self.clock.now()).done)
        self.tell(Change.STATUS | Change.DESK)
        return taken

    def release(self, ids: Sequence[int]) -> int:
        """How many are nobody's now. One that a colleague holds is skipped; if the only one, Conflict."""
        if len(ids) == 1:
            self.storage.mentions.release(ids[0], self.me, self.clock.now())
            freed = 1
        else:
            freed = len(self.storage.acts.do(Act.RELEASE, ids, self.me, self.clock.now()).done)
        self.tell(Change.STATUS | Change.DESK)
        return freed

    def answered(self, id: int, text: str) -> Stored:
        """A person copied this text and posted it: who, what and when."""
        self.storage.mentions.answer(id, text, self.me, self.clock.now())
        self.tell(Change.STATUS)
        return self.storage.mentions.get(id)

    def views(self) -> tuple[View, ...]:
        return self.storage.views.all()

    def save_view(self, name: str, query: MentionQuery) -> View:
        view = self.storage.views.save(name, query)
        self.tell(Change.VIEWS)
        return view

    def remove_view(self, id: int) -> None:
        self.storage.views.remove(id)
        self.tell(Change.VIEWS)
