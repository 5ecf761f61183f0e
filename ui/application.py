"""The program as a window: Qt, language, theme, the core, and everything closed again in order.

`run` is called in the main thread, which is the GUI thread from then on.
"""

from __future__ import annotations

import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QSocketNotifier, Qt, QTimer, QTranslator, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from app import log
from app.core import Core
from app.errors import AppError
from app.home import Home
from app.i18n import _, language, preferred, set_language
from ui import icons, theme, told
from ui.ask import Asker
from ui.bridge import Bridge
from ui.context import Context
from ui.dialogs.sheet import Sheet
from ui.gui_gc import GuiGc
from ui.main_window import MainWindow
from ui.tray import Tray, Voice
from ui.widgets.parts import button, label

if TYPE_CHECKING:
    from app.drill.session import DrillSession

OVER_MS = 2000
DEFAULT_SPEED = 60.0


def run(home: Home, *, database: str | None = None, language: str | None = None, drill: str = "") -> int:
    """Open the window and stay until it is closed. With `drill` (its name), that and nothing else."""
    app = make_app(language)
    keeper = GuiGc(app)
    mishaps = Mishaps(app)
    mishaps.install()
    try:
        program = Program(home, database=database, drill=drill)
    except AppError as error:
        refusal = show_refusal(error)
        app.exec()
        del refusal
        code = 1
    else:
        stopper = Stopper(program.quit)
        program.show()
        code = app.exec()
        stopper.close()
        program.close()
    mishaps.uninstall()
    keeper.close()
    icons.forget()
    return code


def make_app(wanted: str | None = None) -> QApplication:
    """The one QApplication, dressed and speaking the person's language."""
    there = QApplication.instance()
    app = there if isinstance(there, QApplication) else QApplication(sys.argv[:1])
    set_language(wanted or preferred())
    app.setApplicationName("tingfeng")
    app.setApplicationDisplayName(_("Tingfeng"))
    app.setDesktopFileName("tingfeng")
    app.setQuitOnLastWindowClosed(False)
    translate_qt(app)
    theme.apply(app, "system")
    app.setWindowIcon(icons.icon("tingfeng"))
    return app


def translate_qt(app: QApplication) -> None:
    """Qt's own dialogs speak Chinese as well."""
    QLocale.setDefault(QLocale(language()))
    if language() != "zh_CN":
        return
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load("qtbase_zh_CN", folder):
        app.installTranslator(translator)


