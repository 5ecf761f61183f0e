"""Alerts: what was raised, why, who was told, what to do first, and what a person does about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.change import Change
from app.domain.alert import Alert, AlertState
from app.domain.mention import Status, Stored
from app.domain.rule import Playbook, PlaybookCase, Receipts
from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.feed import plain
from ui.feed.detail import Earlier
from ui.pages.page import Page, heading, two_panes
from ui.rules.panel import RulesPanel
from ui.rules.playbook import PlaybookBlock, PlaybookSheet
from ui.rules.receipts import ReceiptsView
from ui.widgets.alert_list import (
    INCIDENT,
    AlertList,
    delivered_words,
    headline,
    severity_words,
    state_word,
    why,
)
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import boxed, button, clear, column, label, line, pill, row, scrolled, set_tone
from ui.widgets.segments import Segments

POSTS = 100
"""Of an alert's posts, so many are listed."""
SEEN_MS = 1_200
"""What stands in the detail for so long has been seen."""


class Details(NamedTuple):
    """What the list does not carry."""

    receipts: Receipts
    playbook: PlaybookCase | None
    channels: Mapping[str, str]


class AlertsPage(Page):
    cares = Change.ALERTS | Change.DELIVERIES | Change.RULES
    compose_requested = Signal(int)
    mention_opened = Signal(int)
    sources_wanted = Signal()
    incident_wanted = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._all: tuple[Alert, ...] = ()
        self.filter = Segments([("open", _("Open")), ("all", _("All"))], _("Which alerts"))
        self.filter.chosen.connect(self._refilter)
        self.rule_button = button(_("Alert rules"), self.toggle_rule, icon="settings")
        self.rule_button.setCheckable(True)
        self.list = AlertList()
        self.states = StateStack(self.list, EmptyState("bell", "", ""))
        self.detail = AlertDetail()
        self.rule = RulesPanel(context)
        self.side = QStackedWidget()
        self._seeing = QTimer(self, singleShot=True, interval=SEEN_MS)
        self._seeing.timeout.connect(self._saw)
        self._lay()
        self._connect()

    def refresh(self) -> None:
        self.states.show_loading()
        self.ask(self.context.core.alerts, self.show_alerts, self.failed)

    def show_alerts(self, alerts: tuple[Alert, ...]) -> None:
        self._all = alerts
        self._refilter()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def toggle_rule(self) -> None:
        """The rules take the place of the detail."""
        shown = self.side.currentWidget() is self.rule
        self.side.setCurrentWidget(self.detail if shown else self.rule)
        self.rule_button.setChecked(not shown)
        self.side.setVisible(True)
        if not shown:
            self.rule.refresh()

    def reply(self) -> None:
        alert, mention = self.list.current, self._post()
        if alert is not None and mention is not None:
            self._acknowledge(alert)
            self.compose_requested.emit(mention)

    def claim(self) -> None:
        alert, mention = self.list.current, self._post()
        if alert is not None and mention is not None:
            self.ask(partial(_claim, self.context, alert.id, mention), self.claimed)

    def ignore(self) -> None:
        alert = self.list.current
        if alert is not None:
            self.ask(partial(_ignore, self.context, alert.id, self._post()), self.ignored)

    def open_mention(self) -> None:
        alert = self.list.current
        if alert is not None and alert.kind == INCIDENT:
            self.ask(partial(self.context.core.look_at_alert, alert.id), self.marked)
            self.incident_wanted.emit(alert.incident_id or 0)
        elif alert is not None and alert.mention_id is not None:
            self.mention_opened.emit(alert.mention_id)
        elif alert is not None:
            self.sources_wanted.emit()

    def see_all(self) -> None:
        """Every post the alert stands for, under its facts."""
        alert = self.list.current
        if alert is not None:
            self.ask(partial(_posts, self.context, alert.id), self.show_posts)

    def show_posts(self, told_: tuple[int, tuple[Stored, ...]]) -> None:
        whose, posts = told_
        if self.list.current is not None and self.list.current.id == whose:
            self.detail.show_posts(posts)

    def done(self) -> None:
        """Done, or open again."""
        alert = self.list.current
        if alert is not None:
            again = alert.state is AlertState.DONE
            self._mark(alert, AlertState.OPEN if again else AlertState.DONE)

    def acknowledge(self) -> None:
        """I see to it: it climbs no further."""
        alert = self.list.current
        if alert is not None:
            self._acknowledge(alert)

    def _acknowledge(self, alert: Alert) -> None:
        self.ask(partial(self.context.core.acknowledge, (alert.id,)), self.acknowledged)

    def acknowledged(self, _ids: tuple[int, ...]) -> None:
        self.refresh()

    def _picked(self, alert: Alert | None) -> None:
        self.detail.show_alert(alert)
        if alert is not None:
            self.ask(partial(_details, self.context, alert.id), self.show_details, self._no_details)
            self._seeing.start()

    def show_details(self, details: Details) -> None:
        alert = self.list.current
        if alert is not None and alert.id == details.receipts.alert.id:
            self.detail.show_details(details)

    def _no_details(self, _error: BaseException) -> None:
        """The alert has gone; the list is read anew."""

    def _saw(self) -> None:
        alert = self.list.current
        on_top = self.isVisible() and self.side.currentWidget() is self.detail
        if alert is not None and alert.seen_at is None and on_top and self.window().isActiveWindow():
            self.ask(partial(self.context.core.alert_seen, (alert.id,)), self.was_seen)

    def was_seen(self, _nothing: None) -> None:
        """The receipt is written."""

    def tick(self, subject: str, step: str, done: bool) -> None:
        work = partial(self.context.core.tick_step, subject, step, done=done)
        self.ask(work, self.ticked)

    def ticked(self, _nothing: None) -> None:
        self._picked(self.list.current)

    def edit_playbook(self, book: Playbook) -> None:
        sheet = PlaybookSheet(self.context, book, self)
        sheet.saved.connect(self._playbook_saved)
        sheet.open()

    def _playbook_saved(self) -> None:
        self._picked(self.list.current)

    def claimed(self, _nothing: None) -> None:
        self.say(_("Claimed: it is yours now."))

    def ignored(self, _nothing: None) -> None:
        self.say(_("Ignored."))

    def marked(self, _nothing: None) -> None:
        self.refresh()

    def _post(self) -> int | None:
        """The one post the alert is about; an incident rests on many."""
        alert = self.list.current
        return alert.mention_id if alert is not None and alert.kind != INCIDENT else None

    def _mark(self, alert: Alert, state: AlertState) -> None:
        self.ask(partial(self.context.core.set_alert_state, (alert.id,), state), self.marked)

    def _refilter(self) -> None:
        waiting = tuple(one for one in self._all if one.state is AlertState.OPEN)
        shown = waiting if self.filter.current == "open" else self._all
        self.filter.set_words("open", _("Open {n}").format(n=len(waiting)) if waiting else _("Open"))
        self.list.show_rows(shown)
        if shown:
            self.states.show_full()
        elif self._all:
            self.states.empty.say(
                _("Nothing is open"), _("All alerts are in hand or done. “All” shows them.")
            )
            self.states.show_empty()
        else:
            self.states.empty.say(
                _("No alerts"),
                _("A clearly negative mention of an own brand with reach or a severe cue raises one."),
            )
            self.states.show_empty()
        if self.side.currentWidget() is self.detail:
            self.side.setVisible(bool(shown))

    def _act(self, name: str) -> None:
        acts: dict[str, Callable[[], None]] = {
            "acknowledge": self.acknowledge,
            "reply": self.reply,
            "claim": self.claim,
            "ignore": self.ignore,
            "open": self.open_mention,
            "done": self.done,
            "all": self.see_all,
        }
        acts[name]()

    def _connect(self) -> None:
        self.states.retry.connect(self.refresh)
        self.list.picked.connect(self._picked)
        self.list.key_act.connect(self._act)
        self.detail.acted.connect(self._act)
        self.detail.opened.connect(self.mention_opened)
        self.detail.playbook.ticked.connect(self.tick)
        self.detail.playbook.edit_wanted.connect(self.edit_playbook)
        self.rule.closed.connect(self.toggle_rule)
        self.rule.mention_opened.connect(self.mention_opened)
        self.rule.incident_wanted.connect(self.incident_wanted)
        self.setFocusProxy(self.list)

    def _lay(self) -> None:
        for one in (self.detail, self.rule):
            self.side.addWidget(one)
        for pane in (self.states, self.side):
            pane.setMinimumWidth(320)
        title = heading(_("Alerts"), "", self.filter, self.rule_button)
        self.setLayout(two_panes(title, self.states, self.side, "ground", (640, 400)))


