"""Paints a mention as a card. GUI thread; no widgets, no SQL.

Heights and laid out texts are kept, so that scrolling only draws. Everything shown went through
`plain`: text is drawn as text, whatever it holds.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from typing import NamedTuple

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPen,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.cues import short_label
from app.domain.mention import Status, Stored
from app.i18n import _
from ui import icons, theme
from ui.feed import plain
from ui.feed.list_model import StoredRole

Index = QModelIndex | QPersistentModelIndex

GAP = 8
PAD = 12
BAR = 4
ICON = 14
PILL = 20
META = 20
LINES = 3
LINES_WITHOUT_TITLE = 4
READ = 420
"""Characters of a post that a card may need."""
KEPT = 400
"""Laid out texts kept."""

Flag = Qt.AlignmentFlag
_LEFT = Flag.AlignLeft | Flag.AlignVCenter


class Fonts:
    """The program's type in the sizes a card uses, with their metrics."""

    def __init__(self) -> None:
        self.small = theme.font(theme.SMALL)
        self.strong = theme.font(theme.BODY, bold=True)
        self.small_strong = theme.font(theme.SMALL, bold=True)
        self.reading = theme.font(theme.READING)
        self.small_m = QFontMetrics(self.small)
        self.strong_m = QFontMetrics(self.strong)
        self.small_strong_m = QFontMetrics(self.small_strong)
        self.reading_m = QFontMetrics(self.reading)
        self.line = self.reading_m.height() + 2


class Pill(NamedTuple):
    """A word on a soft ground, perhaps with an icon before it."""

    text: str
    color: str
    ground: str
    icon: str = ""
    border: bool = False


def body_of(stored: Stored) -> str:
    return plain.one_line(plain.words(stored), READ).rstrip()


def brand_spans(stored: Stored) -> plain.Spans:
    """All brands' words in the text, as characters."""
    return plain.clipped((span for hit in stored.hits for span in hit.spans), len(stored.text))


def status_pill(stored: Stored) -> Pill | None:
    """None for what nobody has touched."""
    now = theme.colors()
    told = {
        Status.CLAIMED: (now.accent, now.accent_soft, "claim"),
        Status.ESCALATED: (now.warning, now.warning_soft, "escalate"),
        Status.ANSWERED: (now.positive, now.positive_soft, "answered"),
        Status.IGNORED: (now.faint, now.hover, "ignore"),
    }.get(stored.status)
    return Pill(plain.status_line(stored), *told) if told else None


def brand_pills(stored: Stored) -> list[Pill]:
    now = theme.colors()
    made: dict[int, Pill] = {}
    for hit in stored.hits:
        name = plain.one_line(hit.brand, 24)
        if hit.competitor:
            told = _("{brand} (competitor)").format(brand=name)
            made[hit.brand_id] = Pill(told, now.muted, now.surface, border=True)
        else:
            made[hit.brand_id] = Pill(name, now.accent, now.accent_soft)
    return list(made.values())


def tone_pill(stored: Stored) -> Pill:
    word = theme.tone_word(stored.tone)
    if stored.corrected:
        word = _("{tone}, corrected").format(tone=word)
    return Pill(
        word, theme.tone_color(stored.tone), theme.tone_soft(stored.tone), theme.tone_icon(stored.tone)
    )


