"""Asked before lessons are written to a file: with the posts' texts, or without. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from app.i18n import _
from ui.dialogs.sheet import Sheet
from ui.widgets.parts import label


class SaveLessons(Sheet):
    """`decided` carries whether the texts go into the file."""

    decided = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Save what was learnt"), parent)
        self.setMinimumWidth(480)
        self.texts = QCheckBox(_("With the texts of the posts"))
        about = _(
            "Without them the file holds your word list and short pieces of words with their weights. "
            "With them others can learn anew from it, and whoever has the file can read the posts and "
            "who judged them."
        )
        self.texts.setAccessibleDescription(about)
        self.body.addWidget(self.texts)
        self.body.addWidget(label(about, "muted", wrap=True))
        self.buttons(_("Choose a file…"), self.decide)

    def decide(self) -> None:
        self.decided.emit(self.texts.isChecked())
        self.accept()