class Program(QObject):
    """One core, its window, its tray icon, and at most one drill beside it."""

    def __init__(self, home: Home, *, database: str | None = None, drill: str = "") -> None:
        super().__init__()
        self.home = home
        self.drill: DrillRun | None = None
        self.core: Core | None = None
        self.window: MainWindow | None = None
        self.tray: Tray | None = None
        self._quitting = False
        if drill:
            self._drill_alone(drill)
            return
        self.core = Core.open(home, database=database)
        self._dress(self.core)
        self.context = make_context(self.core)
        self.window = MainWindow(self.context)
        self.window.restore_place(self.core.window_state())
        self.tray = Tray(self)
        self.window.stays_in_tray = self.tray.there
        self._connect(self.window, self.tray)
        Voice(self.context, self.window).said.connect(self.tray.tell)

    def show(self) -> None:
        """The window first; polling begins once it stands."""
        if self.window is not None:
            self.window.show()
            QTimer.singleShot(0, self._start)
        elif self.drill is not None:
            self.drill.window.show()

    def start_drill(self) -> None:
        """Beside the person's own window; a second wish brings the first drill up."""
        if self.drill is not None:
            self.drill.window.bring_up()
            return
        if self.window is not None:
            self.window.say(_("The drill is being set up…"))
            work = partial(_start_session, self.home)
            self.context.asker.ask(self, work, self.drill_started, self.drill_failed, slow=True)

    def drill_started(self, session: DrillSession) -> None:
        if self._quitting:
            session.close()
            return
        self.drill = DrillRun(session, self)
        self.drill.ended.connect(self._drill_over)
        self.drill.window.show()

    def drill_closed(self, _nothing: None) -> None:
        log.topic("window").info("the drill has ended")

    def drill_failed(self, error: BaseException) -> None:
        if self.window is not None:
            self.window.say(told.explain(error), error=True)

    def quit(self) -> None:
        """From the tray, a signal, or the last window."""
        if not self._quitting:
            self._quitting = True
            if self.tray is not None:
                self.tray.close()
            QGuiApplication.quit()

    def close(self) -> None:
        """After the event loop: windows away first, then the engine in its own order."""
        for window in (self.window, self.drill.window if self.drill else None):
            if window is not None:
                window.hide()
        if self.drill is not None:
            self.drill.put_away()
            self.drill.session.close()
        if self.core is not None and self.window is not None:
            with suppress(AppError):
                self.core.save_window_state(self.window.place())
            self.context.close()
            self.core.close()

    def _start(self) -> None:
        if self.core is not None and not self._quitting:
            self.core.start()
        if self.tray is not None:
            self.tray.show()

    def _drill_alone(self, name: str) -> None:
        session = _start_session(self.home, name)
        self._dress(session.core)
        self.drill = DrillRun(session, self)
        self.drill.ended.connect(self._drill_over)

    def _drill_over(self) -> None:
        if self.window is None:
            self.quit()
        elif self.drill is not None:
            # Its engine and its scoring process may take seconds to end: not in this thread.
            self.drill.put_away()
            self.context.asker.ask(
                self, self.drill.session.close, self.drill_closed, self.drill_failed, slow=True
            )
            self.drill = None
            self.window.bring_up()

    def _poll(self) -> None:
        if self.core is not None:
            self.context.asker.ask(self, self.core.poll_now, self._polled, self.drill_failed)

    def _polled(self, _nothing: None) -> None:
        log.topic("window").info("all sources are read now, as wished from the tray")

    def _alerts(self) -> None:
        if self.window is not None:
            self.window.navigate("alerts")
            self.window.bring_up()

    def _connect(self, window: MainWindow, tray: Tray) -> None:
        window.drill_requested.connect(self.start_drill)
        window.closing.connect(self.quit)
        window.alerts_counted.connect(tray.show_count)
        tray.open_wanted.connect(window.bring_up)
        tray.alerts_wanted.connect(self._alerts)
        tray.poll_wanted.connect(self._poll)
        tray.quit_wanted.connect(self.quit)

    def _dress(self, core: Core) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, core.local.theme)