class CardDelegate(QStyledItemDelegate):
    """`marking` shows a tick box on every card while several are being chosen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.marking = False
        self.now: datetime | None = None
        """Held by a test; the clock otherwise."""
        self._fonts = Fonts()
        self._heights: dict[tuple[int, int], tuple[Stored, int]] = {}
        self._texts: OrderedDict[tuple[int, int], tuple[Stored, str, QTextLayout]] = OrderedDict()
        theme.notifier().changed.connect(self.forget)

    def forget(self) -> None:
        """Colours or type changed."""
        self._fonts = Fonts()
        self._heights.clear()
        self._texts.clear()

    # sizes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        width = _width(option)
        stored: Stored | None = index.data(StoredRole)
        if stored is None:
            return QSize(width, 0)
        return QSize(width, self.height_of(stored, width))

    def height_of(self, stored: Stored, width: int) -> int:
        """Remembered; a mention's height changes only with its words."""
        key = (stored.id, width)
        kept = self._heights.get(key)
        if kept is not None and (kept[0] is stored or _same_words(kept[0], stored)):
            return kept[1]
        height = self._measure(stored, width)
        if len(self._heights) > 8_000:
            self._heights.clear()
        self._heights[key] = (stored, height)
        return height

    def _measure(self, stored: Stored, width: int) -> int:
        body = body_of(stored)
        most = LINES if stored.mention.title else LINES_WITHOUT_TITLE
        inner = _inner(width)
        if not body:
            lines = 0
        elif plain.at_least_wide(body) * self._fonts.reading.pixelSize() > inner * most:
            lines = most
        else:
            lines = self._text(stored, width)[1].lineCount()
        title = META + 2 if stored.mention.title else 0
        return GAP + PAD + META + 4 + title + lines * self._fonts.line + 8 + PILL + PAD

    # texts

    def _text(self, stored: Stored, width: int) -> tuple[str, QTextLayout]:
        key = (stored.id, width)
        kept = self._texts.get(key)
        if kept is not None and (kept[0] is stored or _same_words(kept[0], stored)):
            self._texts.move_to_end(key)
            return kept[1], kept[2]
        most = LINES if stored.mention.title else LINES_WITHOUT_TITLE
        shown, layout = self._lay_out(body_of(stored), brand_spans(stored), _inner(width), most)
        self._texts[key] = (stored, shown, layout)
        if len(self._texts) > KEPT:
            self._texts.popitem(last=False)
        return shown, layout

    def _lay_out(self, text: str, spans: plain.Spans, width: int, most: int) -> tuple[str, QTextLayout]:
        layout = self._break(text, spans, width, most)
        last = layout.lineAt(layout.lineCount() - 1) if layout.lineCount() else None
        if last is None or last.textStart() + last.textLength() >= _units(text):
            return text, layout
        # Too long: the last line is cut with an ellipsis and all is laid out once more.
        start = _character(text, last.textStart())
        cut = self._fonts.reading_m.elidedText(
            text[start : start + 200], Qt.TextElideMode.ElideRight, width - 2
        )
        if not cut.endswith("…"):
            cut = cut[:-1] + "…"
        text = text[:start] + cut
        return text, self._break(text, plain.clipped(spans, len(text) - 1), width, most)

    def _break(self, text: str, spans: plain.Spans, width: int, most: int) -> QTextLayout:
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout = QTextLayout(text, self._fonts.reading)
        layout.setTextOption(option)
        layout.setCacheEnabled(True)
        layout.setFormats(_formats(plain.utf16(text, plain.clipped(spans, len(text)))))
        layout.beginLayout()
        for number in range(most):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            line.setPosition(QPointF(0, number * self._fonts.line))
        layout.endLayout()
        return layout

    # paint

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        stored: Stored | None = index.data(StoredRole)
        if stored is None:
            return
        rect: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(rect).adjusted(GAP, GAP / 2, -GAP, -GAP / 2)
        self._ground(painter, card, stored, option)
        painter.setClipRect(card)
        left = int(card.left()) + BAR + PAD
        inner = _inner(rect.width())
        top = int(card.top()) + PAD
        chosen = bool(_state(option) & QStyle.StateFlag.State_Selected)
        self._meta(painter, QRect(left, top, inner, META), stored, chosen)
        top += META + 4
        if stored.mention.title:
            self._title(painter, QRect(left, top, inner, META), stored)
            top += META + 2
        _shown, layout = self._text(stored, rect.width())
        painter.setPen(QColor(theme.colors().text))
        layout.draw(painter, QPointF(left, top))
        foot = QRect(left, int(card.bottom()) - PAD - PILL + GAP // 2, inner, PILL)
        self._foot(painter, foot, stored, chosen)
        painter.restore()

    def _ground(
        self, painter: QPainter, card: QRectF, stored: Stored, option: QStyleOptionViewItem
    ) -> None:
        now = theme.colors()
        state = _state(option)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        current = bool(state & QStyle.StateFlag.State_HasFocus)
        ground = now.selection if chosen else now.surface
        if not chosen and state & QStyle.StateFlag.State_MouseOver:
            ground = now.hover
        shape = QPainterPath()
        shape.addRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS)
        painter.fillPath(shape, QColor(ground))
        painter.save()
        painter.setClipPath(shape)
        bar = QRectF(card.left(), card.top(), BAR, card.height())
        painter.fillRect(bar, QColor(theme.tone_color(stored.tone)))
        painter.restore()
        edge = now.accent if chosen or current else now.line
        painter.setPen(QPen(QColor(edge), 2 if current else 1))
        painter.drawPath(shape)

    def _meta(self, painter: QPainter, area: QRect, stored: Stored, chosen: bool) -> None:
        now, fonts = theme.colors(), self._fonts
        x, right = area.left(), area.right() + 1
        if self.marking:
            x = _tick(painter, x, area, chosen)
        when = plain.ago(stored.published_at, self.now or datetime.now(UTC))
        right -= fonts.small_m.horizontalAdvance(when)
        _write(
            painter,
            QRect(right, area.top(), area.right() + 1 - right, area.height()),
            when,
            fonts.small,
            now.muted,
        )
        room = right - 10 - x
        name = fonts.strong_m.elidedText(
            plain.author_name(stored), Qt.TextElideMode.ElideRight, max(60, room // 2)
        )
        wide = fonts.strong_m.horizontalAdvance(name)
        _write(painter, QRect(x, area.top(), wide + 2, area.height()), name, fonts.strong, now.text)
        x += wide + 4
        if stored.mention.author.verified:
            y = area.center().y() - ICON // 2 + 1
            painter.drawPixmap(
                x, y, icons.pixmap("verified", ICON, now.accent, painter.device().devicePixelRatioF())
            )
            x += ICON + 4
        told = " · ".join(part for part in (plain.followers(stored), plain.origin(stored)) if part)
        shown = fonts.small_m.elidedText(told, Qt.TextElideMode.ElideRight, max(0, right - 10 - x - 2))
        _write(
            painter,
            QRect(x + 2, area.top(), max(0, right - 10 - x - 2), area.height()),
            shown,
            fonts.small,
            now.muted,
        )

    def _title(self, painter: QPainter, area: QRect, stored: Stored) -> None:
        title = plain.one_line(stored.mention.title, 120)
        shown = self._fonts.strong_m.elidedText(title, Qt.TextElideMode.ElideRight, area.width())
        _write(painter, area, shown, self._fonts.strong, theme.colors().text)

    def _foot(self, painter: QPainter, area: QRect, stored: Stored, chosen: bool) -> None:
        now = theme.colors()
        right = area.right() + 1
        if (status := status_pill(stored)) is not None:
            status = _lifted(status, chosen)
            right -= self._pill(painter, status, area, right=right, most=area.width() // 3) + 8
        x = area.left()
        x += self._pill(painter, tone_pill(stored), area, left=x) + 6
        for key in stored.severity[:2]:
            cue = Pill(short_label(key), now.negative, now.negative_soft, "warning")
            x += self._pill(painter, cue, area, left=x) + 6
        counts_wide = self._counts_width(stored)
        pills = [_lifted(pill, chosen) for pill in brand_pills(stored)]
        for number, pill in enumerate(pills):
            left_over = len(pills) - number - 1
            room = right - counts_wide - x - (28 if left_over else 0)
            if room < 48 and number:
                rest = f"+{left_over + 1}"
                x += self._pill(painter, Pill(rest, now.muted, now.hover), area, left=x) + 6
                break
            x += self._pill(painter, pill, area, left=x, most=max(48, room)) + 6
        if right - counts_wide >= x:
            self._counts(painter, area, right, stored)

    def _counts_width(self, stored: Stored) -> int:
        metrics = self._fonts.small_m
        wide = 0
        if stored.mention.rating is not None:
            wide += metrics.horizontalAdvance(plain.stars(stored.mention.rating)) + 10
        for _name, told, _words in plain.engagement(stored.mention.counts):
            wide += ICON + 3 + metrics.horizontalAdvance(told) + 10
        return wide

    def _counts(self, painter: QPainter, area: QRect, right: int, stored: Stored) -> None:
        now, fonts = theme.colors(), self._fonts
        ratio = painter.device().devicePixelRatioF()
        for name, told, _words in reversed(plain.engagement(stored.mention.counts)):
            wide = fonts.small_m.horizontalAdvance(told)
            right -= wide
            _write(painter, QRect(right, area.top(), wide + 1, area.height()), told, fonts.small, now.muted)
            right -= ICON + 3
            painter.drawPixmap(
                right, area.center().y() - ICON // 2 + 1, icons.pixmap(name, ICON, now.muted, ratio)
            )
            right -= 10
        if stored.mention.rating is not None:
            told = plain.stars(stored.mention.rating)
            wide = fonts.small_m.horizontalAdvance(told)
            _write(
                painter,
                QRect(right - wide, area.top(), wide + 1, area.height()),
                told,
                fonts.small,
                now.warning,
            )

    def _pill(
        self,
        painter: QPainter,
        pill: Pill,
        area: QRect,
        *,
        left: int = 0,
        right: int | None = None,
        most: int = 220,
    ) -> int:
        """Paint from `left`, or up to `right`; the width taken."""
        wide = pill_width(pill, self._fonts, most)
        paint_pill(
            painter, pill, self._fonts, QPoint(left if right is None else right - wide, area.top()), wide
        )
        return wide


def _lifted(pill: Pill, chosen: bool) -> Pill:
    # On a chosen card the soft accent would be lost in the ground.
    now = theme.colors()
    return pill._replace(ground=now.surface) if chosen and pill.ground == now.accent_soft else pill


def pill_width(pill: Pill, fonts: Fonts, most: int) -> int:
    # Two pixels more than measured: measures are rounded down, and a cut word is worse.
    extra = 18 + (ICON + 4 if pill.icon else 0)
    return min(most, fonts.small_strong_m.horizontalAdvance(pill.text) + extra)


def paint_pill(painter: QPainter, pill: Pill, fonts: Fonts, at: QPoint, wide: int) -> None:
    """The words are cut to what fits."""
    left, top = at.x(), at.y()
    box = QRectF(left, top, wide, PILL)
    painter.setPen(QPen(QColor(theme.colors().line), 1) if pill.border else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(pill.ground))
    painter.drawRoundedRect(box, PILL / 2, PILL / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x, room = left + 8, wide - 16
    if pill.icon:
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(x, top + (PILL - ICON) // 2, icons.pixmap(pill.icon, ICON, pill.color, ratio))
        x += ICON + 4
        room -= ICON + 4
    text = fonts.small_strong_m.elidedText(pill.text, Qt.TextElideMode.ElideRight, room)
    _write(painter, QRect(x, top, wide, PILL), text, fonts.small_strong, pill.color)


def _width(option: QStyleOptionViewItem) -> int:
    widget = option.widget
    viewport = getattr(widget, "viewport", None)
    wide: int = viewport().width() if viewport else option.rect.width()
    return wide


def _state(option: QStyleOptionViewItem) -> QStyle.StateFlag:
    state: QStyle.StateFlag = option.state
    return state


def _inner(width: int) -> int:
    return max(120, width - 2 * GAP - BAR - 2 * PAD)


def _same_words(one: Stored, other: Stored) -> bool:
    return (one.text, one.mention.title, one.hits) == (other.text, other.mention.title, other.hits)


def _units(text: str) -> int:
    return len(text) if not text or max(text) <= "\uffff" else len(text.encode("utf-16-le")) // 2


def _character(text: str, unit: int) -> int:
    """The character that stands at this UTF-16 unit."""
    if not text or max(text) <= "\uffff":
        return unit
    passed = 0
    for number, char in enumerate(text):
        if passed >= unit:
            return number
        passed += 2 if char > "\uffff" else 1
    return len(text)


def _formats(spans: plain.Spans) -> list[QTextLayout.FormatRange]:
    now = theme.colors()
    look = QTextCharFormat()
    look.setBackground(QBrush(QColor(now.mark)))
    look.setForeground(QBrush(QColor(now.mark_text)))
    made = []
    for start, end in spans:
        one = QTextLayout.FormatRange()
        one.start, one.length, one.format = start, end - start, look
        made.append(one)
    return made


def _write(painter: QPainter, area: QRect, text: str, font: QFont, color: str) -> None:
    painter.setFont(font)
    painter.setPen(QColor(color))
    painter.drawText(area, int(_LEFT | Qt.TextFlag.TextSingleLine), text)


def _tick(painter: QPainter, x: int, area: QRect, chosen: bool) -> int:
    now = theme.colors()
    box = QRectF(x + 0.5, area.center().y() - 7.5, 15, 15)
    painter.setPen(QPen(QColor(now.accent if chosen else now.faint), 1))
    painter.setBrush(QColor(now.accent if chosen else now.surface))
    painter.drawRoundedRect(box, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if chosen:
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(x + 2, int(box.top()) + 2, icons.pixmap("check", 12, now.accent_text, ratio))
    return x + 22
