"""Channels, or trackers, in a table: how each fares, and what can be done with it. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.domain.outlet import Outlet
from app.i18n import _
from ui import theme, told
from ui.channels.add import AddOutlet
from ui.channels.shelf import ICONS, Shelf
from ui.context import Context
from ui.dialogs.sheet import Confirm
from ui.feed import plain
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.notice import Notice
from ui.widgets.parts import button, card, row
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import OutKind

T = TypeVar("T")

HIDDEN = {2: 780, 3: 560, 4: 640, 5: 720}
"""Columns (kind, last, waiting, failed) and how wide the panel must be to show them."""


class OutletPanel(QWidget):
    """`said` carries a sentence for the page to show; `failed` an error."""

    said = Signal(str)
    failed = Signal(object)

    def __init__(self, context: Context, shelf: Shelf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context, self.shelf = context, shelf
        self._leaving = 0
        self._kind_names: dict[str, str] = {}
        self.table = Table(self._columns(), shelf.title, _key)
        self.trouble = Notice()
        self.test_button = button(shelf.test, self.test, icon="health-ok")
        self.pause_button = button(_("Pause"), self.pause, icon="pause")
        self.edit_button = button(_("Edit"), self.edit, icon="edit")
        self.remove_button = button(_("Remove"), self.remove, icon="trash", kind="danger")
        title, text = shelf.empty
        icon = "bell" if shelf.name == "channels" else "flag"
        self.states = StateStack(self._full(), EmptyState(icon, title, text, shelf.add))
        self.states.acted.connect(self.add)
        self.states.retry.connect(self.refresh)
        self.table.activated_row.connect(self.edit)
        self.table.picked.connect(self._picked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.states)
        self._picked(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the table does without what is told elsewhere."""
        super().resizeEvent(event)
        for number, least in HIDDEN.items():
            self.table.setColumnHidden(number, self.width() < least)

    def refresh(self) -> None:
        self.states.show_loading()
        self.ask(partial(_read, self.shelf), self.show_outlets, self._not_read)

    def show_outlets(self, read: tuple[tuple[Outlet, ...], tuple[OutKind, ...]]) -> None:
        outlets, kinds = read
        self._kind_names = {kind.id: kind.name for kind in kinds}
        self.table.show_rows(outlets)
        if outlets:
            self.states.show_full()
        else:
            self.states.show_empty()
        self._picked(self.table.current)

    def ask(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None] | None = None,
        *,
        slow: bool = False,
    ) -> None:
        self.context.asker.ask(self, work, done, failed or self.failed.emit, slow=slow)

    # ── what a person does ───────────────────────────────────────────────────────────────────

    def add(self) -> None:
        self._open(None)

    def edit(self) -> None:
        if self.table.current is not None:
            self._open(self.table.current)

    def test(self) -> None:
        one: Outlet | None = self.table.current
        if one is not None:
            self.said.emit(self.shelf.testing)
            self.test_button.setEnabled(False)
            self.ask(partial(self.shelf.try_out, one.id), self.tested, self.not_tested, slow=True)

    def tested(self, sentence: str) -> None:
        self.said.emit(plain.visible(sentence))
        self.refresh()

    def not_tested(self, error: BaseException) -> None:
        """The row keeps what went wrong."""
        self.failed.emit(error)
        self.refresh()

    def pause(self) -> None:
        one: Outlet | None = self.table.current
        if one is not None:
            self.ask(partial(self.shelf.pause, one.id, not one.paused), self._changed)

    def remove(self) -> None:
        one: Outlet | None = self.table.current
        if one is None:
            return
        self._leaving = one.id
        text = self.shelf.leaving.format(name=plain.squeezed(one.name, 60))
        asked = Confirm(self, _("Remove it?"), text, _("Remove"))
        asked.accepted.connect(self._really_remove)
        asked.open()

    def _really_remove(self) -> None:
        self.ask(partial(self.shelf.remove, self._leaving), self._changed)

    def _changed(self, _nothing: None) -> None:
        self.refresh()

    def _open(self, outlet: Outlet | None) -> None:
        dialog = AddOutlet(self.context, self.shelf, outlet, self)
        dialog.saved.connect(self._saved)
        dialog.open()

    def _saved(self, outlet: Outlet) -> None:
        self.said.emit(_("“{name}” is saved.").format(name=plain.squeezed(outlet.name, 60)))
        self.refresh()

    # ── what is shown ────────────────────────────────────────────────────────────────────────

    def _not_read(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def _picked(self, one: Outlet | None) -> None:
        for each in (self.test_button, self.pause_button, self.edit_button, self.remove_button):
            each.setEnabled(one is not None)
        if one is None:
            self.trouble.quiet()
            return
        self.pause_button.setText(_("Resume") if one.paused else _("Pause"))
        if one.error:
            name = plain.squeezed(one.name, 60)
            self.trouble.say(f"{name}: {plain.squeezed(one.error, 400)}", "negative")
        else:
            self.trouble.quiet()

    def _kind(self, one: Outlet) -> str:
        return self._kind_names.get(one.kind, plain.one_line(one.kind, 40))

    def _columns(self) -> list[Column[Outlet]]:
        return [
            Column(_("Status"), state_word, 150, icon=_sign, color=lambda one: _sign(one)[1]),
            Column(
                _("Name"), lambda one: plain.one_line(one.name, 80), bold=True,
                icon=lambda one: (ICONS.get(one.kind, "globe"), theme.colors().muted),
            ),
            Column(_("Kind"), self._kind, 170),
            Column(_("Last good"), _last, 130, tip=_last_tip),
            Column(self.shelf.waiting, lambda one: f"{one.waiting:,}", 80, right=True),
            Column(self.shelf.failed, lambda one: f"{one.failed:,}", 110, right=True),
        ]  # fmt: skip

    def _full(self) -> QWidget:
        full = QWidget()
        inner = QVBoxLayout(full)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.M)
        inner.addLayout(
            row(self.test_button, self.pause_button, self.edit_button, self.remove_button, None)
        )
        inner.addWidget(card(self.table, margin=1), 1)
        inner.addWidget(self.trouble)
        return full


def state_word(one: Outlet) -> str:
    if one.paused:
        return _("Paused")
    if one.error:
        return _("Failing")
    return _("Works") if one.good_at is not None else _("Not used yet")


def _sign(one: Outlet) -> tuple[str, str]:
    now = theme.colors()
    if one.paused:
        return "health-paused", now.muted
    if one.error:
        return "health-trouble", now.negative
    return ("health-ok", now.positive) if one.good_at is not None else ("health-new", now.muted)


def _key(one: Outlet) -> int:
    return one.id


def _last(one: Outlet) -> str:
    return plain.ago(one.good_at, datetime.now(UTC)) if one.good_at is not None else _("never")


def _last_tip(one: Outlet) -> str:
    return plain.clock_time(one.good_at) if one.good_at is not None else ""


def _read(shelf: Shelf) -> tuple[tuple[Outlet, ...], tuple[OutKind, ...]]:
    return shelf.all(), shelf.kinds()
