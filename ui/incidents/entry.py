"""A line that opens what it rests on: an icon, a few words in bold, a sentence, a figure. GUI thread."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.mention import Stored
from app.domain.platforms import platform_name
from app.i18n import clauses
from ui import icons, theme
from ui.feed import plain
from ui.widgets.pressable import Pressable

PAD = 6
ICON = 16
LEFT = PAD + ICON + theme.S
GAP = theme.L
"""Between the words and the figure."""


class Entry(Pressable):
    """`lines`: how many the words may take. Enter and Space press it; what it shows is plain text."""

    pressed_for = Signal(object)
    """Carries `value`."""

    def __init__(self, value: object = None, *, lines: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self.lead = self.words = self.trail = ""
        self._lines = lines
        self._icon, self._role = "chevron-right", "faint"
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.clicked.connect(self._press)

    def say(
        self,
        words: str,
        *,
        lead: str = "",
        trail: str = "",
        icon: tuple[str, str] = ("chevron-right", "faint"),
        spoken: str = "",
        tip: str = "",
    ) -> None:
        """All of it harmless already; `icon` a name and a field of Colors."""
        self.lead, self.words, self.trail = lead, words, trail
        self._icon, self._role = icon
        self.setAccessibleName(spoken or clauses(one for one in (lead, words, trail) if one))
        self.setToolTip(tip.replace("<", "‹").replace(">", "›"))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 2 * PAD + 20)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout, _cut = self._laid(self._room(width))
        return 2 * PAD + max(20, round(sum(layout.lineAt(n).height() for n in range(layout.lineCount()))))

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.colors()
        painter = self.begin()
        mark = icons.pixmap(self._icon, ICON, getattr(now, self._role), self.devicePixelRatioF())
        painter.drawPixmap(QPointF(PAD, PAD + 2), mark)
        self._paint_words(painter, now)
        self._paint_trail(painter, now)
        painter.end()

    def _paint_words(self, painter: QPainter, now: theme.Colors) -> None:
        room = self._room(self.width())
        layout, cut = self._laid(room)
        painter.setPen(QColor(now.text))
        last = layout.lineCount() - 1
        for number in range(layout.lineCount()):
            line = layout.lineAt(number)
            if number == last and cut:
                self._paint_rest(painter, layout, number, room)
            else:
                line.draw(painter, QPointF(LEFT, PAD))

    def _paint_rest(self, painter: QPainter, layout: QTextLayout, number: int, room: int) -> None:
        """The last line that fits, with an ellipsis where the words go on."""
        line = layout.lineAt(number)
        rest = _from(self._all(), line.textStart())
        bold = number == 0 and bool(self.lead)
        font = theme.font(theme.BODY)
        where = QRect(LEFT, PAD + round(line.y()), room, round(line.height()))
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        if bold:
            strong = theme.font(theme.BODY, bold=True)
            metrics = QFontMetrics(strong)
            lead = metrics.elidedText(self.lead, Qt.TextElideMode.ElideRight, room)
            painter.setFont(strong)
            painter.drawText(where, left, lead)
            where.setLeft(where.left() + metrics.horizontalAdvance(lead) + theme.S)
            rest = self.words
        painter.setFont(font)
        shown = QFontMetrics(font).elidedText(rest, Qt.TextElideMode.ElideRight, max(0, where.width()))
        painter.drawText(where, left, shown)

    def _paint_trail(self, painter: QPainter, now: theme.Colors) -> None:
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(QColor(now.muted))
        where = QRect(0, PAD, self.width() - PAD, 20)
        painter.drawText(
            where, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), self.trail
        )

    def _all(self) -> str:
        return f"{self.lead}  {self.words}" if self.lead else self.words

    def _room(self, width: int) -> int:
        trail = QFontMetrics(theme.font(theme.SMALL)).horizontalAdvance(self.trail)
        return max(40, width - LEFT - PAD - (trail + GAP if trail else 0))

    def _laid(self, room: int) -> tuple[QTextLayout, bool]:
        """The words in lines of that width, and whether something is cut off."""
        text = self._all()
        layout = QTextLayout(text, theme.font(theme.BODY))
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        if self.lead:
            strong = QTextLayout.FormatRange()
            strong.start, strong.length = 0, _units(self.lead)
            form = QTextCharFormat()
            form.setFont(theme.font(theme.BODY, bold=True))
            strong.format = form
            layout.setFormats([strong])
        layout.beginLayout()
        y, end = 0.0, 0
        while layout.lineCount() < self._lines:
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(room)
            line.setPosition(QPointF(0, y))
            y += line.height()
            end = line.textStart() + line.textLength()
        layout.endLayout()
        return layout, end < _units(text)

    def _press(self) -> None:
        self.pressed_for.emit(self.value)


def _units(text: str) -> int:
    """Its length as Qt counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _from(text: str, units: int) -> str:
    """What begins so many of Qt's units into the text."""
    return text.encode("utf-16-le", "surrogatepass")[2 * units :].decode("utf-16-le", "replace")


def mention_entry(stored: Stored, *, lines: int = 2) -> Entry:
    """A post: its tone, author, beginning, platform and age; `value` is its id."""
    made = Entry(stored.id, lines=lines)
    tone = stored.tone.value if stored.tone else "faint"
    when = plain.ago(stored.published_at, datetime.now(UTC))
    where = platform_name(stored.mention.platform)
    words = plain.squeezed(stored.mention.title or stored.text, 240)
    name = plain.author_name(stored)
    made.say(
        words,
        lead=name,
        trail=f"{where} · {when}",
        icon=(theme.tone_icon(stored.tone), tone),
        spoken=clauses((theme.tone_word(stored.tone), name, where, when, words)),
        tip=plain.published(stored),
    )
    return made
