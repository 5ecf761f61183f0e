"""How well one source is seen: freshness, volume, what lasts, what was missed, and on what ground."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, tzinfo

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.domain.seeing import Freshness, GapLine, Life, Outcome
from app.domain.telling import (
    age_words,
    fate_words,
    gap_length,
    gap_span,
    length_words,
    life_words,
    volume_words,
)
from app.i18n import _, clauses, ngettext
from ui import theme
from ui.feed import plain
from ui.widgets.health_dot import health_tone, health_word
from ui.widgets.notice import Notice
from ui.widgets.parts import (
    ElidedLabel,
    boxed,
    button,
    clear,
    column,
    label,
    line,
    pill,
    row,
    scrolled,
    set_tone,
)
from ui.widgets.volume_bars import Meter, VolumeBars

GAPS = 6
"""Shown at most; the sheet has all of them."""
WIDTH = 372


class SourceDetail(QFrame):
    """`open_link` is handed the address of a platform's terms."""

    def __init__(self, open_link: Callable[[str], object]) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setFixedWidth(WIDTH)
        self._open_link = open_link
        self.name = ElidedLabel(role="heading")
        self.health = pill("")
        self.trouble = Notice()
        self.bars = VolumeBars()
        self.day, self.patience = label("", "muted", wrap=True), label("", "faint", wrap=True)
        self.facts, self.lives, self.gaps, self.ledger = (QVBoxLayout() for _part in range(4))
        self._lay()
        self.hide()

    def show_source(self, one: Freshness) -> None:
        self.name.say(plain.one_line(one.source, 80))
        self._show_health(one)
        self._show_facts(one)
        self.bars.show_hours(one.hours, one.gaps)
        self.day.setText(
            _("Last 24 hours: {volume}").format(volume=volume_words(one.came_day, one.expected_day))
        )
        self.patience.setText(_patience(one))
        self.patience.setVisible(bool(self.patience.text()))
        self._fill(self.lives, [_life(life) for life in one.lives], self._lives_head)
        shown = [_gap(gap) for gap in one.gaps[:GAPS]]
        if len(one.gaps) > GAPS:
            n = len(one.gaps) - GAPS
            shown.append(label(ngettext("and {n} more", "and {n} more", n).format(n=n), "faint"))
        self._fill(
            self.gaps, shown or [label(_("None in the last ninety days."), "faint")], self._gaps_head
        )
        self._show_ledger(one)
        self.show()

    def clear(self) -> None:
        self.hide()

    def _show_health(self, one: Freshness) -> None:
        blind = one.blind is not None
        self.health.setText(_("Not seen") if blind else health_word(one.health))
        set_tone(self.health, "negative" if blind else health_tone(one.health))
        words = " ".join(filter(None, (plain.squeezed(one.error, 300), one.advice)))
        self.trouble.say(words, "negative" if blind else "warning")

    def _show_facts(self, one: Freshness) -> None:
        told = [(_("Last good answer"), age_words(one.age)), (_("Read every"), length_words(one.every))]
        if one.threads:
            n = one.threads
            told.append((_("Threads read again"), f"{n:,}"))
        if one.canary:
            seen = one.canary_seen_at
            found = (
                _("found {when}").format(when=plain.ago(seen, datetime.now(UTC)))
                if seen
                else _("never found yet")
            )
            told.append((_("Post that must be findable"), found))
        self._fill(self.facts, [_fact(name, words) for name, words in told])

    def _show_ledger(self, one: Freshness) -> None:
        parts: list[QWidget] = []
        if one.basis:
            parts.append(_fact(_("Read by"), one.basis))
        if one.personal:
            parts.append(_fact(_("Personal data kept"), one.personal))
        if one.terms and plain.openable(one.terms):
            self._terms = one.terms
            terms = button(_("Terms of the platform"), self._show_terms, kind="quiet", icon="open")
            parts.append(boxed(row(terms, None)))
        self._fill(self.ledger, parts, self._ledger_head)

    def _show_terms(self) -> None:
        self._open_link(self._terms)

    @staticmethod
    def _fill(layout: QVBoxLayout, parts: list[QWidget], head: QLabel | None = None) -> None:
        clear(layout)
        for part in parts:
            layout.addWidget(part)
        if head is not None:
            head.setVisible(bool(parts))

    def _lay(self) -> None:
        self._lives_head = label(_("What lasts how long"), "strong")
        self._gaps_head = label(_("When it was not read"), "strong")
        self._ledger_head = label(_("On what ground"), "strong")
        for layout in (self.facts, self.lives, self.gaps, self.ledger):
            layout.setSpacing(theme.S)
        inner = QWidget()
        inner.setLayout(
            column(
                row(self.name, self.health), self.trouble, self.facts, line(),
                label(_("The last two days, hour by hour"), "strong"), self.bars,
                label(_("Bars: what came. Dashes: what is usual. Shaded: not read."), "faint", wrap=True),
                self.day, self.patience,
                self._lives_head, self.lives, line(), self._gaps_head, self.gaps, line(),
                self._ledger_head, self.ledger, None,
                spacing=theme.M - 2,
            )
        )  # fmt: skip
        inner.layout().setContentsMargins(theme.L, theme.L, theme.L, theme.L)  # type: ignore[union-attr]  # set above
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.addWidget(scrolled(inner))


def _fact(name: str, words: str) -> QWidget:
    made = QWidget()
    box = QHBoxLayout(made)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(theme.M)
    left = label(name, "muted")
    left.setAlignment(Qt.AlignmentFlag.AlignTop)
    right = label(plain.squeezed(words, 300), wrap=True)
    right.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
    box.addWidget(left)
    box.addWidget(right, 1)
    return made


def _life(life: Life) -> QWidget:
    made = QWidget()
    parts: list[QWidget] = [_fact(_(life.name), life_words(life, datetime.now(UTC)))]
    if life.left is not None and life.limit:
        parts.append(Meter(life.left, life.limit))
    made.setLayout(column(*parts, spacing=4))
    return made


def _gap(gap: GapLine) -> QWidget:
    """Two lines: when and how long; why, and what became of it."""
    zone = _here()
    made = QWidget()
    sign = {Outcome.FILLED: "positive", Outcome.PARTLY: "warning", Outcome.UNSEEN: "negative"}
    words = label(f"{gap_span(gap, zone)}", "strong" if gap.until is None else "")
    long = pill(gap_length(gap), sign.get(gap.outcome, "warning") if gap.outcome else "warning")
    told = [plain.squeezed(gap.reason, 120).rstrip(".。"), *([fate_words(gap, zone)] if gap.until else [])]
    why = label(clauses(told), "faint", wrap=True)
    made.setLayout(column(row(words, None, long), why, spacing=2))
    return made


def _patience(one: Freshness) -> str:
    if one.expected_day is None:
        return _(
            "What is usual is learnt in the first week; until then only failures and empty pages are told."
        )
    if one.patience is None or one.blind is not None:
        return ""
    told = _("If nothing new comes for another {length}, it is called blind.")
    return told.format(length=length_words(one.patience))


def _here() -> tzinfo:
    return datetime.now().astimezone().tzinfo or UTC
