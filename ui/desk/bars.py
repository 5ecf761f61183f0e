"""What stands over the list of the desk: filters, notes to me, acts on many at once. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QWidget

from app.domain.alert import Severity
from app.domain.queue import ALL_TEAMS, Note, QueueQuery
from app.i18n import _, ngettext
from ui import icons, theme
from ui.desk import words
from ui.feed import plain
from ui.widgets.parts import ElidedLabel, button, icon_button, label

if TYPE_CHECKING:
    from app.domain.people import Team
    from app.domain.watch import Watch


class Filters(QWidget):
    """Brand, severity, team; `changed` when a person chose."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.brand = _box(_("Brand"), [(_("All brands"), None)])
        severities = [(f"{one.value} {theme.severity_word(one)}", one.value) for one in Severity]
        self.severity = _box(_("Severity"), [(_("All severities"), None), *severities])
        self.team = _box(_("Team"), [(_("My team"), None), (_("All teams"), ALL_TEAMS)])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, theme.S, theme.L, theme.S)
        layout.setSpacing(theme.S)
        for one in (self.brand, self.severity, self.team):
            one.activated.connect(self._chosen)
            layout.addWidget(one)
        layout.addStretch(1)
        self.team.hide()

    @property
    def query(self) -> QueueQuery:
        """Of the list that the page adds."""
        brand, severity = self.brand.currentData(), self.severity.currentData()
        return QueueQuery(
            brands=() if brand is None else (brand,),
            severities=() if severity is None else (Severity(severity),),
            team_id=self.team.currentData(),
        )

    def show_choices(self, brands: tuple[Watch, ...], teams: tuple[Team, ...]) -> None:
        """What was chosen stays, as far as it exists."""
        own = [(plain.one_line(one.name, 40), one.id) for one in brands if not one.competitor]
        _show(self.brand, [(_("All brands"), None), *own])
        named = [(plain.one_line(one.name, 40), one.id) for one in teams]
        _show(self.team, [(_("My team"), None), (_("All teams"), ALL_TEAMS), *named])
        self.team.setVisible(bool(teams))

    def _chosen(self, _number: int) -> None:
        self.changed.emit()


def _box(name: str, choices: list[tuple[str, object]]) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    for words_, value in choices:
        made.addItem(words_, value)
    return made


def _show(box: QComboBox, choices: list[tuple[str, object]]) -> None:
    if [(box.itemText(n), box.itemData(n)) for n in range(box.count())] == choices:
        return
    kept = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for words_, value in choices:
            box.addItem(words_, value)
        box.setCurrentIndex(max(0, next((n for n, one in enumerate(choices) if one[1] == kept), 0)))


class ToMe(QFrame):
    """The newest note that calls me and that I have not seen; `opened` carries its mention."""

    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "banner")
        self._id = 0
        self.words = ElidedLabel("", "")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, theme.XS, theme.S, theme.XS)
        layout.setSpacing(theme.S)
        layout.addWidget(icons.picture("comment", 18, "warning"))
        layout.addWidget(self.words, 1)
        layout.addWidget(button(_("See it"), self._press, kind="quiet"))
        self.hide()

    def show_notes(self, notes: tuple[Note, ...], unread: int) -> None:
        """Nothing is shown where there is none."""
        self.setVisible(bool(notes))
        if notes:
            self._id = notes[0].mention_id
            said = words.note_words(notes[0])
            more = unread - 1
            if more > 0:
                rest = ngettext("and {n} more", "and {n} more", more).format(n=more)
                said = f"{said} ({rest})"
            self.words.say(said)

    def _press(self) -> None:
        self.opened.emit(self._id)


class BulkBar(QFrame):
    """What can be done with all chosen rows; `acted` carries the name of an act."""

    acted = Signal(str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        self.setProperty("tone", "accent")
        self.count = label("", "strong")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, 4, 6, 4)
        layout.setSpacing(2)
        layout.addWidget(self.count)
        layout.addStretch(1)
        for name, said, icon in (
            ("claim", _("Claim"), "claim"),
            ("release", _("Release"), "undo"),
            ("assign", _("Assign…"), "user"),
            ("pause", _("Let it wait…"), "pause"),
            ("done", _("Done"), "check"),
            ("ignore", _("No answer needed"), "ignore"),
        ):
            one = icon_button(icon, said, self._pressed)
            one.setObjectName(name)
            layout.addWidget(one)
        layout.addWidget(icon_button("close", _("Leave choosing"), self._leave))
        self.hide()

    def show_count(self, n: int) -> None:
        """0 hides it."""
        self.setVisible(n > 0)
        self.count.setText(ngettext("{n} chosen", "{n} chosen", n).format(n=n))

    def _pressed(self) -> None:
        self.acted.emit(self.sender().objectName())

    def _leave(self) -> None:
        self.left.emit()
