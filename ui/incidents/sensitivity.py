"""How easily a brand alarms, in three words, each with what it would have done. GUI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.domain.warning import Case, Rehearsal
from app.domain.watch import Watch
from app.i18n import N_, _, clauses, ngettext
from ui import theme, told
from ui.context import Context
from ui.dialogs.posts import Behind, PostsSheet
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.incidents.words import SENSITIVITIES, sensitivity_word
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, label
from ui.widgets.table import Column, Table

DAYS = 30
_ABOUT = {
    "sensitive": N_("For a launch, a recall, a brand under attack"),
    "balanced": N_("For every day"),
    "quiet": N_("For a brand that is talked about day and night"),
}


class SensitivitySheet(AskingSheet):
    """`mention_opened` carries a post of a case; `saved` that the setting was changed."""

    mention_opened = Signal(int)
    saved = Signal()

    def __init__(self, context: Context, brand: Watch, parent: QWidget | None = None) -> None:
        title = _("Early warning for “{name}”").format(name=plain.squeezed(brand.name, 40))
        about = _(
            "How easily it alarms, and what each setting would have done with the posts that are stored."
        )
        super().__init__(context, title, parent, about=about)
        self.resize(860, 600)
        self._id = brand.id
        self._waiting: list[str] = []
        self._asked = ""
        self.rehearsals: dict[str, Rehearsal] = {}
        self.choices = {word: Choice(word) for word in SENSITIVITIES}
        self._group = QButtonGroup(self)
        self.known = label("", "small", wrap=True)
        self.cases = Table(_columns(), _("Alarms it would have raised"), _key)
        self.states = StateStack(self.cases, EmptyState("bell", "", ""))
        self._lay()
        self.see_button = button(_("See the posts"), self.see_case, icon="feed")
        self.chief = self.buttons(_("Save"), self.save, self.see_button)
        self.chief.setEnabled(False)
        self._connect()
        self._picked(None)
        self.ask(partial(context.core.sensitivity, self._id), self.show_current)

    @property
    def current(self) -> str:
        """The word that is chosen."""
        return list(self.choices)[max(0, self._group.checkedId())]

    def show_current(self, word: str) -> None:
        """The setting in force; what it would have done is asked first."""
        word = word if word in self.choices else "balanced"
        self.choices[word].setChecked(True)
        self.choices[word].setFocus(Qt.FocusReason.OtherFocusReason)
        self.chief.setEnabled(True)
        self._waiting = [word, *(one for one in self.choices if one != word)]
        self._chose()
        self._next()

    def rehearsed(self, rehearsal: Rehearsal) -> None:
        self.rehearsals[self._asked] = rehearsal
        self.choices[self._asked].show_rehearsal(rehearsal)
        if self._asked == self.current:
            self._show_cases()
        self._next()

    def not_rehearsed(self, error: BaseException) -> None:
        self.choices[self._asked].fail()
        if self._asked == self.current:
            self.states.show_failed(told.explain(error))
        self._next()

    def save(self) -> None:
        self.chief.setEnabled(False)
        work = partial(self.context.core.set_sensitivity, self._id, self.current)
        self.ask(work, self.was_saved, self.not_saved)

    def was_saved(self, _nothing: object) -> None:
        self.saved.emit()
        self.accept()

    def not_saved(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.complain(error)

    def see_case(self) -> None:
        case: Case | None = self.cases.current
        if case is not None and case.mention_ids:
            sheet = PostsSheet(self.context, Behind(title=case.told, ids=case.mention_ids), self)
            sheet.opened.connect(self._opened)
            sheet.open()

    def _opened(self, id: int) -> None:
        self.mention_opened.emit(id)
        self.reject()

    def _next(self) -> None:
        """One after the other: what is shown first comes first."""
        if not self._waiting:
            return
        self._asked = self._waiting.pop(0)
        work = partial(self.context.core.rehearse, self._id, self._asked, DAYS)
        self.ask(work, self.rehearsed, self.not_rehearsed, slow=True)

    def _again(self) -> None:
        self._waiting.append(self.current)
        if len(self._waiting) == 1:
            self.states.show_loading()
            self._next()

    def _chose(self) -> None:
        self.cases.setAccessibleName(
            _("Alarms “{word}” would have raised").format(word=sensitivity_word(self.current))
        )
        if self.current in self.rehearsals:
            self._show_cases()
        else:
            self.states.state = "loading"
            self.states.show_loading()
            self.known.setText("")

    def _show_cases(self) -> None:
        rehearsal = self.rehearsals[self.current]
        self.known.setText(_known(rehearsal))
        self.cases.show_rows(rehearsal.cases)
        if rehearsal.cases:
            self.states.show_full()
            return
        said = _("Nothing that is stored for this brand would have raised an alarm at this setting.")
        self.states.empty.say(_("It would have kept silent"), said)
        self.states.show_empty()

    def _picked(self, case: Case | None) -> None:
        self.see_button.setEnabled(case is not None and bool(case.mention_ids))

    def _activated(self, _case: Case) -> None:
        self.see_case()

    def _connect(self) -> None:
        self.states.retry.connect(self._again)
        self.cases.picked.connect(self._picked)
        self.cases.activated_row.connect(self._activated)
        self._group.idClicked.connect(self._chose)

    def _lay(self) -> None:
        cards = QHBoxLayout()
        cards.setSpacing(theme.S)
        for number, choice in enumerate(self.choices.values()):
            self._group.addButton(choice, number)
            cards.addWidget(choice, 1)
        self.body.addLayout(cards)
        self.body.addWidget(label(_("Alarms it would have raised"), "heading"))
        self.body.addWidget(self.known)
        self.body.addWidget(self.states, 1)


class Choice(QPushButton):
    """One of the three words."""

    def __init__(self, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.word = word
        self.setProperty("kind", "card")
        self.setCheckable(True)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMinimumHeight(104)
        self.figure = label("…", "heading", wrap=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        box.setSpacing(2)
        parts = (label(sensitivity_word(word), "heading"), label(_(_ABOUT[word]), "muted", wrap=True))
        for part in (*parts, self.figure):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            box.addWidget(part)
        self._speak(_("Reading…"))

    def show_rehearsal(self, rehearsal: Rehearsal) -> None:
        n = len(rehearsal.cases)
        said = ngettext(
            "{n} alarm over the last {days} days", "{n} alarms over the last {days} days", n
        ).format(n=n, days=rehearsal.days)
        self.figure.setText(said)
        self._speak(said)

    def fail(self) -> None:
        self.figure.setText("–")
        self._speak(_("This could not be counted"))

    def _speak(self, figure: str) -> None:
        self.setAccessibleName(clauses((sensitivity_word(self.word), _(_ABOUT[self.word]), figure)))


def _known(rehearsal: Rehearsal) -> str:
    """How much there was to judge by."""
    if rehearsal.known >= rehearsal.days - 1:
        return ""
    told_ = _("Only {known} of these {days} days have stored posts to judge by.")
    return told_.format(known=f"{rehearsal.known:.0f}", days=rehearsal.days)


def _key(case: Case) -> object:
    return case.at


def _columns() -> list[Column[Case]]:
    return [
        Column(_("When"), lambda one: plain.clock_time(one.at), 150),
        Column(_("What it would have said"), lambda one: plain.squeezed(one.told, 240), tip=_whole),
        Column(_("Posts"), lambda one: f"{len(one.mention_ids):,}", 80, right=True),
    ]


def _whole(case: Case) -> str:
    return plain.squeezed(case.told, 400)
