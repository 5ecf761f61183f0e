"""One rule: what it waits for, how grave, whom it calls, and what it would have done. GUI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.domain.alert import Severity
from app.domain.people import Team
from app.domain.query import MentionQuery, View
from app.domain.rule import KINDS, AlertRule, Replayed, RuleCase, RuleKind
from app.domain.watch import Watch
from app.errors import ConfigError, QueryError
from app.i18n import _, ngettext
from ui import theme, told
from ui.context import Context
from ui.dialogs.posts import Behind, PostsSheet
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.forms import split_lines
from ui.rules.ladder import LadderEditor
from ui.rules.words import severity_choices
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, column, label, line, roomy, row, scrolled
from ui.widgets.query_edit import QueryEdit
from ui.widgets.segments import Segments
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import Core

TYPING_MS = 500
DAYS = 30


@dataclass(frozen=True, slots=True)
class Around:
    """What the form offers to choose from."""

    brands: tuple[Watch, ...]
    views: tuple[View, ...]
    teams: tuple[Team, ...]
    channels: Mapping[str, str]


class RuleEditor(AskingSheet):
    """`saved` carries the rule as it was stored; `mention_opened`, `incident_wanted`: of a case."""

    saved = Signal(object)
    mention_opened = Signal(int)
    incident_wanted = Signal(int)

    def __init__(self, context: Context, rule: AlertRule, parent: QWidget | None = None) -> None:
        super().__init__(context, _("Edit rule") if rule.id else _("New rule"), parent)
        self.resize(1080, 720)
        self._base = rule
        self._query = rule.query
        self._views: tuple[View, ...] = ()
        self.form = RuleForm(context, rule)
        self.preview = RulePreview()
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.look)
        self._lay()
        self.see = button(_("See the posts"), self.see_case, icon="feed")
        self.see.setEnabled(False)
        self.chief = self.buttons(_("Save"), self.save, self.see)
        self.chief.setEnabled(False)  # until it is known which brands and teams the rule is for
        self._connect()
        self.ask(partial(_around, context.core), self.show_around)

    def show_around(self, around: Around) -> None:
        self.form.show_around(around)
        self.chief.setEnabled(True)
        self.look()

    def rule(self) -> AlertRule:
        """As it stands in the fields."""
        return self.form.rule()

    def look(self) -> None:
        """What it would have done."""
        self.preview.states.show_loading()
        work = partial(self.context.core.preview, self.rule(), DAYS)
        self.ask(work, self.preview_found, self.preview_failed, slow=True)

    def preview_found(self, found: Replayed) -> None:
        self.preview.show_replayed(found)

    def preview_failed(self, error: BaseException) -> None:
        self.preview.summary.setText("")
        if isinstance(error, (ConfigError, QueryError)):
            self.preview.states.empty.say(_("Not complete yet"), told.explain(error))
            self.preview.states.show_empty()
        else:
            self.preview.states.show_failed(told.explain(error))

    def save(self) -> None:
        self.problem.quiet()
        self.chief.setEnabled(False)
        self.ask(partial(self.context.core.save_rule, self.rule()), self.was_saved, self.not_saved)

    def was_saved(self, rule: AlertRule) -> None:
        self.saved.emit(rule)
        self.accept()

    def not_saved(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.complain(error)
        self.form.show_problem(error)

    def see_case(self) -> None:
        case: RuleCase | None = self.preview.cases.current
        if case is None:
            return
        if case.incident_id is not None:
            self.incident_wanted.emit(case.incident_id)
            self.reject()
        elif case.mention_ids:
            sheet = PostsSheet(self.context, Behind(title=case.title, ids=case.mention_ids), self)
            sheet.opened.connect(self._opened)
            sheet.open()

    def _opened(self, id: int) -> None:
        self.mention_opened.emit(id)
        self.reject()

    def _edited(self) -> None:
        self.problem.quiet()
        self._typing.start()

    def _picked(self, case: RuleCase | None) -> None:
        self.see.setEnabled(case is not None and bool(case.mention_ids or case.incident_id))

    def _activated(self, _case: RuleCase) -> None:
        self.see_case()

    def _connect(self) -> None:
        self.form.edited.connect(self._edited)
        self.preview.states.retry.connect(self.look)
        self.preview.cases.picked.connect(self._picked)
        self.preview.cases.activated_row.connect(self._activated)

    def _lay(self) -> None:
        both = QHBoxLayout()
        both.setSpacing(theme.XL)
        left = scrolled(self.form)
        left.setMinimumWidth(500)
        both.addWidget(left, 1)
        both.addWidget(self.preview, 1)
        self.body.addLayout(both, 1)


class RuleForm(QWidget):
    """The fields; those that the kind does not know are hidden."""

    edited = Signal()

    def __init__(self, context: Context, rule: AlertRule, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._base = rule
        self._query = rule.query
        self._views: tuple[View, ...] = ()
        self.kind = _choices([(str(one), _(words)) for one, words in KINDS.items()])
        self.name = _text()
        self.severity = _choices(severity_choices())
        self.brand = _choices([("", _("All own brands"))])
        self.negative = _share()
        self.followers, self.engagement = _number(100_000_000, 1000), _number(10_000_000, 10)
        self.percent = _number(100, 10)
        self.query = QueryEdit(context.core.check_text_query, lines=2)
        self.view = _choices([("", _("Take over a saved view …"))])
        self.whose = Segments(
            [("", _("All")), ("own", _("Ours")), ("rival", _("Competitors'"))], _("Whose posts")
        )
        self.times, self.minutes = _number(1000, 1), _number(7 * 24 * 60, 10)
        self.cooldown, self.max_age = _number(24 * 60, 5), _number(24 * 30, 1)
        self.quiet_from, self.quiet_to = _time(), _time()
        self.urgent = QCheckBox(_("P1 passes quiet hours"))
        self.duty = _text()
        self.team = _choices([("", _("All teams"))])
        self.climbs = _choices(
            [("P1", _("P1 only")), ("P2", _("P1 and P2")), ("P3", _("All that are shown"))]
        )
        self.ladder = LadderEditor({})
        self.sound = QCheckBox(_("Play a sound"))
        self.repeat = QCheckBox(_("P1 sounds again until it is acknowledged"))
        self._parts: dict[str, QWidget] = {}
        self._lay()
        self._show(rule)
        self._connect()

    def show_around(self, around: Around) -> None:
        """Brands, views, teams and channels to choose from."""
        self._views = around.views
        own = [one for one in around.brands if not one.competitor]
        _fill(self.brand, [(str(one.id), plain.one_line(one.name, 30)) for one in own])
        _fill(self.view, [(str(one.id), plain.one_line(one.name, 40)) for one in around.views])
        _fill(self.team, [(str(one.id), plain.one_line(one.name, 30)) for one in around.teams])
        self.ladder.set_channels(around.channels)
        self._choose_numbers()

    def rule(self) -> AlertRule:
        """As it stands in the fields."""
        kind, severity = RuleKind(self.kind.currentData()), self.severity.currentData()
        return replace(
            self._base,
            name=self.name.text().strip(),
            kind=kind,
            severity=Severity(severity) if severity else None,
            brands=self._brands(),
            ladder=self.ladder.ladder(),
            climbs=Severity(self.climbs.currentData()),
            negative=round(self.negative.value(), 2),
            followers=self.followers.value(),
            engagement=self.engagement.value(),
            percent=self.percent.value(),
            query=self._asked(),
            times=self.times.value(),
            minutes=self.minutes.value(),
            cooldown=self.cooldown.value() * 60,
            max_age=self.max_age.value() * 3600,
            quiet_from=self.quiet_from.text().strip(),
            quiet_to=self.quiet_to.text().strip(),
            urgent=self.urgent.isChecked(),
            on_duty=split_lines(self.duty.text()),
            team_id=int(self.team.currentData()) if self.team.currentData() else None,
            sound=self.sound.isChecked(),
            repeat=self.repeat.isChecked(),
        )

    def show_problem(self, error: BaseException) -> None:
        """Put the cursor where it is wrong."""
        if isinstance(error, QueryError):
            self.query.show_error(error)
            self.query.setFocus()
        elif isinstance(error, ConfigError):
            fields: dict[str, QWidget] = {
                "quiet_from": self.quiet_from,
                "quiet_to": self.quiet_to,
                "query": self.query,
                "times": self.times,
                "minutes": self.minutes,
            }
            if error.field in fields:
                fields[error.field].setFocus()

    def _brands(self) -> tuple[int, ...]:
        """A rule that watches several keeps them until another choice is made."""
        chosen = self.brand.currentData()
        if chosen == "several":
            return self._base.brands
        return (int(chosen),) if chosen else ()

    def _asked(self) -> MentionQuery:
        whose = {"": None, "own": False, "rival": True}[self.whose.current]
        return replace(self._query, text=self.query.text().strip(), competitor=whose)

    def _took_view(self, _place: int) -> None:
        """Its filters, and its words into the field."""
        wanted = self.view.currentData()
        view = next((one for one in self._views if str(one.id) == wanted), None)
        if view is not None:
            self._query = replace(view.query, since=None, until=None)
            self._show_query()
            if not self.name.text().strip():
                self.name.setText(view.name)
            self._changed()

    def _show(self, rule: AlertRule) -> None:
        _choose(self.kind, str(rule.kind))
        self.kind.setEnabled(not rule.id)
        self.name.setText(rule.name)
        self.name.setPlaceholderText(_(KINDS[rule.kind]))
        _choose(self.severity, str(rule.severity) if rule.severity else "")
        self.negative.setValue(rule.negative)
        self.followers.setValue(rule.followers)
        self.engagement.setValue(rule.engagement)
        self.percent.setValue(rule.percent)
        self.times.setValue(rule.times)
        self.minutes.setValue(rule.minutes)
        self.cooldown.setValue(rule.cooldown // 60)
        self.max_age.setValue(rule.max_age // 3600)
        self.quiet_from.setText(rule.quiet_from)
        self.quiet_to.setText(rule.quiet_to)
        self.urgent.setChecked(rule.urgent)
        self.duty.setText(", ".join(rule.on_duty))
        _choose(self.climbs, str(rule.climbs))
        self.ladder.show_ladder(rule.ladder)
        self.sound.setChecked(rule.sound)
        self.repeat.setChecked(rule.repeat)
        self._show_query()
        self._show_kind()

    def _show_query(self) -> None:
        self.query.set_text(self._query.text)
        whose = {None: "", False: "own", True: "rival"}[self._query.competitor]
        self.whose.choose(whose)

    def _choose_numbers(self) -> None:
        if len(self._base.brands) > 1:
            n = len(self._base.brands)
            self.brand.addItem(ngettext("{n} brand", "{n} brands", n).format(n=n), "several")
            _choose(self.brand, "several")
        elif self._base.brands:
            _keep(self.brand, str(self._base.brands[0]))
        _keep(self.team, str(self._base.team_id) if self._base.team_id else "")

    def _show_kind(self) -> None:
        kind = RuleKind(self.kind.currentData())
        self.name.setPlaceholderText(_(KINDS[kind]))
        for key, one in self._parts.items():
            one.setVisible(kind in _KNOWS[key])

    def _changed(self, *_given: object) -> None:
        self._show_kind()
        self.edited.emit()

    def _connect(self) -> None:
        for box in (self.kind, self.severity, self.brand, self.team, self.climbs):
            box.currentIndexChanged.connect(self._changed)
        self.view.activated.connect(self._took_view)
        for number in (
            self.followers, self.engagement, self.percent, self.times, self.minutes, self.cooldown,
            self.max_age,
        ):  # fmt: skip
            number.valueChanged.connect(self._changed)
        self.negative.valueChanged.connect(self._changed)
        for text in (self.name, self.quiet_from, self.quiet_to, self.duty):
            text.textEdited.connect(self._changed)
        for tick in (self.urgent, self.sound, self.repeat):
            tick.toggled.connect(self._changed)
        self.query.edited.connect(self._changed)
        self.whose.chosen.connect(self._changed)
        self.ladder.edited.connect(self._changed)

    def _lay(self) -> None:
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, theme.M, 0)
        box.setSpacing(theme.M)
        box.addLayout(_line(_("What it waits for"), self.kind))
        box.addLayout(_line(_("Name"), self.name))
        box.addLayout(_line(_("Severity"), self.severity))
        self._part(box, "brand", _line(_("Brand"), self.brand))
        box.addWidget(line())
        figures = column(
            _line(_("Clearly negative from"), self.negative),
            _line(_("Followers of the author, at least"), self.followers),
            _line(_("Likes, comments and shares, at least"), self.engagement),
        )
        self._part(box, "figures", figures)
        self._part(box, "percent", _line(_("Per cent of the time to answer, from"), self.percent))
        asked = column(
            row(label(_("Query"), "strong"), None, self.view),
            self.query,
            _line(_("Whose posts"), self.whose),
            _line(_("Posts, at least"), self.times),
            _line(_("Within (minutes)"), self.minutes),
        )
        self._part(box, "query", asked)
        box.addWidget(line())
        box.addWidget(label(_("Ladder"), "strong"))
        box.addWidget(self.ladder)
        box.addLayout(_line(_("What climbs"), self.climbs))
        self.duty.setPlaceholderText(_("Empty: whoever is on duty in the team"))
        box.addLayout(_line(_("On duty"), self.duty))
        box.addLayout(_line(_("Team"), self.team))
        box.addWidget(line())
        box.addWidget(label(_("Disturb less"), "strong"))
        box.addLayout(_line(_("Pause between notifications (minutes)"), self.cooldown))
        self._part(box, "age", _line(_("Only for posts younger than (hours)"), self.max_age))
        box.addLayout(_line(_("Quiet hours"), self.quiet_from, label("–", "muted"), self.quiet_to))
        for tick in (self.urgent, self.sound, self.repeat):
            box.addWidget(tick)
        box.addStretch(1)

    def _part(self, box: QVBoxLayout, key: str, layout: QHBoxLayout | QVBoxLayout) -> None:
        holder = QWidget()
        layout.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(layout)
        self._parts[key] = holder
        box.addWidget(holder)


_POSTS = (RuleKind.MENTION, RuleKind.SURGE, RuleKind.STORY, RuleKind.DEADLINE)
_KNOWS: dict[str, tuple[RuleKind, ...]] = {
    "brand": _POSTS,
    "figures": (RuleKind.MENTION,),
    "percent": (RuleKind.DEADLINE,),
    "query": (RuleKind.SEARCH,),
    "age": (RuleKind.MENTION, RuleKind.SEARCH),
}
"""Which fields mean something for which kinds."""


class RulePreview(QWidget):
    """What the rule would have done over the last days."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = label("", "heading", wrap=True)
        self.known = label("", "small", wrap=True)
        self.cases = Table(_columns(), _("Alerts it would have raised"), _key)
        self.states = StateStack(self.cases, EmptyState("bell", "", ""))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(theme.S)
        outer.addWidget(self.summary)
        outer.addWidget(self.known)
        outer.addWidget(self.states, 1)

    def show_replayed(self, found: Replayed) -> None:
        shown, listed = found.shown, len(found.cases) - found.shown
        told_ = ngettext(
            "Over the last {days} days it would have disturbed {n} time",
            "Over the last {days} days it would have disturbed {n} times",
            shown,
        ).format(days=found.days, n=shown)
        if listed:
            more = ngettext("{n} more only listed", "{n} more only listed", listed).format(n=listed)
            told_ = _("{told} ({more})").format(told=told_, more=more)
        self.summary.setText(told_)
        self.known.setText(_known(found))
        self.known.setVisible(bool(self.known.text()))
        self.cases.show_rows(found.cases)
        if found.cases:
            self.states.show_full()
        else:
            self.states.empty.say(
                _("It would have kept silent"), _("Nothing that is stored would have raised an alert.")
            )
            self.states.show_empty()


