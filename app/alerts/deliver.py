"""A desktop notification through plyer, which is never trusted with a post's words as they are.

plyer on Linux hands title and text to `notify-send` as arguments (a leading `-` would be an option,
a backslash an escape, `<b>` markup for the daemon) and inside Flatpak pastes them between quotes
into a literal for `gdbus`; on Windows the balloon has room for 63 and 255 UTF-16 units. So every
text is cleaned first, the same for all platforms, and plyer's way out is chosen here: it takes the
Flatpak way wherever a folder /app exists, we only inside Flatpak. plyer says nothing when nobody
listens, so before and after a send the session bus is asked whether a notification service is there.

`send()` may be called from any thread but the window's; the work runs in one thread of its own and
is waited for a few seconds at most. A notification is a courtesy: the alert list is the record.
"""

from __future__ import annotations

import importlib
import os
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TooSlow
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

from app.domain.plain import one_line
from app.i18n import _

SHOWN = "shown"
TITLE, BODY = 60, 200
"""UTF-16 units, what the smallest of the platforms takes."""

_SERVICE = "org.freedesktop.Notifications"
_PATIENCE = 6.0
_LOOKALIKE = str.maketrans(
    {"<": "＜", ">": "＞", "&": "＆", "\\": "＼", "'": "’", '"': "”", "`": "｀", "$": "＄"}
)
_Show = Callable[[str, str], None]


def clean(text: str, limit: int) -> str:
    """One line of at most `limit` UTF-16 units that no shell, markup, option parser or literal minds."""
    line = one_line(text, limit).translate(_LOOKALIKE)
    line = "－" + line[1:] if line.startswith("-") else line
    while len(line.encode("utf-16-le")) // 2 > limit:
        line = line[:-2].rstrip() + "…"
    return line


class Desktop:
    """`route` forces one of notify-send | portal | dbus | other; None chooses what fits this machine."""

    def __init__(
        self, name: str = "Tingfeng", *, route: str | None = None, patience: float = _PATIENCE
    ) -> None:
        self._name = clean(name, 40)
        self._route = route
        self._patience = patience
        self._waiting: queue.SimpleQueue[tuple[str, str, Future[str]] | None] = queue.SimpleQueue()
        self._busy = threading.Semaphore(4)
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def send(self, title: str, body: str) -> str:
        """What became of it: `shown`, or `failed: ` and a reason for people."""
        if not self._busy.acquire(blocking=False):
            return _failed(_("earlier notifications are still being delivered"))
        done: Future[str] = Future()
        self._begin()
        self._waiting.put((clean(title, TITLE) or self._name, clean(body, BODY) or " ", done))
        try:
            error = done.exception(self._patience)
        except TooSlow:
            return _failed(_("no answer from the desktop in time"))
        return done.result() if error is None else _failed(_reason(error))

    def close(self) -> None:
        """What waits is dropped; a thread that hangs in the desktop does not keep the program."""
        self._closed = True
        with self._guard:
            thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join(1)

    def _begin(self) -> None:
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="desktop", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            title, body, done = item
            try:
                done.set_result(
                    _failed(_("the program is closing")) if self._closed else self._show(title, body)
                )
            except Exception as error:  # noqa: BLE001  # plyer raises whatever the platform's library raises
                done.set_exception(error)
            finally:
                self._busy.release()

    def _show(self, title: str, body: str) -> str:
        route = self._route or _route()
        show = _SHOW.get(route)
        if show is None:
            return _failed(route)
        if route in _ASKS_BUS and (why := _nobody(activatable=True)):
            return _failed(why)
        show(self._name)(title, body)
        if route in _ASKS_BUS and (why := _nobody(activatable=False)):
            return _failed(why)
        return SHOWN


def reachable() -> str:
    """Why no notification can be shown on this machine; empty when one can."""
    route = _route()
    if route not in _SHOW:
        return route
    return _nobody(activatable=True) if route in _ASKS_BUS else ""


def _failed(reason: str) -> str:
    return "failed: " + reason


def _reason(error: BaseException) -> str:
    return one_line(f"{type(error).__name__}: {error}", 200)


def _route() -> str:
    """A key of `_SHOW`, or a sentence that says what is missing."""
    if sys.platform == "darwin":
        return (
            "other"
            if find_spec("pyobjus")
            else _("pyobjus is not installed, so macOS shows no notifications")
        )
    if not sys.platform.startswith("linux"):
        return "other"
    if Path("/.flatpak-info").exists():
        return "portal"
    if which("notify-send"):
        return "notify-send"
    if find_spec("dbus"):
        return "dbus"
    return _("notify-send is not installed (Debian, Ubuntu: apt install libnotify-bin)")


def _linux(kind: str) -> Callable[[str], _Show]:
    def ready(name: str) -> _Show:
        module = importlib.import_module("plyer.platforms.linux.notification")
        sender = getattr(module, kind)()
        return lambda title, body: sender.notify(title=title, message=body, app_name=name, timeout=10)

    return ready


def _other(name: str) -> _Show:
    """Windows and macOS, by plyer's own choice."""
    module = importlib.import_module(
        f"plyer.platforms.{'win' if sys.platform == 'win32' else 'macosx'}.notification"
    )
    sender = module.instance()
    return lambda title, body: sender.notify(title=title, message=body, app_name=name, timeout=10)


_SHOW: dict[str, Callable[[str], _Show]] = {
    "notify-send": _linux("NotifySendNotification"),
    "portal": _linux("NotifyDesktopPortals"),
    "dbus": _linux("NotifyDbus"),
    "other": _other,
}
_ASKS_BUS = frozenset({"notify-send", "dbus"})


def _nobody(*, activatable: bool) -> str:
    """Why no notification service would hear us; empty when one does, or nobody here can ask."""
    if not (os.environ.get("DBUS_SESSION_BUS_ADDRESS") or _bus_of_user()):
        return _("there is no desktop session (no D-Bus)")
    if find_spec("jeepney") is None:
        return ""
    try:
        return "" if _service_there(activatable) else _("no notification service is running")
    except (OSError, EOFError, ValueError, KeyError, RuntimeError) as error:
        return _("the desktop session does not answer ({reason})").format(reason=_reason(error))


def _bus_of_user() -> bool:
    folder = os.environ.get("XDG_RUNTIME_DIR")
    return bool(folder) and Path(str(folder), "bus").exists()


def _service_there(activatable: bool) -> bool:
    """Asked of the bus itself, by jeepney (keyring brings it on Linux)."""
    blocking: Any = importlib.import_module("jeepney.io.blocking")
    messages: Any = importlib.import_module("jeepney.bus_messages")
    with blocking.open_dbus_connection(bus="SESSION") as bus:
        daemon = blocking.Proxy(messages.message_bus, bus, timeout=3)
        if daemon.NameHasOwner(_SERVICE)[0]:
            return True
        return activatable and _SERVICE in daemon.ListActivatableNames()[0]
