"""What is asked before an act: to whom, why, how long. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QSpinBox, QWidget

from app.i18n import _, ngettext
from ui import theme
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.widgets.parts import column, label, roomy

if TYPE_CHECKING:
    from app.core import Core

LONGEST_TEXT = 2000


class ActSheet(AskingSheet):
    """About one item or several; the chief button waits for what must be filled in."""

    chief: QPushButton

    def __init__(
        self, context: Context, title: str, about: str, n: int, parent: QWidget | None = None
    ) -> None:
        if n > 1:
            many = ngettext("{n} mention", "{n} mentions", n).format(n=n)
            title = _("{title}: {many}").format(title=title, many=many)
        super().__init__(context, title, parent, about=about)
        self.setMinimumWidth(440)

    def field(self, name: str, box: QWidget) -> None:
        """A name over what is filled in."""
        box.setAccessibleName(name)
        self.body.addLayout(column(label(name, "strong"), box, spacing=theme.XS))

    def needs(self, box: QLineEdit) -> None:
        """The chief button waits for it."""
        box.textChanged.connect(self._typed)
        self._typed(box.text())

    def _typed(self, text: str) -> None:
        self.chief.setEnabled(bool(text.strip()))


class ReasonSheet(ActSheet):
    """One line is asked for; `given` carries it."""

    given = Signal(str)

    def __init__(
        self,
        context: Context,
        title: str,
        about: str,
        *,
        hint: str,
        act: str,
        n: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, title, about, n, parent)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText(hint)
        self.reason.setMaxLength(400)
        self.field(_("Reason"), self.reason)
        self.chief = self.buttons(act, self.send)
        self.needs(self.reason)
        self.reason.setFocus()

    def send(self) -> None:
        """Said once."""
        self.given.emit(self.reason.text().strip())
        self.accept()


def take_over_sheet(context: Context, owner: str, parent: QWidget) -> ReasonSheet:
    about = _("{owner} is told, with your reason, and it stands in the history.").format(owner=owner)
    hint = _("Such as: the customer is on the phone with me")
    return ReasonSheet(context, _("Take it over"), about, hint=hint, act=_("Take over"), parent=parent)


def pause_sheet(context: Context, n: int, parent: QWidget) -> ReasonSheet:
    about = _("The clock stands still while somebody else must act.")
    hint = _("Such as: waits for the customer's order number")
    return ReasonSheet(
        context, _("Let it wait"), about, hint=hint, act=_("Let it wait"), n=n, parent=parent
    )


class AssignSheet(ActSheet):
    """`given` carries the name and the note."""

    given = Signal(str, str)

    def __init__(self, context: Context, n: int, *, mine: bool, parent: QWidget | None = None) -> None:
        title = _("Hand over") if mine else _("Assign")
        about = _("It is theirs from then on; the note is shown to them.")
        super().__init__(context, title, about, n, parent)
        self.to = QComboBox()
        self.to.setEditable(True)
        self.to.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(80)
        self.field(_("Colleague"), self.to)
        self.field(_("Note"), self.note)
        self.chief = self.buttons(title, self.send)
        line = self.to.lineEdit()
        assert line is not None  # noqa: S101  # it is editable
        line.setMaxLength(80)
        line.setPlaceholderText(_("A colleague's name"))
        self.needs(line)
        self.to.setFocus()
        self.ask(partial(_colleagues, context.core), self.show_names)

    def show_names(self, names: tuple[str, ...]) -> None:
        """What was typed meanwhile stays."""
        typed = self.to.currentText()
        self.to.clear()
        self.to.addItems([plain.one_line(one, 80) for one in names])
        self.to.setCurrentIndex(-1)
        self.to.setEditText(typed)

    def send(self) -> None:
        """Said once."""
        to, note = self.to.currentText().strip(), self.note.toPlainText().strip()[:LONGEST_TEXT]
        if to:
            self.given.emit(to, note)
            self.accept()


class LeaseSheet(ActSheet):
    """The team's own word on how long a claim lives."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        about = _(
            "A claim that its holder gives no sign of for so long is free for anybody. For the whole team."
        )
        super().__init__(context, _("How long a claim lives"), about, 1, parent)
        self.minutes = QSpinBox()
        self.minutes.setRange(1, 24 * 60)
        self.minutes.setSuffix(_(" minutes"))
        roomy(self.minutes)
        self.field(_("Without a sign"), self.minutes)
        self.chief = self.buttons(_("Save"), self.save)
        self.chief.setEnabled(False)
        self.ask(context.core.lease_minutes, self.show_minutes)

    def show_minutes(self, minutes: float) -> None:
        self.minutes.setValue(round(minutes))
        self.chief.setEnabled(True)

    def save(self) -> None:
        self.ask(partial(self.context.core.set_lease_minutes, self.minutes.value()), self.saved)

    def saved(self, _nothing: None) -> None:
        self.accept()


def _colleagues(core: Core) -> tuple[str, ...]:
    me = core.me
    return tuple(one for one in core.colleagues() if one != me)
