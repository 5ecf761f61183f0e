"""A window's day: a drill begun and ended, a poll cut off, a disk that fails, dark and light."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from app import log
from app.core import Core
from app.domain.watch import Source, Watch
from app.errors import StorageError
from app.home import Home
from ui import theme
from ui.application import Program
from ui.context import Context
from ui.main_window import MainWindow
from ui.pages.alerts import AlertsPage
from ui.pages.brands import BrandsPage
from ui.pages.log import LogPage
from ui.pages.sources import SourcesPage

CHILDREN = ("resource_tracker",)
"""Python's own, one for the whole process, which stays."""


def threads() -> set[threading.Thread]:
    return {one for one in threading.enumerate() if one.is_alive()}


def processes() -> set[int]:
    found = psutil.Process().children(recursive=True)
    return {one.pid for one in found if not any(name in " ".join(one.cmdline()) for name in CHILDREN)}


def test_the_welcome_page_leads_to_a_live_drill_and_its_end_leaves_nothing(
    qtbot: Any, tmp_path: Path
) -> None:
    at_first = threads()
    program = Program(Home(tmp_path / "home"))
    try:
        program.show()
        window = program.window
        assert window is not None
        qtbot.waitUntil(lambda: window.page == "welcome")
        qtbot.waitUntil(lambda: program.context.asker.busy == 0)
        nothing: Callable[[], None] = lambda: None  # noqa: E731  # so that its threads, which stay, are there
        program.context.asker.ask(program, nothing, program.drill_closed, program.drill_failed, slow=True)
        qtbot.waitUntil(lambda: program.context.asker.busy == 0)
        assert program.core is not None
        own_core = program.core
        own_core.scorer.start()
        qtbot.waitUntil(lambda: own_core.scorer.state == "ready", timeout=60_000)
        before, children = threads(), processes()
        window.pages["welcome"].drill.click()  # type: ignore[attr-defined]  # a WelcomePage
        qtbot.waitUntil(lambda: program.drill is not None, timeout=60_000)
        drill = program.drill
        assert drill is not None
        feed = drill.window.feed()
        qtbot.waitUntil(lambda: feed.model.rowCount() > 0, timeout=60_000)
        qtbot.waitUntil(lambda: feed.model.stored(0).tone is not None or feed.model.waiting > 0)
        folder = drill.session.core.home.root
        assert folder.exists()
        drill.window._banner["drill"].findChildren(type(window.pages["welcome"].drill))[-1].click()  # type: ignore[attr-defined]
        qtbot.waitUntil(lambda: program.drill is None, timeout=60_000)
        qtbot.waitUntil(lambda: program.context.asker.busy == 0, timeout=60_000)
        assert window.isVisible()
        assert not folder.exists()
        ended = time.monotonic() + 10
        while (threads() - before or processes() - children) and time.monotonic() < ended:
            qtbot.wait(50)
        left = {one.name for one in threads() - before}
        # Workers of the own window's engine come as they are needed; all others belong to the drill.
        own = ("reader", "slow-reader", "asyncio_")
        assert {one for one in left if not one.startswith(own)} == set()
        assert processes() - children == set()
    finally:
        program.close()
    ended = time.monotonic() + 10
    while threads() - at_first and time.monotonic() < ended:
        qtbot.wait(50)
    assert {one.name for one in threads() - at_first} == set()


@pytest.fixture
def slow_feed() -> Iterator[tuple[str, threading.Event]]:
    """A server that takes the question and answers half a minute later."""
    asked, over = threading.Event(), threading.Event()

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            over.wait(30)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}/feed.xml", asked
    over.set()
    server.shutdown()
    serving.join()
    server.server_close()


def test_closing_in_the_middle_of_a_poll(
    qtbot: Any, tmp_path: Path, slow_feed: tuple[str, threading.Event]
) -> None:
    address, asked = slow_feed
    before = threads()
    program = Program(Home(tmp_path / "home"))
    program.show()
    core = program.core
    assert core is not None
    core.save_brand(Watch(name="星尘", query="星尘"))
    source = core.save_source(Source(kind="feed", name="slow", settings={"url": address}))
    qtbot.waitUntil(lambda: program._quitting or core._started)
    core.poll_now(source.id)
    qtbot.waitUntil(asked.is_set, timeout=60_000)
    began = time.monotonic()
    program.close()
    assert time.monotonic() - began < 10
    ended = time.monotonic() + 10
    while (left := threads() - before) and time.monotonic() < ended:
        qtbot.wait(50)
    # A connection of the server itself may still wait; nothing of the program does.
    assert {one.name for one in left if "process_request" not in one.name} == set()


@pytest.fixture
def window(qtbot: Any, context: Context) -> MainWindow:
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: bool(made.page))
    return made


