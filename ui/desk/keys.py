"""The keyboard of the desk: one table that makes the shortcuts and the help. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from app.i18n import N_

KEYS: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (("J", "K"), ("next", "previous"), N_("Next, previous")),
    (("X",), ("toggle",), N_("Choose or leave out")),
    (("Shift+J", "Shift+K"), ("extend_next", "extend_previous"), N_("Choose downwards, upwards")),
    (("R",), ("reply",), N_("Draft a reply")),
    (("C",), ("claim",), N_("Claim")),
    (("T",), ("take_over",), N_("Take over")),
    (("L",), ("release",), N_("Release")),
    (("A",), ("assign",), N_("Assign or hand over")),
    (("W",), ("wait",), N_("Let it wait, or go on")),
    (("D",), ("done",), N_("Done")),
    (("I",), ("ignore",), N_("No answer needed")),
    (("N",), ("note",), N_("Write a note")),
    (("O",), ("original",), N_("Open the original")),
    (("Esc",), ("leave",), N_("Leave choosing")),
)
"""(keys, what each does, words)."""


def install(page: QWidget, acts: Mapping[str, Callable[[], None]]) -> None:
    """They work wherever the focus is in the page, but for fields being typed in."""
    for sequences, names, _about in KEYS:
        for sequence, name in zip(sequences, names, strict=True):
            shortcut = QShortcut(QKeySequence(sequence), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.setAutoRepeat(name in ("next", "previous", "extend_next", "extend_previous"))
            shortcut.activated.connect(acts[name])
