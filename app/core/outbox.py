"""Answers through a platform's own interface: proposed, approved by a named person, sent once."""

from __future__ import annotations

from uuid import uuid4

from app.change import Change
from app.core.parts import Parts
from app.domain.outbox import Outgoing, Posting, Proposal, fit
from app.errors import AppError, ConfigError
from app.i18n import _
from app.storage.values import Event


class Outbox(Parts):
    """Synchronous, any thread but a window's. Nothing is sent without `approved_by`."""

    def outbox(self, mention_id: int = 0, states: tuple[Posting, ...] = ()) -> tuple[Outgoing, ...]:
        """The newest first. What a program left behind in the middle of sending shows as UNSURE."""
        self.sending.recover()
        return self.storage.outbox.all(states, mention_id)

    def propose_reply(self, mention_id: int, text: str, approved_by: str = "") -> Proposal:
        """Exactly what `send_reply` would send, where and as whom; sends and writes nothing."""
        stored = self.storage.mentions.get(mention_id)
        return self.sending.propose(stored, text, approved_by or self.me)

    def write_reply(self, mention_id: int, text: str, key: str = "") -> Outgoing:
        """Kept in the outbox, not approved. The same `key` is the same answer."""
        row = self.storage.outbox.write(
            mention_id, fit(text), key or uuid4().hex, self.me, self.clock.now()
        )
        self.tell(Change.OUTBOX)
        return row

    def approve_reply(self, id: int, approved_by: str) -> Outgoing:
        """A person's yes to a written answer."""
        if not approved_by.strip():
            raise ConfigError(_("Say who approves this answer."), field="as")
        row = self.storage.outbox.approve(id, approved_by.strip(), self.clock.now())
        self.tell(Change.OUTBOX)
        return row

    def send_reply(
        self, mention_id: int, text: str, *, approved_by: str, force: bool = False, again: bool = False
    ) -> Outgoing:
        """Write, approve and send in one go; the row says what became of it (SENT, FAILED, UNSURE).

        Raises Conflict, ReplyRejected and the like where it was not sent at all. `force`: although a
        colleague has claimed the mention; `again`: although it has an answer."""
        self.sending.recover()
        row = self.approve_reply(self.write_reply(mention_id, text).id, approved_by)
        return self.send_approved(row.id, force=force, again=again)

    def send_approved(self, id: int, *, force: bool = False, again: bool = False) -> Outgoing:
        """An answer that was approved and never left (the program ended before); as `send_reply`."""
        try:
            return self.sending.send(id, force=force, again=again)
        except AppError as error:
            row = self.storage.outbox.get(id)
            if row.state is Posting.APPROVED:
                self.storage.outbox.failed(id, error.text, self.clock.now())
            self.tell(Change.OUTBOX)
            raise

    def mark(self, mention_id: int, on: bool, *, approved_by: str) -> None:
        """Feature a comment under our own post, or take that back; doing it twice changes nothing there."""
        if not approved_by.strip():
            raise ConfigError(_("Say who approves this."), field="as")
        stored = self.storage.mentions.get(mention_id)
        source = self.storage.sources.get(stored.source_id).source
        self.sending.wait(self.engine.mark(source, stored.mention, on))
        what = "mark" if on else "unmark"
        self.storage.mentions.noted(mention_id, Event(self.clock.now(), approved_by.strip(), what, ""))
        self.tell(Change.STATUS)

    def settle_unsure(self, id: int, sent: bool) -> Outgoing:
        """What a person who has looked there says of an answer that was perhaps sent."""
        row = self.storage.outbox.settle(id, sent, self.me, self.clock.now())
        self.tell(Change.OUTBOX | Change.STATUS)
        return row
