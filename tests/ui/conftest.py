"""A dressed QApplication, collection in the GUI thread, a real Core on a temporary home."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

pytest.importorskip("PySide6")

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.alert import Alert, Severity
from app.domain.watch import Watch
from app.home import Home
from ui import theme
from ui.application import make_context
from ui.context import Context
from ui.gui_gc import GuiGc

QtBot.waitUntil.__kwdefaults__["timeout"] = 30_000  # milliseconds; machines are busy at times


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["tingfeng"]


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[None]:
    """Light, and no widget is ever destroyed by a collection in another thread."""
    theme.apply(qapp, "light")
    keeper = GuiGc(every_ms=200)
    yield
    for widget in QApplication.topLevelWidgets():
        widget.hide()
        widget.deleteLater()
    QApplication.sendPostedEvents(None, 52)  # DeferredDelete
    keeper.close()


@pytest.fixture(autouse=True)
def no_slot_exceptions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[BaseException]]:
    """An exception in a slot reaches sys.excepthook; a test in which that happens has failed."""
    caught: list[BaseException] = []
    before = sys.excepthook
    monkeypatch.setattr(
        sys, "excepthook", lambda kind, error, trace: (caught.append(error), before(kind, error, trace))
    )
    yield caught
    assert caught == []


@pytest.fixture
def core(tmp_path: Path) -> Iterator[Core]:
    made = Core.open(Home(tmp_path / "home"), engine_name="trivial", desktop=False)
    yield made
    made.close()


@pytest.fixture
def context(core: Core, qapp: QApplication) -> Iterator[Context]:
    made = make_context(core)
    yield made
    made.close()


CSV = """text,author,published_at,url,likes
{rows}
"""


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    """A sheet of eight posts, four of them angry ones about a made-up brand."""
    now = datetime.now(UTC)
    rows = []
    for n in range(8):
        text = f"星尘手机第{n}次发热太差了" if n % 2 else f"今天天气第{n}天不错"
        when = (now - timedelta(hours=n)).strftime("%Y-%m-%d %H:%M:%S")
        rows.append(f"{text},用户{n},{when},https://example.com/{n},{n}")
    path = tmp_path / "posts.csv"
    path.write_text(CSV.format(rows="\n".join(rows)), encoding="utf-8")
    return path


@pytest.fixture
def filled(core: Core, posts: Path) -> Core:
    """A brand and the eight posts."""
    core.save_brand(Watch(name="星尘", query="星尘"), wait=True)
    core.import_path(posts)
    return core


@dataclass
class Heard:
    """Collects what a signal carries."""

    values: list[Any] = field(default_factory=list)

    def __call__(self, value: Any = None) -> None:
        self.values.append(value)


@pytest.fixture
def hear() -> Callable[[Any], Heard]:
    def listen(signal: Any) -> Heard:
        heard = Heard()
        signal.connect(heard.__call__)
        return heard

    return listen


@pytest.fixture
def alert() -> Callable[..., Alert]:
    def make(**changes: Any) -> Alert:
        given: dict[str, Any] = {
            "id": 1,
            "severity": Severity.P1,
            "title": "星尘: 发热",
            "body": "充电时烫手",
            "reason": "clearly negative",
            "created_at": datetime.now(UTC),
            **changes,
        }
        return Alert(**given)

    return make
