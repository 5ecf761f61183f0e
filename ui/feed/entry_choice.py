"""Which entry of the knowledge base the reply is made of, and the others it could be. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from app.domain.draft import Draft
from app.i18n import _
from ui import icons, theme
from ui.feed import plain
from ui.widgets.flow import Flow
from ui.widgets.parts import ElidedLabel, boxed, button, clear, label, pill, row

SHOWN = 20
"""Characters of another entry's question on its chip."""


class EntryChoice(QFrame):
    """Hidden while the knowledge base has nothing like it. `chosen` carries an entry's id; 0: a template
    alone."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._from = label("", "muted")
        self.title = ElidedLabel("", "strong")
        self.overdue = pill(_("Past its review date"), "warning")
        self._chips = Flow()
        self.chips: list[QPushButton] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        layout.setSpacing(theme.XS)
        head = row(icons.picture("template", 16, "accent"), self._from, self.title, self.overdue)
        head.setStretchFactor(self.title, 1)
        layout.addLayout(head)
        layout.addWidget(boxed(self._chips))
        self.hide()

    def show_draft(self, draft: Draft) -> None:
        """The entry of the draft, and the likeliest others."""
        here = next((fit for fit in draft.choices if fit.entry.id == draft.entry_id), None)
        self._from.setText(_("Answer from") if draft.entry_id else _("From a template."))
        title = here.entry.title if here else next((one.title for one in draft.rests if draft.entry_id), "")
        nothing = (
            _("No entry of the knowledge base fits.") if not any(f.fits for f in draft.choices) else ""
        )
        self.title.say(plain.one_line(title if draft.entry_id else nothing, 200))
        self.overdue.setVisible(draft.overdue)
        self._fill(draft)
        self.setVisible(bool(draft.choices) or bool(draft.entry_id))

    def _fill(self, draft: Draft) -> None:
        clear(self._chips)
        self.chips = []
        self._chips.addWidget(label(_("Or"), "small"))
        for fit in draft.choices:
            if fit.entry.id != draft.entry_id:
                title = fit.entry.title
                self._add(fit.entry.id, plain.squeezed(title, SHOWN), plain.one_line(title, 200))
        if draft.entry_id:
            self._add(0, _("A template"), _("Without the knowledge base"))

    def _add(self, id: int, words: str, tip: str) -> None:
        made = button(words, self._press, kind="chip", tip=tip.replace("<", "‹"))
        made.setObjectName(str(id))
        self._chips.addWidget(made)
        self.chips.append(made)

    def _press(self) -> None:
        self.chosen.emit(int(self.sender().objectName()))
