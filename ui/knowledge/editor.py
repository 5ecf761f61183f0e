"""One entry of the knowledge base, to be read and written. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.domain.knowledge import Entry, Finding
from app.domain.watch import Watch
from app.i18n import _, ngettext
from ui import theme
from ui.feed import plain
from ui.feed.findings import Findings
from ui.forms import split_lines
from ui.judging.parts import BrandChoice
from ui.widgets.notice import Notice
from ui.widgets.parts import button, column, label, row

NEVER = QDate(2000, 1, 1)
"""Stands for no review date."""
AHEAD = 180
"""Days until the first review of a new entry."""


class EntryEditor(QWidget):
    """`touched` after every change by a person; `asked_wanted` and `past_wanted` by their buttons."""

    touched = Signal()
    asked_wanted = Signal()
    past_wanted = Signal()

    def __init__(self, check: Callable[[str], tuple[Finding, ...]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.entry = Entry(title="")
        self._filling = False
        self._brand_listed = True
        """A brand that was removed stays the entry's until a person chooses another."""
        self.title = QLineEdit()
        self.patterns = _box(72)
        self.answer = _box(150)
        self.link = QLineEdit()
        self.product = QLineEdit()
        self.brand = BrandChoice()
        self.owner = QLineEdit()
        self.review = QDateEdit()
        self.tags = QLineEdit()
        self.public = QCheckBox(_("Public: goes onto the help page"))
        self.asked = button("", self.asked_wanted, kind="chip", icon="comment")
        self.past = button("", self.past_wanted, kind="quiet", icon="clock")
        self.about = label("", "small", wrap=True)
        self.notice = Notice()
        self.findings = Findings(self.answer, check)
        self._lay()
        self._connect()

    # what is shown

    def show_brands(self, brands: tuple[Watch, ...]) -> None:
        self.brand.show_brands(brands)

    def show_entry(self, entry: Entry, mention_ids: Sequence[int] = (), *, overdue: bool = False) -> None:
        if entry.id != self.entry.id or not entry.id:
            self.notice.quiet()
        self.entry = entry
        self._filling = True
        self.title.setText(entry.title)
        self.patterns.setPlainText("\n".join(entry.patterns))
        self.answer.setPlainText(entry.answer)
        self.link.setText(entry.link)
        self.product.setText(entry.product)
        place = self.brand.findData(entry.brand_id)
        self._brand_listed = place >= 0
        self.brand.setCurrentIndex(max(0, place))
        self.owner.setText(entry.owner)
        self.review.setDate(_qdate(entry.review_on))
        self.tags.setText("、".join(entry.tags))
        self.public.setChecked(entry.public)
        self._filling = False
        self.show_asked(mention_ids)
        self._say_about(overdue=overdue)
        self.findings.look()

    def show_asked(self, mention_ids: Sequence[int]) -> None:
        n = len(mention_ids)
        told = ngettext("asked {n} time this week", "asked {n} times this week", n)
        self.asked.setText(told.format(n=plain.figure(n)))
        self.asked.setVisible(bool(self.entry.id))
        self.asked.setEnabled(bool(n))

    def _say_about(self, *, overdue: bool) -> None:
        entry = self.entry
        parts = []
        if entry.id and entry.changed_at is not None:
            told = _("Entry {id}, changed by {name}, {when}")
            when, name = plain.clock_time(entry.changed_at), plain.one_line(entry.changed_by, 40)
            parts.append(told.format(id=entry.id, name=name or _("Somebody"), when=when))
        if overdue:
            parts.append(_("past its review date"))
        if not entry.active:
            parts.append(_("out of use"))
        self.about.setText(" · ".join(parts))
        earlier = entry.revision - 1
        told = ngettext("{n} earlier version", "{n} earlier versions", earlier)
        self.past.setText(told.format(n=earlier))
        self.past.setVisible(bool(entry.id) and earlier > 0)

    # what stands there

    def made(self) -> Entry:
        """As it stands in the fields."""
        day = self.review.date()
        return replace(
            self.entry,
            title=self.title.text().strip(),
            patterns=tuple(
                line.strip() for line in self.patterns.toPlainText().splitlines() if line.strip()
            ),
            answer=self.answer.toPlainText().strip(),
            link=self.link.text().strip(),
            product=self.product.text().strip(),
            brand_id=self.brand.brand_id if self._brand_listed else self.entry.brand_id,
            owner=self.owner.text().strip(),
            review_on=None if day == NEVER else date(day.year(), day.month(), day.day()),
            tags=split_lines(self.tags.text()),
            public=self.public.isChecked(),
        )

    @property
    def edited(self) -> bool:
        """Has a person changed what is kept?"""
        return self.made() != self.entry

    def point_at(self, field: str) -> None:
        """The field that is at fault."""
        box = getattr(self, field, None)
        if isinstance(box, QWidget):
            box.setFocus()

    # laying out

    def _lay(self) -> None:
        self.review.setCalendarPopup(True)
        self.review.setDisplayFormat("yyyy-MM-dd")
        self.review.setMinimumDate(NEVER)
        self.review.setSpecialValueText(_("Never"))
        self.title.setPlaceholderText(_("What people ask, in a sentence"))
        self.patterns.setPlaceholderText(_("Other ways people put it, a line each"))
        self.answer.setPlaceholderText(_("The answer, without greeting: drafts add one in the chosen tone"))
        self.link.setPlaceholderText("https://")
        self.tags.setPlaceholderText(_("With commas between"))
        self.patterns.setMaximumHeight(116)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, theme.S, 0)
        outer.setSpacing(theme.M)
        outer.addLayout(row(self.asked, self.past, None))
        outer.addLayout(self._field(_("Question"), self.title))
        outer.addLayout(self._field(_("Asked as"), self.patterns))
        outer.addLayout(self._field(_("The answer"), self.answer), 1)
        outer.addWidget(self.findings)
        outer.addLayout(
            self._pair(self._field(_("Link"), self.link), self._field(_("Product"), self.product))
        )
        outer.addLayout(self._pair(self._field(_("Brand"), self.brand), self._field(_("Tags"), self.tags)))
        outer.addLayout(
            self._pair(self._field(_("Owner"), self.owner), self._field(_("Review on"), self.review))
        )
        outer.addWidget(self.public)
        outer.addWidget(self.notice)
        outer.addWidget(self.about)

    def _field(self, words: str, box: QWidget) -> QVBoxLayout:
        box.setAccessibleName(words)
        return column(label(words, "strong"), box, spacing=theme.XS)

    def _pair(self, left: QVBoxLayout, right: QVBoxLayout) -> QHBoxLayout:
        made = row(left, right, spacing=theme.L)
        made.setStretch(0, 1)
        made.setStretch(1, 1)
        return made

    def _connect(self) -> None:
        for box in (self.title, self.link, self.product, self.owner, self.tags):
            box.textEdited.connect(self._touched)
        for text in (self.patterns, self.answer):
            text.textChanged.connect(self._touched)
        self.brand.brand_chosen.connect(self._brand_chosen)
        self.review.dateChanged.connect(self._touched)
        self.public.toggled.connect(self._touched)

    def _brand_chosen(self) -> None:
        self._brand_listed = True
        self._touched()

    def _touched(self) -> None:
        if not self._filling:
            self.touched.emit()


def _box(height: int) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setTabChangesFocus(True)
    made.setMinimumHeight(height)
    made.setFont(theme.font(theme.READING))
    return made


def _qdate(day: date | None) -> QDate:
    return NEVER if day is None else QDate(day.year, day.month, day.day)
