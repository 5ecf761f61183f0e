"""Why a mention was judged as it was, painted: how probable each tone is, and the words behind it.

GUI thread.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QSizePolicy,
    QWidget,
)

from app.domain.sentiment import Evidence, Score, Tone
from ui import theme
from ui.feed import plain


class Gauge(QWidget):
    """Three parts, as probable as each tone is, and the value from 0 to 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._score: Score | None = None
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_score(self, score: Score | None) -> None:
        self._score = score
        self.setVisible(score is not None)
        if score is not None:
            parts = zip(Tone, (score.negative, score.neutral, score.positive), strict=True)
            self.setAccessibleName(", ".join(f"{theme.tone_word(tone)} {part:.0%}" for tone, part in parts))
            self.setToolTip(self.accessibleName())
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        score = self._score
        if score is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(theme.SMALL, bold=True))
        x, wide = 0.0, float(self.width())
        total = max(1e-9, score.negative + score.neutral + score.positive)
        for tone, part in zip(Tone, (score.negative, score.neutral, score.positive), strict=True):
            box = QRectF(x, 0, wide * part / total, self.height())
            x += box.width()
            if box.width() < 1:
                continue
            painter.fillRect(box.adjusted(0, 0, -1, 0), QColor(theme.tone_soft(tone)))
            painter.fillRect(
                QRectF(box.left(), box.bottom() - 3, box.width() - 1, 3), QColor(theme.tone_color(tone))
            )
            told = f"{theme.tone_word(tone)} {part:.0%}"
            if QFontMetrics(painter.font()).horizontalAdvance(told) > box.width() - 8:
                told = f"{part:.0%}" if box.width() > 36 else ""
            painter.setPen(QColor(theme.tone_color(tone)))
            painter.drawText(box.adjusted(0, 0, 0, -3), int(Qt.AlignmentFlag.AlignCenter), told)
        painter.end()


class EvidenceBars(QWidget):
    """The words behind a score: to the left what pulled it down, to the right what lifted it."""

    ROW = 22
    MOST = 8

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: tuple[Evidence, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def words(self) -> tuple[Evidence, ...]:
        return self._words

    def show_words(self, evidence: tuple[Evidence, ...]) -> None:
        ordered = sorted(evidence, key=_strength, reverse=True)
        self._words = tuple(ordered[: self.MOST])
        self.setFixedHeight(max(1, len(self._words) * self.ROW))
        self.setVisible(bool(self._words))
        self.setAccessibleName(
            "; ".join(f"{plain.one_line(one.span, 40)} {one.weight:+.2f}" for one in self._words)
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, len(self._words) * self.ROW)

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.font(theme.SMALL)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        name_wide = min(140, self.width() // 3)
        number_wide = 48
        axis = name_wide + (self.width() - name_wide - number_wide) / 2
        half = (self.width() - name_wide - number_wide) / 2 - 8
        most = max((abs(one.weight) for one in self._words), default=1.0) or 1.0
        painter.setPen(QPen(QColor(now.line), 1))
        painter.drawLine(QPointF(axis, 0), QPointF(axis, self.height()))
        for number, one in enumerate(self._words):
            top = number * self.ROW
            color = QColor(now.negative if one.weight < 0 else now.positive)
            word = metrics.elidedText(
                plain.one_line(one.span, 40), Qt.TextElideMode.ElideRight, name_wide - 8
            )
            painter.setPen(QColor(now.text))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(
                QRectF(0, top, name_wide - 8, self.ROW), int(middle | Qt.AlignmentFlag.AlignLeft), word
            )
            long = max(2.0, half * abs(one.weight) / most)
            left = axis - long if one.weight < 0 else axis
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(left, top + 6, long, self.ROW - 12), 3, 3)
            painter.setPen(color)
            box = QRectF(self.width() - number_wide, top, number_wide, self.ROW)
            painter.drawText(box, int(middle | Qt.AlignmentFlag.AlignRight), f"{one.weight:+.2f}")
        painter.end()


def _strength(one: Evidence) -> float:
    return abs(one.weight)
