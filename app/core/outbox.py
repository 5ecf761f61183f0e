"""Answers through a platform's own interface: proposed, approved by a named person, sent once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from app.change import Change
from app.core.looked import Looked
from app.domain.outbox import UNKNOWN, Allow, Basis, Outgoing, Posting, Proposal, fit, same_person
from app.engine.sending import SECOND_KEY
from app.errors import AppError, ConfigError
from app.i18n import _
from app.storage.values import Event


class Outbox(Looked):
    """Synchronous, any thread but a window's. Nothing is sent without `approved_by`."""

    def outbox(self, mention_id: int = 0, states: tuple[Posting, ...] = ()) -> tuple[Outgoing, ...]:
        """The newest first. What a program left behind in the middle of sending shows as UNSURE."""
        self.sending.recover()
        return self.storage.outbox.all(states, mention_id)

    def outgoing(self, id: int) -> Outgoing:
        """One of them; NotFound."""
        return self.storage.outbox.get(id)

    def propose_reply(
        self, mention_id: int, text: str, approved_by: str = "", basis: Basis = UNKNOWN
    ) -> Proposal:
        """Exactly what `send_reply` would send, where and as whom; sends and writes nothing. `basis`: what
        was known when the text was made, so that news in the thread shows as the proposal's problem."""
        stored = self.storage.mentions.get(mention_id)
        return self.sending.propose(stored, text, approved_by or self.me, basis)

    def write_reply(
        self,
        mention_id: int,
        text: str,
        key: str = "",
        *,
        by: str = "",
        basis: Basis = UNKNOWN,
        allowed: Collection[Allow] = (),
        reviewer: str = "",
    ) -> Outgoing:
        """Kept in the outbox, not approved. The same `key` is the same answer. `reviewer`: who is asked to
        approve it."""
        row = self.storage.outbox.write(
            mention_id,
            fit(text),
            key or uuid4().hex,
            by.strip() or self.me,
            self.clock.now(),
            basis=basis if basis.newest else self.basis(),
            allowed=allowed,
            reviewer=reviewer,
        )
        self.tell(Change.OUTBOX)
        return row

    def approve_reply(self, id: int, approved_by: str, *, seconds: float | None = None) -> Outgoing:
        """A person's yes to a written answer. `seconds`: it leaves by itself after so many, and may be
        taken back until then; None: when somebody calls `send_approved`.

        Where the team wants two, the writer's own yes leaves it WRITTEN, waiting for somebody else's."""
        if not approved_by.strip():
            raise ConfigError(_("Say who approves this answer."), field="as")
        written = self.storage.outbox.get(id)
        self.check_seen(written.mention_id, written.text)
        due = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
        if due is not None:
            self.sending.be_alive()
        row = self.storage.outbox.approve(
            id,
            approved_by.strip(),
            self.clock.now(),
            two=self.second_pair,
            due=due,
            sender=self.sending.sender,
        )
        if seconds is not None and row.state is Posting.APPROVED:
            self.departing.add(id, seconds)
        self.tell(Change.OUTBOX)
        return row

    def send_reply(
        self,
        mention_id: int,
        text: str,
        *,
        approved_by: str,
        force: bool = False,
        again: bool = False,
        moved: bool = False,
    ) -> Outgoing:
        """Write, approve and send in one go; the row says what became of it (SENT, FAILED, UNSURE; or
        WRITTEN where somebody else must approve it, too).

        Raises Conflict, ReplyRejected and the like where it was not sent at all. `force`: although a
        colleague has claimed the mention; `again`: although it has an answer; `moved`: whatever was written
        since."""
        self.sending.recover()
        row = self.write_reply(
            mention_id, text, by=approved_by, allowed=allowances(force=force, again=again, moved=moved)
        )
        row = self.approve_reply(row.id, approved_by)
        return row if row.waits_for_second else self.send_approved(row.id)

    def send_later(
        self,
        mention_id: int,
        text: str,
        *,
        approved_by: str,
        seconds: float | None,
        basis: Basis = UNKNOWN,
        allowed: Collection[Allow] = (),
        reviewer: str = "",
        instead: int = 0,
    ) -> Outgoing:
        """Write and approve; it leaves by itself after `seconds` and may be taken back until then (None:
        not before `send_approved`). Raises, and nothing is approved, where it could not be sent even now.
        `instead`: a written answer that this one replaces."""
        self.sending.recover()
        if instead:
            self.drop_reply(instead, approved_by)
        row = self.write_reply(
            mention_id, text, by=approved_by, basis=basis, allowed=allowed, reviewer=reviewer
        )
        try:
            self.sending.check(row)
        except AppError:
            self.storage.outbox.drop(row.id, approved_by, self.clock.now())
            self.tell(Change.OUTBOX)
            raise
        return self.approve_reply(row.id, approved_by, seconds=seconds)

    def send_approved(
        self, id: int, *, force: bool = False, again: bool = False, moved: bool = False
    ) -> Outgoing:
        """An approved answer, at once; as `send_reply`."""
        self.departing.forget(id)
        try:
            return self.sending.send(id, allowances(force=force, again=again, moved=moved))
        except AppError as error:
            row = self.storage.outbox.get(id)
            if row.state is Posting.APPROVED:
                self.storage.outbox.failed(id, error.text, self.clock.now())
            self.tell(Change.OUTBOX)
            raise

    def take_back(self, id: int, by: str = "") -> Outgoing:
        """Before it leaves: written again, with nobody's yes. Conflict where it is too late."""
        row = self.storage.outbox.take_back(id, by.strip() or self.me, self.clock.now())
        self.departing.forget(id)
        self.tell(Change.OUTBOX)
        return row

    def drop_reply(self, id: int, by: str = "") -> Outgoing:
        """A written or copied answer that nobody wants any more, or one that could not leave."""
        row = self.storage.outbox.drop(id, by.strip() or self.me, self.clock.now())
        self.tell(Change.OUTBOX)
        return row

    # a second pair of eyes

    @property
    def second_pair(self) -> bool:
        """Does the team want the yes of somebody else than the writer?"""
        return self.sending.wants_two

    def set_second_pair(self, on: bool, by: str = "") -> None:
        """For everybody who uses this database."""
        self.storage.settings.set(SECOND_KEY, on)
        what = "second_pair_on" if on else "second_pair_off"
        self.storage.audit.add(self.clock.now(), by.strip() or self.me, what, "outbox:0")
        self.tell(Change.SETTINGS | Change.OUTBOX)

    def reviewers(self) -> tuple[str, ...]:
        """Colleagues who may be asked for the second yes."""
        return tuple(one.name for one in self.storage.people.all() if not same_person(one.name, self.me))

    def awaiting(self, name: str = "") -> tuple[Outgoing, ...]:
        """Answers that wait for this person's yes, the oldest first."""
        who = name.strip() or self.me
        rows = self.storage.outbox.all((Posting.WRITTEN,))
        return tuple(row for row in reversed(rows) if _is_for(row, who, second=self.second_pair))

    def for_me(self) -> tuple[Outgoing, ...]:
        """What waits for this person: a yes to be given, a copied answer to be confirmed, an answer that
        could not leave; the oldest last."""
        mine = (*self.storage.outbox.all((Posting.COPIED,)), *self.storage.outbox.stranded())
        named = [row for row in mine if same_person(row.approved_by or row.by, self.me)]
        return tuple(sorted((*named, *self.awaiting()), key=lambda row: row.id, reverse=True))

    # copied, and posted by hand

    def copied(self, mention_id: int, text: str, by: str = "") -> Outgoing:
        """A person has copied it to post it by hand; `posted` or `drop_reply` says what became of it."""
        who = by.strip() or self.me
        self.check_seen(mention_id, text)
        row = self.storage.outbox.write(
            mention_id, text.strip(), uuid4().hex, who, self.clock.now(), basis=self.basis(), copied=True
        )
        self.tell(Change.OUTBOX)
        return row

    def posted(self, id: int, text: str = "", by: str = "") -> Outgoing:
        """It stands on the platform, in these words ("": as it was copied): the mention is answered."""
        said = text.strip() or self.storage.outbox.get(id).text
        row = self.storage.outbox.posted(id, said, by.strip() or self.me, self.clock.now())
        self.tell(Change.OUTBOX | Change.STATUS)
        return row

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


def allowances(*, force: bool = False, again: bool = False, moved: bool = False) -> frozenset[Allow]:
    said = {Allow.CLAIMED: force, Allow.ANSWERED: again, Allow.MOVED: moved}
    return frozenset(one for one, on in said.items() if on)


def _is_for(row: Outgoing, who: str, *, second: bool) -> bool:
    """May, and should, this person approve it?"""
    if same_person(row.by, who) or not (row.reviewer or (second and row.waits_for_second)):
        return False
    return not row.reviewer or same_person(row.reviewer, who)
