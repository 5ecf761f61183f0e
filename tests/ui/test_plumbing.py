"""Bridge, asker, collector, and the binding itself."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.change import Change
from ui.ask import Asker
from ui.bridge import Bridge
from ui.gui_gc import GuiGc


class Owner(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[Any] = []
        self.bad: list[BaseException] = []
        self.threads: set[threading.Thread] = set()

    def show(self, answer: Any) -> None:
        self.got.append(answer)
        self.threads.add(threading.current_thread())

    def explain(self, error: BaseException) -> None:
        self.bad.append(error)
        self.threads.add(threading.current_thread())


def test_five_thousand_news_become_few_signals(qtbot: Any) -> None:
    bridge = Bridge(every_ms=50)
    got: list[tuple[Change, bool]] = []
    bridge.changed.connect(
        lambda one: got.append((one, threading.current_thread() is threading.main_thread()))
    )

    def engine() -> None:
        for _n in range(5000):
            bridge.tell(Change.MENTIONS)
        bridge.tell(Change.ALERTS)

    thread = threading.Thread(target=engine)
    thread.start()
    qtbot.waitUntil(lambda: any(Change.ALERTS in one for one, _main in got))
    thread.join()
    assert len(got) <= 5
    assert all(main for _one, main in got)
    assert any(Change.MENTIONS in one for one, _main in got)
    bridge.close()


def test_news_after_a_flush_are_told_as_well(qtbot: Any) -> None:
    bridge = Bridge(every_ms=10)
    got: list[Change] = []
    bridge.changed.connect(got.append)
    bridge.tell(Change.SCORES)
    qtbot.waitUntil(lambda: got == [Change.SCORES])
    bridge.tell(Change.HEALTH)
    qtbot.waitUntil(lambda: got == [Change.SCORES, Change.HEALTH])
    bridge.close()


def test_alerts_arrive_in_order_and_are_bounded(qtbot: Any, alert: Callable[..., Any]) -> None:
    bridge = Bridge(every_ms=50)
    got: list[int] = []
    bridge.alerted.connect(lambda one: got.append(one.id))
    for n in range(120):
        bridge.tell_alert(alert(id=n))
    qtbot.waitUntil(lambda: bool(got))
    assert got == list(range(70, 120))
    bridge.close()


def test_a_closed_bridge_is_silent(qtbot: Any) -> None:
    bridge = Bridge(every_ms=10)
    got: list[Change] = []
    bridge.changed.connect(got.append)
    bridge.close()
    bridge.tell(Change.MENTIONS)
    other = Bridge(every_ms=10)
    heard: list[Change] = []
    other.changed.connect(heard.append)
    other.tell(Change.MENTIONS)
    qtbot.waitUntil(lambda: bool(heard))
    assert got == []
    other.close()


def test_answers_and_failures_come_back_in_the_gui_thread(qtbot: Any) -> None:
    asker, owner = Asker(), Owner()
    asker.ask(owner, lambda: 41 + 1, owner.show, owner.explain)
    qtbot.waitUntil(lambda: owner.got == [42])
    asker.ask(owner, lambda: 1 // 0, owner.show, owner.explain)
    qtbot.waitUntil(lambda: len(owner.bad) == 1)
    assert isinstance(owner.bad[0], ZeroDivisionError)
    assert owner.threads == {threading.main_thread()}
    asker.close()


def test_the_newest_question_wins(qtbot: Any) -> None:
    asker, owner = Asker(), Owner()
    go = threading.Event()
    asker.ask(owner, lambda: (go.wait(30), "old")[1], owner.show, owner.explain)
    asker.ask(owner, lambda: "new", owner.show, owner.explain)
    qtbot.waitUntil(lambda: owner.got == ["new"])
    go.set()
    qtbot.waitUntil(lambda: asker.busy == 0)
    assert owner.got == ["new"]
    asker.close()


def test_an_answer_for_a_dead_owner_is_dropped(qtbot: Any) -> None:
    asker, owner = Asker(), Owner()
    got = owner.got
    go = threading.Event()
    asker.ask(owner, lambda: go.wait(30), owner.show, owner.explain)
    shiboken6.delete(owner)
    go.set()
    qtbot.waitUntil(lambda: asker.busy == 0)
    assert got == []
    asker.close()


def test_slow_questions_do_not_hold_up_the_others(qtbot: Any) -> None:
    asker, owner, other = Asker(), Owner(), Owner()
    third = Owner()
    go = threading.Event()
    for one in (owner, other):
        asker.ask(one, lambda: go.wait(30), one.show, one.explain, slow=True)
    asker.ask(third, lambda: "quick", third.show, third.explain)
    qtbot.waitUntil(lambda: third.got == ["quick"])
    assert owner.got == []
    go.set()
    qtbot.waitUntil(lambda: owner.got == [True] and other.got == [True])
    asker.close()


def test_five_hundred_owners_each_get_their_own(qtbot: Any) -> None:
    asker = Asker()
    owners = [Owner() for _n in range(500)]
    for n, owner in enumerate(owners):
        asker.ask(owner, lambda n=n: n, owner.show, owner.explain)
    qtbot.waitUntil(lambda: all(owner.got for owner in owners))
    assert [owner.got for owner in owners] == [[n] for n in range(500)]
    asker.close()


def test_closing_does_not_wait_for_slow_work(qtbot: Any) -> None:
    asker, owner = Asker(), Owner()
    go = threading.Event()
    asker.ask(owner, lambda: go.wait(30), owner.show, owner.explain, slow=True)
    before = time.perf_counter()
    asker.close()
    assert time.perf_counter() - before < 10
    asker.ask(owner, lambda: 1, owner.show, owner.explain)
    go.set()
    assert asker.busy == 0


def test_cycles_of_widgets_die_in_the_gui_thread(qtbot: Any) -> None:
    keeper = GuiGc(every_ms=20)
    died_in: list[str] = []

    class Cyclic(QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.timer = QTimer(self)
            self.timer.start(999)
            self.me = self

        def __del__(self) -> None:
            died_in.append(threading.current_thread().name)

    def engine() -> None:
        for _n in range(300_000):
            kept = [[]]  # noqa: F841  # containers, so that a collection falls due

    for _n in range(800):
        Cyclic()
    thread = threading.Thread(target=engine, name="engine")
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(died_in))
    keeper.close()
    gc.collect()
    assert set(died_in) == {"MainThread"}


def test_the_collector_leaves_python_as_it_was(qtbot: Any) -> None:
    before = 0.004
    gc.enable()
    sys.setswitchinterval(before)
    keeper = GuiGc(every_ms=10)
    assert not gc.isenabled()
    assert sys.getswitchinterval() < before
    kept = [[n] for n in range(50_000)]  # made while starting: not looked at again
    keeper.settle()
    assert gc.get_count()[0] < 1_000
    assert gc.get_freeze_count() > 50_000
    assert len(kept) == 50_000
    keeper.close()
    assert gc.isenabled()
    assert sys.getswitchinterval() == before
    assert gc.get_freeze_count() == 0
    gc.disable()  # as every test here has it


def test_the_binding_does_not_eat_none(qapp: QApplication) -> None:
    # PySide6 6.12.0 on Python 3.11 loses a reference to None with every call that returns nothing.
    one = QObject()
    before = sys.getrefcount(None)
    for _n in range(300):
        one.setObjectName("x")
    assert sys.getrefcount(None) - before > -50
