"""Guards every test stands under: no network beyond loopback, no real keyring, English by default."""

from __future__ import annotations

import importlib
import json
import os
import socket
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from app.home import Home
from app.i18n import set_language

# A property is true or not, however busy the machine is.
settings.register_profile("tingfeng", deadline=None)
settings.load_profile("tingfeng")


def _window_problem() -> str:
    """Why Qt cannot be loaded here (not installed, or libraries are missing); empty when it can."""
    try:
        importlib.import_module("PySide6.QtWidgets")
    except ImportError as error:
        return str(error)
    return ""


NO_WINDOW = _window_problem()

# pytest-qt ends the whole run where Qt cannot be loaded, so it is brought in only where it can.
pytest_plugins = [] if NO_WINDOW else ["pytestqt.plugin"]
collect_ignore = ["ui", "ui_feed"] if NO_WINDOW else []
if not NO_WINDOW and not os.environ.get("QT_QPA_PLATFORM"):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def pytest_report_header() -> str:
    return f"window tests are left out: {NO_WINDOW}" if NO_WINDOW else "window tests run offscreen"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """A sheet that closed itself is gone already: pytest-qt must not close it once more."""
    widgets = getattr(item, "qt_widgets", None)
    if widgets:
        from PySide6.QtWidgets import QApplication
        from shiboken6 import isValid

        QApplication.processEvents()
        QApplication.sendPostedEvents(None, 52)  # DeferredDelete
        item.qt_widgets = [  # type: ignore[attr-defined]  # pytest-qt's own list
            kept for kept in widgets if (widget := kept[0]()) is not None and isValid(widget)
        ]
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hostile text in what a test logged must not break the line to the process that gathers reports."""
    report = yield
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    if report.failed and report.longrepr is not None:
        told = str(report.longrepr)
        if _sendable(told) != told:
            report.longrepr = _sendable(told)
    return report


def _sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            pytest.fail(f"a test tried to reach {address!r}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@dataclass
class Site:
    """One JSON feed. `fail` answers so many requests with a status; `asked` is the journal."""

    items: list[dict[str, object]] = field(default_factory=list)
    fail: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    always: int = 0
    slow: float = 0.0
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def add(self, *texts: str, **more: object) -> None:
        for text in texts:
            number = len(self.items) + 1
            self.items.append(
                {
                    "id": f"{self.url}/p/{number}",
                    "url": f"{self.url}/p/{number}",
                    "content_text": text,
                    "authors": [{"name": f"用户{number}"}],
                    "date_published": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 60)),
                    **more,
                }
            )


@pytest.fixture
def site() -> Iterator[Site]:
    it = Site()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            return

        def do_GET(self) -> None:
            it.asked.append(self.path)
            time.sleep(it.slow)
            status, headers = it.fail.pop(0) if it.fail else (it.always or 200, {})
            body = json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": "测试源",
                    "items": list(reversed(it.items)),
                }
            ).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/feed+json")
            self.send_header("Content-Length", str(len(body) if status == 200 else 0))
            self.end_headers()
            if status == 200:
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield it
    server.shutdown()
    thread.join()
    server.server_close()
