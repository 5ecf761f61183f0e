"""Brands: ours and competitors', and the queries that find them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.change import Change
from app.domain.watch import Watch
from app.i18n import _, listed
from ui import theme, told
from ui.context import Context
from ui.dialogs.brand_editor import BrandEditor
from ui.dialogs.sheet import Confirm
from ui.feed import plain
from ui.incidents.sensitivity import SensitivitySheet
from ui.incidents.words import sensitivity_word
from ui.pages.page import Page, heading, sheet
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, card, row
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import Core


class BrandLine(NamedTuple):
    """A row: the brand, and how easily it alarms."""

    watch: Watch
    sensitivity: str


class BrandsPage(Page):
    cares = Change.WATCHES
    mention_opened = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._leaving = 0
        self.table = Table(_columns(), _("Brands"), _key)
        self.edit_button = button(_("Edit"), self.edit, icon="edit")
        self.warning_button = button(_("Early warning"), self.tune, icon="incident")
        self.warning_button.setToolTip(_("How easily this brand alarms"))
        self.remove_button = button(_("Remove"), self.remove, icon="trash", kind="danger")
        empty = EmptyState(
            "brand",
            _("Which brand do you watch?"),
            _("Name it, write what people call it, and see at once what would have matched."),
            _("Add a brand"),
        )
        bar = QWidget()
        bar.setLayout(row(self.edit_button, self.warning_button, self.remove_button, None))
        full = QWidget()
        inner = QVBoxLayout(full)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.M)
        inner.addWidget(bar)
        inner.addWidget(card(self.table, margin=1), 1)
        self.states = StateStack(full, empty)
        layout = sheet(self)
        add = button(_("Add a brand"), self.add, kind="primary", icon="plus")
        layout.addLayout(heading(_("Brands"), _("What to look for: our own brands and competitors."), add))
        layout.addWidget(self.states, 1)
        self.states.acted.connect(self.add)
        self.states.retry.connect(self.refresh)
        self.table.activated_row.connect(self.edit)
        self.table.picked.connect(self._picked)

    def refresh(self) -> None:
        self.states.show_loading()
        self.ask(partial(_lines, self.context.core), self.show_brands, self.failed)

    def show_brands(self, lines: tuple[BrandLine, ...]) -> None:
        self.table.show_rows(lines)
        if lines:
            self.states.show_full()
        else:
            self.states.show_empty()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def add(self) -> None:
        self._open(None)

    def edit(self) -> None:
        if self.table.current is not None:
            self._open(self.table.current.watch)

    def tune(self) -> None:
        """How easily it alarms, and what each setting would have done."""
        line: BrandLine | None = self.table.current
        if line is not None:
            tuned = SensitivitySheet(self.context, line.watch, self)
            tuned.mention_opened.connect(self.mention_opened)
            tuned.saved.connect(self._tuned)
            tuned.open()

    def _tuned(self) -> None:
        self.say(_("Saved. It holds from now on."))
        self.refresh()

    def remove(self) -> None:
        if self.table.current is None:
            return
        watch: Watch = self.table.current.watch
        text = _("“{name}” is no longer looked for. Its mentions stay, without its mark.")
        asked = Confirm(
            self, _("Remove this brand?"), text.format(name=plain.squeezed(watch.name, 60)), _("Remove")
        )
        self._leaving = watch.id
        asked.accepted.connect(self._really_remove)
        asked.open()

    def removed(self, _nothing: None) -> None:
        self.say(_("Removed."))
        self.refresh()

    def _really_remove(self) -> None:
        self.ask(partial(self.context.core.remove_brand, self._leaving), self.removed)

    def _open(self, watch: Watch | None) -> None:
        editor = BrandEditor(self.context, watch, self)
        editor.saved.connect(self._saved)
        editor.open()

    def _saved(self, _watch: Watch) -> None:
        self.say(_("Saved. Stored mentions are matched anew."))
        self.refresh()

    def _picked(self, line: BrandLine | None) -> None:
        for one in (self.edit_button, self.warning_button, self.remove_button):
            one.setEnabled(line is not None)


def _lines(core: Core) -> tuple[BrandLine, ...]:
    return tuple(BrandLine(watch, core.sensitivity(watch.id)) for watch in core.brands())


def _key(line: BrandLine) -> int:
    return line.watch.id


def _columns() -> list[Column[BrandLine]]:
    return [
        Column(_("Name"), lambda one: plain.one_line(one.watch.name, 80), 190, bold=True),
        Column(_("Whose"), lambda one: _("Competitor") if one.watch.competitor else _("Ours"), 100),
        Column(_("Early warning"), lambda one: sensitivity_word(one.sensitivity), 110),
        Column(
            _("Query"), lambda one: plain.one_line(one.watch.query),
            tip=lambda one: plain.visible(one.watch.query),
        ),
        Column(_("Also called"), lambda one: plain.one_line(listed(one.watch.aliases)), 160),
        Column(_("But not"), lambda one: plain.one_line(listed(one.watch.exclusions)), 160),
    ]  # fmt: skip
