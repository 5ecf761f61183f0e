"""A part of a page that asks the core for itself. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from ui import theme, told
from ui.context import Context
from ui.widgets.notice import Notice
from ui.widgets.parts import scrolled

T = TypeVar("T")


class Panel(QWidget):
    """What goes wrong stands in its notice."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.notice = Notice()

    def refresh(self) -> None:
        """Ask anew for everything shown."""

    def ask(
        self,
        work: Callable[[], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], None] | None = None,
        *,
        slow: bool = False,
    ) -> None:
        """`work` closes over core and values only; `done` and `failed` are bound methods of this panel."""
        self.context.asker.ask(self, work, done, failed or self.complain, slow=slow)

    def complain(self, error: BaseException) -> None:
        self.notice.say(told.explain(error), "negative")


def in_page(panel: QWidget) -> QScrollArea:
    """As wide as is good to read, and scrolled where it is long."""
    inner = QWidget()
    box = QVBoxLayout(inner)
    box.setContentsMargins(0, 0, theme.M, 0)
    box.addWidget(panel)
    box.addStretch(1)
    return scrolled(inner)
