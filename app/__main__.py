"""The composition root: arguments → a command, or the window; without a display, the terminal feed.

Imports stand inside functions: the scoring process starts by importing this module again, and Ctrl+C
while a module loads can be answered there, not here.
"""

# ruff: noqa: PLC0415
from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as `typing` has it, without loading that
if TYPE_CHECKING:
    from app.cli.session import Session

# What Qt's X11 platform loads at start; it ends the whole program where one is missing.
_X11_LIBRARIES = (
    "EGL",
    "GL",
    "glib-2.0",
    "xcb-cursor",
    "xkbcommon-x11",
    "xcb-icccm",
    "xcb-keysyms",
    "dbus-1",
    "fontconfig",
)


def main() -> int:
    """Also the console script `tingfeng`."""
    try:
        import multiprocessing

        multiprocessing.freeze_support()
        from app.cli.main import run

        return run(sys.argv[1:], open_window)
    except KeyboardInterrupt:  # before the commands, or while they clean up
        return 130


def open_window(session: Session, drill: str) -> int:
    """The window (on the drill that is named, if any), or the terminal feed with one line that says why."""
    from argparse import Namespace

    from app.cli.drill import play_first
    from app.cli.output import complain
    from app.cli.watch import watch
    from app.i18n import _, language

    reason = _no_window()
    if reason:
        complain(_("{reason} The feed is shown here instead (tingfeng watch).").format(reason=reason))
        if drill:
            return play_first(session, drill)
        return watch(session, Namespace(once=False))
    from ui.application import run as show

    return show(session.home, database=session.database, language=language(), drill=drill)


def _no_window() -> str:
    """Why no window can be opened here, or nothing."""
    from ctypes.util import find_library
    from importlib.util import find_spec

    from app.i18n import _

    if find_spec("PySide6") is None:
        return _("The window's libraries are not installed.")
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM"):
        return ""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return _("There is no display.")
    missing = [name for name in _X11_LIBRARIES if find_library(name) is None]
    if missing and not os.environ.get("WAYLAND_DISPLAY"):
        told = _("The system lacks libraries that a window needs ({names}).")
        return told.format(names=", ".join(f"lib{name}" for name in missing))
    return ""


if __name__ == "__main__":
    sys.exit(main())