class DrillRun(QObject):
    """A drill and its window; `ended` when a person ends it or closes the window."""

    ended = Signal()

    def __init__(self, session: DrillSession, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.context = make_context(session.core)
        self.window = MainWindow(self.context, drill=True)
        self.window.drill_ended.connect(self._end)
        self.window.closing.connect(self._end)
        self.window.speed_chosen.connect(self._set_speed)
        self._closed = False
        # The script's end is a moment in time, which nothing else would tell of.
        self._watch = QTimer(self, interval=OVER_MS)
        self._watch.timeout.connect(self._look)
        self._watch.start()

    def put_away(self) -> None:
        """The window goes at once; the session is closed by whoever called."""
        self._closed = True
        self._watch.stop()
        self.window.hide()
        self.context.close()
        self.window.deleteLater()

    def _end(self) -> None:
        if not self._closed:
            # Not from inside the button's own event.
            QTimer.singleShot(0, self.ended.emit)

    def _set_speed(self, speed: float) -> None:
        self.session.platform.speed = speed

    def _look(self) -> None:
        if self.session.platform.finished:
            self._watch.stop()
            self.window.show_drill_over()
            work = partial(_counted, self.session)
            self.context.asker.ask(self, work, self.window.show_drill_over, self._uncounted, slow=True)

    def _uncounted(self, error: BaseException) -> None:
        log.topic("window").warning("the drill's figures cannot be counted: %s", error)


def make_context(core: Core) -> Context:
    """News and answers for one window."""
    bridge, asker = Bridge(), Asker()
    bridge.listen(core)
    return Context(core=core, bridge=bridge, asker=asker)


class Stopper(QObject):
    """SIGINT and SIGTERM close the program as its own menu would."""

    def __init__(self, stop: Callable[[], None]) -> None:
        super().__init__()
        self._stop = stop
        self._told, self._tell = socket.socketpair()
        self._tell.setblocking(False)
        self._before: dict[int, Any] = {}
        self._wake = signal.set_wakeup_fd(self._tell.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._told.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._woken)
        for one in (signal.SIGINT, signal.SIGTERM):
            self._before[one] = signal.signal(one, self._noted)

    def close(self) -> None:
        """As it was before."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._wake)
        for one, before in self._before.items():
            signal.signal(one, before)
        self._told.close()
        self._tell.close()

    def _noted(self, _number: int, _frame: FrameType | None) -> None:
        # The byte written to the socket does the rest, in Qt's own time.
        return

    def _woken(self) -> None:
        got = self._told.recv(64)
        if got.strip(b"\0"):
            self._stop()


class Mishaps(QObject):
    """What nobody caught: into the log, and one dialog for the person."""

    _happened = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: Sheet | None = None
        self._happened.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self.caught
        threading.excepthook = self.caught_in_thread

    def uninstall(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        log.topic("window").error("unexpected", exc_info=(kind, error, trace))
        self._happened.emit("".join(traceback.format_exception(kind, error, trace))[-8000:])

    def caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self.caught(args.exc_type, args.exc_value, args.exc_traceback)

    def _show(self, text: str) -> None:
        if self._shown is not None:
            return
        parent = QApplication.activeWindow()
        self._shown = MishapSheet(log.clean(text), parent)
        self._shown.finished.connect(self._gone)
        self._shown.open()

    def _gone(self, _result: int) -> None:
        self._shown = None


class MishapSheet(Sheet):
    """Something went wrong inside: what to do, and what to send to whoever repairs it."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        about = _("Nothing stored is lost. You may go on; if it happens again, report it with this text.")
        super().__init__(_("A mistake in the program"), parent, about=about)
        self.text = QPlainTextEdit(text)
        self.text.setReadOnly(True)
        self.text.setFont(theme.mono())
        self.resize(640, 380)
        self.body.addWidget(self.text)
        self.footer.addStretch(1)
        self.footer.addWidget(button(_("Copy"), self.copy, icon="copy"))
        self.footer.addWidget(button(_("Close"), self.accept, kind="primary"))

    def copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())


def show_refusal(error: AppError) -> Sheet:
    """The data cannot be opened: say why, and end when it has been read."""
    log.topic("window").error("not opened: %s (%s)", error, error.details)
    sheet = Sheet(told.title(error), None)
    sheet.setMinimumWidth(460)
    sheet.body.addWidget(label(told.explain(error), "", wrap=True, selectable=True))
    sheet.footer.addStretch(1)
    sheet.footer.addWidget(button(_("Close"), sheet.accept, kind="primary"))
    sheet.finished.connect(QGuiApplication.quit)
    sheet.open()
    return sheet  # to be held: nobody else does


def _counted(session: DrillSession) -> str:
    """The drill's figures in a sentence or two, once the last posts are read; slow."""
    from app.drill.figures import figures, in_short  # noqa: PLC0415  # as in `_start_session`

    session.core.engine.poll_once().result()
    return in_short(figures(session))


def _start_session(home: Home, name: str = "overheating") -> DrillSession:
    from app.drill.loading import find  # noqa: PLC0415  # only whoever wants a drill pays for it
    from app.drill.session import DrillSession  # noqa: PLC0415

    return DrillSession.start(home, scenario=find(name), speed=DEFAULT_SPEED)
