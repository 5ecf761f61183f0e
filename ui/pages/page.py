"""What all pages have in common: a heading, and reading anew when something they care for changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from app.change import Change
from ui import theme, told
from ui.context import Context
from ui.widgets import snack
from ui.widgets.parts import label, line

T = TypeVar("T")
SOON_MS = 400


class Page(QWidget):
    """A page that cannot be seen does not ask; it catches up when it is shown."""

    cares: ClassVar[Change] = Change.NONE

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._stale = True
        # News come up to ten times a second; nobody reads a table that fast.
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._catch_up)
        context.bridge.changed.connect(self._on_change)

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
        """`work` closes over core and values only; `done` and `failed` are bound methods of this page."""
        self.context.asker.ask(self, work, done, failed or self.complain, slow=slow)

    def complain(self, error: BaseException) -> None:
        snack.say(self, told.explain(error), error=True)

    def say(self, text: str) -> None:
        snack.say(self, text)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.refresh()

    def _on_change(self, change: Change) -> None:
        if not change & self.cares:
            return
        self._stale = True
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _catch_up(self) -> None:
        if self._stale and self.isVisible():
            self._stale = False
            self.refresh()


def heading(title: str, about: str = "", *actions: QWidget) -> QHBoxLayout:
    """A page's first line: what this is, and what can be done."""
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(label(title, "title"))
    if about:
        words.addWidget(label(about, "muted", wrap=True))
    made = QHBoxLayout()
    made.setSpacing(theme.S)
    made.addLayout(words, 1)
    for action in actions:
        made.addWidget(action, 0, Qt.AlignmentFlag.AlignVCenter)
    return made


def sheet(page: QWidget, *, spacing: int = theme.L) -> QVBoxLayout:
    """A page's layout with the usual margins."""
    made = QVBoxLayout(page)
    made.setContentsMargins(theme.XL, theme.XL - 4, theme.XL, theme.XL)
    made.setSpacing(spacing)
    return made


def two_panes(
    title: QHBoxLayout, left: QWidget, right: QWidget, ground: str, sizes: tuple[int, int]
) -> QVBoxLayout:
    """A heading over a list and what is chosen in it; `ground` is the right one's role."""
    head = QWidget()
    box = QHBoxLayout(head)
    box.setContentsMargins(theme.XL, theme.XL - 4, theme.XL, theme.L)
    box.addLayout(title)
    holder = QFrame()
    holder.setProperty("role", ground)
    inner = QVBoxLayout(holder)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.addWidget(right)
    split = QSplitter(Qt.Orientation.Horizontal)
    split.addWidget(left)
    split.addWidget(holder)
    split.setChildrenCollapsible(False)
    for place, size in enumerate(sizes):
        split.setStretchFactor(place, size)
    split.setSizes(list(sizes))
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(0)
    made.addWidget(head)
    made.addWidget(line())
    made.addWidget(split, 1)
    return made