class AlertDetail(QWidget):
    """One alert in full; `acted` carries acknowledge, reply, claim, ignore, open, done or all."""

    acted = Signal(str)
    opened = Signal(int)
    """One of the posts it stands for was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.severity = pill("")
        self.state = label("", "small")
        self.title = label("", "heading", wrap=True, selectable=True)
        self.body = label("", "", wrap=True, selectable=True)
        self.reason = label("", "muted", wrap=True)
        self._id = 0
        self.see_all = button("", self._pressed, icon="feed", kind="entry")
        self.see_all.setObjectName("all")
        self.posts = column(spacing=2)
        self.delivered = label("", "muted", wrap=True)
        self.receipts = ReceiptsView()
        self.playbook = PlaybookBlock()
        self.when = label("", "muted")
        self.acts: dict[str, QPushButton] = {}
        self._lay()

    def show_alert(self, alert: Alert | None) -> None:
        for one in self.acts.values():
            one.setEnabled(alert is not None)
        if alert is None:
            return
        if alert.id != self._id:
            self._id = alert.id
            clear(self.posts)
            self.receipts.hide()
            self.playbook.show_case(None)
        self.severity.setText(severity_words(alert))
        set_tone(self.severity, {"P1": "negative", "P2": "warning"}.get(alert.severity, ""))
        self.state.setText(state_word(alert))
        self.title.setText(headline(alert))
        self.body.setText(plain.visible(alert.body[:4000]))
        self.reason.setText(plain.visible(alert.reason))
        self._why.setVisible(bool(why(alert)))
        self.see_all.setText(_("{n} posts with the same words: see all").format(n=alert.copies))
        self.see_all.setVisible(alert.copies > 1)
        self.delivered.setText(delivered_words(alert))
        self.when.setText(plain.clock_time(alert.created_at))
        one_post = alert.mention_id is not None and alert.kind != INCIDENT
        for name in ("reply", "claim", "ignore"):
            self.acts[name].setVisible(one_post)
        self.acts["open"].setText(_open_words(alert))
        self.acts["acknowledge"].setVisible(alert.acked_at is None and alert.state is not AlertState.DONE)
        self.acts["done"].setText(_("Open again") if alert.state is AlertState.DONE else _("Done"))

    def show_details(self, details: Details) -> None:
        """Receipts and playbook have come."""
        self.receipts.show_receipts(details.receipts, details.channels)
        self.receipts.show()
        self.playbook.show_case(details.playbook)

    def show_posts(self, posts: tuple[Stored, ...]) -> None:
        """The newest first; each opens in the feed."""
        clear(self.posts)
        for stored in posts[::-1][:POSTS]:
            one = Earlier()
            one.show_mention(stored)
            one.opened.connect(self.opened)
            self.posts.addWidget(one)

    def _pressed(self) -> None:
        self.acted.emit(self.sender().objectName())

    def _lay(self) -> None:
        for name, words, icon, kind in (
            ("acknowledge", _("Acknowledge"), "check", "primary"),
            ("reply", _("Draft a reply"), "reply", ""),
            ("claim", _("Claim"), "claim", ""),
            ("ignore", _("Ignore"), "ignore", ""),
            ("open", _("See the post"), "eye", ""),
            ("done", _("Done"), "check", ""),
        ):
            self.acts[name] = button(words, self._pressed, icon=icon, kind=kind)
            self.acts[name].setObjectName(name)
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        box.setSpacing(theme.M)
        box.addLayout(row(self.severity, self.state, None, self.when))
        box.addWidget(self.title)
        box.addWidget(self.body)
        box.addLayout(row(self.acts["acknowledge"], self.acts["reply"], self.acts["claim"], None))
        box.addLayout(row(self.acts["open"], self.acts["ignore"], self.acts["done"], None))
        box.addWidget(line())
        self._why = boxed(_fact(_("Why"), self.reason))
        box.addWidget(self._why)
        box.addLayout(_fact(_("Desktop"), self.delivered))
        box.addWidget(self.receipts)
        box.addWidget(self.playbook)
        box.addWidget(self.see_all)
        box.addLayout(self.posts)
        box.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))


def _fact(title: str, words: QLabel) -> QVBoxLayout:
    return column(label(title, "column"), words, spacing=theme.XS)


def _open_words(alert: Alert) -> str:
    if alert.kind == INCIDENT:
        return _("See the incident")
    return _("See the post") if alert.mention_id is not None else _("See the sources")


def _posts(context: Context, alert: int) -> tuple[int, tuple[Stored, ...]]:
    return alert, context.core.alert_mentions(alert)


def _claim(context: Context, alert: int, mention: int) -> None:
    context.core.claim((mention,))
    context.core.acknowledge((alert,))


def _details(context: Context, alert: int) -> Details:
    core = context.core
    return Details(core.receipts(alert), core.playbook_of(alert), core.channel_names())


def _ignore(context: Context, alert: int, mention: int | None) -> None:
    if mention is not None:
        context.core.set_status((mention,), Status.IGNORED)
    context.core.set_alert_state((alert,), AlertState.DONE)
