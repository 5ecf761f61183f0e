"""What was known when a text was made, and which of its sentences a person must have looked at."""

from __future__ import annotations

from collections.abc import Sequence

from app.change import Change
from app.core.parts import Parts
from app.domain.modelling import Mark
from app.domain.outbox import Basis, Posting
from app.errors import Conflict
from app.i18n import ngettext
from app.replies.model import cite


class Looked(Parts):
    """What sending and drafting share. Synchronous, any thread but a window's."""

    def basis(self) -> Basis:
        """What is known now: keep it with a text that is being made."""
        return Basis(self.storage.mentions.newest_id(), self.clock.now())

    def unseen_in(self, mention_id: int, text: str) -> tuple[Mark, ...]:
        """Marked sentences of models' drafts that stand in this text and nobody has looked at."""
        marks = self.storage.marks.unseen(mention_id)
        return tuple(one for one in marks if cite.contained(one.sentence, text))

    def standing_in(self, sentences: Sequence[str], text: str) -> tuple[str, ...]:
        """Those that stand in a text, however it is set; quick and pure, a window may call it."""
        return tuple(one for one in sentences if cite.contained(one, text))

    def unseen_of(self, mention_id: int) -> tuple[Mark, ...]:
        """Marked sentences that nobody has looked at and that stand in an answer which may yet go out."""
        open_ = (Posting.WRITTEN, Posting.APPROVED)
        rows = self.storage.outbox.all(open_, mention_id)
        return self.unseen_in(mention_id, "\n".join(row.text for row in rows)) if rows else ()

    def see_sentences(self, mention_id: int, sentences: tuple[str, ...], by: str = "") -> None:
        """A person has looked at these; by their words, since a draft may have said them twice."""
        bones = {cite.skeleton(one) for one in sentences}
        ids = [
            one.id for one in self.storage.marks.unseen(mention_id) if cite.skeleton(one.sentence) in bones
        ]
        if ids:
            self.storage.marks.seen(mention_id, ids, by.strip() or self.me, self.clock.now())
            self.tell(Change.OUTBOX)

    def check_seen(self, mention_id: int, text: str) -> None:
        """Conflict with the first sentence that nobody has looked at."""
        unseen = self.unseen_in(mention_id, text)
        if unseen:
            told = ngettext(
                "{n} sentence of the model must be looked at first: “{sentence}”",
                "{n} sentences of the model must be looked at first: “{sentence}” …",
                len(unseen),
            )
            raise Conflict(told.format(n=len(unseen), sentence=unseen[0].sentence[:80]))
