"""The standing rule: when an angry post is worth disturbing somebody. GUI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.domain.alert import Rule
from app.errors import ConfigError
from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.widgets.notice import Notice
from ui.widgets.parts import button, icon_button, label, line, roomy, row, scrolled


class RulePanel(QWidget):
    """Reads the rule when shown, writes it when saved."""

    closed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.negative = _share()
        self.followers = _number(100_000_000, 1000)
        self.engagement = _number(10_000_000, 10)
        self.cooldown = _number(24 * 60, 1)
        self.max_age = _number(24 * 30, 1)
        self.quiet_from, self.quiet_to = _time(), _time()
        self.desktop = QCheckBox(_("Show a desktop notification"))
        self.sound = QCheckBox(_("Play a sound"))
        self.notice = Notice()
        self.test = button(_("Test"), self.send_test, icon="bell")
        self.save = button(_("Save"), self.save_rule, kind="primary")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scrolled(self._inner()), 1)

    def refresh(self) -> None:
        self.context.asker.ask(self, self.context.core.rule, self.show_rule, self.complain)

    def show_rule(self, rule: Rule) -> None:
        self.negative.setValue(rule.negative)
        self.followers.setValue(rule.followers)
        self.engagement.setValue(rule.engagement)
        self.cooldown.setValue(rule.cooldown // 60)
        self.max_age.setValue(rule.max_age // 3600)
        self.quiet_from.setText(rule.quiet_from)
        self.quiet_to.setText(rule.quiet_to)
        self.desktop.setChecked(rule.desktop)
        self.sound.setChecked(rule.sound)

    def rule(self) -> Rule:
        """As it stands in the fields."""
        return Rule(
            negative=round(self.negative.value(), 2),
            followers=self.followers.value(),
            engagement=self.engagement.value(),
            cooldown=self.cooldown.value() * 60,
            max_age=self.max_age.value() * 3600,
            quiet_from=self.quiet_from.text().strip(),
            quiet_to=self.quiet_to.text().strip(),
            desktop=self.desktop.isChecked(),
            sound=self.sound.isChecked(),
        )

    def save_rule(self) -> None:
        work = partial(self.context.core.save_rule, self.rule())
        self.context.asker.ask(self, work, self.saved, self.complain)

    def saved(self, _nothing: None) -> None:
        self.notice.say(_("Saved. It counts from the next mention on."), "positive")

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
        fields = {"quiet_from": self.quiet_from, "quiet_to": self.quiet_to}
        if isinstance(error, ConfigError) and error.field in fields:
            fields[error.field].setFocus()

    def _inner(self) -> QWidget:
        inner = QWidget()
        box = QVBoxLayout(inner)
        box.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        box.setSpacing(theme.M)
        close = icon_button("close", _("Close"), self.closed)
        box.addLayout(row(label(_("Alert rule"), "heading"), None, close))
        about = _("A clearly negative mention of an own brand raises an alert if one of these holds:")
        cues = _("Or it speaks of fire, injury, fraud and the like: such words always count.")
        lost = _(
            "Critical alerts pass quiet hours and pauses. Nothing is lost: the list shows every alert."
        )
        box.addWidget(label(about, "muted", wrap=True))
        box.addLayout(_line(_("Clearly negative from"), self.negative))
        box.addWidget(line())
        box.addLayout(_line(_("Followers of the author, at least"), self.followers))
        box.addLayout(_line(_("Likes, comments and shares, at least"), self.engagement))
        box.addWidget(label(cues, "small", wrap=True))
        box.addWidget(line())
        box.addWidget(label(_("Disturb less"), "strong"))
        box.addLayout(_line(_("Pause between notifications of one brand (minutes)"), self.cooldown))
        box.addLayout(_line(_("Only for posts younger than (hours)"), self.max_age))
        box.addLayout(_line(_("Quiet hours"), self.quiet_from, label("–", "muted"), self.quiet_to))
        box.addWidget(label(lost, "small", wrap=True))
        box.addWidget(line())
        box.addWidget(self.desktop)
        box.addWidget(self.sound)
        box.addWidget(self.notice)
        box.addLayout(row(self.test, None, self.save))
        box.addStretch(1)
        self._name_fields()
        return inner

    def _name_fields(self) -> None:
        self.negative.setAccessibleName(_("Clearly negative from"))
        self.followers.setAccessibleName(_("Followers of the author, at least"))
        self.engagement.setAccessibleName(_("Likes, comments and shares, at least"))
        self.cooldown.setAccessibleName(_("Pause between notifications of one brand (minutes)"))
        self.max_age.setAccessibleName(_("Only for posts younger than (hours)"))
        self.quiet_from.setAccessibleName(_("Quiet hours from"))
        self.quiet_to.setAccessibleName(_("Quiet hours until"))


def _line(words: str, *inputs: QWidget) -> QHBoxLayout:
    told_ = label(words, wrap=True)
    made = row(told_, *inputs)
    made.setStretch(0, 1)
    return made


def _share() -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(0.5, 1.0)
    made.setSingleStep(0.05)
    made.setDecimals(2)
    made.setFixedWidth(96)
    roomy(made)
    return made


def _number(most: int, step: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(0, most)
    made.setSingleStep(step)
    made.setGroupSeparatorShown(True)
    made.setFixedWidth(110)
    roomy(made)
    return made


def _time() -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText("22:30")
    made.setMaxLength(5)
    made.setFixedWidth(64)
    return made
