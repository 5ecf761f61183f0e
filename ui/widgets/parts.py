"""Labels, buttons, cards and rows in the program's own style. GUI thread.

Every label made here shows plain text: words from posts, feeds and file names are never markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui import icons, theme

Part = QWidget | QLayout | int | None
"""What a row or column holds: a widget, a layout, a space in pixels, or None for a stretch."""


Pressed = Callable[[], object] | SignalInstance | None
"""A bound method or a signal without values; never `signal.emit`, which would be given one."""


def label(text: str = "", role: str = "", *, wrap: bool = False, selectable: bool = False) -> QLabel:
    """`role` as in the style sheet: title, heading, strong, muted, small, faint, error, pill …"""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if selectable:
        made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made


class ElidedLabel(QLabel):
    """One line, cut with an ellipsis to whatever room there is; whole in the tool tip."""

    def __init__(self, text: str = "", role: str = "strong") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._whole = ""
        self.say(text)

    @property
    def whole(self) -> str:
        return self._whole

    def say(self, text: str) -> None:
        self._whole = text
        self.setAccessibleName(text)
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        shown = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width())
        if shown != self.text():
            self.setText(shown)


def pill(text: str, tone: str = "") -> QLabel:
    """A word on a soft ground; `tone`: negative, positive, warning, accent or nothing."""
    made = label(text, "pill")
    made.setProperty("tone", tone)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def set_tone(widget: QWidget, tone: str) -> None:
    """Change the tone of a pill, a notice or a banner."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        theme.restyle(widget)
        for child in widget.findChildren(QLabel):
            theme.restyle(child)


def button(
    text: str,
    pressed: Pressed = None,
    *,
    kind: str = "",
    icon: str = "",
    tip: str = "",
) -> QPushButton:
    """`kind`: primary, big, danger, quiet, chip or nothing."""
    made = QPushButton(text)
    made.setProperty("kind", kind)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setAutoDefault(False)
    if icon:
        role = {"primary": "accent_text", "big": "accent_text", "danger": "negative"}.get(kind, "muted")
        icons.dress(made, icon, role)
    if tip:
        made.setToolTip(tip)
    if pressed is not None:
        made.clicked.connect(pressed)
    return made


def icon_button(icon: str, name: str, pressed: Pressed = None) -> QToolButton:
    """A button without a word: `name` is its tool tip and what a screen reader says."""
    made = QToolButton()
    made.setToolTip(name)
    made.setAccessibleName(name)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    icons.dress(made, icon)
    if pressed is not None:
        made.clicked.connect(pressed)
    return made


def card(*parts: Part, margin: int = theme.L, spacing: int = theme.S) -> QFrame:
    """A white sheet with a hairline border; its parts stand one under the other."""
    made = QFrame()
    made.setProperty("role", "card")
    layout = QVBoxLayout(made)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    fill(layout, parts)
    return made


def line() -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setProperty("role", "line")
    return made


def row(*parts: Part, spacing: int = theme.S) -> QHBoxLayout:
    """Side by side."""
    made = QHBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    fill(made, parts)
    return made


def column(*parts: Part, spacing: int = theme.S) -> QVBoxLayout:
    """One under the other."""
    made = QVBoxLayout()
    made.setContentsMargins(0, 0, 0, 0)
    made.setSpacing(spacing)
    fill(made, parts)
    return made


def boxed(layout: QLayout) -> QWidget:
    """A layout as a widget, to hide and show it."""
    made = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    made.setLayout(layout)
    return made


def fill(layout: QBoxLayout, parts: Sequence[Part]) -> None:
    """Put parts into a row or column."""
    for part in parts:
        if part is None:
            layout.addStretch(1)
        elif isinstance(part, int):
            layout.addSpacing(part)
        elif isinstance(part, QWidget):
            layout.addWidget(part)
        else:
            layout.addLayout(part)


def scrolled(inner: QWidget) -> QScrollArea:
    """Something taller than the window may be."""
    made = QScrollArea()
    made.setWidgetResizable(True)
    made.setFrameShape(QFrame.Shape.NoFrame)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    inner.setProperty("role", "page")
    made.setWidget(inner)
    made.viewport().setAutoFillBackground(False)
    inner.setAutoFillBackground(False)
    return made


def roomy(box: QAbstractSpinBox) -> None:
    """A little space before a number, which a style sheet cannot give."""
    box.lineEdit().setTextMargins(6, 0, 0, 0)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout and let it go."""
    while layout.count():
        item = layout.takeAt(0)
        if item is None:
            return
        widget = item.widget()
        inner = item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)
