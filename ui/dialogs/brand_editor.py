"""Name a brand, write its query, and see what it would have matched before saving. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.domain.watch import Watch
from app.errors import ConfigError, QueryError
from app.i18n import _, ngettext
from ui import theme, told
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.forms import split_lines
from ui.widgets import plot
from ui.widgets.day_chart import DayChart
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import card, column, label, row
from ui.widgets.query_edit import QueryEdit
from ui.widgets.samples import Samples
from ui.widgets.segments import Segments

if TYPE_CHECKING:
    from app.core import Preview

TYPING_MS = 400
DAYS = 30


class BrandEditor(AskingSheet):
    """`saved` carries the Watch as it was stored."""

    saved = Signal(object)

    def __init__(self, context: Context, watch: Watch | None = None, parent: QWidget | None = None) -> None:
        super().__init__(context, _("Edit brand") if watch else _("New brand"), parent)
        self._id = watch.id if watch else 0
        self.resize(940, 640)
        self.name = QLineEdit()
        self.name.setPlaceholderText(_("As you call it, such as Starlight Phones"))
        self.whose = Segments([("own", _("Ours")), ("competitor", _("A competitor's"))], _("Whose brand"))
        self.query = QueryEdit(context.core.check_text_query)
        self.aliases = QLineEdit()
        self.exclusions = QLineEdit()
        self.preview = PreviewPane()
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._typing.timeout.connect(self.look)
        self._lay()
        if watch:
            self._fill(watch)
        self._connect()
        self.chief = self.buttons(_("Save"), self.save)
        self._typing.start()
        self.ask(plot.load, self.chart_loaded, slow=True)

    def chart_loaded(self, _nothing: None) -> None:
        self.preview.chart.draw()

    def watch(self) -> Watch:
        """As it stands in the fields. Without a query, the name is looked for."""
        name = self.name.text().strip()
        return Watch(
            id=self._id,
            name=name,
            query=self.query.text().strip() or _quoted(name),
            competitor=self.whose.current == "competitor",
            aliases=split_lines(self.aliases.text()),
            exclusions=split_lines(self.exclusions.text()),
        )

    def look(self) -> None:
        """What would have been matched."""
        watch = self.watch()
        if not watch.query or not self.query.is_good:
            self.preview.show_nothing()
            return
        self.preview.states.show_loading()
        work = partial(self.context.core.preview_brand, watch, DAYS)
        self.ask(work, self.preview_found, self.preview_failed, slow=True)

    def preview_found(self, preview: Preview) -> None:
        self.preview.show_preview(preview)

    def preview_failed(self, error: BaseException) -> None:
        if isinstance(error, QueryError) and self.query.text().strip():
            self.query.show_error(error)
            self.preview.show_nothing()
        else:
            self.preview.states.show_failed(told.explain(error))

    def save(self) -> None:
        self.problem.quiet()
        self.chief.setEnabled(False)
        self.ask(partial(self.context.core.save_brand, self.watch()), self.was_saved, self.not_saved)

    def was_saved(self, watch: Watch) -> None:
        self.saved.emit(watch)
        self.accept()

    def not_saved(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.complain(error)
        if isinstance(error, QueryError) and self.query.text().strip():
            self.query.show_error(error)
            self.query.setFocus()
        elif isinstance(error, ConfigError) and error.field == "name":
            self.name.setFocus()

    def _edited(self) -> None:
        self.problem.quiet()
        self._typing.start()

    def _fill(self, watch: Watch) -> None:
        self.name.setText(watch.name)
        self.query.set_text(watch.query)
        self.whose.choose("competitor" if watch.competitor else "own")
        self.aliases.setText(", ".join(watch.aliases))
        self.exclusions.setText(", ".join(watch.exclusions))
        for box in (self.aliases, self.exclusions):
            box.setCursorPosition(0)

    def _connect(self) -> None:
        for one in (self.name, self.aliases, self.exclusions):
            one.textEdited.connect(self._edited)
        self.query.edited.connect(self._edited)
        self.preview.states.retry.connect(self.look)
        self.name.setFocus()

    def _lay(self) -> None:
        self.aliases.setPlaceholderText(_("Other names, with commas between"))
        self.exclusions.setPlaceholderText(_("Phrases that do not count, with commas between"))
        self.query.text_edit.setPlaceholderText(_("Empty: the name is looked for"))
        left = QVBoxLayout()
        left.setSpacing(theme.L)
        left.addLayout(_field(_("Name"), self.name))
        left.addLayout(row(label(_("Whose brand"), "strong"), None, self.whose))
        syntax = _("Words, “phrases”, AND OR NOT ( ), NEAR/10, author: source: followers>10000.")
        porridge = _(
            "小米 also stands in 小米粥. With 小米粥 here, porridge no longer counts; "
            "a post that names the company elsewhere still does."
        )
        left.addLayout(_field(_("Query"), self.query, syntax))
        left.addLayout(_field(_("Also called"), self.aliases))
        left.addLayout(_field(_("But not"), self.exclusions, porridge))
        left.addStretch(1)
        both = QHBoxLayout()
        both.setSpacing(theme.XL)
        both.addLayout(left, 5)
        both.addWidget(self.preview, 6)
        self.body.addLayout(both)


class PreviewPane(QWidget):
    """How many, on which days, and which."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.total = label("", "title")
        self.searched = label("", "small", wrap=True)
        self.chart = DayChart()
        self.samples = Samples()
        full = QWidget()
        box = QVBoxLayout(full)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.S)
        for one in (self.total, self.searched, self.chart):
            box.addWidget(one)
        box.addWidget(label(_("Examples"), "column"))
        box.addWidget(self.samples, 1)
        empty = EmptyState("search", "", "")
        self.states = StateStack(full, empty, loading_after_ms=400)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card(label(_("Would have matched"), "strong"), self.states))
        self.show_nothing()

    def show_nothing(self) -> None:
        self.states.empty.say(
            _("A preview appears here"),
            _("It shows what this query would have found in what is already stored."),
        )
        self.states.show_empty()

    def show_preview(self, preview: Preview) -> None:
        if not preview.searched:
            self.states.empty.say(
                _("Nothing is stored yet"),
                _("Save the brand and add a source; matches appear as soon as posts come in."),
            )
            self.states.show_empty()
            return
        n = preview.total
        self.total.setText(ngettext("{n} mention", "{n} mentions", n).format(n=f"{n:,}"))
        self.searched.setText(
            _("of {searched} looked at, in the last {days} days").format(
                searched=f"{preview.searched:,}", days=DAYS
            )
        )
        self.chart.show_days([(one.day, one.count) for one in preview.by_day])
        self.samples.show_samples(preview.samples)
        self.states.show_full()


def _field(title: str, box: QWidget, help: str = "") -> QVBoxLayout:
    words = label(title, "strong")
    words.setBuddy(box)
    box.setAccessibleName(title)
    parts: list[QWidget] = [words, box]
    if help:
        parts.append(label(help, "small", wrap=True))
    return column(*parts, spacing=theme.XS)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', " ").strip() + '"' if name else ""
