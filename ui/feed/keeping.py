"""After an answer: keep it in the knowledge base with one click. GUI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QWidget

from app.domain.draft import Rest
from app.domain.knowledge import Entry
from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.feed import plain
from ui.widgets.parts import button, label, set_tone


class Keeping(QFrame):
    """Hidden until the mention is answered."""

    opened = Signal(object)
    """Rest: the entry that was made, to be looked at."""

    def __init__(
        self, context: Context, mention_id: int, edit: QPlainTextEdit, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._context = context
        self._id = mention_id
        self._edit = edit
        self.entry_id = 0
        """The entry the answer was made of."""
        self._kept: Entry | None = None
        self.words = label("", wrap=True)
        self.keep = button(_("Save to knowledge base"), self._keep, icon="save")
        self.add = button("", self._add, icon="plus")
        self.see = button(_("Open the entry"), self._see, kind="quiet")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        layout.addWidget(self.words, 1)
        for one in (self.add, self.keep, self.see):
            layout.addWidget(one)
        self.hide()

    def offer(self) -> None:
        """The mention is answered with what stands in the composer."""
        if not self.isHidden():
            return
        self.words.setText(_("Will somebody ask this again?"))
        self.add.setText(_("Add this wording to entry {id}").format(id=self.entry_id))
        self.add.setVisible(bool(self.entry_id))
        self.see.hide()
        self.show()

    def _keep(self) -> None:
        self._ask(partial(self._context.core.keep_answer, self._id, self._edit.toPlainText()))

    def _add(self) -> None:
        self._ask(partial(self._context.core.add_wording, self.entry_id, self._id))

    def _ask(self, work: partial[Entry]) -> None:
        self.keep.setEnabled(False)
        self.add.setEnabled(False)
        self._context.asker.ask(self, work, self._done, self._failed)

    def _done(self, entry: Entry) -> None:
        self._kept = entry
        set_tone(self, "positive")
        saved = _("Kept as entry {id}: {title}")
        self.words.setText(saved.format(id=entry.id, title=plain.squeezed(entry.title, 60)))
        self.keep.hide()
        self.add.hide()
        self.see.show()

    def _failed(self, error: BaseException) -> None:
        set_tone(self, "negative")
        self.words.setText(told.explain(error))
        self.keep.setEnabled(True)
        self.add.setEnabled(True)

    def _see(self) -> None:
        if self._kept is not None:
            self.opened.emit(Rest("entry", self._kept.id, self._kept.title))
