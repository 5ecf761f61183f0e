"""Sources: where posts come from, how well each is seen, and what to do when one is not."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.change import Change
from app.domain.seeing import Freshness
from app.domain.watch import Health, Source, SourceState
from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.dialogs.add_source import AddSource
from ui.dialogs.import_file import ImportFile
from ui.dialogs.sheet import Confirm
from ui.dialogs.sign_in import SignInSheet
from ui.feed import plain
from ui.feed.detail import open_link
from ui.pages.page import Page, heading, sheet
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.health_dot import health_color, health_icon, health_word, is_troubled
from ui.widgets.notice import Notice
from ui.widgets.parts import button, card, row
from ui.widgets.source_detail import SourceDetail
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import MonitorKind, SignedIn


HIDDEN = {2: 1120, 3: 800, 4: 1020, 5: 860, 6: 960}
"""Columns (kind, last, next, today, total) and how wide the page must be to show them."""


DETAIL_SECONDS = 4.0


class SourcesPage(Page):
    cares = Change.SOURCES | Change.HEALTH

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._leaving = 0
        self._detail_of = (0, 0.0)
        self._kind_names: dict[str, str] = {}
        self._with_sign_in: set[str] = set()
        self.table = Table(self._columns(), _("Sources"), _key)
        self.trouble = Notice()
        self.poll_button = button(_("Read now"), self.poll, icon="refresh")
        self.pause_button = button(_("Pause"), self.pause, icon="pause")
        self.check_button = button(_("Check"), self.check, icon="health-ok")
        self.enter_button = button(_("Sign in"), self.sign_in, icon="key")
        self.enter_button.hide()
        self.edit_button = button(_("Edit"), self.edit, icon="edit")
        self.remove_button = button(_("Remove"), self.remove, icon="trash", kind="danger")
        self.detail = SourceDetail(open_link)
        self.states = StateStack(self._full(), _empty())
        layout = sheet(self)
        take_in = button(_("Import a file"), self.import_file, icon="import")
        add = button(_("Add a source"), self.add, kind="primary", icon="plus")
        about = _("Where posts come from. Only official APIs, public feeds and files you bring.")
        layout.addLayout(heading(_("Sources"), about, take_in, add))
        layout.addWidget(self.states, 1)
        self._connect()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where the detail needs the room, the table does without what stands there, too."""
        super().resizeEvent(event)
        for number, least in HIDDEN.items():
            self.table.setColumnHidden(number, self.width() < least)

    def refresh(self) -> None:
        self.states.show_loading()
        self.ask(partial(_read, self.context), self.show_sources, self.failed)

    def show_sources(self, read: tuple[tuple[SourceState, ...], tuple[MonitorKind, ...]]) -> None:
        states, kinds = read
        self._kind_names = {kind.info.id: kind.info.name for kind in kinds}
        self._with_sign_in = {kind.info.id for kind in kinds if kind.can_sign_in}
        self.table.show_rows(states)
        if states:
            self.states.show_full()
        else:
            self.states.show_empty()

    def _ask_detail(self, id: int) -> None:
        """Health may change every second; nobody reads that fast."""
        now = time.monotonic()
        if id != self._detail_of[0] or now - self._detail_of[1] >= DETAIL_SECONDS:
            self._detail_of = (id, now)
            self.ask(partial(self.context.core.freshness_of, id), self.show_detail, self.no_detail)

    def show_detail(self, told: Freshness) -> None:
        state: SourceState | None = self.table.current
        if state is not None and state.source.id == told.source_id:
            self.detail.show_source(told)
            if told.error:  # it stands there now, with what to do
                self.trouble.quiet()

    def no_detail(self, _error: BaseException) -> None:
        self.detail.clear()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def add(self) -> None:
        self._open(None)

    def edit(self) -> None:
        if self.table.current is not None:
            self._open(self.table.current.source)

    def import_file(self) -> None:
        ImportFile(self.context, self).open()

    def poll(self) -> None:
        state: SourceState | None = self.table.current
        if state is not None:
            self.ask(partial(self.context.core.poll_now, state.source.id), self.polled)

    def polled(self, _nothing: None) -> None:
        self.say(_("Reading now…"))

    def pause(self) -> None:
        state: SourceState | None = self.table.current
        if state is not None:
            work = partial(self.context.core.pause_source, state.source.id, not state.source.paused)
            self.ask(work, self.paused)

    def paused(self, _nothing: None) -> None:
        self.refresh()

    def check(self) -> None:
        state: SourceState | None = self.table.current
        if state is not None:
            self.say(_("Asking the source…"))
            self.ask(partial(self.context.core.check_saved, state.source.id), self.checked, slow=True)

    def checked(self, sentence: str) -> None:
        self.say(plain.visible(sentence))

    def sign_in(self) -> None:
        state: SourceState | None = self.table.current
        if state is not None:
            begin = partial(self.context.core.begin_sign_in, state.source.id)
            sheet = SignInSheet(self.context, plain.squeezed(state.source.name, 60), begin, self)
            sheet.signed_in.connect(self.signed_in)
            sheet.open()

    def signed_in(self, _gained: SignedIn) -> None:
        self.say(_("Signed in; the source is read now."))
        self.refresh()

    def remove(self) -> None:
        state: SourceState | None = self.table.current
        if state is None:
            return
        text = _(
            "“{name}” is no longer read, and its key is forgotten. "
            "The {n} mentions it has brought stay where they are."
        ).format(name=plain.squeezed(state.source.name, 60), n=f"{state.mentions:,}")
        self._leaving = state.source.id
        asked = Confirm(self, _("Remove this source?"), text, _("Remove"))
        asked.accepted.connect(self._really_remove)
        asked.open()

    def removed(self, _nothing: None) -> None:
        self.say(_("Removed. Its mentions stay."))
        self.refresh()

    def _really_remove(self) -> None:
        self.ask(partial(self.context.core.remove_source, self._leaving), self.removed)

    def _open(self, source: Source | None) -> None:
        dialog = AddSource(self.context, source, self)
        dialog.saved.connect(self._saved)
        dialog.open()

    def _saved(self, source: Source) -> None:
        self.say(_("“{name}” is saved and read from now on.").format(name=plain.squeezed(source.name, 60)))
        self.refresh()

    def _picked(self, state: SourceState | None) -> None:
        for one in (
            self.poll_button,
            self.pause_button,
            self.check_button,
            self.edit_button,
            self.remove_button,
        ):
            one.setEnabled(state is not None)
        self.enter_button.setVisible(state is not None and state.source.kind in self._with_sign_in)
        if state is None:
            self.trouble.quiet()
            self.detail.clear()
            return
        self._ask_detail(state.source.id)
        self.pause_button.setText(_("Resume") if state.source.paused else _("Pause"))
        self.poll_button.setEnabled(not state.source.paused)
        if state.error:
            tone = "negative" if state.health is Health.NEEDS_PERSON else "warning"
            name = plain.squeezed(state.source.name, 60)
            self.trouble.say(f"{name}: {plain.squeezed(state.error, 400)}", tone)
        elif state.skipped:
            self.trouble.say(_("{n} items could not be read and were left out.").format(n=state.skipped))
        else:
            self.trouble.quiet()

    def _kind(self, state: SourceState) -> str:
        return self._kind_names.get(state.source.kind, plain.one_line(state.source.kind, 40))

    def _columns(self) -> list[Column[SourceState]]:
        return [
            Column(
                _("Health"), _health_word, 130,
                icon=lambda one: (health_icon(_shown(one)), health_color(_shown(one))),
                color=lambda one: health_color(_shown(one)),
            ),
            Column(_("Name"), lambda one: plain.one_line(one.source.name, 80), bold=True),
            Column(_("Kind"), self._kind, 140),
            Column(_("Last read"), _last, 130, tip=_last_tip),
            Column(_("Next"), _next, 110),
            Column(_("Today"), lambda one: f"{one.today:,}", 72, right=True),
            Column(_("Total"), lambda one: f"{one.mentions:,}", 80, right=True),
        ]  # fmt: skip

    def _full(self) -> QWidget:
        full = QWidget()
        inner = QVBoxLayout(full)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.M)
        acts = (self.poll_button, self.pause_button, self.check_button, self.enter_button, self.edit_button)
        inner.addLayout(row(*acts, self.remove_button, None))
        both = QHBoxLayout()
        both.setSpacing(theme.M)
        both.addWidget(card(self.table, margin=1), 1)
        both.addWidget(self.detail)
        inner.addLayout(both, 1)
        inner.addWidget(self.trouble)
        return full

    def _connect(self) -> None:
        self.states.acted.connect(self.add)
        self.states.retry.connect(self.refresh)
        self.table.activated_row.connect(self.edit)
        self.table.picked.connect(self._picked)
        # Ages grow older by themselves: a repaint, nothing is read.
        self._ageing = QTimer(self, interval=10_000)
        self._ageing.timeout.connect(self.table.viewport().update)
        self._ageing.start()


