"""The queue: who has what, claims, notes, who is looking, and the books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.change import Change
from app.core.mentions import here
from app.core.parts import Parts
from app.core.values import BookResult
from app.domain.people import Team
from app.domain.queue import (
    ALL_TEAMS,
    LEASE,
    Act,
    AuthorCard,
    BookKey,
    BookPage,
    BookQuery,
    Entry,
    Note,
    Outcome,
    QueueCounts,
    QueueKey,
    QueuePage,
    QueueQuery,
)
from app.errors import ConfigError, ExportFailed, NotFound
from app.i18n import _, listed
from app.reports import book
from app.storage.notes import named_in
from app.storage.queue import LEASE_KEY

BOOK_WRITERS = (".csv", ".xlsx", ".jsonl")
_DESK = Change.DESK | Change.STATUS
LONGEST_LEASE = 24 * 60


class Desk(Parts):
    """Synchronous, any thread but a window's."""

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def queue(self, query: QueueQuery, after: QueueKey | None = None, limit: int = 200) -> QueuePage:
        """A page of one list, by time left. Without `who` it is mine, without a team my team's."""
        items, following = self.storage.queue.items(self._asked(query), self.clock.now(), after, limit)
        ids = [item.mention_id for item in items]
        stored = {one.id: one for one in self.storage.mentions.many(ids)}
        viewers = self.storage.queue.viewers(ids, self.clock.now())
        notes = self.storage.notes.last_of(ids)
        rows = [
            Entry(
                item=item,
                stored=stored[item.mention_id],
                viewers=viewers.get(item.mention_id, ()),
                notes=notes[item.mention_id][0] if item.mention_id in notes else 0,
                last_note=notes[item.mention_id][1] if item.mention_id in notes else None,
            )
            for item in items
            if item.mention_id in stored
        ]
        return QueuePage(tuple(rows), following)

    def queue_counts(self, query: QueueQuery) -> QueueCounts:
        """How many each list holds with these filters, and how many notes wait for me."""
        asked = self._asked(query)
        counts = self.storage.queue.counts(asked, self.clock.now())
        return replace(counts, unread=self.storage.notes.unread(asked.who))

    def queue_entry(self, mention_id: int) -> Entry | None:
        """One row, whichever list it stands in; None where it is not on the desk."""
        item = self.storage.queue.get(mention_id)
        if item is None:
            return None
        viewers = self.storage.queue.viewers([mention_id], self.clock.now())
        notes = self.storage.notes.of(mention_id)
        return Entry(
            item=item,
            stored=self.storage.mentions.get(mention_id),
            viewers=viewers.get(mention_id, ()),
            notes=len(notes),
            last_note=notes[-1] if notes else None,
        )

    def _asked(self, query: QueueQuery) -> QueueQuery:
        who = query.who or self.me
        team = query.team_id
        if team is None:
            person = self.storage.people.named(who)
            team = person.team_id if person is not None else ALL_TEAMS
        return replace(query, who=who, team_id=team or ALL_TEAMS)

    def viewing(self, mention_id: int, *, active: bool = True) -> tuple[str, ...]:
        """I have it open (to be said again within the minute); who else has, by name.

        `active`: a person is at it, so that a claim of mine lives on.
        """
        me = self.me
        if self.storage.queue.view(mention_id, me, self.clock.now(), active=active):
            self.tell(Change.DESK)
        looking = self.storage.queue.viewers([mention_id], self.clock.now())
        return tuple(name for name in looking.get(mention_id, ()) if name != me)

    def colleagues(self) -> tuple[str, ...]:
        """Names that can be given work, or be called with @: people, who was seen here, and me."""
        known = {person.name for person in self.storage.people.all()}
        return tuple(sorted({*known, *self.storage.queue.names(), self.me}))

    def desk_teams(self) -> tuple[Team, ...]:
        """Whose queue can be looked at; none where the team has not been entered."""
        return self.storage.people.teams()

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────

    def desk_act(
        self, act: Act, ids: Sequence[int], *, to: str = "", text: str = "", by: str = ""
    ) -> Outcome:
        """One act on one item or many, in one transaction; which were left alone, and why.

        `to`: whom to ASSIGN to. `text`: a note to them, or what a PAUSE waits for. `by`: who does it,
        where that is not me.
        """
        if act is Act.ASSIGN:
            to = self._colleague(to)
        made = self.storage.acts.do(act, ids, by or self.me, self.clock.now(), to=to, text=text)
        if made.done:
            self.tell(_DESK)
        return made

    def take_over(self, mention_id: int, reason: str, by: str = "") -> str:
        """From a colleague who has it, openly: they are told why. Whose it was; empty if nobody's."""
        owner = self.storage.mentions.take_over(mention_id, by or self.me, reason, self.clock.now())
        self.tell(_DESK)
        return owner

    def _colleague(self, name: str) -> str:
        """Where the team has been entered, only somebody who is known; else any name."""
        wanted = name.strip()
        if wanted and self.storage.people.all():
            known = self.colleagues()
            if wanted not in known:
                told = _("There is no colleague named “{name}”. Colleagues: {known}.")
                raise NotFound(told.format(name=wanted, known=listed(known)))
        return wanted

    def note(self, mention_id: int, text: str, by: str = "") -> Note:
        """For colleagues only; whoever is named with @ is shown it."""
        to = named_in(text, self.colleagues())
        made = self.storage.notes.add(mention_id, text, to, by or self.me, self.clock.now())
        self.tell(Change.DESK)
        return made

    def notes(self, mention_id: int) -> tuple[Note, ...]:
        """In the order they were written."""
        return self.storage.notes.of(mention_id)

    def notes_to_me(self, *, unread: bool = False) -> tuple[Note, ...]:
        """The newest first; unread until I have opened the mention."""
        return self.storage.notes.to(self.me, unread=unread)

    def lease_minutes(self) -> float:
        """How long a claim lives without a sign of its holder."""
        kept = self.storage.settings.get(LEASE_KEY)
        fits = isinstance(kept, int | float) and kept > 0
        return float(kept) if fits and kept is not None else LEASE / timedelta(minutes=1)

    def set_lease_minutes(self, minutes: float) -> None:
        """For the whole team, from the next sign of each holder on."""
        if not 1 <= minutes <= LONGEST_LEASE:
            told = _("A claim can last from 1 to {most} minutes.")
            raise ConfigError(told.format(most=LONGEST_LEASE), field="lease")
        self.storage.settings.set(LEASE_KEY, minutes)
        self.storage.audit.add(self.clock.now(), self.me, "setting", LEASE_KEY, f"{minutes:g}")
        self.tell(Change.SETTINGS | Change.DESK)

    # ── knowing ──────────────────────────────────────────────────────────────────────────────────

    def author_card(self, mention_id: int) -> AuthorCard:
        """Who wrote it, from what is stored; every figure names the mentions it rests on."""
        stored = self.storage.mentions.get(mention_id)
        return self.storage.authors.card(stored, self.clock.now(), self._complains)

    def _complains(self, text: str) -> bool:
        return self.complaints.kind_of(text) != "general"

    def audit(self, query: BookQuery, after: BookKey | None = None, limit: int = 200) -> BookPage:
        """Who did what, the newest first: the histories of mentions, notes, and all else."""
        return self.storage.audit.page(query, after, limit)

    def export_audit(self, out: Path, query: BookQuery) -> BookResult:
        """As .csv, .xlsx or .jsonl (one object a line). Raises ExportFailed, ConfigError."""
        if out.suffix.lower() not in BOOK_WRITERS:
            told = _("“{name}” must end in .csv, .xlsx or .jsonl.")
            raise ConfigError(told.format(name=out.name), field="out")
        if not out.parent.is_dir():
            raise ExportFailed(_("There is no folder {folder}.").format(folder=out.parent))
        count = book.write(out, self.storage.audit.iterate(query), here())
        self.storage.audit.add(self.clock.now(), self.me, "export", "books", out.name)
        return BookResult(out, count)
