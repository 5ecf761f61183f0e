"""Mentions a query would have matched, the match marked. Posts are inserted as text, never as markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QFont, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from app.i18n import _
from ui import theme
from ui.feed import plain

if TYPE_CHECKING:
    from app.core import Sample

BEFORE, AFTER = 40, 160


class Samples(QTextEdit):
    """Read-only; a person may copy from it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setAccessibleName(_("Examples"))
        self._samples: tuple[Sample, ...] = ()
        theme.notifier().changed.connect(self._lay)

    def show_samples(self, samples: Sequence[Sample]) -> None:
        self._samples = tuple(samples)
        self._lay()

    def _lay(self) -> None:
        now = theme.colors()
        self.clear()
        cursor = self.textCursor()
        for number, sample in enumerate(self._samples):
            block = QTextBlockFormat()
            block.setTopMargin(theme.M if number else 0)
            _new_block(cursor, block, first=number == 0)
            stored = sample.stored
            when = plain.clock_time(stored.published_at)
            head = f"{plain.author_name(stored)} · {plain.origin(stored)} · {when}"
            cursor.insertText(head, _look(now.faint, theme.SMALL))
            _new_block(cursor, QTextBlockFormat(), first=False)
            for text, marked in pieces(stored.text, sample.spans):
                cursor.insertText(text, _marked(now) if marked else _look(now.text, theme.BODY))
        self.moveCursor(QTextCursor.MoveOperation.Start)


def pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """An excerpt around the first match, in plain and marked pieces."""
    ordered = plain.clipped(spans, len(text))
    first = ordered[0][0] if ordered else 0
    start = max(0, first - BEFORE)
    end = min(len(text), first + AFTER)
    made: list[tuple[str, bool]] = [("…", False)] if start else []
    at = start
    for left, right in ordered:
        if left >= end:
            break
        made.append((plain.one_line(text[at:left], AFTER + BEFORE), False))
        made.append((plain.one_line(text[left : min(right, end)], AFTER), True))
        at = min(right, end)
    made.append((plain.one_line(text[at:end], AFTER + BEFORE), False))
    if end < len(text):
        made.append(("…", False))
    return [piece for piece in made if piece[0]]


def _new_block(cursor: QTextCursor, block: QTextBlockFormat, *, first: bool) -> None:
    if first:
        cursor.setBlockFormat(block)
    else:
        cursor.insertBlock(block)


def _look(color: str, size: int) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setForeground(QColor(color))
    made.setFont(theme.font(size))
    return made


def _marked(now: theme.Colors) -> QTextCharFormat:
    made = _look(now.mark_text, theme.BODY)
    made.setBackground(QColor(now.mark))
    made.setFontWeight(QFont.Weight.DemiBold)
    return made
