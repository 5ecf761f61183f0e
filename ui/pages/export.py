"""Export: the week's sheet for the boss, or any range and filter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QStandardPaths, QTimer, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDateEdit,
    QFileDialog,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from app.change import Change
from app.domain.platforms import PLATFORMS, platform_name
from app.domain.query import MentionQuery, Tally
from app.domain.sentiment import Tone
from app.domain.watch import Watch
from app.i18n import _, ngettext
from ui import theme, told
from ui.context import Context
from ui.feed import plain
from ui.pages.page import Page, heading, sheet
from ui.widgets.notice import Notice
from ui.widgets.parts import boxed, button, card, column, icon_button, label, line, row, scrolled
from ui.widgets.segments import Segments

if TYPE_CHECKING:
    from app.core import ExportResult


@dataclass(frozen=True)
class Range:
    """Whole local days; `until` is the day after the last."""

    since: date
    until: date


class ExportPage(Page):
    cares = Change.WATCHES | Change.MENTIONS | Change.SCORES

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._made: Path | None = None
        self._named = True
        self._matched_by_person = False
        self.range = Segments(_ranges(), _("Days"))
        self.since, self.until = QDateEdit(), QDateEdit()
        self.brand, self.tone, self.platform = QComboBox(), QComboBox(), QComboBox()
        self.matched = QCheckBox(_("Only mentions that name a brand"))
        self.format = Segments([("xlsx", "Excel (XLSX)"), ("csv", "CSV")], _("Format"))
        self.path = QLineEdit()
        self.count = label("", "heading")
        self.parts = label("", "muted")
        self.result = Notice()
        self.chief = button(_("Export"), self.run, kind="primary", icon="export")
        self.show_file = button(_("Open the folder"), self.open_folder, icon="folder")
        self.show_file.hide()
        # A change of the filter is counted once a person has stopped changing it.
        self._later = QTimer(self, singleShot=True, interval=250)
        self._later.timeout.connect(self._count)
        self._lay()
        self._connect()

    def refresh(self) -> None:
        self.ask(self.context.core.brands, self.show_brands)
        self._later.start()

    def show_brands(self, brands: tuple[Watch, ...]) -> None:
        chosen = self.brand.currentData()
        self.brand.clear()
        self.brand.addItem(_("All brands"), None)
        for watch in brands:
            self.brand.addItem(plain.one_line(watch.name, 60), watch.id)
        self.brand.setCurrentIndex(max(0, self.brand.findData(chosen)))
        if not self._matched_by_person:
            # Where brands are listened for, what names none is noise; without a brand it is all there is.
            self.matched.setChecked(bool(brands))

    def query(self) -> MentionQuery:
        """What the sheet will hold."""
        days = self.days()
        brand, tone, platform = (
            self.brand.currentData(), self.tone.currentData(), self.platform.currentData()
        )  # fmt: skip
        return MentionQuery(
            since=midnight(days.since),
            until=midnight(days.until),
            brands=(brand,) if brand else (),
            tones=(Tone(tone),) if tone else (),
            platforms=(platform,) if platform else (),
            matched=True if self.matched.isChecked() else None,
        )

    def days(self) -> Range:
        """The chosen range."""
        if self.range.current == "custom":
            first, last = _day(self.since), _day(self.until)
            first, last = min(first, last), max(first, last)
            return Range(first, last + timedelta(days=1))
        return named_range(self.range.current, datetime.now().astimezone().date())

    def show_count(self, tally: Tally) -> None:
        n = tally.total
        self.count.setText(ngettext("{n} row", "{n} rows", n).format(n=f"{n:,}"))
        told_ = _(
            "{negative} negative · {neutral} neutral · {positive} positive · {unscored} not judged yet"
        )
        self.parts.setText(
            told_.format(
                negative=f"{tally.negative:,}",
                neutral=f"{tally.neutral:,}",
                positive=f"{tally.positive:,}",
                unscored=f"{tally.unscored:,}",
            )
        )

    def not_counted(self, error: BaseException) -> None:
        self.count.setText(_("This could not be counted"))
        self.parts.setText(told.explain(error))

    def run(self) -> None:
        self.chief.setEnabled(False)
        self.show_file.hide()
        self.result.say(_("Writing…"))
        work = partial(self.context.core.export, Path(self.path.text().strip()).expanduser(), self.query())
        self.ask(work, self.exported, self.not_exported, slow=True)

    def exported(self, result: ExportResult) -> None:
        self.chief.setEnabled(True)
        self._made = result.path
        said = ngettext("{n} row is in {name}.", "{n} rows are in {name}.", result.rows)
        self.result.say(said.format(n=f"{result.rows:,}", name=result.path.name), "positive")
        self.show_file.show()
        self.show_file.setFocus()

    def not_exported(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.result.say(told.explain(error), "negative")

    def open_folder(self) -> None:
        if self._made is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._made.parent)))

    def _count(self) -> None:
        self.ask(partial(self.context.core.tally, self.query()), self.show_count, self.not_counted)

    def _changed(self) -> None:
        self.custom.setVisible(self.range.current == "custom")
        if self._named:
            self.path.setText(str(suggested(self.days(), self.format.current)))
        else:
            self.path.setText(str(Path(self.path.text()).with_suffix(f".{self.format.current}")))
        self._later.start()

    def _chose_matched(self) -> None:
        self._matched_by_person = True

    def _renamed(self) -> None:
        self._named = False

    def _browse(self) -> None:
        chosen, _kind = QFileDialog.getSaveFileName(self, _("Where to"), self.path.text())
        if chosen:
            self._named = False
            self.path.setText(chosen)

    def _connect(self) -> None:
        self.range.chosen.connect(self._changed)
        self.format.chosen.connect(self._changed)
        for box in (self.brand, self.tone, self.platform):
            box.activated.connect(self._changed)
        for date_box in (self.since, self.until):
            date_box.dateChanged.connect(self._changed)
        self.matched.toggled.connect(self._changed)
        self.matched.clicked.connect(self._chose_matched)
        self.path.textEdited.connect(self._renamed)
        self._changed()

    def _lay(self) -> None:
        self._fill_choices()
        self.custom = boxed(row(self.since, label("–", "muted"), self.until, None))
        self.path.setAccessibleName(_("Where to"))
        browse = icon_button("folder", _("Choose where to"), self._browse)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.L)
        filters = ((_("Brand"), self.brand), (_("Tone"), self.tone), (_("Platform"), self.platform))
        choices = row(*(_titled(words, combo) for words, combo in filters), spacing=theme.L)
        sheets = _("Excel gets a summary with charts and a sheet of rows; CSV gets the rows.")
        rows = (row(self.range, None), self.custom, choices, self.matched, line(), self.count, self.parts)
        what = card(label(_("What"), "heading"), *rows, spacing=theme.M, margin=theme.XL)
        file = row(self.path, browse, spacing=theme.XS)
        parts = (row(self.format, None), file, label(sheets, "small", wrap=True), self.result)
        last = row(self.show_file, None, self.chief)
        where = card(label(_("Where to"), "heading"), *parts, last, spacing=theme.M, margin=theme.XL)
        for one in (what, where):
            one.setMaximumWidth(860)
            box.addWidget(one)
        box.addStretch(1)
        layout = sheet(self)
        layout.addLayout(heading(_("Export"), _("The week for the boss, or any days and filter.")))
        layout.addWidget(scrolled(inner), 1)

    def _fill_choices(self) -> None:
        self.brand.addItem(_("All brands"), None)
        self.tone.addItem(_("All tones"), "")
        for tone in Tone:
            self.tone.addItem(theme.tone_word(tone), tone.value)
        self.platform.addItem(_("All platforms"), "")
        for key in PLATFORMS:
            self.platform.addItem(platform_name(key), key)
        today = datetime.now().astimezone().date()
        for box, day in ((self.since, today - timedelta(days=6)), (self.until, today)):
            box.setCalendarPopup(True)
            box.setDisplayFormat("yyyy-MM-dd")
            box.setDate(QDate(day.year, day.month, day.day))
        self.since.setAccessibleName(_("From"))
        self.until.setAccessibleName(_("Until"))
        for combo in (self.brand, self.tone, self.platform):
            combo.setMinimumWidth(150)


def named_range(name: str, today: date) -> Range:
    """today, yesterday, this_week, last_week (Monday to Sunday) or last_7."""
    tomorrow = today + timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    return {
        "today": Range(today, tomorrow),
        "yesterday": Range(today - timedelta(days=1), today),
        "this_week": Range(monday, tomorrow),
        "last_week": Range(monday - timedelta(days=7), monday),
        "last_7": Range(today - timedelta(days=6), tomorrow),
    }[name]


def midnight(day: date) -> datetime:
    """The beginning of a local day, as UTC."""
    return datetime.combine(day, time()).astimezone().astimezone(UTC)


def suggested(days: Range, suffix: str) -> Path:
    """A name that says which days are inside, in the person's documents."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    last = days.until - timedelta(days=1)
    name = f"tingfeng-{days.since:%Y%m%d}" + (f"-{last:%Y%m%d}" if last != days.since else "")
    return (Path(folder) if folder and Path(folder).is_dir() else Path.home()) / f"{name}.{suffix}"


def _ranges() -> list[tuple[str, str]]:
    return [
        ("today", _("Today")),
        ("yesterday", _("Yesterday")),
        ("this_week", _("This week")),
        ("last_week", _("Last week")),
        ("last_7", _("Last 7 days")),
        ("custom", _("Other days")),
    ]


def _day(box: QDateEdit) -> date:
    chosen = box.date()
    return date(chosen.year(), chosen.month(), chosen.day())


def _titled(title: str, box: QComboBox) -> QVBoxLayout:
    box.setAccessibleName(title)
    return column(label(title, "strong"), box, spacing=theme.XS)
