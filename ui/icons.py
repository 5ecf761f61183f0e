"""Line icons, drawn once in black and coloured here as the theme asks. GUI thread."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QPushButton

from ui import theme

SIZES = (16, 18, 20, 24)
LARGE = (32, 40, 64, 128)
"""Only for the program's own mark; other icons are that large in `picture` alone."""
GAP = 0.3


class TakesIcon(Protocol):
    """A button or an action."""

    def setIcon(self, icon: QIcon) -> None: ...


def icon(name: str, color: str | None = None, *, gap: float = 0.0) -> QIcon:
    """`color` is a hex string; without it, the muted text colour in force now.

    `gap` leaves room at the right, as a share of the height: Qt puts words hard against an icon.
    """
    return _icon(name, color or theme.colors().muted, theme.colors().faint, gap)


def pixmap(name: str, size: int, color: str | None = None, ratio: float = 1.0) -> QPixmap:
    """For painting by hand; `size` in device-independent pixels."""
    return _pixmap(name, size, color or theme.colors().muted, ratio)


def dress(target: TakesIcon, name: str, role: str = "muted") -> None:
    """Give a button or an action an icon that follows the theme; `role` is a field of Colors."""
    _Follower.of(target).show(name, role)


def picture(name: str, size: int = 20, role: str = "muted") -> QLabel:
    """A label that shows nothing but an icon and follows the theme."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFixedSize(QSize(size, size))
    _Picture(label, name, size, role)
    return label


def forget() -> None:
    """Let all pictures go: none may outlive the application."""
    _icon.cache_clear()
    _pixmap.cache_clear()


def names() -> tuple[str, ...]:
    """Every icon there is."""
    return tuple(sorted(path.stem for path in _folder().glob("*.svg")))


class _Follower(QObject):
    """Child of a button: colours its icon anew when the theme changes."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._name = ""
        self._role = "muted"
        theme.notifier().changed.connect(self.redo)

    @classmethod
    def of(cls, target: TakesIcon) -> _Follower:
        assert isinstance(target, QObject)  # noqa: S101  # buttons and actions are
        for child in target.children():
            if isinstance(child, _Follower):
                return child
        return cls(target)

    def show(self, name: str, role: str) -> None:
        self._name, self._role = name, role
        self.redo()

    def redo(self) -> None:
        target: TakesIcon = self.parent()  # type: ignore[assignment]  # as `of` was given it
        worded = isinstance(target, QPushButton) and bool(target.text())
        target.setIcon(icon(self._name, getattr(theme.colors(), self._role), gap=GAP if worded else 0.0))
        if worded and isinstance(target, QPushButton):
            height = target.iconSize().height()
            target.setIconSize(QSize(round(height * (1 + GAP)), height))


class _Picture(QObject):
    def __init__(self, label: QLabel, name: str, size: int, role: str) -> None:
        super().__init__(label)
        self._label, self._name, self._size, self._role = label, name, size, role
        theme.notifier().changed.connect(self.redo)
        self.redo()

    def redo(self) -> None:
        color = getattr(theme.colors(), self._role)
        self._label.setPixmap(pixmap(self._name, self._size, color, self._label.devicePixelRatioF()))


def _folder() -> Path:
    return Path(str(files("resources"))) / "icons"


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    return (_folder() / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=512)
def _icon(name: str, color: str, disabled: str, gap: float) -> QIcon:
    made = QIcon()
    mark = name == "tingfeng"
    for size in (*SIZES, *LARGE) if mark else SIZES:
        for ratio in _ratios():
            made.addPixmap(_pixmap(name, size, color, ratio, gap), QIcon.Mode.Normal)
            if not mark:
                made.addPixmap(_pixmap(name, size, disabled, ratio, gap), QIcon.Mode.Disabled)
    return made


def _ratios() -> tuple[float, ...]:
    """How dense the screens are: nothing is drawn for those nobody has."""
    screens = QGuiApplication.screens()
    return tuple(sorted({1.0, *(screen.devicePixelRatio() for screen in screens)}))


@lru_cache(maxsize=2048)
def _pixmap(name: str, size: int, color: str, ratio: float, gap: float = 0.0) -> QPixmap:
    side = round(size * ratio)
    image = QImage(round(side * (1 + gap)), side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, side, side))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return QPixmap.fromImage(image)
