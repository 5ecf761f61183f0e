"""Channels and trackers: where alerts go out, and where mentions are escalated to. GUI thread."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QWidget

from app.change import Change
from app.i18n import _
from ui.channels.panel import OutletPanel
from ui.channels.shelf import channel_shelf, tracker_shelf
from ui.context import Context
from ui.feed.detail import open_link
from ui.pages.page import Page, heading, sheet
from ui.trackers.issues import IssueList
from ui.widgets.parts import button, row
from ui.widgets.segments import Segments

CHANNELS, TRACKERS, ISSUES = "channels", "trackers", "issues"


class ChannelsPage(Page):
    cares = Change.CHANNELS | Change.DELIVERIES | Change.TRACKERS

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.channels = OutletPanel(context, channel_shelf(context.core))
        self.trackers = OutletPanel(context, tracker_shelf(context.core))
        self.issues = IssueList(context, open_link)
        self.parts = Segments(
            ((CHANNELS, _("Channels")), (TRACKERS, _("Bug trackers")), (ISSUES, _("Issues"))), _("Part")
        )
        self.stack = QStackedWidget()
        self._panels: dict[str, OutletPanel | IssueList] = {
            CHANNELS: self.channels,
            TRACKERS: self.trackers,
            ISSUES: self.issues,
        }
        for panel in self._panels.values():
            self.stack.addWidget(panel)
            panel.failed.connect(self.complain)
        for outlets in (self.channels, self.trackers):
            outlets.said.connect(self.say)
        self.add_button = button("", self.add, kind="primary", icon="plus")
        about = _("Where alerts go besides this computer, and where engineers get what needs them.")
        layout = sheet(self)
        layout.addLayout(heading(_("Channels and trackers"), about, self.add_button))
        layout.addLayout(row(self.parts, None))
        layout.addWidget(self.stack, 1)
        self.parts.chosen.connect(self._show)
        self._show(CHANNELS)

    def refresh(self) -> None:
        self._panels[self.parts.current].refresh()

    def show_part(self, key: str) -> None:
        """channels, trackers or issues."""
        self.parts.choose(key)
        self._show(key)

    def add(self) -> None:
        panel = self._panels[self.parts.current]
        if isinstance(panel, OutletPanel):
            panel.add()

    def _show(self, key: str) -> None:
        panel = self._panels[key]
        self.stack.setCurrentWidget(panel)
        self.add_button.setVisible(isinstance(panel, OutletPanel))
        if isinstance(panel, OutletPanel):
            self.add_button.setText(panel.shelf.add)
        if self.isVisible():
            panel.refresh()
