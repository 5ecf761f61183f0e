"""A field for the watch query language: what cannot be read is underlined while it is typed. GUI thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from app.errors import QueryError
from app.i18n import _
from ui import theme
from ui.widgets.parts import label


class QueryEdit(QWidget):
    """`check` is quick and pure: it is called in the GUI thread with every change."""

    edited = Signal(str)

    def __init__(
        self, check: Callable[[str], QueryError | None], parent: QWidget | None = None, *, lines: int = 3
    ) -> None:
        super().__init__(parent)
        self._check = check
        self.text_edit = _OneParagraph()
        self.text_edit.setAccessibleName(_("Query"))
        self.text_edit.setFixedHeight(lines * 20 + 18)
        self.error = label("", "error", wrap=True)
        self.error.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.XS)
        layout.addWidget(self.text_edit)
        layout.addWidget(self.error)
        self.setFocusProxy(self.text_edit)
        self.text_edit.textChanged.connect(self._changed)
        theme.notifier().changed.connect(self._look)

    def text(self) -> str:
        return self.text_edit.toPlainText().replace("\n", " ")

    def set_text(self, text: str) -> None:
        self.text_edit.setPlainText(text)

    def show_error(self, error: QueryError | None) -> None:
        """Underline the characters at fault, and say below what is wrong."""
        self.text_edit.setExtraSelections([self._underline(error)] if error else [])
        self.text_edit.setProperty("bad", error is not None)
        theme.restyle(self.text_edit)
        self.error.setText(_sentence(error) if error else "")
        self.error.setVisible(error is not None)

    @property
    def is_good(self) -> bool:
        """Can it be read as it stands?"""
        return self.error.isHidden()

    def underlined(self) -> tuple[int, int] | None:
        """Which characters are underlined now, as (start, end) of `text()`."""
        marks = self.text_edit.extraSelections()
        if not marks:
            return None
        cursor = marks[0].cursor
        return _chars(self.text(), cursor.selectionStart()), _chars(self.text(), cursor.selectionEnd())

    def _changed(self) -> None:
        self._look()
        self.edited.emit(self.text())

    def _look(self) -> None:
        self.show_error(self._check(self.text()) if self.text().strip() else None)

    def _underline(self, error: QueryError) -> QTextEdit.ExtraSelection:
        text = self.text()
        start = min(max(error.at, 0), len(text))
        end = min(start + max(error.length, 1), len(text))
        if start >= end:
            start = max(0, end - 1)  # the fault is that something is missing at the end
        cursor = QTextCursor(self.text_edit.document())
        cursor.setPosition(_units(text, start))
        cursor.setPosition(_units(text, end), QTextCursor.MoveMode.KeepAnchor)
        mark = QTextEdit.ExtraSelection()
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(QColor(theme.colors().negative))
        look.setBackground(QColor(theme.colors().negative_soft))
        mark.format, mark.cursor = look, cursor
        return mark


class _OneParagraph(QPlainTextEdit):
    """Wraps, but takes no line break; Tab goes on to the next field."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)


def _sentence(error: QueryError) -> str:
    return _("Character {n}: {problem}").format(n=error.at + 1, problem=error.text)


def _units(text: str, chars: int) -> int:
    """Qt counts UTF-16 units; an emoji is two."""
    return len(text[:chars].encode("utf-16-le", "surrogatepass")) // 2


def _chars(text: str, units: int) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "replace"))
