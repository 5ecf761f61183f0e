"""What a reply should not say unseen: marked in the text as it is typed, and said below it. GUI thread.

Nothing is held back here: the composer asks once more before such a text leaves, and a person decides.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QColor, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QPushButton, QTextEdit, QVBoxLayout, QWidget

from app.domain.knowledge import Finding
from app.i18n import _, listed, ngettext
from ui import theme
from ui.feed import plain
from ui.widgets.parts import button, clear, label, row, set_tone

PAUSE_MS = 200
SHOWN = 3
"""Findings said in words; the others are only marked and counted."""
PERSONAL = "personal"


class Findings(QFrame):
    """Hidden while there is nothing to say. `check` is quick and pure."""

    changed = Signal()

    def __init__(
        self,
        edit: QPlainTextEdit,
        check: Callable[[str], tuple[Finding, ...]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._edit = edit
        self._check = check
        self.found: tuple[Finding, ...] = ()
        self.buttons: list[QPushButton] = []
        self._agreed = ""
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(theme.M, theme.S, theme.M, theme.S)
        self._box.setSpacing(theme.XS)
        self._later = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._later.timeout.connect(self.look)
        edit.textChanged.connect(self._later.start)
        theme.notifier().changed.connect(self._mark)
        self.hide()

    def look(self) -> tuple[Finding, ...]:
        """At the text as it stands now."""
        self._later.stop()
        found = self._check(self._edit.toPlainText())
        if found != self.found:
            self.found = found
            self._say()
        self._mark()
        return found

    # the yes

    def question(self) -> tuple[str, str]:
        """What to ask before this very text leaves, and the words of the yes; empty where there is nothing
        to ask, or somebody has said yes to this text already."""
        found = self.look()
        if not found or self._agreed == self._edit.toPlainText():
            return "", ""
        personal = [one for one in found if one.kind == PERSONAL]
        words = listed(f"“{plain.squeezed(one.words, 30)}”" for one in (personal or found)[:SHOWN])
        if personal:
            told = _("{words} looks like a customer's personal data, and everybody may read the reply.")
        else:
            told = _("The reply says {words}. Is that meant to go out?")
        return told.format(words=words), _("All the same")

    def agree(self) -> None:
        """To exactly what stands there now."""
        self._agreed = self._edit.toPlainText()

    # showing

    def _say(self) -> None:
        clear(self._box)
        self.buttons = []
        set_tone(self, "negative" if any(one.kind == PERSONAL for one in self.found) else "warning")
        for number, one in enumerate(self.found[:SHOWN]):
            show = button(plain.squeezed(one.words, 24), self._show, kind="chip")
            show.setObjectName(str(number))
            self.buttons.append(show)
            line = row(show, label(f"{one.reason} {one.suggestion}".strip(), "small", wrap=True))
            line.setStretch(1, 1)
            self._box.addLayout(line)
        more = len(self.found) - SHOWN
        if more > 0:
            told = ngettext("{n} more is marked in the text.", "{n} more are marked in the text.", more)
            self._box.addWidget(label(told.format(n=more), "small"))
        self.setVisible(bool(self.found))
        self.changed.emit()

    def _mark(self) -> None:
        text = self._edit.toPlainText()
        spans = plain.utf16(text, tuple((one.start, one.end) for one in self.found))
        looks: list[QTextEdit.ExtraSelection] = []
        for start, end in spans:
            look = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self._edit.document())
            last = self._edit.document().characterCount() - 1
            cursor.setPosition(min(start, last))
            cursor.setPosition(min(end, last), QTextCursor.MoveMode.KeepAnchor)
            form = QTextCharFormat()
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            form.setUnderlineColor(QColor(theme.colors().negative))
            form.setBackground(QColor(theme.colors().negative_soft))
            look.cursor, look.format = cursor, form
            looks.append(look)
        self._edit.setExtraSelections(looks)

    def _show(self) -> None:
        """Select the piece, so that it can be typed over."""
        finding = self.found[int(self.sender().objectName())]
        [(start, end)] = plain.utf16(self._edit.toPlainText(), ((finding.start, finding.end),))
        cursor = self._edit.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self._edit.setTextCursor(cursor)
        self._edit.setFocus()
