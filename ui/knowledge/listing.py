"""The lists of the knowledge base: entries with their heat, questions that have none. GUI thread."""

from __future__ import annotations

from typing import Any, NamedTuple

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter

from app.domain.knowledge import Entry, Gap
from app.i18n import _, ngettext, sentences
from ui import theme
from ui.feed import plain
from ui.widgets.row_list import RowList, RowModel, RowPainter, draw_pill, draw_right, draw_words

BAR = 4
"""Height of a heat bar, in pixels."""


class EntryLine(NamedTuple):
    """An entry in the list; `most` is how often the most asked one was asked for."""

    id: int
    entry: Entry
    mention_ids: tuple[int, ...]
    most: int
    overdue: bool

    @property
    def asked(self) -> int:
        return len(self.mention_ids)


class GapLine(NamedTuple):
    """What was asked in vain; its id is that of its newest mention."""

    id: int
    gap: Gap
    most: int


class EntryList(RowList):
    """Rows are `EntryLine`."""

    def __init__(self) -> None:
        super().__init__(_("Entries"), RowModel(_spoken, _tip), _EntryPainter())


class GapList(RowList):
    """Rows are `GapLine`."""

    def __init__(self) -> None:
        super().__init__(_("Questions without an entry"), RowModel(_gap_spoken, _gap_tip), _GapPainter())


class _EntryPainter(RowPainter):
    HEIGHT = 82

    def draw(self, painter: QPainter, inner: QRect, value: Any) -> None:
        line: EntryLine = value
        now, top = theme.colors(), inner.top()
        right = inner.right()
        if line.asked:
            right = draw_right(painter, top, right, _times(line.asked), now.accent)
        title = QRect(inner.left(), top, right - inner.left(), 20)
        ink = now.text if line.entry.active else now.muted
        draw_words(painter, title, plain.one_line(line.entry.title, 200), ink, bold=True)
        _draw_bar(painter, QRect(inner.left(), top + 25, inner.width(), BAR), line.asked, line.most)
        left = inner.left()
        for words, colors in _pills(line):
            left = draw_pill(painter, left, top + 36, words, colors)
        foot = QRect(left, top + 36, inner.right() - left, 20)
        draw_words(painter, foot, _about(line.entry), now.muted, size=theme.SMALL)


class _GapPainter(RowPainter):
    HEIGHT = 74

    def draw(self, painter: QPainter, inner: QRect, value: Any) -> None:
        line: GapLine = value
        now, top = theme.colors(), inner.top()
        words = QRect(inner.left(), top, inner.width(), 20)
        draw_words(painter, words, plain.one_line(line.gap.text, 200), now.text)
        _draw_bar(painter, QRect(inner.left(), top + 25, inner.width(), BAR), line.gap.asked, line.most)
        told = _no_entry(line.gap.asked)
        draw_words(
            painter, QRect(inner.left(), top + 32, inner.width(), 18), told, now.muted, size=theme.SMALL
        )


def _draw_bar(painter: QPainter, where: QRect, n: int, most: int) -> None:
    """As long as `n` is of `most`."""
    now = theme.colors()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(now.line))
    painter.drawRoundedRect(where, BAR / 2, BAR / 2)
    if n and most:
        width = max(BAR, round(where.width() * n / most))
        painter.setBrush(QColor(now.accent))
        filled = QRect(where.left(), where.top(), width, where.height())
        painter.drawRoundedRect(filled, BAR / 2, BAR / 2)


def _pills(line: EntryLine) -> list[tuple[str, tuple[str, str]]]:
    now = theme.colors()
    found = []
    if not line.entry.active:
        found.append((_("Out of use"), (now.neutral, now.neutral_soft)))
    if line.overdue:
        found.append((_("Review"), (now.warning, now.warning_soft)))
    if line.entry.public:
        found.append((_("Public"), (now.positive, now.positive_soft)))
    return found


def _about(entry: Entry) -> str:
    parts = (plain.squeezed(entry.product, 30), plain.squeezed(entry.owner, 20))
    return " · ".join(part for part in parts if part)


def _times(n: int) -> str:
    return ngettext("asked {n} time", "asked {n} times", n).format(n=plain.figure(n))


def _no_entry(n: int) -> str:
    return ngettext("asked {n} time, no entry", "asked {n} times, no entry", n).format(n=plain.figure(n))


def _spoken(line: EntryLine) -> str:
    parts = [plain.one_line(line.entry.title, 200), _times(line.asked)]
    parts += [words for words, _colors in _pills(line)]
    return sentences(parts)


def _tip(line: EntryLine) -> str:
    return plain.squeezed(line.entry.title, 200).replace("<", "‹")


def _gap_spoken(line: GapLine) -> str:
    return sentences([plain.one_line(line.gap.text, 200), _no_entry(line.gap.asked)])


def _gap_tip(line: GapLine) -> str:
    return plain.squeezed(line.gap.text, 200).replace("<", "‹")
