"""Add or edit a channel or tracker: what kind, its settings; tried before it is saved. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.domain.outlet import Outlet
from app.errors import ConfigError
from app.i18n import _
from ui import theme
from ui.channels.shelf import ICONS, Shelf, values_of
from ui.context import Context
from ui.dialogs.kinds import Choice, KindPicker
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.forms import Form
from ui.widgets.parts import button, clear, column, label, scrolled

if TYPE_CHECKING:
    from app.core import OutKind


class AddOutlet(AskingSheet):
    """`saved` carries the Outlet as it was stored. With `outlet`, that one is edited."""

    saved = Signal(object)

    def __init__(
        self, context: Context, shelf: Shelf, outlet: Outlet | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, shelf.edit if outlet else shelf.add, parent)
        self.resize(720, 600)
        self.shelf, self.outlet = shelf, outlet
        self.kind: OutKind | None = None
        self._kept: tuple[str, ...] = ()
        self.pick = KindPicker(shelf.question)
        self.pick.picked.connect(self._picked)
        self.name = QLineEdit()
        self.name.setAccessibleName(_("Name"))
        self.form = Form(())
        self.about = label("", "muted", wrap=True)
        self._holder = QVBoxLayout()
        self.steps = QStackedWidget()
        self.steps.addWidget(self.pick)
        self.steps.addWidget(scrolled(self._inner()))
        self.body.addWidget(self.steps)
        self.back = button(_("Back"), self.choose_kind, icon="chevron-left")
        self.test_button = button(shelf.test, self.test, icon="health-ok")
        self.chief = self.buttons(_("Save"), self.save, self.back, self.test_button)
        self._on_first_step(True)
        self.ask(partial(_read, shelf, outlet), self.show_kinds)

    def show_kinds(self, read: tuple[tuple[OutKind, ...], tuple[str, ...]]) -> None:
        kinds, self._kept = read
        self.pick.show_choices(
            [Choice(one, one.name, one.about, ICONS.get(one.id, "globe")) for one in kinds]
        )
        if self.outlet is not None:
            for kind in kinds:
                if kind.id == self.outlet.kind:
                    self._picked(kind)

    def choose_kind(self) -> None:
        self._on_first_step(True)

    def made(self) -> Outlet:
        """As it stands in the fields."""
        assert self.kind is not None  # noqa: S101  # the second step has one
        old = self.outlet
        return Outlet(
            id=old.id if old else 0,
            kind=self.kind.id,
            name=self.name.text().strip() or self.kind.name,
            settings=self.form.values(),
            paused=old.paused if old else False,
        )

    def test(self) -> None:
        """With the settings as they stand in the fields, without saving them."""
        if self.kind is None:
            return
        self.form.clear_problems()
        self.problem.say(self.shelf.testing)
        self.test_button.setEnabled(False)
        made = self.made()
        work = partial(
            self.shelf.try_out,
            made.id,
            kind=made.kind,
            settings=made.settings,
            secrets=self.form.secrets(),
        )
        self.ask(work, self.tested, self.not_tested, slow=True)

    def tested(self, sentence: str) -> None:
        self.test_button.setEnabled(True)
        self.problem.say(plain.visible(sentence), "positive")

    def not_tested(self, error: BaseException) -> None:
        self.test_button.setEnabled(True)
        self._complain_at_field(error)

    def save(self) -> None:
        if self.kind is None:
            return
        self.form.clear_problems()
        self.problem.quiet()
        self.chief.setEnabled(False)
        work = partial(self.shelf.save, self.made(), self.form.secrets())
        self.ask(work, self.was_saved, self.not_saved)

    def was_saved(self, outlet: Outlet) -> None:
        self.saved.emit(outlet)
        self.accept()

    def not_saved(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self._complain_at_field(error)

    def _complain_at_field(self, error: BaseException) -> None:
        self.complain(error)
        if isinstance(error, ConfigError) and self.form.show_problem(error.field, error.text):
            self.problem.quiet()

    def _picked(self, kind: OutKind) -> None:
        self.kind, old = kind, self.outlet
        clear(self._holder)
        names = {name for name, _spec in kind.specs}
        start = {**values_of(kind), **(dict(old.settings) if old else {})}
        values = {name: value for name, value in start.items() if name in names}
        self.form = Form(kind.specs, values, kept=self._kept)
        self._holder.addWidget(self.form)
        self.name.setPlaceholderText(kind.name)
        self.name.setText(old.name if old else "")
        self.about.setText(f"{kind.name}: {kind.about}")
        self._on_first_step(False)

    def _on_first_step(self, first: bool) -> None:
        self.steps.setCurrentIndex(0 if first else 1)
        self.back.setVisible(not first and self.outlet is None)
        self.test_button.setVisible(not first)
        self.chief.setEnabled(not first)
        self.problem.quiet()

    def _inner(self) -> QWidget:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, theme.M, 0)
        box.setSpacing(theme.M)
        title = label(_("Name"), "strong")
        title.setBuddy(self.name)
        box.addWidget(self.about)
        box.addLayout(column(title, self.name, spacing=theme.XS))
        box.addLayout(self._holder)
        box.addStretch(1)
        return inner


def _read(shelf: Shelf, outlet: Outlet | None) -> tuple[tuple[OutKind, ...], tuple[str, ...]]:
    return shelf.kinds(), shelf.kept(outlet.id) if outlet is not None else ()
