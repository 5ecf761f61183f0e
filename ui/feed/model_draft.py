"""A draft by a language model, in the composer: what would leave is shown, then the text is written as it
comes, and each sentence says what it rests on. Marked ones must be looked at before the text may go out.

GUI thread. The request runs on a thread of its own through the asker and can be cancelled at any moment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.change import Change
from app.domain.cancel import Cancel
from app.domain.draft import Manner
from app.domain.modelling import (
    DOUBTS,
    Doubt,
    Drafted,
    Mark,
    ModelDraft,
    Prepared,
    Progress,
    Sentence,
    Source,
    joined,
)
from app.i18n import _, listed, ngettext
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.feed.standing import Question
from ui.widgets.parts import button, card, clear, column, label, pill, row, scrolled

if TYPE_CHECKING:
    from app.core import Core

TALL = 190
"""Pixels of the list of sentences at the most."""


class _State(NamedTuple):
    on: bool
    preview: bool
    host: str
    marks: tuple[Mark, ...]


def _state(core: Core, id_: int) -> _State:
    model = core.model()
    return _State(model.on, model.preview, model.host, core.unseen_of(id_))


class SentenceRow(QWidget):
    """A sentence, the sources it names, and the box to tick where it is marked."""

    looked = Signal(str)
    """The sentence that a person has looked at."""
    opened = Signal(str)
    """A source's id."""

    def __init__(self, text: str, sources: Sequence[str], doubts: Sequence[Doubt]) -> None:
        super().__init__()
        self.text = text
        self.box = QCheckBox(_("Looked at"))
        self.box.setVisible(bool(doubts))
        self.box.toggled.connect(self._tick)
        said = label(plain.visible(text), wrap=True, selectable=True)
        self.chips: list[QPushButton] = []
        for id_ in sources:
            chip = button(id_, kind="chip", tip=_("Show what it rests on"))
            chip.clicked.connect(partial(self.opened.emit, id_))
            self.chips.append(chip)
        self._why = label(listed(_(DOUBTS[one]) for one in doubts), "error", wrap=True)
        self._why.setVisible(bool(doubts))
        self._pill = pill(_("Look at this"), "warning") if doubts else pill(_("Has a source"), "positive")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.XS, 0, theme.XS)
        layout.setSpacing(theme.XS)
        layout.addWidget(said)
        layout.addLayout(row(self._pill, *self.chips, self._why, None, self.box))

    @property
    def waits(self) -> bool:
        """Marked, and nobody has looked at it."""
        return not self.box.isHidden() and not self.box.isChecked()

    def _tick(self, on: bool) -> None:
        self.box.setEnabled(not on)
        if on:
            self.looked.emit(self.text)


