"""The shell over a real core, and the program started and stopped as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from app.core import Core
from app.domain.watch import Source, Watch
from app.errors import Unavailable
from app.home import Home
from ui import theme
from ui.application import MishapSheet, make_context, show_refusal
from ui.context import Context
from ui.feed.page import FeedPage
from ui.main_window import MainWindow
from ui.tray import Tray, Voice, tray_icon
from ui.widgets.rail import KEYED, PLACES
from ui.widgets.snack import Snack

ROOT = Path(__file__).parents[2]


@pytest.fixture
def window(qtbot: Any, context: Context) -> MainWindow:
    made = MainWindow(context)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_new_installation_is_welcomed(qtbot: Any, window: MainWindow, hear: Callable[[Any], Any]) -> None:
    qtbot.waitUntil(lambda: window.page == "welcome")
    assert window.rail.items["welcome"].isVisible()
    wanted = hear(window.drill_requested)
    window.pages["welcome"].drill.click()
    assert len(wanted.values) == 1


def test_with_a_brand_and_a_source_the_feed_comes_first(qtbot: Any, context: Context, core: Core) -> None:
    core.save_brand(Watch(name="星尘", query="星尘"), wait=True)
    core.save_source(Source(kind="feed", name="x", settings={"url": "http://127.0.0.1:9/"}))
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.page == "feed")
    assert isinstance(window.pages["feed"], FeedPage)
    assert not window.rail.items["welcome"].isVisible()
    assert set(window.pages) == {"feed"}


def test_the_first_pages_are_reached_by_key(qtbot: Any, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.page == "welcome")
    window.activateWindow()
    for number, place in enumerate(PLACES[:KEYED], 1):
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{number % 10}"), Qt.KeyboardModifier.ControlModifier)
        assert window.page == place.name
        assert window.rail.items[place.name].isChecked()
    qtbot.waitUntil(lambda: window.context.asker.busy == 0)


def test_the_keyboard_sheet_opens_and_any_key_closes_it(qtbot: Any, window: MainWindow) -> None:
    window.navigate("alerts")
    QTest.keyClick(window, Qt.Key.Key_Question)
    assert window.shortcuts.isVisible()
    QTest.keyClick(window.shortcuts, Qt.Key.Key_A)
    assert not window.shortcuts.isVisible()


def test_the_foot_says_what_is_going_on(qtbot: Any, window: MainWindow, filled: Core) -> None:
    qtbot.waitUntil(lambda: window.status.mentions.text() == "8 mentions")
    assert window.status.unscored.text().startswith("8")
    assert window.status.scorer.words.text()


def test_open_alerts_are_counted_on_the_rail_and_in_the_tray(
    qtbot: Any, window: MainWindow, core: Core, alert: Callable[..., Any], hear: Callable[[Any], Any]
) -> None:
    from app.change import Change

    counted = hear(window.alerts_counted)
    for n in range(3):
        core.storage.alerts.add(alert(id=0), fold_key=str(n))
    core.tell(Change.ALERTS)
    qtbot.waitUntil(lambda: 3 in counted.values)
    assert window.rail.items["alerts"].badge.text() == "3"
    assert "3" in window.rail.items["alerts"].accessibleName()
    one, three = (tray_icon(n).pixmap(32).toImage() for n in (0, 3))
    assert one != three


def test_an_alert_leads_to_its_post_and_to_the_composer(
    qtbot: Any, window: MainWindow, filled: Core
) -> None:
    from app.domain.query import MentionQuery

    mention = filled.mentions(MentionQuery(), None, 1).rows[0].id
    window.navigate("alerts").mention_opened.emit(mention)  # type: ignore[attr-defined]  # an AlertsPage
    assert window.page == "feed"
    window.navigate("alerts").compose_requested.emit(mention)  # type: ignore[attr-defined]  # an AlertsPage
    qtbot.waitUntil(lambda: len(window.feed().composers) == 1)
    window.feed().composers[0].close()
    qtbot.waitUntil(lambda: window.context.asker.busy == 0)


def test_lost_data_raise_a_banner_until_they_are_back(qtbot: Any, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.context.asker.busy == 0)
    window.status_failed(Unavailable("The disk is full."))
    assert "The disk is full." in window._banner["storage"].words.text()
    window._ask_status()
    qtbot.waitUntil(lambda: "storage" not in window._banner)


def test_a_second_program_on_one_home_says_that_it_only_shows(qtbot: Any, core: Core, home: Home) -> None:
    other = Core.open(home, engine_name="trivial", desktop=False)
    assert core.polling
    assert not other.polling
    context = make_context(other)
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    assert "polling" in window._banner
    qtbot.waitUntil(lambda: "only shows" in window.status.polling.words.text())
    context.close()
    other.close()


def test_a_drill_has_its_banner_speeds_and_end(
    qtbot: Any, context: Context, hear: Callable[[Any], Any]
) -> None:
    window = MainWindow(context, drill=True)
    qtbot.addWidget(window)
    window.show()
    speeds, ended = hear(window.speed_chosen), hear(window.drill_ended)
    banner = window._banner["drill"]
    for one in banner.findChildren(QPushButton):
        if one.text() in ("10×", "End the drill"):
            one.click()
    assert speeds.values == [10.0]
    assert len(ended.values) == 1
    window.show_drill_over()
    assert "over" in banner.words.text()
    qtbot.waitUntil(lambda: window.page == "feed")


def test_closing_goes_to_the_tray_only_where_there_is_one(
    qtbot: Any, window: MainWindow, hear: Callable[[Any], Any]
) -> None:
    closing = hear(window.closing)
    window.stays_in_tray = True
    window.close()
    assert not window.isVisible()
    assert closing.values == []
    window.bring_up()
    window.stays_in_tray = False
    window.close()
    assert len(closing.values) == 1


def test_the_window_comes_back_where_it_stood(qtbot: Any, window: MainWindow, core: Core) -> None:
    window.resize(900, 703)  # no larger than the offscreen screen lets a window be
    core.save_window_state(window.place())
    window.resize(900, 600)
    window.restore_place(core.window_state())
    assert window.height() == 703
    for broken in ({}, {"geometry": 7}, {"geometry": "%%%"}, {"geometry": "é"}):
        window.restore_place(broken)


def test_choosing_an_appearance_changes_it_at_once(qtbot: Any, window: MainWindow, core: Core) -> None:
    from dataclasses import replace

    core.save_local(replace(core.local, theme="dark"))
    qtbot.waitUntil(lambda: theme.colors() is theme.DARK)
    core.save_local(replace(core.local, theme="light"))
    qtbot.waitUntil(lambda: theme.colors() is theme.LIGHT)


def test_a_message_is_shown_as_plain_words(qtbot: Any, window: MainWindow) -> None:
    window.say("<b>done</b>")
    snack = window.findChild(Snack)
    assert snack.isVisible()
    assert snack.words.textFormat() == Qt.TextFormat.PlainText
    window.resize(910, 600)
    assert snack.geometry().right() <= window.width()


def test_a_tray_without_a_desktop_is_quiet(qtbot: Any) -> None:
    tray = Tray()
    tray.show()
    tray.show_count(4)
    tray.close()


def test_a_mishap_can_be_copied(qtbot: Any) -> None:
    sheet = MishapSheet("Traceback: <b>x</b>")
    qtbot.addWidget(sheet)
    sheet.copy()
    assert QApplication.clipboard().text() == "Traceback: <b>x</b>"
    assert sheet.text.toPlainText() == "Traceback: <b>x</b>"


def test_a_refusal_says_why(qtbot: Any, caplog: Any) -> None:
    sheet = show_refusal(Unavailable("The folder is read-only."))
    qtbot.addWidget(sheet)
    assert sheet.isVisible()
    assert "cannot be reached" in sheet.windowTitle()
    assert "not opened" in caplog.text


PROGRAM = """
import sys
from pathlib import Path
from app.home import Home
from ui.application import run
if __name__ == "__main__":
    sys.exit(run(Home(Path(sys.argv[1])), language="en"))