def _known(found: Replayed) -> str:
    """How much there was to judge by."""
    if found.cut:
        return _("There is more than is looked at here: only the newest {n} posts were tried.").format(
            n=f"{found.looked_at:,}"
        )
    if found.known >= found.days - 1:
        return ""
    told_ = _("Only {known} of these {days} days have stored posts to judge by.")
    return told_.format(known=f"{found.known:.0f}", days=found.days)


def _key(case: RuleCase) -> object:
    return case.at, case.title


def _columns() -> list[Column[RuleCase]]:
    return [
        Column(_("When"), lambda one: plain.clock_time(one.at), 130),
        Column("", lambda one: str(one.severity), 44, color=_color),
        Column(_("What it would have said"), _title, tip=_whole),
        Column(_("Posts"), lambda one: f"{one.copies:,}", 60, right=True),
    ]


def _title(case: RuleCase) -> str:
    """Without the severity, which stands beside it."""
    return plain.squeezed(case.title.removeprefix(case.severity).lstrip(), 160)


def _color(case: RuleCase) -> str:
    return theme.colors().muted if case.held else theme.severity_colors(case.severity)[0]


def _whole(case: RuleCase) -> str:
    held = _("Only listed: {reason}").format(reason=case.held) if case.held else ""
    return plain.squeezed(f"{case.title} {held}".strip(), 400)


