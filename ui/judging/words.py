"""Words with a weight set by hand. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from app.domain.watch import Watch
from app.errors import ConfigError
from app.i18n import N_, _
from ui import theme, told
from ui.context import Context
from ui.feed import plain
from ui.judging.parts import BrandChoice
from ui.pages.panel import Panel
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import boxed, button, card, column, label, row
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import Core, TaughtWord

WEIGHTS: dict[int, str] = {
    -3: N_("very negative"),
    -2: N_("negative"),
    -1: N_("a little negative"),
    0: N_("matter of fact"),
    1: N_("a little positive"),
    2: N_("positive"),
    3: N_("very positive"),
}


class Seen(NamedTuple):
    brands: tuple[Watch, ...]
    words: tuple[TaughtWord, ...]


class WordsPanel(Panel):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._names: dict[int, str] = {}
        self.brand = BrandChoice()
        self.phrase = QLineEdit()
        self.phrase.setPlaceholderText(_("A word or phrase, such as 拉胯"))
        self.phrase.setAccessibleName(_("Word"))
        self.phrase.setClearButtonEnabled(True)
        self.phrase.setMaxLength(64)
        self.weight = QComboBox()
        self.weight.setAccessibleName(_("Weight"))
        for weight, words in WEIGHTS.items():
            self.weight.addItem(f"{weight:+d}  {_(words)}" if weight else f"0  {_(words)}", weight)
        self.weight.setCurrentIndex(1)
        self.put = button(_("Add"), self.add, kind="primary", icon="plus")
        self.take = button(_("Remove"), self.remove, icon="trash", kind="danger")
        self.take.setEnabled(False)
        self.table = Table(self._columns(), _("Word list"), _key)
        self.table.setMinimumHeight(150)
        gone = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.table)
        gone.setContext(Qt.ShortcutContext.WidgetShortcut)
        gone.activated.connect(self.remove)
        empty = EmptyState(
            "edit",
            _("No word has a weight of its own"),
            _("What your customers mean by a word, the judge may not know. Tell it above."),
        )
        self.states = StateStack(card(self.table, margin=1), empty)
        about = _(
            "Wherever a word of this list stands, it moves the tone by so much, and is marked as the "
            "reason. The longest one counts, and none right behind a negation (不, 没有 …)."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.M)
        layout.addWidget(self.notice)
        layout.addWidget(label(about, "muted", wrap=True))
        self.wrong = label("", "error", wrap=True)
        self.wrong.hide()
        self.phrase.setMinimumWidth(150)
        self.phrase.setMaximumWidth(360)
        self.brand.setMaximumWidth(220)
        entry = row(self.brand, 0, self.phrase, self.weight, self.put, None, self.take)
        entry.setStretch(2, 1)
        layout.addWidget(boxed(column(entry, self.wrong, spacing=theme.XS)))
        layout.addWidget(self.states, 1)
        self.phrase.returnPressed.connect(self.add)
        self.phrase.textEdited.connect(self._blame_nothing)
        self.brand.brand_chosen.connect(self.refresh)
        self.table.picked.connect(self._picked)
        self.states.retry.connect(self.refresh)

    def refresh(self) -> None:
        self.states.show_loading()
        self.ask(partial(_seen, self.context.core, self.brand.brand_id), self.show_seen, self.failed)

    def show_seen(self, seen: Seen) -> None:
        self._names = {brand.id: brand.name for brand in seen.brands}
        self.brand.show_brands(seen.brands)
        self.table.show_rows(seen.words)
        if seen.words:
            self.states.show_full()
        else:
            self.states.show_empty()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def add(self) -> None:
        """Enter in the field, or the button. Building the layer anew takes a moment."""
        if not self.put.isEnabled():
            return
        phrase, weight = self.phrase.text().strip(), int(self.weight.currentData())
        self.put.setEnabled(False)
        work = partial(self.context.core.put_word, self.brand.brand_id, phrase, weight)
        self.ask(work, self.added, self.not_added, slow=True)

    def added(self, word: TaughtWord) -> None:
        self.put.setEnabled(True)
        self._blame_nothing()
        self.phrase.clear()
        self.phrase.setFocus(Qt.FocusReason.OtherFocusReason)
        said = _("“{phrase}” counts as {weight} from now on.")
        self.notice.say(
            said.format(phrase=plain.one_line(word.phrase, 40), weight=_weight(word)), "positive"
        )
        self.refresh()

    def not_added(self, error: BaseException) -> None:
        """What is wrong with the word stands under it."""
        self.put.setEnabled(True)
        self.notice.quiet()
        if isinstance(error, ConfigError) and error.field in ("phrase", "weight"):
            self._blame(self.phrase if error.field == "phrase" else self.weight, told.explain(error))
        else:
            self.complain(error)

    def remove(self) -> None:
        word: TaughtWord | None = self.table.current
        if word is not None and self.take.isEnabled():
            self.take.setEnabled(False)
            work = partial(_removed, self.context.core, word)
            self.ask(work, self.removed, self.not_removed, slow=True)

    def removed(self, word: TaughtWord) -> None:
        said = _("“{phrase}” has no weight of its own any more.")
        self.notice.say(said.format(phrase=plain.one_line(word.phrase, 40)), "positive")
        self.refresh()

    def not_removed(self, error: BaseException) -> None:
        self.complain(error)
        self.refresh()

    def _blame(self, field: QWidget, words: str) -> None:
        self.wrong.setText(words)
        self.wrong.show()
        field.setProperty("bad", True)
        field.setAccessibleDescription(words)
        theme.restyle(field)
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _blame_nothing(self) -> None:
        self.wrong.hide()
        for field in (self.phrase, self.weight):
            if field.property("bad"):
                field.setProperty("bad", False)
                field.setAccessibleDescription("")
                theme.restyle(field)

    def _picked(self, word: TaughtWord | None) -> None:
        self.take.setEnabled(word is not None)

    def _columns(self) -> list[Column[TaughtWord]]:
        return [
            Column(_("Word"), _phrase, 170, bold=True),
            Column(_("Weight"), _weight, 140, color=_color),
            Column(_("For"), self._whose, tip=self._whose),
            Column(_("By"), _by, 100, tip=_by),
            Column(_("Since"), _since, 140),
        ]

    def _whose(self, word: TaughtWord) -> str:
        if word.brand_id is None:
            return _("All brands")
        return plain.one_line(self._names.get(word.brand_id, ""), 60)


def _seen(core: Core, brand_id: int | None) -> Seen:
    return Seen(core.brands(), core.taught_words(brand_id))


def _removed(core: Core, word: TaughtWord) -> TaughtWord:
    core.remove_word(word.id)
    return word


def _key(word: TaughtWord) -> int:
    return word.id


def _phrase(word: TaughtWord) -> str:
    return plain.one_line(word.phrase, 64)


def _weight(word: TaughtWord) -> str:
    weight = round(word.weight)
    if weight not in WEIGHTS:
        return f"{word.weight:+g}"
    return f"{weight:+d}  {_(WEIGHTS[weight])}" if weight else f"0  {_(WEIGHTS[0])}"


def _color(word: TaughtWord) -> str:
    now = theme.colors()
    return now.negative if word.weight < 0 else now.positive if word.weight > 0 else now.text


def _by(word: TaughtWord) -> str:
    return plain.one_line(word.by, 30)


def _since(word: TaughtWord) -> str:
    return plain.clock_time(word.at)
