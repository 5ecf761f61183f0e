"""The four states of every list: nothing there, being read, failed, and full. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.i18n import _
from ui import icons, theme
from ui.widgets.parts import button as make_button
from ui.widgets.parts import label


class EmptyState(QWidget):
    """A picture, what is (not) here, and what to do next."""

    pressed = Signal()

    def __init__(
        self, icon: str, title: str, text: str, button: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.icon = icons.picture(icon, 40, "faint")
        self.title = label(title, "heading", wrap=True)
        self.text = label(text, "muted", wrap=True)
        self.button: QPushButton | None = None
        if button:
            self.button = make_button(button, self.pressed, kind="primary")
        column = QVBoxLayout()
        column.setSpacing(theme.S)
        column.addStretch(2)
        column.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(theme.XS)
        for one in (self.title, self.text):
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
            column.addWidget(one)
        if self.button is not None:
            column.addSpacing(theme.S)
            column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        # Words may take 400 pixels and no more, in the middle.
        middle = QWidget()
        middle.setLayout(column)
        middle.setMaximumWidth(400)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.L, theme.L, theme.L, theme.L)
        layout.addStretch(1)
        layout.addWidget(middle, 1000)
        layout.addStretch(1)

    def say(self, title: str, text: str) -> None:
        """Other words for the same state (nothing at all; nothing that fits the filter)."""
        self.title.setText(title)
        self.text.setText(text)


class Spinner(QWidget):
    """A turning arc, still while it cannot be seen."""

    def __init__(self, size: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(size, size)
        self._angle = 0
        self._timer = QTimer(self, interval=40)
        self._timer.timeout.connect(self._turn)

    def showEvent(self, _event: QShowEvent) -> None:
        self._timer.start()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        painter.setPen(QPen(QColor(theme.colors().line), 2.5))
        painter.drawEllipse(inset)
        pen = QPen(QColor(theme.colors().accent), 2.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(inset, -self._angle * 16, 100 * 16)
        painter.end()

    def _turn(self) -> None:
        # Asked here, not in hideEvent: Qt hides a widget while it is being destroyed, too.
        if not self.isVisible():
            self._timer.stop()
            return
        self._angle = (self._angle + 12) % 360
        self.update()


class StateStack(QStackedWidget):
    """Holds a list and shows it, or why it cannot be seen.

    `retry` is emitted by the button of the failed state, `acted` by that of the empty one. The
    loading state appears only after a moment, so that quick answers do not flicker.
    """

    retry = Signal()
    acted = Signal()

    def __init__(
        self,
        full: QWidget,
        empty: EmptyState,
        parent: QWidget | None = None,
        *,
        loading_after_ms: int = 200,
    ) -> None:
        super().__init__(parent)
        self.state = "empty"
        self.full = full
        self.empty = empty
        self.loading = _Loading()
        self.failed = EmptyState("warning", _("This could not be read"), "", _("Try again"))
        self._blank = QWidget()
        for one in (self._blank, full, empty, self.loading, self.failed):
            self.addWidget(one)
        self._later = QTimer(self, singleShot=True, interval=loading_after_ms)
        self._later.timeout.connect(self._really_loading)
        empty.pressed.connect(self.acted)
        self.failed.pressed.connect(self.retry)

    def show_full(self) -> None:
        self._go("full", self.full)

    def show_empty(self) -> None:
        self._go("empty", self.empty)

    def show_failed(self, text: str) -> None:
        """`text` says what happened, in words a person can act on."""
        self.failed.text.setText(text)
        self._go("failed", self.failed)

    def show_loading(self) -> None:
        """What is shown stays while it is read again; only a first reading shows the spinner."""
        if self.state == "full":
            return
        self.state = "loading"
        if self.currentWidget() is not self.loading:
            self.setCurrentWidget(self._blank)
            self._later.start()

    def _go(self, state: str, widget: QWidget) -> None:
        self._later.stop()
        self.state = state
        self.setCurrentWidget(widget)

    def _really_loading(self) -> None:
        if self.state == "loading":
            self.setCurrentWidget(self.loading)


class _Loading(QWidget):
    def __init__(self) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addWidget(Spinner(), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(theme.S)
        layout.addWidget(label(_("Reading…"), "muted"), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
