"""The rules as sentences, each with a switch. GUI thread."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from app.change import Change
from app.domain.rule import AlertRule, RuleKind
from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.dialogs.sheet import Confirm
from ui.feed import plain
from ui.rules.editor import RuleEditor
from ui.rules.words import rule_title
from ui.widgets.notice import Notice
from ui.widgets.parts import button, clear, icon_button, label, pill, row, scrolled

if TYPE_CHECKING:
    from app.core import Core

Told = tuple[tuple[AlertRule, str], ...]
"""Rules with their sentences."""


class RulesPanel(QWidget):
    """Reads the rules when shown, and when somebody changes them."""

    closed = Signal()
    mention_opened = Signal(int)
    incident_wanted = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.cards: list[RuleCard] = []
        self._going: AlertRule | None = None
        self.notice = Notice()
        self.test = button(_("Test the desktop"), self.send_test, icon="bell")
        self.add = button(_("New rule"), self.add_rule, kind="primary", icon="plus")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.M)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(self._inner()), 1)
        context.bridge.changed.connect(self._on_change)

    def refresh(self) -> None:
        self.context.asker.ask(self, partial(_read, self.context.core), self.show_rules, self.complain)

    def show_rules(self, rules: Told) -> None:
        clear(self._rows)
        self.cards = []
        for rule, sentence in rules:
            made = RuleCard(rule, sentence)
            made.switched.connect(self.switch)
            made.edit_wanted.connect(self.edit)
            made.remove_wanted.connect(self.remove)
            self.cards.append(made)
            self._rows.addWidget(made)
        if not rules:
            self._rows.addWidget(
                label(_("There are no rules: nothing raises an alert."), "muted", wrap=True)
            )

    def add_rule(self) -> None:
        """A saved search is what is not there yet."""
        self.edit(AlertRule(kind=RuleKind.SEARCH))

    def edit(self, rule: AlertRule) -> None:
        sheet = RuleEditor(self.context, rule, self)
        sheet.saved.connect(self._saved)
        sheet.mention_opened.connect(self.mention_opened)
        sheet.incident_wanted.connect(self.incident_wanted)
        sheet.open()

    def switch(self, rule: AlertRule, on: bool) -> None:
        work = partial(self.context.core.save_rule, replace(rule, active=on))
        self.context.asker.ask(self, work, self.switched, self.not_switched)

    def not_switched(self, error: BaseException) -> None:
        """The switch shows what holds."""
        self.complain(error)
        self.refresh()

    def switched(self, _rule: AlertRule) -> None:
        self.refresh()

    def remove(self, rule: AlertRule) -> None:
        self._going = rule
        text = _("“{name}” raises no alerts any more. What it has raised stays in the list.")
        confirm = Confirm(
            self,
            _("Remove this rule?"),
            text.format(name=plain.squeezed(rule_title(rule), 40)),
            _("Remove"),
        )
        confirm.accepted.connect(self._remove)
        confirm.open()

    def _remove(self) -> None:
        if self._going is not None:
            work = partial(self.context.core.remove_rule, self._going.id)
            self.context.asker.ask(self, work, self.removed, self.complain)

    def removed(self, _nothing: None) -> None:
        self.refresh()

    def _saved(self, _rule: AlertRule) -> None:
        self.notice.say(_("Saved. It counts from the next mention on."), "positive")
        self.refresh()

    def send_test(self) -> None:
        self.notice.say(_("Sending…"))
        self.context.asker.ask(
            self, self.context.core.test_notification, self.tested, self.complain, slow=True
        )

    def tested(self, outcome: str) -> None:
        what, _colon, why = outcome.partition(":")
        if what.strip() == "shown":
            self.notice.say(_("Shown. If you saw nothing, look at the desktop's own settings."), "positive")
        else:
            self.notice.say(why.strip() or outcome or _("Nothing was shown."), "warning")

    def complain(self, error: BaseException) -> None:
        self.notice.say(told.explain(error), "negative")

    def _on_change(self, change: Change) -> None:
        if change & Change.RULES and self.isVisible():
            self.refresh()

    def _inner(self) -> QWidget:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        box.setSpacing(theme.M)
        close = icon_button("close", _("Close"), self.closed)
        box.addLayout(row(label(_("Alert rules"), "heading"), None, close))
        about = _("When somebody is disturbed, whom, and who is next where nobody answers.")
        box.addWidget(label(about, "muted", wrap=True))
        box.addLayout(self._rows)
        box.addWidget(self.notice)
        box.addLayout(row(self.test, None, self.add))
        box.addStretch(1)
        return inner


class RuleCard(QFrame):
    """One rule. All signals carry it; `switched` also whether it is on."""

    switched = Signal(object, bool)
    edit_wanted = Signal(object)
    remove_wanted = Signal(object)

    def __init__(self, rule: AlertRule, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.rule = rule
        name = rule_title(rule)
        self.on = QCheckBox()
        self.on.setChecked(rule.active)
        self.on.setAccessibleName(_("{rule} is on").format(rule=name))
        self.on.toggled.connect(self._toggled)
        self.sentence = label(plain.visible(sentence), "muted" if rule.active else "faint", wrap=True)
        self.edit = button(_("Edit"), self._edit, icon="edit")
        self.gone = icon_button("trash", _("Remove"), self._remove)
        head = row(self.on, label(name, "strong", wrap=True))
        head.setStretch(1, 1)
        if rule.severity is not None:
            head.addWidget(pill(str(rule.severity)))
        head.addWidget(self.edit)
        head.addWidget(self.gone)
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.L, theme.M, theme.M, theme.M)
        box.setSpacing(theme.XS)
        box.addLayout(head)
        box.addWidget(self.sentence)

    def _toggled(self, on: bool) -> None:
        self.switched.emit(self.rule, on)

    def _edit(self) -> None:
        self.edit_wanted.emit(self.rule)

    def _remove(self) -> None:
        self.remove_wanted.emit(self.rule)


def _read(core: Core) -> Told:
    return tuple((rule, core.rule_sentence(rule)) for rule in core.rules())