def _around(core: Core) -> Around:
    return Around(core.brands(), core.views(), core.rule_teams(), core.rule_channels())


def _line(words: str, *inputs: QWidget) -> QHBoxLayout:
    for one in inputs:
        if not one.accessibleName():
            one.setAccessibleName(words)
    made = row(label(words, wrap=True), *inputs)
    made.setStretch(0, 1)
    return made


def _choices(choices: list[tuple[str, str]]) -> QComboBox:
    made = QComboBox()
    made.setMinimumWidth(190)
    for key, words in choices:
        made.addItem(words, key)
    return made


def _fill(box: QComboBox, choices: list[tuple[str, str]]) -> None:
    box.blockSignals(True)
    while box.count() > 1:
        box.removeItem(1)
    for key, words in choices:
        box.addItem(words, key)
    box.blockSignals(False)


def _keep(box: QComboBox, key: str) -> None:
    """As `_choose`; what is not there any more stays what the rule is for, and is not widened to all."""
    if key and box.findData(key) < 0:
        box.addItem(f"#{key}", key)
    _choose(box, key)


def _choose(box: QComboBox, key: str) -> None:
    place = box.findData(key)
    box.blockSignals(True)
    box.setCurrentIndex(max(0, place))
    box.blockSignals(False)


def _number(most: int, step: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(0, most)
    made.setSingleStep(step)
    made.setGroupSeparatorShown(True)
    made.setFixedWidth(110)
    roomy(made)
    return made


def _share() -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(0.5, 1.0)
    made.setSingleStep(0.05)
    made.setDecimals(2)
    made.setFixedWidth(110)
    roomy(made)
    return made


def _text() -> QLineEdit:
    made = QLineEdit()
    made.setMinimumWidth(280)
    return made


def _time() -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText("22:30")
    made.setMaxLength(5)
    made.setFixedWidth(64)
    return made
