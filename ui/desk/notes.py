"""What colleagues say to each other about a mention, and where to say something. GUI thread."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QVBoxLayout, QWidget

from app.domain.queue import Note
from app.i18n import _
from ui import theme
from ui.desk import words
from ui.feed import plain
from ui.widgets.parts import button, clear, column, icon_button, label, row

SHOWN = 50


class NotesBox(QWidget):
    """`written` carries the text of a note that a person wants to leave."""

    written = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._notes: tuple[Note, ...] | None = None
        self._me = ""
        self._names: tuple[str, ...] = ()
        self._id = 0
        self._drafts: dict[int, str] = {}
        """What was begun and not left, by mention."""
        self.lines = column(spacing=theme.S)
        self.editor = _Editor()
        self.editor.setPlaceholderText(_("A note for colleagues. @ calls somebody."))
        self.editor.setAccessibleName(_("A note for colleagues"))
        self.editor.sent.connect(self.send)
        self.call = icon_button("users", _("Call somebody"), self._offer)
        self.save = button(_("Leave the note"), self.send, tip=_("Ctrl+Enter"))
        box = QVBoxLayout(self)
        box.setContentsMargins(0, theme.XS, 0, 0)
        box.setSpacing(theme.S)
        box.addWidget(label(_("Notes"), "strong"))
        box.addLayout(self.lines)
        box.addWidget(self.editor)
        box.addLayout(row(self.call, None, self.save))

    def look_at(self, id: int) -> None:
        """Another mention: what was begun about this one waits until a person is back."""
        self._drafts[self._id] = self.editor.toPlainText()
        self._id = id
        self.editor.setPlainText(self._drafts.pop(id, ""))

    def show_notes(self, notes: tuple[Note, ...], me: str, names: tuple[str, ...]) -> None:
        """What is being written stays."""
        self._names = tuple(one for one in names if one != me)
        if (notes, me) == (self._notes, self._me):
            return
        self._notes, self._me = notes, me
        clear(self.lines)
        for note in notes[-SHOWN:]:
            self.lines.addLayout(self._line(note))

    def send(self) -> None:
        """Where there is something to say."""
        text = self.editor.toPlainText().strip()
        if text:
            self.written.emit(text)

    def sent(self, id: int) -> None:
        """The note about this mention stands in the thread now."""
        if id == self._id:
            self.editor.clear()
        else:
            self._drafts.pop(id, None)

    def offer(self) -> QMenu:
        """The colleagues that can be called."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for one in self._names:
            menu.addAction(plain.one_line(one, 40).replace("&", "&&"), partial(self._insert, one))
        if not self._names:
            menu.addAction(_("No colleagues are known yet")).setEnabled(False)
        return menu

    def _line(self, note: Note) -> QVBoxLayout:
        to_me = self._me in note.to
        head = label(f"{words.name(note.by)} · {plain.clock_time(note.at)}", "small")
        text = label(plain.visible(note.text), "strong" if to_me else "", wrap=True, selectable=True)
        return column(head, text, spacing=0)

    def _offer(self) -> None:
        self.offer().popup(self.call.mapToGlobal(QPoint(0, self.call.height())))

    def _insert(self, name: str) -> None:
        self.editor.insertPlainText(f"@{name} ")
        self.editor.setFocus()


class _Editor(QPlainTextEdit):
    """Ctrl+Enter sends; Tab goes on."""

    sent = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setFixedHeight(64)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.sent.emit()
            return
        super().keyPressEvent(event)
