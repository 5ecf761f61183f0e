"""A real core on a home of its own, with mentions that came in through a file; windows offscreen."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core import Core
from app.domain.query import MentionQuery
from app.domain.watch import Watch
from app.home import Home
from ui import theme
from ui.ask import Asker
from ui.bridge import Bridge
from ui.context import Context
from ui.feed.page import FeedPage

QtBot.waitUntil.__kwdefaults__["timeout"] = 30_000  # milliseconds; machines are busy at times


@dataclass
class Stock:
    """Puts posts into the core the way a person does: by importing a file."""

    core: Core
    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def put(self, *texts: str, **columns: Any) -> list[int]:
        """The ids, in the order of `texts`; each is a minute older than the one before it."""
        number = next(self._numbers)
        start = datetime.now(UTC)
        path = self.folder / f"posts-{number}.jsonl"
        with path.open("w", encoding="utf-8") as file:
            for place, text in enumerate(texts):
                when = start - timedelta(minutes=place)
                post = {
                    "id": f"p{number}-{place}",
                    "text": text,
                    "url": f"https://posts.example/{number}/{place}",
                    "author": "李想",
                    "author_id": "u1",
                    "published_at": when.isoformat(),
                    "platform": "weibo",
                    **columns,
                }
                file.write(json.dumps(post, ensure_ascii=False) + "\n")
        before = self.core.newest_id()
        result = self.core.import_path(path)
        assert result.new == len(texts), result
        rows = self.core.mentions(MentionQuery(), None, 5_000).rows
        fresh = [row for row in rows if row.id > before]
        places = {row.mention.native_id: row.id for row in fresh}
        return [places[f"p{number}-{place}"] for place in range(len(texts))]


class Browser(QObject):
    """Stands where the desktop's browser would, as Qt lets a program do."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())


@pytest.fixture
def core(home: Home) -> Iterator[Core]:
    made = Core.open(home, desktop=False, engine_name="trivial")
    yield made
    made.close()


@pytest.fixture
def brand(core: Core) -> Watch:
    return core.save_brand(Watch(name="星澜", query="星澜"))


@pytest.fixture
def stock(core: Core, tmp_path: Path) -> Stock:
    folder = tmp_path / "posts"
    folder.mkdir()
    return Stock(core, folder)


@pytest.fixture
def context(qapp: QApplication, core: Core) -> Iterator[Context]:
    theme.apply(qapp, "light")
    made = Context(core, Bridge(every_ms=10), Asker())
    made.bridge.listen(core)
    yield made
    made.close()


@pytest.fixture
def open_page(qtbot: QtBot, context: Context) -> Callable[..., FeedPage]:
    """Shows a page and waits until its first rows, or its empty state, are there."""

    def make(rows: int | None = None) -> FeedPage:
        page = FeedPage(context)
        qtbot.addWidget(page)
        page.resize(1100, 800)
        with qtbot.waitExposed(page):
            page.show()
        page.activateWindow()
        qtbot.waitUntil(lambda: page.model.state == "ready")
        if rows is not None:
            qtbot.waitUntil(lambda: page.model.rowCount() == rows)
        return page

    return make


@pytest.fixture
def browser(qapp: QApplication) -> Iterator[Browser]:
    made = Browser()
    for scheme in ("http", "https"):
        QDesktopServices.setUrlHandler(scheme, made, "open")
    yield made
    for scheme in ("http", "https"):
        QDesktopServices.unsetUrlHandler(scheme)
