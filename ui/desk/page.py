"""The desk: the lists of the queue on the left, one item whole on the right. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.change import Change
from app.domain.desk import Stage
from app.domain.queue import PILES, Act, Note, Outcome, Pile, QueueCounts, QueueKey, QueuePage, QueueQuery
from app.i18n import _, ngettext
from ui import told
from ui.context import Context
from ui.desk import keys, words
from ui.desk.bars import BulkBar, Filters, ToMe
from ui.desk.books import BooksSheet
from ui.desk.detail import DeskDetail
from ui.desk.listing import QueueList
from ui.desk.presence import Presence
from ui.desk.sheets import AssignSheet, LeaseSheet, pause_sheet, take_over_sheet
from ui.pages.page import Page, heading, two_panes
from ui.trackers.escalate import IssueSheet, told_of
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import icon_button
from ui.widgets.segments import Segments

if TYPE_CHECKING:
    from app.core import Core
    from app.domain.people import Team
    from app.domain.ticket import Ticket
    from app.domain.watch import Watch

AT_ONCE = 200
MOST = 5000
"""Rows that are read again with every change; further ones are a scroll away."""


class Listed(NamedTuple):
    """One reading of a list, and what stands around it."""

    query: QueueQuery
    page: QueuePage
    counts: QueueCounts
    to_me: tuple[Note, ...]
    brands: tuple[Watch, ...]
    teams: tuple[Team, ...]
    me: str


class DeskPage(Page):
    """`compose_requested` and `mention_opened` carry a mention."""

    cares = Change.DESK | Change.STATUS | Change.MENTIONS | Change.PEOPLE | Change.WATCHES | Change.TRACKERS
    compose_requested = Signal(int)
    mention_opened = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._next: QueueKey | None = None
        self._kept = 0
        """Shown although the list has gone on: it was asked for, or has just been claimed."""
        self._reading = False
        now = context.core.clock.now
        self.piles = Segments([(one.value, _(PILES[one])) for one in Pile], _("Which list"))
        self.filters = Filters()
        self.to_me = ToMe()
        self.bulk = BulkBar()
        self.list = QueueList(now)
        self.states = StateStack(self.list, EmptyState("claim", "", ""))
        self.detail = DeskDetail(context, now)
        self.presence = Presence(context, self)
        self._lay()
        self._connect()

    # reading

    @property
    def query(self) -> QueueQuery:
        """What is asked for."""
        return replace(self.filters.query, pile=Pile(self.piles.current))

    def refresh(self) -> None:
        self.states.show_loading()
        limit = min(MOST, max(AT_ONCE, len(self.list.values.rows)))
        self.ask(partial(_read, self.context.core, self.query, limit), self.show_listed, self.failed)
        self.detail.refresh()

    def show_listed(self, listed: Listed) -> None:
        if listed.query != self.query:
            return
        self._next = listed.page.next
        self.list.me = listed.me
        self.filters.show_choices(listed.brands, listed.teams)
        self.to_me.show_notes(listed.to_me, listed.counts.unread)
        for pile in Pile:
            self.piles.set_words(pile.value, _pile_words(pile, listed.counts.of(pile)))
        self._reading = True
        self.list.show_rows(listed.page.rows)
        self._reading = False
        if listed.page.rows:
            self.states.show_full()
        else:
            self.states.empty.say(*_empty_words(listed.query))
            self.states.show_empty()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def more(self) -> None:
        """The next page, where there is one."""
        after, self._next = self._next, None
        if after is not None:
            self.ask(partial(_more, self.context.core, self.query, after), self.show_more)

    def show_more(self, read: tuple[QueueQuery, QueuePage]) -> None:
        query, page = read
        if query == self.query:
            self.list.add_rows(page.rows)
            self._next = page.next

    def open_item(self, id: int) -> None:
        """Show it, whatever list it stands in."""
        self.list.go_to(id)
        self._kept = id
        self._look_at(id)

    # what a person does

    def act_shown(self, name: str) -> None:
        """A press in the pane means what is shown there, whatever is chosen in the list."""
        self.list.choose_one()
        self.act(name)

    def act(self, name: str) -> None:
        """By the name of an act: to the chosen rows, or to the item that is shown."""
        acts: dict[str, Callable[[], None]] = {
            "reply": self._reply,
            "take_over": self.take_over,
            "assign": self.assign,
            "pause": self.pause,
            "issue": self.make_issue,
            "original": self.detail.open_original,
            "feed": self._to_feed,
        }
        plain_acts = {one.value for one in Act}
        if name in acts:
            acts[name]()
        elif name in plain_acts:
            self.do(Act(name))

    def do(self, act: Act, to: str = "", text: str = "", ids: tuple[int, ...] = ()) -> None:
        """One act on all that are meant: `ids`, else what is chosen now."""
        ids = ids or self.ids()
        if ids:
            work = partial(_done, self.context.core, act, ids, to, text)
            self.ask(work, self.was_done)

    def make_issue(self) -> None:
        """In the bug tracker, of the post that is shown."""
        if self.detail.mention_id:
            sheet = IssueSheet(self.context, self.detail.mention_id, self)
            sheet.made.connect(self._issue_made)
            sheet.open()

    def _issue_made(self, ticket: Ticket) -> None:
        self.say(told_of(ticket))
        self.detail.refresh()

    def ids(self) -> tuple[int, ...]:
        """The chosen rows; else what is shown."""
        chosen = self.list.ids()
        shown = self.detail.mention_id
        return chosen if len(chosen) > 1 or not shown else (shown,)

    def was_done(self, done: tuple[Act, Outcome]) -> None:
        act, outcome = done
        if act in (Act.CLAIM, Act.IGNORE) and len(outcome.done) == 1:
            # It leaves the list: who claimed it goes on with it, who ignored it by mistake finds it there.
            self.open_item(outcome.done[0])
        if outcome.refused and not outcome.done and len(outcome.refused) == 1:
            self.complain_of(outcome.refused[0].reason)
        else:
            self.say(words.outcome_words(_act_words(act, len(outcome.done)), outcome))

    def complain_of(self, reason: str) -> None:
        """Why nothing was done, in a sentence."""
        self.detail.refresh()
        self.say(reason)

    def take_over(self) -> None:
        entry = self.detail.entry
        if entry is not None:
            sheet = take_over_sheet(self.context, words.name(entry.item.owner), self)
            sheet.given.connect(partial(self._take_over, self.detail.mention_id))
            sheet.open()

    def assign(self) -> None:
        ids, entry = self.ids(), self.detail.entry
        mine = len(ids) == 1 and entry is not None and entry.item.owner == self.list.me
        if ids:
            sheet = AssignSheet(self.context, len(ids), mine=mine, parent=self)
            sheet.given.connect(partial(self._assign, ids))
            sheet.open()

    def pause(self) -> None:
        ids = self.ids()
        if ids:
            sheet = pause_sheet(self.context, len(ids), self)
            sheet.given.connect(partial(self._pause, ids))
            sheet.open()

    def note(self, id: int, text: str) -> None:
        self.ask(partial(_note, self.context.core, id, text), self.was_noted)

    def was_noted(self, id: int) -> None:
        self.detail.notes.sent(id)
        self.detail.refresh()

    def show_lease(self) -> None:
        LeaseSheet(self.context, self).open()

    def show_books(self) -> None:
        sheet = BooksSheet(self.context, self)
        sheet.opened.connect(self.open_item)
        sheet.open()

    # What a sheet was opened for stays what it is for, whatever the list shows by then.

    def _take_over(self, id: int, reason: str) -> None:
        work = partial(_taken_over, self.context.core, id, reason)
        self.ask(work, self.was_taken_over)

    def was_taken_over(self, former: str) -> None:
        told_ = _("Taken over; {name} is told.").format(name=words.name(former))
        self.say(told_ if former else _("Claimed: it is yours now."))

    def _assign(self, ids: tuple[int, ...], to: str, text: str) -> None:
        self.do(Act.ASSIGN, to, text, ids=ids)

    def _pause(self, ids: tuple[int, ...], reason: str) -> None:
        self.do(Act.PAUSE, text=reason, ids=ids)

    def _wait(self) -> None:
        entry = self.detail.entry
        waits = entry is not None and entry.item.stage is Stage.WAITING
        self.act("resume" if waits else "pause")

    def _reply(self) -> None:
        """Whoever begins an answer has claimed it: no two write the same."""
        id_ = self.detail.mention_id
        if id_:
            self.ask(partial(_claimed, self.context.core, id_), self.may_reply)

    def may_reply(self, claimed: tuple[int, Outcome]) -> None:
        id_, outcome = claimed
        if outcome.refused:
            self.complain_of(outcome.refused[0].reason)
        else:
            self.compose_requested.emit(id_)

    def _to_feed(self) -> None:
        if self.detail.mention_id:
            self.mention_opened.emit(self.detail.mention_id)

    # moving

    def _picked(self, _entry: object) -> None:
        if not (self._reading and self._kept):
            self._kept = 0
            self._look_at(self.list.current.id if self.list.current is not None else 0)

    def _clicked(self) -> None:
        """Also the row the cursor is on already."""
        if self._kept:
            self._picked(None)

    def _look_at(self, id: int) -> None:
        self.detail.show_mention(id)
        self.presence.look_at(id)

    def _repile(self, _key: str) -> None:
        self._kept = 0
        self._next = None
        self.list.show_rows(())
        self.refresh()

    def _refilter(self) -> None:
        self._repile("")

    def _next_row(self) -> None:
        self.list.step(1)

    def _previous_row(self) -> None:
        self.list.step(-1)

    def _extend_next(self) -> None:
        self.list.step(1, extend=True)

    def _extend_previous(self) -> None:
        self.list.step(-1, extend=True)

    def _to_note(self) -> None:
        self.detail.notes.editor.setFocus()

    def _to_detail(self) -> None:
        self.detail.acts["reply"].setFocus()

    def _key_acts(self) -> dict[str, Callable[[], None]]:
        made: dict[str, Callable[[], None]] = {
            "next": self._next_row,
            "previous": self._previous_row,
            "toggle": self.list.toggle,
            "extend_next": self._extend_next,
            "extend_previous": self._extend_previous,
            "wait": self._wait,
            "note": self._to_note,
            "leave": self.list.choose_one,
        }
        named = ("reply", "claim", "take_over", "release", "assign", "done", "ignore", "original")
        return made | {name: partial(self.act, name) for name in named}

    def _connect(self) -> None:
        self.states.retry.connect(self.refresh)
        self.piles.chosen.connect(self._repile)
        self.filters.changed.connect(self._refilter)
        self.to_me.opened.connect(self.open_item)
        self.bulk.acted.connect(self.act)
        self.bulk.left.connect(self.list.choose_one)
        self.list.picked.connect(self._picked)
        self.list.clicked.connect(self._clicked)
        self.list.chosen_changed.connect(self.bulk.show_count)
        self.list.wanted_more.connect(self.more)
        self.list.opened.connect(self._to_detail)
        self.detail.acted.connect(self.act_shown)
        self.detail.noted.connect(self.note)
        self.detail.opened.connect(self.mention_opened)
        self.detail.problem.connect(self.say)
        self.presence.viewers.connect(self.detail.show_viewers)
        keys.install(self, self._key_acts())
        self.setFocusProxy(self.list)

    def _lay(self) -> None:
        books = icon_button("log", _("Who did what"), self.show_books)
        lease = icon_button("clock", _("How long a claim lives"), self.show_lease)
        title = heading(_("Desk"), "", self.piles, books, lease)
        side = QWidget()
        box = QVBoxLayout(side)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for one in (self.to_me, self.filters, self.bulk):
            box.addWidget(one)
        box.addWidget(self.states, 1)
        for pane in (side, self.detail):
            pane.setMinimumWidth(320)
        self.setLayout(two_panes(title, side, self.detail, "ground", (600, 440)))


def _pile_words(pile: Pile, n: int) -> str:
    name = _(PILES[pile])
    if not n:
        return name
    return f"{name} {n if n < 1000 else '999+'}"


def _empty_words(query: QueueQuery) -> tuple[str, str]:
    if query.brands or query.severities:
        return _("Nothing passes the filter"), _("Other brands or severities may have something.")
    return {
        Pile.MINE: (_("Nothing is yours"), _("Claim something from “Unclaimed”; C claims what is shown.")),
        Pile.UNCLAIMED: (_("Nothing waits for somebody"), _("All that is open is in good hands.")),
        Pile.TEAM: (_("The desk is empty"), _("What alerts, and what a person claims, comes here.")),
        Pile.WAITING: (
            _("Nothing waits for others"),
            _("“Let it wait” puts an item here; its clock stops."),
        ),
        Pile.DONE: (_("Nothing is done yet"), _("Answered items stand here.")),
    }[query.pile]


def _act_words(act: Act, n: int) -> str:
    told_ = {
        Act.CLAIM: ngettext("Claimed {n} mention.", "Claimed {n} mentions.", n),
        Act.RELEASE: ngettext("Released {n} mention.", "Released {n} mentions.", n),
        Act.ASSIGN: ngettext("Assigned {n} mention.", "Assigned {n} mentions.", n),
        Act.PAUSE: ngettext("{n} mention waits.", "{n} mentions wait.", n),
        Act.RESUME: ngettext("{n} mention goes on.", "{n} mentions go on.", n),
        Act.DONE: ngettext("{n} mention is done.", "{n} mentions are done.", n),
        Act.IGNORE: ngettext("Ignored {n} mention.", "Ignored {n} mentions.", n),
        Act.REOPEN: ngettext("Reopened {n} mention.", "Reopened {n} mentions.", n),
    }
    return told_[act].format(n=n)


def _read(core: Core, query: QueueQuery, limit: int) -> Listed:
    page = core.queue(query, limit=limit)
    counts = core.queue_counts(query)
    to_me = core.notes_to_me(unread=True)
    return Listed(query, page, counts, to_me, core.brands(), core.desk_teams(), core.me)


def _more(core: Core, query: QueueQuery, after: QueueKey) -> tuple[QueueQuery, QueuePage]:
    return query, core.queue(query, after, AT_ONCE)


def _done(core: Core, act: Act, ids: tuple[int, ...], to: str, text: str) -> tuple[Act, Outcome]:
    return act, core.desk_act(act, ids, to=to, text=text)


def _claimed(core: Core, id: int) -> tuple[int, Outcome]:
    return id, core.desk_act(Act.CLAIM, (id,))


def _taken_over(core: Core, id: int, reason: str) -> str:
    return core.take_over(id, reason)


def _note(core: Core, id: int, text: str) -> int:
    core.note(id, text)
    return id
