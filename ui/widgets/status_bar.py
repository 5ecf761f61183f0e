"""The foot of the window: is it polling, is it judging, is anything wrong. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.i18n import _, ngettext
from ui import icons, theme
from ui.feed import plain
from ui.widgets.parts import label

if TYPE_CHECKING:
    from app.core import Overview


class StatusBar(QFrame):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "statusbar")
        self.setFixedHeight(30)
        self.setAccessibleName(_("State"))
        self.polling, self.scorer, self.sources = Sign(), Sign(), Sign()
        self.unscored = label("")
        self.mentions = label("")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, 0, theme.L, 0)
        layout.setSpacing(theme.XL - 4)
        for one in (self.polling, self.sources, self.scorer, self.unscored):
            layout.addWidget(one)
        layout.addStretch(1)
        layout.addWidget(self.mentions)

    def show_state(self, told: Overview, *, polling: bool, polling_by: str) -> None:
        self._show_polling(told, polling, polling_by)
        self._show_sources(told)
        self._show_scorer(told.scorer)
        n = told.unscored
        self.unscored.setText(_("{n} wait to be judged").format(n=f"{n:,}"))
        self.unscored.setVisible(n > 0)
        n = told.mentions
        self.mentions.setText(ngettext("{n} mention", "{n} mentions", n).format(n=f"{n:,}"))

    def show_lost(self) -> None:
        """The data cannot be reached."""
        self.polling.show_sign("health-person", "negative", _("No data"))

    def _show_polling(self, told: Overview, polling: bool, by: str) -> None:
        if not polling:
            who = plain.squeezed(by, 60) or _("another program")
            self.polling.show_sign(
                "info", "warning", _("Read by {who}; this window only shows").format(who=who)
            )
        elif told.sources:
            self.polling.show_sign("health-ok", "positive", _("Listening"))
        else:
            self.polling.show_sign("health-paused", "muted", _("Nothing to listen to"))

    def _show_sources(self, told: Overview) -> None:
        self.sources.setVisible(told.sources > 0)
        n = told.sources
        self.sources.setToolTip(
            "\n".join(plain.one_line(name, 60) for name in told.unseen[:12]).replace("<", "‹")
        )
        if told.troubled:
            words = ngettext("{bad} of {n} source in trouble", "{bad} of {n} sources in trouble", n)
            self.sources.show_sign("health-trouble", "warning", words.format(bad=told.troubled, n=n))
        else:
            words = ngettext("{n} source, healthy", "{n} sources, all healthy", n)
            self.sources.show_sign("source", "muted", words.format(n=n))

    def _show_scorer(self, state: str) -> None:
        what, _colon, why = state.partition(":")
        match what:
            case "ready":
                self.scorer.show_sign("check", "muted", _("Judging is ready"))
            case "starting":
                self.scorer.show_sign("clock", "muted", _("Judging starts"))
            case "stopped":
                self.scorer.show_sign("health-paused", "muted", _("Judging rests"))
            case _:
                self.scorer.show_sign("health-trouble", "warning", _("Judging failed"))
                self.scorer.setToolTip(plain.squeezed(why or state, 200).replace("<", "‹"))


class Sign(QFrame):
    """A small picture and a word."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = ("", "", "")
        self._picture: QLabel | None = None
        self.words = label("")
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(6)
        self._box.addWidget(self.words)

    def show_sign(self, icon: str, role: str, words: str) -> None:
        if self._shown == (icon, role, words):
            return
        self._shown = (icon, role, words)
        if self._picture is not None:
            self._picture.deleteLater()
        self._picture = icons.picture(icon, 14, role)
        self._box.insertWidget(0, self._picture)
        self.words.setText(words)
        self.setAccessibleName(words)