"""


def _heeds(pid: int, number: signal.Signals) -> bool:
    """Has the program said what it does on this signal? Where that cannot be seen, it has."""
    try:
        said = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return True
    caught = next(line for line in said.splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_the_program_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM, encoding="utf-8")
    home = tmp_path / "home"
    program = subprocess.Popen(
        [sys.executable, str(script), str(home)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen", "HOME": str(tmp_path)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        log = home / "logs" / "tingfeng.log"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (home / "tingfeng.sqlite").exists():
            time.sleep(0.05)
        while time.monotonic() < deadline and not _heeds(program.pid, number):
            time.sleep(0.05)
        time.sleep(1.5)  # the window stands, the engine has begun
        assert program.poll() is None
        program.send_signal(number)
        assert program.wait(30) == 0
        assert "Traceback" not in (program.stderr.read() if program.stderr else "")
        assert "window" in (home / "settings.json").read_text(encoding="utf-8")
        assert not log.exists() or "unexpected" not in log.read_text(encoding="utf-8")
    finally:
        program.kill()
        program.communicate()


def test_the_tray_says_what_the_desktop_did_not_take(
    qtbot: Any, context: Context, core: Core, alert: Callable[..., Any], hear: Callable[[Any], Any]
) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    voice = Voice(context, holder, after_ms=20)
    said = hear(voice.said)
    context.bridge.listen(core)
    fine = core.storage.alerts.add(alert(id=0, delivered="shown"))
    refused = core.storage.alerts.add(
        alert(id=0, title="P1 <b>-x", body="'\x1b$(id)", delivered="failed: no")
    )
    voice._heard(fine)
    qtbot.waitUntil(lambda: not voice._timer.isActive())
    voice._heard(refused)
    qtbot.waitUntil(lambda: bool(said.values))
    assert said.values == [core.words_for_tray(refused.id)[0]]
    title, body = core.words_for_tray(refused.id)
    assert not set("<>'$\x1b") & set(title + body)
    core.acknowledge([refused.id])
    assert core.words_for_tray(refused.id) is None
    assert core.words_for_tray(999) is None