def test_a_disk_that_became_read_only(qtbot: Any, window: MainWindow, filled: Core) -> None:
    feed = window.feed()
    qtbot.waitUntil(lambda: feed.model.rowCount() == 4)
    database = filled.storage._database
    database.on_writer(lambda own: own.execute_sql("PRAGMA query_only = 1"))
    with pytest.raises(StorageError):
        filled.check_writable()
    window.probe()
    qtbot.waitUntil(lambda: "storage" in window._banner)
    assert "read" in window._banner["storage"].words.text().lower()
    feed.view.step(1)
    feed._claim()
    qtbot.waitUntil(lambda: bool(feed.snack.text))
    feed.view.step(1)
    qtbot.waitUntil(lambda: feed.detail.whole is not None)
    assert window.isVisible()
    assert feed.states.state == "full"
    database.on_writer(lambda own: own.execute_sql("PRAGMA query_only = 0"))
    window._ask_status()
    qtbot.waitUntil(lambda: "storage" not in window._banner)
    qtbot.waitUntil(lambda: window.context.asker.busy == 0)


def test_dark_and_light_at_run_time(
    qtbot: Any, qapp: QApplication, window: MainWindow, filled: Core
) -> None:
    feed = window.feed()
    qtbot.waitUntil(lambda: feed.model.rowCount() == 4)
    feed.view.step(1)
    qtbot.waitUntil(lambda: feed.detail.whole is not None)
    looks = {}
    for mode in ("light", "dark", "light"):
        theme.apply(qapp, mode)
        qtbot.wait(50)
        picture = window.grab().toImage()
        dark = sum(
            QColor(picture.pixel(x, y)).lightness() < 100
            for x in range(0, picture.width(), 20)
            for y in range(0, picture.height(), 20)
        )
        looks.setdefault(mode, []).append(dark)
    grid = (window.width() // 20) * (window.height() // 20)
    assert looks["dark"][0] > 0.8 * grid
    assert looks["light"][0] < 0.2 * grid
    assert abs(looks["light"][0] - looks["light"][1]) < 0.02 * grid
    qtbot.waitUntil(lambda: window.context.asker.busy == 0)


@pytest.mark.parametrize("make", [AlertsPage, BrandsPage, SourcesPage, LogPage])
def test_the_states_of_a_list(
    qtbot: Any, context: Context, core: Core, make: Callable[[Context], Any], alert: Callable[..., Any]
) -> None:
    page = make(context)
    qtbot.addWidget(page)
    states = page.states
    page.show()
    qtbot.waitUntil(lambda: context.asker.busy == 0 and states.state in ("empty", "full"))
    if make is not LogPage:  # something may have been logged by then
        assert states.state == "empty"
        assert states.empty.title.text()
    core.save_brand(Watch(name="星尘", query="星尘"), wait=True)
    core.save_source(Source(kind="feed", name="x", settings={"url": "http://127.0.0.1:9/"}))
    core.storage.alerts.add(alert(id=0), fold_key="a")
    log.topic("core").info("something to read")
    page.refresh()
    qtbot.waitUntil(lambda: states.state == "full", timeout=60_000)
    page.failed(StorageError("The disk is full."))
    assert states.state == "failed"
    assert "The disk is full." in states.failed.text.text()
    states.failed.button.click()
    qtbot.waitUntil(lambda: states.state == "full", timeout=60_000)
    states.state = "empty"
    states.show_loading()
    states._really_loading()
    assert states.currentWidget() is states.loading
    page.refresh()
    qtbot.waitUntil(lambda: states.currentWidget() is states.full, timeout=60_000)
    qtbot.waitUntil(lambda: context.asker.busy == 0)


def test_all_posts_of_an_alert_are_listed_and_open(
    qtbot: Any, window: MainWindow, filled: Core, alert: Callable[..., Any]
) -> None:
    from app.domain.query import MentionQuery

    posts = [row.id for row in filled.mentions(MentionQuery(matched=True), None, 4).rows]
    raised = filled.storage.alerts.add(alert(id=0, mention_id=posts[0]), fold_key="a")
    for one in posts[1:]:
        filled.storage.alerts.fold(raised.id, [one])
    assert {one.id for one in filled.alert_mentions(raised.id)} == set(posts)
    page = window.navigate("alerts")
    assert isinstance(page, AlertsPage)
    qtbot.waitUntil(lambda: page.states.state == "full")
    qtbot.mouseClick(page.detail.see_all, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.detail.posts.count() == 4)
    page.detail.posts.itemAt(1).widget().click()
    assert window.page == "feed"
    qtbot.waitUntil(lambda: window.feed().detail.whole is not None)
    qtbot.waitUntil(lambda: window.context.asker.busy == 0)
