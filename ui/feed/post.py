"""The post as it was written, with what was found in it marked. GUI thread; plain text, always."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QSizePolicy,
    QTextEdit,
    QWidget,
)

from app.domain.mention import Stored
from app.domain.sentiment import Evidence
from app.i18n import _
from ui import theme
from ui.feed import plain
from ui.feed.card_delegate import (
    PILL,
    Fonts,
    Pill,
    brand_spans,
    paint_pill,
    pill_width,
)


class Marked(NamedTuple):
    """Spans of the shown text by what they mean."""

    brands: plain.Spans
    negative: plain.Spans
    positive: plain.Spans
    found: plain.Spans


def evidence_in_text(stored: Stored) -> tuple[tuple[Evidence, int], ...]:
    """Deciding words that stand in the text, with where they begin in it.

    Where a span does not fit (another version of the text was judged), the word itself is looked for.
    """
    if stored.score is None:
        return ()
    made = []
    for one in stored.score.evidence:
        if not one.span:
            continue
        fits = one.start >= 0 and stored.text.startswith(one.span, one.start)
        start = one.start if fits else stored.text.find(one.span)
        if start >= 0:
            made.append((one, start))
    return tuple(made)


def marks_of(stored: Stored, found: plain.Spans) -> Marked:
    size = len(stored.text)
    words = evidence_in_text(stored)
    against = [(at, at + len(one.span)) for one, at in words if one.weight < 0]
    in_favour = [(at, at + len(one.span)) for one, at in words if one.weight > 0]
    return Marked(
        brand_spans(stored),
        plain.clipped(against, size),
        plain.clipped(in_favour, size),
        plain.clipped(found, size),
    )


class PostText(QTextEdit):
    """The whole post, selectable; as tall as its text, so that the pane scrolls and not the post."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setStyleSheet("QTextEdit { background: transparent; border: none; padding: 0; }")
        self.document().setDocumentMargin(0)
        self.setFont(theme.font(theme.READING + 1))
        self.setAccessibleName(_("The post"))
        self._marked = Marked((), (), (), ())
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_text(self, text: str, marked: Marked) -> None:
        shown = plain.visible(text)
        if shown != self.toPlainText():
            self.setPlainText(shown)
        self._marked = Marked(*(plain.utf16(shown, plain.clipped(spans, len(shown))) for spans in marked))
        self.redo_marks()

    def redo_marks(self) -> None:
        """In the colours of now."""
        now = theme.colors()
        looks: list[QTextEdit.ExtraSelection] = []
        brand = QTextCharFormat()
        brand.setBackground(QColor(now.mark))
        brand.setForeground(QColor(now.mark_text))
        looks += self._selections(self._marked.brands, brand)
        found = QTextCharFormat()
        found.setBackground(QColor(now.accent_soft))
        found.setForeground(QColor(now.accent))
        looks += self._selections(self._marked.found, found)
        wave, solid = (
            QTextCharFormat.UnderlineStyle.WaveUnderline,
            QTextCharFormat.UnderlineStyle.SingleUnderline,
        )
        looks += self._selections(self._marked.negative, _underline(now.negative, wave))
        looks += self._selections(self._marked.positive, _underline(now.positive, solid))
        self.setExtraSelections(looks)

    def _selections(self, spans: plain.Spans, look: QTextCharFormat) -> list[QTextEdit.ExtraSelection]:
        made = []
        for start, end in spans:
            one = QTextEdit.ExtraSelection()
            cursor = QTextCursor(self.document())
            cursor.setPosition(start)
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            one.cursor, one.format = cursor, look
            made.append(one)
        return made

    def _fit(self, size: QSizeF) -> None:
        self.setFixedHeight(max(24, int(size.height()) + 4))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit(self.document().size())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _underline(color: str, style: QTextCharFormat.UnderlineStyle) -> QTextCharFormat:
    look = QTextCharFormat()
    look.setUnderlineStyle(style)
    look.setUnderlineColor(QColor(color))
    look.setForeground(QColor(color))
    return look


class PillRow(QWidget):
    """Pills that go on in the next line where the pane is narrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pills: list[Pill] = []
        self._fonts = Fonts()

    def show_pills(self, pills: list[Pill]) -> None:
        self._pills = pills
        self.setAccessibleName(", ".join(pill.text for pill in pills))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pill, x, y, wide in self._places():
            paint_pill(painter, pill, self._fonts, QPoint(x, y), wide)
        painter.end()

    def _places(self) -> list[tuple[Pill, int, int, int]]:
        x = y = 0
        made = []
        for pill in self._pills:
            wide = pill_width(pill, self._fonts, max(60, self.width()))
            if x and x + wide > self.width():
                x, y = 0, y + PILL + 6
            made.append((pill, x, y, wide))
            x += wide + 6
        return made

    def _fit(self) -> None:
        places = self._places()
        self.setFixedHeight((places[-1][2] if places else 0) + PILL + 1)


class Legend(QWidget):
    """What the marks in the text mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[tuple[str, str]] = []
        self.setFixedHeight(20)

    def show_for(self, marked: Marked) -> None:
        told = (
            ("brand", _("brand"), marked.brands),
            ("negative", _("pulls to negative"), marked.negative),
            ("positive", _("pulls to positive"), marked.positive),
            ("found", _("searched"), marked.found),
        )
        self._entries = [(kind, words) for kind, words, spans in told if spans]
        self.setVisible(bool(self._entries))
        self.setAccessibleName(", ".join(words for _kind, words in self._entries))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL))
        metrics = QFontMetrics(painter.font())
        x = 0
        middle = self.height() / 2
        for kind, words in self._entries:
            _swatch(painter, kind, QRectF(x, middle - 6, 18, 12))
            painter.setPen(QColor(now.muted))
            painter.drawText(QPointF(x + 24, middle + metrics.ascent() / 2 - 1), words)
            x += 24 + metrics.horizontalAdvance(words) + 16
        painter.end()


def _swatch(painter: QPainter, kind: str, box: QRectF) -> None:
    now = theme.colors()
    if kind in ("brand", "found"):
        painter.setPen(QPen(QColor(now.mark_text if kind == "brand" else now.accent), 0.5))
        painter.setBrush(QColor(now.mark if kind == "brand" else now.accent_soft))
        painter.drawRoundedRect(box, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        return
    color = QColor(now.negative if kind == "negative" else now.positive)
    painter.setPen(QPen(color, 1.5))
    low = box.bottom() - 3
    if kind == "positive":
        painter.drawLine(QPointF(box.left(), low), QPointF(box.right(), low))
        return
    points = [QPointF(box.left() + 3 * n, low + (2 if n % 2 else -1)) for n in range(7)]
    painter.drawPolyline(points)