class ModelDrafter(QWidget):
    """`draft` is the button for the composer's row of choices; `edit` takes the text."""

    working = Signal(bool)
    """Writing: the text is not to be touched."""
    drafted = Signal(object)
    """ModelDraft: its text stands in the editor."""
    fell_back = Signal(object)
    """Draft: the template's, since the model's failed."""
    changed = Signal()
    """Something that `blocked` asks about is different."""

    def __init__(
        self, context: Context, mention_id: int, edit: QPlainTextEdit, manner: Callable[[], Manner]
    ) -> None:
        super().__init__()
        self._context = context
        self._id = mention_id
        self._edit = edit
        self._manner = manner
        self._state: _State | None = None
        self._prepared: Prepared | None = None
        self._cancel: Cancel | None = None
        self._before = ""
        self._sources: dict[str, Source] = {}
        self.rows: list[SentenceRow] = []
        self.draft = button(_("Draft by the model"), self.begin, icon="sparkle")
        self.draft.hide()
        self._build()
        context.bridge.changed.connect(self._on_change)
        self._read()

    def _build(self) -> None:
        self.leaving = QPlainTextEdit()
        self.leaving.setReadOnly(True)
        self.leaving.setAccessibleName(_("What leaves this machine"))
        self.leaving.setFixedHeight(170)
        self._leaving_words = label("", wrap=True)
        self.go = button("", self._go, kind="primary", icon="send")
        self.leave_off = button(_("Cancel"), self._off, kind="quiet")
        self.question = card(
            self._leaving_words, self.leaving, row(None, self.leave_off, self.go), margin=theme.M
        )
        self.question.hide()
        self.progress = Question()
        self.progress.declined.connect(self.cancel)
        self.note = Question()
        self.note.declined.connect(self._back)
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, theme.S, 0)
        self._list.setSpacing(theme.XS)
        inner = QWidget()
        inner.setLayout(self._list)
        self.sentences = scrolled(inner)
        self.sentences.setMaximumHeight(TALL)
        self.sentences.setMinimumHeight(110)
        self.sentences.hide()
        self._source_name = label("", "strong", wrap=True)
        self._source_text = label("", "small", wrap=True, selectable=True)
        self.source = card(self._source_name, self._source_text, margin=theme.M)
        self.source.hide()
        layout = column(self.question, self.progress, self.note, self.sentences, self.source)
        layout.setContentsMargins(0, 0, 0, 0)
        self.setLayout(layout)

    # what is known

    def _on_change(self, change: Change) -> None:
        if change & (Change.SETTINGS | Change.OUTBOX):
            self._read()

    def _read(self) -> None:
        work = partial(_state, self._context.core, self._id)
        self._context.asker.ask(self, work, self._show, self._not_read)

    def _show(self, state: _State) -> None:
        self._state = state
        self.draft.setVisible(state.on)
        if state.on:
            self.draft.setToolTip(_("Asks {host}").format(host=state.host))
        missing = [mark for mark in state.marks if all(one.text != mark.sentence for one in self.rows)]
        for mark in missing:
            self._add(mark.sentence, (), mark.doubts)
        self._settle()

    def _not_read(self, _error: BaseException) -> None:
        self.draft.hide()

    def blocked(self) -> tuple[str, ...]:
        """Marked sentences in the editor that nobody has looked at."""
        waiting = [one.text for one in self.rows if one.waits]
        return self._context.core.standing_in(waiting, self._edit.toPlainText()) if waiting else ()

    # asking

    def begin(self) -> None:
        """What would leave is put together, and shown where the person wants that."""
        self.note.hide()
        self.draft.setEnabled(False)
        work = partial(self._context.core.prepare_model, self._id, self._manner())
        self._context.asker.ask(self, work, self._ready, self._refused)

    def _ready(self, prepared: Prepared) -> None:
        self._prepared = prepared
        if self._state is not None and not self._state.preview:
            self._go()
            return
        n = len(prepared.masked)
        told = _("This is what will leave this machine, to {host}.").format(host=prepared.host)
        masked = ngettext("{n} name or number is masked.", "{n} names and numbers are masked.", n)
        self._leaving_words.setText(f"{told} {masked.format(n=n)}")
        self.leaving.setPlainText(plain.visible(prepared.readable))
        self.go.setText(_("Send to {host}").format(host=prepared.host))
        self.question.show()
        self.go.setFocus()

    def _off(self) -> None:
        self.question.hide()
        self.draft.setEnabled(True)

    def _go(self) -> None:
        prepared = self._prepared
        if prepared is None or self._cancel is not None:
            return
        self.question.hide()
        self.source.hide()
        self._forget()
        self._before = self._edit.toPlainText()
        self._edit.setReadOnly(True)
        self._cancel = cancel = Cancel()
        told = _("{model} is writing…").format(model=plain.one_line(prepared.model, 60))
        self.progress.put(told, no=_("Cancel"), tone="accent")
        self.working.emit(True)
        core = self._context.core
        self._context.asker.listen(
            self,
            lambda tell: core.model_draft(prepared, tell, cancel),
            self._heard,
            self._came,
            self._refused,
        )

    def hideEvent(self, event: QHideEvent) -> None:
        if not event.spontaneous():  # closed, not just out of sight
            self.cancel()
        super().hideEvent(event)

    def cancel(self) -> None:
        """End the request, if there is one."""
        if self._cancel is not None:
            self._cancel.set()

    def _heard(self, progress: Progress) -> None:
        if self._cancel is not None and not self._cancel.is_set:
            self._edit.setPlainText(plain.visible(joined(progress.sentences)))

    def _came(self, made: Drafted) -> None:
        self._end()
        if made.cancelled:
            self._edit.setPlainText(self._before)
        elif made.draft is not None:
            self._take(made.draft)
        elif made.fallback is not None:
            self._edit.setPlainText(self._before)
            told = _("{why} The draft from before stays.")
            self.note.put(told.format(why=plain.visible(made.why)), tone="warning")
            self.fell_back.emit(made.fallback)
        self._settle()

    def _refused(self, error: BaseException) -> None:
        if self._cancel is not None:
            self._end()
            self._edit.setPlainText(self._before)
        self.draft.setEnabled(True)
        self.note.put(plain.problem(error), tone="negative")
        self._settle()

    def _end(self) -> None:
        self._cancel = None
        self.progress.hide()
        self.draft.setEnabled(True)
        self._edit.setReadOnly(False)
        self.working.emit(False)

    # what came

    def _take(self, draft: ModelDraft) -> None:
        self._sources = {one.id: one for one in draft.sources}
        self._edit.setPlainText(plain.visible(draft.text))
        for one in draft.sentences:
            self._add_sentence(one)
        marked = len(draft.marked)
        told = ngettext(
            "Drafted by {model}. {n} sentence rests on nothing we know: look at it, or change it.",
            "Drafted by {model}. {n} sentences rest on nothing we know: look at them, or change them.",
            marked,
        )
        if not marked:
            told = _("Drafted by {model}. Every sentence names what it rests on.")
        words = told.format(model=plain.one_line(draft.model, 60), n=marked)
        tone = "warning" if marked else "positive"
        back = _("Back to my text") if self._before.strip() else ""
        self.note.put(f"{words} {draft.note}".strip(), no=back, tone=tone)
        self.drafted.emit(draft)

    def _back(self) -> None:
        """What stood there before the model wrote."""
        self._edit.setPlainText(self._before)
        self._forget()
        self._settle()

    def _add_sentence(self, one: Sentence) -> None:
        self._add(one.text, one.sources, one.doubts)

    def _add(self, text: str, sources: Sequence[str], doubts: Sequence[Doubt]) -> None:
        made = SentenceRow(text, sources, doubts)
        made.looked.connect(self._looked)
        made.opened.connect(self.open_source)
        self.rows.append(made)
        self._list.addWidget(made)

    def _forget(self) -> None:
        self.rows.clear()
        clear(self._list)
        self.sentences.hide()

    def _settle(self) -> None:
        self.sentences.setVisible(bool(self.rows))
        self.changed.emit()

    def _looked(self, text: str) -> None:
        work = partial(self._context.core.see_sentences, self._id, (text,))
        self._context.asker.ask(self, work, self._noted, self._not_noted)
        self.changed.emit()

    def _noted(self, _nothing: None) -> None:
        self.changed.emit()

    def _not_noted(self, error: BaseException) -> None:
        self.note.put(plain.problem(error), tone="negative")

    def open_source(self, id_: str) -> None:
        """What a sentence rests on, in full."""
        found = self._sources.get(id_)
        if found is None:
            return
        title = plain.one_line(found.title, 120)
        self._source_name.setText(f"{id_}  {title}".rstrip())
        self._source_text.setText(plain.squeezed(found.text, 1500))
        self.source.show()
