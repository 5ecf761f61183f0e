"""The product x service map: what people speak of, and how. Every bar opens the mentions behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.change import Change
from app.domain.aspects import Group, aspect_label, group_label, group_of
from app.domain.query import AspectLine, MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Watch
from app.i18n import _, ngettext, sentences
from ui import theme, told
from ui.context import Context
from ui.feed import plain
from ui.judging.parts import BrandChoice
from ui.pages.page import Page, heading, sheet
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import boxed, card, clear, column, row, scrolled
from ui.widgets.segments import Segments

if TYPE_CHECKING:
    from app.core import Core

DAYS_BACK = {"today": 0, "7d": 6, "30d": 29}
"""Local days before today, as the feed's own ranges count them."""
ENOUGH = 5
"""Mentions an aspect must have, now and before, for a change of its share to be told."""


class Seen(NamedTuple):
    """`before`: the same in the stretch of equal length before; None for all time."""

    query: MentionQuery
    brands: tuple[Watch, ...]
    lines: tuple[AspectLine, ...]
    before: tuple[AspectLine, ...] | None


class AspectsPage(Page):
    """`opened` carries the query whose mentions a bar counts."""

    opened = Signal(object)
    cares = Change.SCORES | Change.MENTIONS | Change.WATCHES

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._shown = MentionQuery()
        self.brand = BrandChoice()
        self.brand.setMaximumWidth(320)
        self.range = Segments(
            [("today", _("Today")), ("7d", _("Last 7 days")), ("30d", _("Last 30 days")), ("", _("All"))],
            _("Time"),
        )
        self.range.choose("7d")
        self.bars: list[AspectBar] = []
        self._rows = column(spacing=theme.M)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, theme.M, 0)
        box.addLayout(self._rows)
        box.addStretch(1)
        empty = EmptyState(
            "chart",
            _("Nothing was said about anything yet"),
            _("As soon as mentions of your brands are judged, this map shows what they are about."),
        )
        self.states = StateStack(scrolled(inner), empty)
        layout = sheet(self)
        about = _("What people speak of, the worst first. A mention may speak of several things.")
        layout.addLayout(heading(_("Product and service"), about))
        layout.addWidget(boxed(row(self.brand, self.range, None)))
        layout.addWidget(self.states, 1)
        self.brand.brand_chosen.connect(self.refresh)
        self.range.chosen.connect(self._ranged)
        self.states.retry.connect(self.refresh)

    def refresh(self) -> None:
        self.states.show_loading()
        work = partial(_seen, self.context.core, self.query(), datetime.now(UTC))
        self.ask(work, self.show_seen, self.failed)

    def query(self) -> MentionQuery:
        """Our own brands, or the one that was chosen, in the days that were chosen."""
        brand, back = self.brand.brand_id, DAYS_BACK.get(self.range.current)
        return MentionQuery(
            brands=(brand,) if brand is not None else (),
            since=plain.day_start(datetime.now(UTC), back) if back is not None else None,
            matched=True,
            competitor=None if brand is not None else False,
        )

    def show_seen(self, seen: Seen) -> None:
        self.brand.show_brands(seen.brands)
        self._shown = seen.query
        before = {one.aspect: one for one in seen.before} if seen.before is not None else None
        most = max((one.total for one in seen.lines), default=0)
        self._lay(_grouped(seen.lines))
        for bar in self.bars:
            line = next(one for one in seen.lines if one.aspect == bar.aspect)
            was = before.get(bar.aspect, AspectLine(aspect=bar.aspect)) if before is not None else None
            bar.show_line(line, most, was)
        if seen.lines:
            self.states.show_full()
        elif self.range.current or self.brand.brand_id is not None:
            said = _("Choose a longer time or another brand. A bar appears for whatever people speak of.")
            self.states.empty.say(_("Nothing was said about anything in this time"), said)
            self.states.show_empty()
        else:
            said = _("As soon as mentions of your brands are judged, this map shows what they are about.")
            self.states.empty.say(_("Nothing was said about anything yet"), said)
            self.states.show_empty()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def _ranged(self, _key: str) -> None:
        self.refresh()

    def _lay(self, groups: dict[Group, list[str]]) -> None:
        """Bars stay where their order stays, and the keyboard's place with them."""
        if [one for keys in groups.values() for one in keys] == [bar.aspect for bar in self.bars]:
            return
        held = next((bar.aspect for bar in self.bars if bar.hasFocus()), "")
        clear(self._rows)
        self.bars = []
        for group, keys in groups.items():
            made = [AspectBar(key) for key in keys]
            for bar in made:
                bar.opened.connect(self._open)
            self.bars += made
            head = Head(group_label(group) or _("Other"))
            self._rows.addWidget(card(head, *made, spacing=2, margin=theme.M))
        for bar in self.bars:
            if bar.aspect == held:
                bar.setFocus(Qt.FocusReason.OtherFocusReason)

    def _open(self, aspect: str, tone: str) -> None:
        """The tone is how the mention speaks of the aspect, whatever it says as a whole."""
        self.opened.emit(replace(self._shown, aspects=(f"{aspect}:{tone}" if tone else aspect,)))


