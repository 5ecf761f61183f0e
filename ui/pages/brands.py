"""Brands: ours and competitors', and the queries that find them."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.change import Change
from app.domain.watch import Watch
from app.i18n import _, listed
from ui import theme, told
from ui.context import Context
from ui.dialogs.brand_editor import BrandEditor
from ui.dialogs.sheet import Confirm
from ui.feed import plain
from ui.pages.page import Page, heading, sheet
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, card, row
from ui.widgets.table import Column, Table


class BrandsPage(Page):
    cares = Change.WATCHES

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._leaving = 0
        self.table = Table(_columns(), _("Brands"), _key)
        self.edit_button = button(_("Edit"), self.edit, icon="edit")
        self.remove_button = button(_("Remove"), self.remove, icon="trash", kind="danger")
        empty = EmptyState(
            "brand",
            _("Which brand do you watch?"),
            _("Name it, write what people call it, and see at once what would have matched."),
            _("Add a brand"),
        )
        bar = QWidget()
        bar.setLayout(row(self.edit_button, self.remove_button, None))
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
        self.ask(self.context.core.brands, self.show_brands, self.failed)

    def show_brands(self, brands: tuple[Watch, ...]) -> None:
        self.table.show_rows(brands)
        if brands:
            self.states.show_full()
        else:
            self.states.show_empty()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def add(self) -> None:
        self._open(None)

    def edit(self) -> None:
        if self.table.current is not None:
            self._open(self.table.current)

    def remove(self) -> None:
        watch: Watch | None = self.table.current
        if watch is None:
            return
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

    def _picked(self, watch: Watch | None) -> None:
        for one in (self.edit_button, self.remove_button):
            one.setEnabled(watch is not None)


def _key(watch: Watch) -> int:
    return watch.id


def _columns() -> list[Column[Watch]]:
    return [
        Column(_("Name"), lambda one: plain.one_line(one.name, 80), 200, bold=True),
        Column(_("Whose"), lambda one: _("Competitor") if one.competitor else _("Ours"), 110),
        Column(_("Query"), lambda one: plain.one_line(one.query), tip=lambda one: plain.visible(one.query)),
        Column(_("Also called"), lambda one: plain.one_line(listed(one.aliases)), 170),
        Column(_("But not"), lambda one: plain.one_line(listed(one.exclusions)), 170),
    ]
