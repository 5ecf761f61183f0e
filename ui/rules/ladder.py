"""The ladder of a rule: after how many minutes whom, over what. A row a rung. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLineEdit, QMenu, QPushButton, QSpinBox, QVBoxLayout, QWidget

from app.domain.delivery import DESKTOP, TOAST
from app.domain.rule import ROBOTS, WHOM, Rung, Whom
from app.i18n import _, listed
from ui import theme
from ui.feed import plain
from ui.forms import split_lines
from ui.widgets.parts import button, icon_button, label, roomy, row

LATER = 5
"""Minutes between a new rung and the one before it."""
MOST = 8


class LadderEditor(QWidget):
    """`edited` with every change."""

    edited = Signal()

    def __init__(self, channels: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channels = dict(channels)
        self.rows: list[RungRow] = []
        self._box = QVBoxLayout()
        self._box.setSpacing(theme.S)
        self.more = button(_("One more rung"), self.add, kind="quiet", icon="plus")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.S)
        outer.addLayout(self._box)
        outer.addLayout(row(self.more, None))

    def show_ladder(self, ladder: tuple[Rung, ...]) -> None:
        for one in self.rows:
            self._box.removeWidget(one)
            one.hide()
            one.deleteLater()
        self.rows = []
        for rung in ladder:
            self._append(rung)
        self._arrange()

    def set_channels(self, channels: Mapping[str, str]) -> None:
        """The names of what is configured have come."""
        self._channels = dict(channels)
        self.show_ladder(self.ladder())

    def ladder(self) -> tuple[Rung, ...]:
        """As it stands in the fields."""
        return tuple(one.rung() for one in self.rows)

    def add(self) -> None:
        last = self.rows[-1].rung() if self.rows else Rung()
        after = last.after + LATER if self.rows else 0
        self._append(Rung(after=after, channels=(ROBOTS,), whom=Whom.NEXT))
        self._arrange()
        self.edited.emit()

    def remove(self, gone: RungRow) -> None:
        self.rows.remove(gone)
        self._box.removeWidget(gone)
        gone.hide()
        gone.deleteLater()
        self._arrange()
        self.edited.emit()

    def _append(self, rung: Rung) -> None:
        made = RungRow(rung, self._channels)
        made.edited.connect(self.edited)
        made.removed.connect(partial(self.remove, made))
        self.rows.append(made)
        self._box.addWidget(made)

    def _arrange(self) -> None:
        for place, one in enumerate(self.rows):
            one.set_first(place == 0)
        self.more.setVisible(len(self.rows) < MOST)


class RungRow(QWidget):
    """One rung."""

    edited = Signal()
    removed = Signal()

    def __init__(self, rung: Rung, channels: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.at_once = label(_("At once"), "strong")
        self.after = QSpinBox()
        self.after.setRange(0, 24 * 60)
        self.after.setSuffix(_(" min"))
        self.after.setFixedWidth(96)
        self.after.setAccessibleName(_("Minutes without an answer"))
        roomy(self.after)
        self.whom = QComboBox()
        self.whom.setAccessibleName(_("To whom"))
        for whom, words in WHOM.items():
            self.whom.addItem(_(words), whom)
        self.names = QLineEdit()
        self.names.setPlaceholderText(_("Names, with commas between"))
        self.by = ChannelButton(channels)
        self.gone = icon_button("trash", _("Remove this rung"), self.removed)
        line = row(self.at_once, self.after, self.whom, self.by, None, self.gone)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.XS)
        outer.addLayout(line)
        outer.addWidget(self.names)
        self._show(rung)
        self.after.valueChanged.connect(self._changed)
        self.whom.currentIndexChanged.connect(self._changed)
        self.names.textEdited.connect(self._changed)
        self.by.edited.connect(self._changed)

    def set_first(self, first: bool) -> None:
        """The first one is climbed at once."""
        self.at_once.setVisible(first)
        self.after.setVisible(not first)
        self.gone.setVisible(not first)
        if first:
            self.after.setValue(0)

    def rung(self) -> Rung:
        whom = Whom(self.whom.currentData())
        return Rung(
            after=self.after.value(),
            channels=self.by.chosen,
            whom=whom,
            names=split_lines(self.names.text()) if whom is Whom.NAMED else (),
        )

    def _show(self, rung: Rung) -> None:
        self.after.setValue(rung.after)
        self.whom.setCurrentIndex(list(Whom).index(rung.whom))
        self.names.setText(", ".join(rung.names))
        self.by.choose(rung.channels)
        self.names.setVisible(rung.whom is Whom.NAMED)

    def _changed(self, *_given: object) -> None:
        self.names.setVisible(Whom(self.whom.currentData()) is Whom.NAMED)
        self.edited.emit()


class ChannelButton(QPushButton):
    """A button that says which channels are chosen, with a menu of boxes to tick."""

    edited = Signal()

    def __init__(self, channels: Mapping[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoDefault(False)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._names = {TOAST: _("Card"), DESKTOP: _("Desktop"), ROBOTS: _("All team channels")}
        self._names |= {key: plain.squeezed(name, 30) for key, name in channels.items()}
        self._acts: dict[str, QAction] = {}
        for key, words in self._names.items():
            self._add(key, words)

    @property
    def chosen(self) -> tuple[str, ...]:
        return tuple(key for key, act in self._acts.items() if act.isChecked())

    def choose(self, channels: tuple[str, ...]) -> None:
        """One that is gone stays ticked under its number until a person takes it out."""
        for key in channels:
            if key not in self._acts:
                self._names[key] = _("Channel {number}").format(number=key)
                self._add(key, self._names[key])
        for key, act in self._acts.items():
            act.setChecked(key in channels)
        self._say()

    def _add(self, key: str, words: str) -> None:
        act = self._menu.addAction(words.replace("&", "&&"))
        act.setCheckable(True)
        act.triggered.connect(self._picked)
        self._acts[key] = act

    def _picked(self, *_given: object) -> None:
        self._say()
        self.edited.emit()

    def _say(self) -> None:
        words = listed(self._names[key] for key in self.chosen) or _("Choose channels")
        self.setText(words.replace("&", "&&"))
        self.setAccessibleName(_("By: {channels}").format(channels=words))
