"""The playbook beside an alert or an incident: whom to call, what to do, what may be said. GUI thread."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.domain.rule import Playbook, PlaybookCase
from app.i18n import _, listed
from ui import theme
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.incidents.block import Block
from ui.incidents.entry import PAD
from ui.widgets.parts import boxed, button, column, label, row


class PlaybookBlock(Block):
    """`ticked` carries (subject, step, done); `edit_wanted` the Playbook. `most`: rows before a person asks
    for the rest, 0 for all."""

    ticked = Signal(str, str, bool)
    edit_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, most: int = 0) -> None:
        self.edit = button(_("Edit"), kind="quiet", icon="edit", tip=_("Change this playbook for the team"))
        super().__init__(_("Playbook"), "", self.edit, parent=parent)
        self._rows_shown = most
        self.case: PlaybookCase | None = None
        self.steps: list[QCheckBox] = []
        self.edit.clicked.connect(self._edit)

    def show_case(self, case: PlaybookCase | None) -> None:
        """None: there is none, and the block is gone."""
        self.case = case
        if case is None:
            self.fill(None, list)
            return
        done = sum(1 for one in case.ticks if one.done)
        count = f"{done} / {len(case.playbook.steps)}" if case.playbook.steps else ""
        key = (case.subject, case.playbook, case.statement, case.ticks)
        self.fill(key, self._made, count=count, most=self._rows_shown)

    def _made(self) -> list[QWidget]:
        case = self.case
        if case is None:
            return []
        book = case.playbook
        made: list[QWidget] = [_inset(label(plain.one_line(book.name, 60), "strong", wrap=True))]
        if book.call:
            who = _("Call: {roles}").format(roles=listed(plain.one_line(one, 40) for one in book.call))
            made.append(_inset(label(who, "", wrap=True, selectable=True)))
        ticks = {one.step: one for one in case.ticks}
        self.steps = []
        for step in book.steps:
            box = QCheckBox()
            tick = ticks.get(step)
            box.setChecked(tick is not None and tick.done)
            box.setAccessibleName(plain.one_line(step, 200))
            box.toggled.connect(partial(self._tick, step))
            words = label(plain.one_line(step, 400), "", wrap=True)
            said = label("", "small")
            if tick is not None and tick.done:
                said.setText(f"{plain.squeezed(tick.by, 20)} {plain.clock_time(tick.at)}")
            line = row(box, column(words, said, spacing=0))
            line.setStretch(1, 1)
            said.setVisible(bool(said.text()))
            made.append(_inset(boxed(line)))
            self.steps.append(box)
        if case.statement:
            self.statement = label(plain.visible(case.statement), "", wrap=True, selectable=True)
            copy = button(_("Copy"), self.copy, kind="quiet", icon="copy")
            about = label(
                _("Draft of a statement; check every word before it goes out"), "small", wrap=True
            )
            head = row(about, copy)
            head.setStretch(0, 1)
            made.append(_inset(boxed(column(head, self.statement))))
        return made

    def copy(self) -> None:
        if self.case is not None:
            QGuiApplication.clipboard().setText(self.case.statement)

    def _tick(self, step: str, done: bool) -> None:
        if self.case is not None:
            self.ticked.emit(self.case.subject, step, done)

    def _edit(self) -> None:
        if self.case is not None:
            self.edit_wanted.emit(self.case.playbook)


class PlaybookSheet(AskingSheet):
    """Change a playbook for the whole team, or go back to the shipped one."""

    saved = Signal()

    def __init__(self, context: Context, book: Playbook, parent: QWidget | None = None) -> None:
        about = _("For the whole team. A line for each; the first is called, or done, first.")
        super().__init__(context, _("Playbook"), parent, about=about)
        self.resize(720, 640)
        self.book = book
        self.name = QLineEdit(book.name)
        self.call = _lines(book.call, 90)
        self.steps = _lines(book.steps, 180)
        self.statement = QPlainTextEdit(book.statement)
        fields: tuple[tuple[str, QWidget], ...] = (
            (_("Name"), self.name),
            (_("Whom to call"), self.call),
            (_("First steps"), self.steps),
            (_("Draft of a statement, with {brand}, {product}, {channel}, {date}, {done}"), self.statement),
        )
        for words, box in fields:
            box.setAccessibleName(words)
            self.body.addLayout(column(label(words, "strong"), box, spacing=theme.XS))
        self.back = button(_("Back to the shipped one"), self.reset, kind="quiet", icon="undo")
        self.back.setVisible(book.changed)
        self.chief = self.buttons(_("Save"), self.save, self.back)

    def playbook(self) -> Playbook:
        """As it stands in the fields."""
        return replace(
            self.book,
            name=self.name.text().strip(),
            call=_read(self.call),
            steps=_read(self.steps),
            statement=self.statement.toPlainText().strip(),
        )

    def save(self) -> None:
        self.ask(partial(self.context.core.save_playbook, self.playbook()), self.done_)

    def reset(self) -> None:
        self.ask(partial(self.context.core.reset_playbook, self.book.id), self.done_)

    def done_(self, _nothing: None) -> None:
        self.saved.emit()
        self.accept()


def _inset(part: QWidget | QLabel) -> QWidget:
    made = QWidget()
    box = QVBoxLayout(made)
    box.setContentsMargins(PAD, 2, PAD, 2)
    box.addWidget(part)
    return made


def _lines(given: tuple[str, ...], high: int) -> QPlainTextEdit:
    made = QPlainTextEdit("\n".join(given))
    made.setMinimumHeight(high)
    made.setTabChangesFocus(True)
    return made


def _read(box: QPlainTextEdit) -> tuple[str, ...]:
    return tuple(line.strip() for line in box.toPlainText().splitlines() if line.strip())
