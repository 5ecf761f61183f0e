"""A panel that is one table: buttons over it, and what to do while it is empty. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.dialogs.sheet import Confirm
from ui.pages.panel import Panel
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import boxed, button, card, row
from ui.widgets.table import Table


class Listing(Panel):
    """A kind of it says how a value is opened, taken away and named."""

    def __init__(
        self, context: Context, table: Table, empty: EmptyState, add: str, *more: QPushButton,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(context, parent)
        self.table = table
        self.add_button = button(add, self.add, kind="primary", icon="plus")
        edit = button(_("Edit"), self.edit, icon="edit")
        remove = button(_("Remove"), self.remove, icon="trash", kind="danger")
        self._needing = (edit, *more, remove)
        full = QWidget()
        inner = QVBoxLayout(full)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.M)
        inner.addWidget(boxed(row(*self._needing, None, self.add_button)))
        inner.addWidget(self.notice)
        inner.addWidget(card(self.table, margin=1), 1)
        self.states = StateStack(full, empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.states, 1)
        self.states.acted.connect(self.add)
        self.states.retry.connect(self.refresh)
        self.table.activated_row.connect(self.edit)
        self.table.picked.connect(self._picked)

    def open_sheet(self, line: Any | None) -> None:
        """The sheet of a row; of a new one where there is none."""

    def removal(self, line: Any) -> tuple[str, str, Callable[[], object]]:  # noqa: ARG002  # for kinds of it
        """A question, what happens then, and how it is done (off this thread)."""
        return "", "", self.refresh

    def read(self, work: Callable[[], Sequence[Any]]) -> None:
        """Ask for the rows."""
        self.states.show_loading()
        self.ask(work, self.show_lines, self.failed)

    def show_lines(self, lines: Sequence[Any]) -> None:
        self.table.show_rows(lines)
        if lines:
            self.states.show_full()
        else:
            self.states.show_empty()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def add(self) -> None:
        self.open_sheet(None)

    def edit(self) -> None:
        if self.table.current is not None:
            self.open_sheet(self.table.current)

    def remove(self) -> None:
        if self.table.current is not None:
            title, text, self._leaving = self.removal(self.table.current)
            asked = Confirm(self, title, text, _("Remove"))
            asked.accepted.connect(self._really_remove)
            asked.open()

    def changed(self, _what: object) -> None:
        """Something was saved or taken away."""
        self.notice.quiet()
        self.refresh()

    def _really_remove(self) -> None:
        self.ask(self._leaving, self.changed)

    def _picked(self, line: Any | None) -> None:
        for one in self._needing:
            one.setEnabled(line is not None)
