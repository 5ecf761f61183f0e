"""Who judges the tone, how right it is, and what a team taught it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from app.change import Change
from app.i18n import _
from ui import theme
from ui.context import Context
from ui.judging.engines import EnginesPanel
from ui.judging.lessons import LessonsPanel
from ui.judging.words import WordsPanel
from ui.pages.page import Page, heading, sheet
from ui.pages.panel import in_page
from ui.widgets.parts import boxed, row
from ui.widgets.segments import Segments


class JudgingPage(Page):
    """Three panels; the one that is shown is read anew when something it shows has changed."""

    mention_opened = Signal(int)
    cares = Change.LEARNING | Change.WATCHES | Change.SETTINGS

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.engines = EnginesPanel(context)
        self.lessons = LessonsPanel(context)
        self.words = WordsPanel(context)
        self.parts = Segments(
            [("engines", _("Who judges")), ("lessons", _("What it learnt")), ("words", _("Word list"))],
            _("Parts of this page"),
        )
        self.stack = QStackedWidget()
        self._in_lessons = in_page(self.lessons)
        for panel in (in_page(self.engines), self._in_lessons, self.words):
            self.stack.addWidget(panel)  # the list of words scrolls by itself
        layout = sheet(self)
        about = _("The tone decides what becomes an alert. Here it can be measured, and taught.")
        layout.addLayout(heading(_("Judgement"), about))
        layout.addWidget(boxed(row(self.parts, None)))
        layout.addWidget(self.stack, 1)
        self.parts.chosen.connect(self.show_part)
        self.lessons.mention_opened.connect(self.mention_opened)
        self.lessons.measured.connect(self._show_measured)

    def show_part(self, name: str) -> None:
        self.parts.choose(name)
        self.stack.setCurrentIndex(("engines", "lessons", "words").index(name))
        self.refresh()

    def _show_measured(self) -> None:
        """The answer stands below the edge of a low window."""
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        self._in_lessons.ensureWidgetVisible(self.lessons.table, 0, theme.XL)

    def refresh(self) -> None:
        {"engines": self.engines, "lessons": self.lessons, "words": self.words}[
            self.parts.current
        ].refresh()
