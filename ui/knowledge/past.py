"""What an entry said before, and taking an earlier text back. GUI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain.knowledge import Entry
from app.i18n import _
from ui import told
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import label, scrolled
from ui.widgets.table import Column, Table


class PastSheet(AskingSheet):
    """`taken` carries the earlier entry a person wants back; it is not saved yet."""

    taken = Signal(object)

    def __init__(self, context: Context, entry: Entry, parent: QWidget | None = None) -> None:
        super().__init__(context, _("Earlier versions"), parent, about=plain.squeezed(entry.title, 200))
        self.resize(760, 560)
        self._id = entry.id
        self.table = Table(_columns(), _("Earlier versions"), _key)
        self.whole = label("", "", wrap=True, selectable=True)
        self.states = StateStack(self.table, EmptyState("clock", _("It has never been changed"), ""))
        self.body.addWidget(self.states, 1)
        self.body.addWidget(scrolled(self.whole), 1)
        self.chief = self.buttons(_("Take this text back"), self.take, cancel=_("Close"))
        self.table.picked.connect(self._picked)
        self.states.retry.connect(self.read)
        self.read()

    def read(self) -> None:
        self.states.show_loading()
        self.ask(partial(self.context.core.entry_past, self._id), self.show_past, self.not_read)

    def show_past(self, past: tuple[Entry, ...]) -> None:
        self.table.show_rows(past)
        if past:
            self.states.show_full()
        else:
            self.states.show_empty()
        self._picked(None)

    def not_read(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def take(self) -> None:
        entry = self.table.current
        if entry is not None:
            self.taken.emit(entry)
            self.accept()

    def _picked(self, _value: object) -> None:
        entry = self.table.current
        self.chief.setEnabled(entry is not None)
        self.whole.setText(_told(entry) if entry is not None else "")


def _told(entry: Entry) -> str:
    parts = [entry.title, *(f"· {one}" for one in entry.patterns), "", entry.answer]
    return plain.visible("\n".join([*parts, entry.link] if entry.link else parts))


def _key(entry: Entry) -> int:
    return entry.revision


def _columns() -> list[Column[Entry]]:
    return [
        Column(_("Version"), lambda one: str(one.revision), 80),
        Column(_("When"), lambda one: plain.clock_time(one.changed_at) if one.changed_at else "", 130),
        Column(_("Who"), lambda one: plain.one_line(one.changed_by, 40), 120),
        Column(_("The answer"), lambda one: plain.squeezed(one.answer, 200)),
    ]
