"""The frame of every dialog: a title, a body, what went wrong, and the buttons. GUI thread.

Dialogs are opened with `open()`, never `exec()`: no second event loop, and a test can go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.i18n import _
from ui import theme, told
from ui.context import Context
from ui.widgets.notice import Notice
from ui.widgets.parts import button, label

T = TypeVar("T")


class Sheet(QDialog):
    """Destroyed when closed. The chief button is the Enter key's."""

    def __init__(self, title: str, parent: QWidget | None = None, *, about: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.body = QVBoxLayout()
        self.body.setSpacing(theme.M)
        self.problem = Notice()
        self.footer = QHBoxLayout()
        self.footer.setSpacing(theme.S)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.XL, theme.XL - 4, theme.XL, theme.L)
        layout.setSpacing(theme.M)
        layout.addWidget(label(title, "title"))
        if about:
            layout.addWidget(label(about, "muted", wrap=True))
        layout.addLayout(self.body, 1)
        layout.addWidget(self.problem)
        layout.addLayout(self.footer)

    def buttons(
        self,
        chief: str,
        pressed: Callable[[], object],
        *left: QWidget,
        kind: str = "primary",
        cancel: str = "",
    ) -> QPushButton:
        """Cancel and the chief button, on the right; others on the left."""
        for one in left:
            self.footer.addWidget(one)
        self.footer.addStretch(1)
        self.footer.addWidget(button(cancel or _("Cancel"), self.reject))
        made = button(chief, pressed, kind=kind)
        made.setDefault(True)
        self.footer.addWidget(made)
        return made

    def complain(self, error: BaseException) -> None:
        """Under the body, above the buttons."""
        self.problem.say(told.explain(error), "negative")


class AskingSheet(Sheet):
    """A dialog that asks the core."""

    def __init__(
        self, context: Context, title: str, parent: QWidget | None = None, *, about: str = ""
    ) -> None:
        super().__init__(title, parent, about=about)
        self.context = context

    def ask(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None] | None = None,
        *,
        slow: bool = False,
    ) -> None:
        self.context.asker.ask(self, work, done, failed or self.complain, slow=slow)


class Confirm(Sheet):
    """Says exactly what will happen; `accepted` is emitted when a person agrees."""

    def __init__(self, parent: QWidget, title: str, text: str, action: str) -> None:
        super().__init__(title, parent)
        self.setMinimumWidth(440)
        self.body.addWidget(label(text, "muted", wrap=True))
        self.buttons(action, self.accept, kind="danger").setDefault(False)