def _shown(state: SourceState) -> Health:
    """A source that answers and yet is blind looks like one that needs somebody."""
    return Health.NEEDS_PERSON if state.blind and state.health is Health.OK else state.health


def _health_word(state: SourceState) -> str:
    return _("Not seen") if _shown(state) is not state.health else health_word(state.health)


def _key(state: SourceState) -> int:
    return state.source.id


def _last(state: SourceState) -> str:
    if state.last_good_at is None:
        return _("never")
    return plain.ago(state.last_good_at, datetime.now(UTC))


def _last_tip(state: SourceState) -> str:
    return plain.clock_time(state.last_good_at) if state.last_good_at else ""


def _next(state: SourceState) -> str:
    if state.source.paused or state.health is Health.PAUSED:
        return "–"
    if state.health is Health.NEEDS_PERSON:
        return _("waits for you")
    if state.next_poll_at is None:
        return _("soon")
    seconds = int((state.next_poll_at - datetime.now(UTC)).total_seconds())
    if seconds <= 5:
        return _("now")
    return (
        _("in {n} s").format(n=seconds) if seconds < 90 else _("in {n} min").format(n=round(seconds / 60))
    )


def _read(context: Context) -> tuple[tuple[SourceState, ...], tuple[MonitorKind, ...]]:
    states = context.core.sources()
    # Those that need somebody stand first.
    ordered = sorted(states, key=lambda one: (not is_troubled(_shown(one)), one.source.name.casefold()))
    return tuple(ordered), context.core.kinds()


def _empty() -> EmptyState:
    return EmptyState(
        "source",
        _("No source yet"),
        _("Add a feed, an app's reviews or a folder of crawl files. None of them needs a password."),
        _("Add a source"),
    )
