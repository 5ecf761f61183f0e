"""Which engine judges, and how right each was on public texts. GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from app.i18n import N_, _, ngettext
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.judging.parts import Cell, Line, SideBySide, percent
from ui.pages.panel import Panel
from ui.widgets.parts import button, card, clear, column, label, pill, row

if TYPE_CHECKING:
    from app.core import EngineInfo, PublicFigure

GROUPS: dict[str, str] = {
    "social": N_("Weibo and other posts"),
    "shops": N_("Shop reviews"),
    "cars and tech": N_("Cars and technology"),
    "other": N_("Shares, Cantonese, stance"),
    "three classes": N_("With neutral posts: three tones"),
}
STALE_MS = 3000
"""How often it is asked how many old judgements are left, while there are any."""


class EnginesPanel(Panel):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._group = QButtonGroup(self)
        self._group.idClicked.connect(self._picked)
        self.choices: list[QRadioButton] = []
        self._engines: tuple[EngineInfo, ...] = ()
        self._known: tuple[PublicFigure, ...] = ()
        self._list = column(spacing=theme.M)
        self.use = button(_("Let this one judge"), self.choose, kind="primary")
        self.use.setEnabled(False)
        self.stale = label("", "muted", wrap=True)
        self.stale.hide()
        self.figures = SideBySide(_("How right they are"))
        self.sheet = self._build_sheet()
        self.sheet.hide()
        self._soon = QTimer(self, singleShot=True, interval=STALE_MS)
        self._soon.timeout.connect(self._ask_stale)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.L)
        layout.addWidget(self.notice)
        layout.addWidget(
            card(
                label(_("Who judges"), "heading"),
                self._list,
                row(self.use, None),
                self.stale,
                spacing=theme.M,
                margin=theme.L,
            )
        )
        layout.addWidget(self.sheet)

    def _build_sheet(self) -> QWidget:
        about = _(
            "Share judged right on labelled public texts that none of them had learnt from, as "
            "measured for this version. A coin gives 50 % for two tones, 33 % for three."
        )
        return card(
            label(_("How right they are"), "heading"),
            label(about, "muted", wrap=True),
            self.figures,
            spacing=theme.M,
            margin=theme.L,
        )

    def refresh(self) -> None:
        self.ask(self.context.core.engines, self.show_engines)
        self.ask(self.context.core.public_figures, self.show_public)
        self._ask_stale()

    def _ask_stale(self) -> None:
        if self.isVisible():
            self.ask(self.context.core.rejudging, self.show_stale, self.not_counted, slow=True)

    def show_stale(self, n: int) -> None:
        told = ngettext(
            "{n} mention still carries an older judgement and is judged again in the background.",
            "{n} mentions still carry an older judgement and are judged again in the background.",
            n,
        )
        self.stale.setText(told.format(n=f"{n:,}"))
        self.stale.setVisible(n > 0)
        if n:
            self._soon.start()

    def not_counted(self, _error: BaseException) -> None:
        """The judge is starting, or was just replaced; the status bar says so."""
        self._soon.start()

    def choose(self) -> None:
        wanted = self._group.checkedId()
        if wanted >= 0:
            self.use.setEnabled(False)
            self.notice.say(_("Putting it in charge…"))
            core, id_ = self.context.core, self._engines[wanted].id
            self.ask(lambda: core.choose_engine(id_), self.chosen, self.not_chosen, slow=True)

    def chosen(self, _nothing: None) -> None:
        self.notice.say(
            _("It judges from now on. What is stored is judged again by and by; nobody is alerted for it."),
            "positive",
        )
        self.refresh()

    def not_chosen(self, error: BaseException) -> None:
        self._engines = ()  # so that the choice is shown anew, as it stands
        self.refresh()
        self.complain(error)

    def show_engines(self, engines: tuple[EngineInfo, ...]) -> None:
        """What a person has picked, but not yet put in charge, stays picked while nothing changed."""
        if engines == self._engines:
            return
        for old in self.choices:
            self._group.removeButton(old)
        clear(self._list)
        self.choices, self._engines = [], engines
        for number, one in enumerate(engines):
            self._list.addLayout(self._choice(number, one))
        self.use.setEnabled(False)
        self._show_figures()

    def _choice(self, number: int, one: EngineInfo) -> QVBoxLayout:
        choice = QRadioButton(one.name)
        choice.setFont(theme.font(bold=True))
        choice.setChecked(one.chosen)
        choice.setEnabled(not one.missing)
        said = plain.one_line(one.missing or one.about, 300)
        choice.setAccessibleDescription(said)
        self._group.addButton(choice, number)
        self.choices.append(choice)
        mark = pill(_("In use"), "positive")
        mark.setVisible(one.chosen)
        about = label(said, "muted", wrap=True)
        about.setContentsMargins(24, 0, 0, 0)
        return column(row(choice, mark, None), about, spacing=2)

    def _picked(self, number: int) -> None:
        self.use.setEnabled(not self._engines[number].chosen)

    def show_public(self, figures: tuple[PublicFigure, ...]) -> None:
        if figures != self._known:
            self._known = figures
            self._show_figures()

    def _show_figures(self) -> None:
        shown = [one for one in self._engines if any(each.engine == one.id for each in self._known)]
        groups = dict.fromkeys(each.group for each in self._known)
        self.figures.show_lines(
            [one.name for one in shown],
            [self._line(group, [one.id for one in shown]) for group in groups],
        )
        self.sheet.setVisible(bool(shown))

    def _line(self, group: str, engines: list[str]) -> Line:
        of_group = {each.engine: each for each in self._known if each.group == group}
        best = max(each.accuracy for each in of_group.values())
        sets = max(each.sets for each in of_group.values())
        about = ngettext("{n} public set", "{n} public sets", sets).format(n=sets)
        name = _(GROUPS[group]) if group in GROUPS else plain.one_line(group, 40)
        return Line(name, about, tuple(_figure(of_group.get(id_), best) for id_ in engines))


def _figure(one: PublicFigure | None, best: float) -> Cell:
    if one is None:
        return Cell("—")
    # SnowNLP is slow, so it was tried on fewer texts: the number stands with each figure.
    n = ngettext("{n} text", "{n} texts", one.n).format(n=f"{one.n:,}")
    return Cell(percent(one.accuracy), n, one.accuracy == best)