class Places:
    """Where the parts of a line stand, from the right: bar, mentions, negative, change."""

    NAME = 120
    MENTIONS = 76
    NEGATIVE = 76
    CHANGE = 84
    PAD = 8

    @classmethod
    def bar(cls, width: int) -> tuple[float, float]:
        """Left edge and width."""
        figures = cls.MENTIONS + cls.NEGATIVE + cls.CHANGE
        return float(cls.NAME), max(40.0, float(width - cls.NAME - figures - cls.PAD))

    @classmethod
    def figures(cls, width: int, height: int) -> tuple[QRectF, QRectF, QRectF]:
        """Mentions, share of negatives, change."""
        right = float(width - cls.PAD)
        change = QRectF(right - cls.CHANGE, 0, cls.CHANGE, height)
        negative = QRectF(change.left() - cls.NEGATIVE, 0, cls.NEGATIVE, height)
        return QRectF(negative.left() - cls.MENTIONS, 0, cls.MENTIONS, height), negative, change


_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)


class Head(QWidget):
    """The group's name, and what the columns of its bars say."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.setFixedHeight(30)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.notifier().changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.colors()
        painter = QPainter(self)
        painter.setFont(theme.font(theme.HEADING, bold=True))
        painter.setPen(QColor(now.text))
        painter.drawText(QRectF(Places.PAD, 0, Places.NAME - Places.PAD, self.height()), _LEFT, self.name)
        painter.setFont(theme.font(theme.SMALL))
        painter.setPen(QColor(now.muted))
        self._key(painter)
        words = (_("Mentions"), _("Negative"), _("Change"))
        for word, box in zip(words, Places.figures(self.width(), self.height()), strict=True):
            painter.drawText(box, _RIGHT, word)
        painter.end()

    def _key(self, painter: QPainter) -> None:
        """Which colour is which tone, in the order of the bars."""
        left, wide = Places.bar(self.width())
        metrics = QFontMetrics(painter.font())
        end = left + wide
        for tone in Tone:
            word = theme.tone_word(tone)
            long = 16 + metrics.horizontalAdvance(word)
            if left + long > end:
                return
            painter.fillRect(QRectF(left, self.height() / 2 - 5, 10, 10), QColor(theme.tone_color(tone)))
            painter.drawText(QRectF(left + 16, 0, long, self.height()), _LEFT, word)
            left += long + theme.L


class AspectBar(QAbstractButton):
    """One aspect: its name, how many mentions of each tone, and the share that is negative.

    A press on a part of the bar opens the mentions of that tone, elsewhere all of the aspect's. With
    the keyboard, Left and Right choose the part, Up and Down the bar, Enter opens.
    """

    opened = Signal(str, str)
    """aspect, tone ("" for all)"""

    HEIGHT = 34

    def __init__(self, aspect: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.aspect = aspect
        self.line = AspectLine(aspect=aspect)
        self.change: float | None = None
        """Of the share that is negative, in points, against the time before."""
        self.part: Tone | None = None
        """Where the keyboard stands; None: the whole bar."""
        self._most = 1
        self._pressed: Tone | None = None
        self.setFixedHeight(self.HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleDescription(_("Enter opens these mentions; Left and Right choose a tone."))
        self.clicked.connect(self._clicked)
        theme.notifier().changed.connect(self.update)

    def show_line(self, line: AspectLine, most: int, before: AspectLine | None) -> None:
        """`most`: what the longest bar counts. `before` None: there is nothing to compare with."""
        self.line, self._most = line, max(1, most)
        self.change = _change(line, before)
        said = ngettext(
            "{aspect}: {n} mention, {negative} negative, {neutral} neutral, {positive} positive.",
            "{aspect}: {n} mentions, {negative} negative, {neutral} neutral, {positive} positive.",
            line.total,
        ).format(
            aspect=plain.one_line(aspect_label(line.aspect), 60),
            n=f"{line.total:,}",
            negative=f"{line.negative:,}",
            neutral=f"{line.neutral:,}",
            positive=f"{line.positive:,}",
        )
        if before is not None:
            compared = _("The time before: {n} mentions, {negative} negative.")
            said = sentences(
                (said, compared.format(n=f"{before.total:,}", negative=f"{before.negative:,}"))
            )
        self.setAccessibleName(said)
        self.setToolTip(said.replace("<", "‹"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, self.HEIGHT)

    def parts(self) -> list[tuple[Tone, QRectF]]:
        """Where each tone stands."""
        left, wide = Places.bar(self.width())
        made = []
        for tone, n in _counts(self.line):
            long = wide * n / self._most
            made.append((tone, QRectF(left, 7, long, self.HEIGHT - 14)))
            left += long
        return made

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = self._at(event.position())
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self._pressed = self.part
                self.click()
            case Qt.Key.Key_Left:
                self._step(-1)
            case Qt.Key.Key_Right:
                self._step(1)
            case _:
                super().keyPressEvent(event)  # Up and Down go to the bar before or after

    def _step(self, by: int) -> None:
        """The whole bar, then each tone that there is."""
        stops: list[Tone | None] = [None, *(tone for tone, n in _counts(self.line) if n)]
        at = stops.index(self.part) if self.part in stops else 0
        self.part = stops[max(0, min(len(stops) - 1, at + by))]
        self.update()

    def _at(self, place: QPointF) -> Tone | None:
        """Anywhere above or below a part counts as on it: the bars are thin."""
        return next((tone for tone, box in self.parts() if box.left() <= place.x() < box.right()), None)

    def _clicked(self) -> None:
        tone, self._pressed = self._pressed, None
        self.opened.emit(self.aspect, tone.value if tone else "")

    def paintEvent(self, _event: QPaintEvent) -> None:
        now = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(now.hover))
            painter.drawRoundedRect(edge, 5, 5)
        if self.hasFocus():
            painter.setPen(QPen(QColor(now.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(edge, 5, 5)
        self._paint_name(painter, now)
        self._paint_parts(painter, now)
        self._paint_figures(painter, now)
        painter.end()

    def _paint_name(self, painter: QPainter, now: theme.Colors) -> None:
        painter.setFont(theme.font())
        painter.setPen(QColor(now.text))
        room = Places.NAME - 2 * Places.PAD
        name = QFontMetrics(painter.font()).elidedText(
            plain.one_line(aspect_label(self.aspect), 60), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(QRectF(Places.PAD, 0, room, self.HEIGHT), _LEFT, name)

    def _paint_parts(self, painter: QPainter, now: theme.Colors) -> None:
        """With the count in every part that has room for it: colour alone says nothing to some."""
        painter.setFont(theme.font(theme.SMALL, bold=True))
        metrics = QFontMetrics(painter.font())
        counts = dict(_counts(self.line))
        for tone, box in self.parts():
            if box.width() < 1:
                continue
            part = box.adjusted(0, 0, -1 if box.width() > 2 else 0, 0)
            painter.fillRect(part, QColor(theme.tone_color(tone)))
            words = f"{counts[tone]:,}"
            if part.width() > metrics.horizontalAdvance(words) + 8:
                painter.setPen(QColor(now.surface))
                painter.drawText(part, _MIDDLE, words)
            if self.hasFocus() and tone is self.part:
                painter.setPen(QPen(QColor(now.text), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(part.adjusted(-1, -2, 1, 2))

    def _paint_figures(self, painter: QPainter, now: theme.Colors) -> None:
        total, share, change = Places.figures(self.width(), self.HEIGHT)
        painter.setFont(theme.font())
        painter.setPen(QColor(now.text))
        painter.drawText(total, _RIGHT, f"{self.line.total:,}")
        painter.drawText(share, _RIGHT, f"{_share(self.line) * 100:.0f}\u00a0%")
        color, words = _change_words(self.change)
        painter.setPen(QColor(color))
        painter.drawText(change, _RIGHT, words)


def _seen(core: Core, query: MentionQuery, now: datetime) -> Seen:
    lines = core.aspect_map(query)
    if query.since is None:
        return Seen(query, core.brands(), lines, None)
    earlier = replace(query, since=query.since - (now - query.since), until=query.since)
    return Seen(query, core.brands(), lines, core.aspect_map(earlier))


def _grouped(lines: Sequence[AspectLine]) -> dict[Group, list[str]]:
    """The two halves of the map and the rest, in each the most negatives first."""
    ordered = sorted(lines, key=lambda one: (-one.negative, -one.total, one.aspect))
    made = {group: [one.aspect for one in ordered if group_of(one.aspect) is group] for group in Group}
    return {group: keys for group, keys in made.items() if keys}


def _counts(line: AspectLine) -> tuple[tuple[Tone, int], ...]:
    return (
        (Tone.NEGATIVE, line.negative),
        (Tone.NEUTRAL, line.neutral),
        (Tone.POSITIVE, line.positive),
    )


def _share(line: AspectLine) -> float:
    return line.negative / line.total if line.total else 0.0


def _change(line: AspectLine, before: AspectLine | None) -> float | None:
    """None where either time has too few mentions to say."""
    if before is None or line.total < ENOUGH or before.total < ENOUGH:
        return None
    return (_share(line) - _share(before)) * 100


def _change_words(change: float | None) -> tuple[str, str]:
    """Colour and words; the arrow says the direction without colour."""
    now = theme.colors()
    if change is None:
        return now.faint, "—"
    points = round(change)
    if not points:
        return now.muted, "±0"
    return (now.negative, f"▲ {points}") if points > 0 else (now.positive, f"▼ {-points}")
