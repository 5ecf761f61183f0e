"""What strangers write, on every surface: plain text always, and nothing that holds the window up."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core import Core, Sample
from app.domain.alert import Alert, Severity
from app.domain.mention import Author, Mention, Stored
from app.domain.query import MentionQuery
from app.domain.watch import Page, Source, Watch
from ui.context import Context
from ui.feed.composer import Composer
from ui.feed.page import FeedPage
from ui.feed.toasts import Toasts
from ui.pages.alerts import AlertsPage
from ui.pages.log import LogPage
from ui.widgets.samples import Samples

pytestmark = pytest.mark.window

Open = Callable[..., FeedPage]
TRICKS = "\u202eevil\u2066 \x00\x07\x1b[31m \ud800 <img src=http://127.0.0.1:9/x><b>粗</b> &amp; {x} %s"
TRICKS += "\r\n\u2028"
LONG = ("星澜" + TRICKS + "很长的一段话。" * 40) * 400
HIDDEN = ("\u202e", "\u2066", "\x00", "\x1b", "\ud800")
GUI_MS = 400.0
"""What takes a time that grows with the square of a text takes many seconds."""


@pytest.fixture
def hostile(core: Core, brand: Watch, tmp_path: Path) -> Stored:
    """100,000 characters and more of tricks, with a name like them, as no import would clean them."""
    source = core.storage.sources.save(
        Source(kind="folder", name="x" + TRICKS, settings={"path": str(tmp_path)}, paused=True)
    )
    mention = Mention(
        platform="weibo",
        native_id="h1",
        url="https://posts.example/1",
        title=TRICKS * 50,
        text=LONG,
        author=Author(name=TRICKS * 30, native_id="u"),
        published_at=datetime.now(UTC),
        region=TRICKS,
    )
    core.pipeline.take(source, Page((mention,)))
    [stored] = core.mentions(MentionQuery(), None, 5).rows
    assert len(stored.text) > 100_000
    return stored


def words(widget: QWidget) -> str:
    """All that labels of a widget show; none of them may take markup."""
    labels = widget.findChildren(QLabel)
    assert {one.textFormat() for one in labels} <= {Qt.TextFormat.PlainText}
    return "\n".join(one.text() for one in labels)


def harmless(text: str) -> bool:
    return not any(sign in text for sign in HIDDEN)


class Clock:
    """What the GUI thread itself computes; other programs do not count."""

    def __enter__(self) -> Clock:
        self._since = time.thread_time()
        return self

    def __exit__(self, *_why: object) -> None:
        self.ms = (time.thread_time() - self._since) * 1000


def test_a_card_and_the_pane(qtbot: QtBot, open_page: Open, hostile: Stored) -> None:
    page = open_page(1)
    page.grab()
    page.detail.grab()
    with Clock() as clock:
        page.view.go_to(hostile.id)
        qtbot.waitUntil(lambda: page.detail.whole is not None)
        qtbot.waitUntil(lambda: not page.detail._to_fill)
        page.detail.grab()
    assert clock.ms < 3 * GUI_MS, "with the waiting loop of the test itself"
    with Clock() as clock:
        page.detail._fill(page.detail.whole, None)
        while page.detail._to_fill:
            page.detail._fill_next()
        QApplication.sendPostedEvents()
        page.detail.grab()
    assert clock.ms < GUI_MS
    assert harmless(words(page.detail))
    shown = page.detail._post.toPlainText()
    assert harmless(shown)
    assert "<b>粗</b>" in shown
    assert page.detail._rest.isVisible()
    assert harmless(page.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert harmless(page.model.index(0).data(Qt.ItemDataRole.DisplayRole))
    qtbot.waitUntil(lambda: page._context.asker.busy == 0)


def test_the_composer(qtbot: QtBot, context: Context, hostile: Stored) -> None:
    made = Composer(context, hostile.id)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: bool(made.edit.toPlainText()))
    assert harmless(words(made))
    assert harmless(made.edit.toPlainText())
    assert len(made.edit.toPlainText()) < 5_000
    qtbot.waitUntil(lambda: context.asker.busy == 0)


def test_toasts_and_the_alert_list(qtbot: QtBot, core: Core, context: Context, hostile: Stored) -> None:
    alert = core.storage.alerts.add(
        Alert(
            severity=Severity.P1,
            title="P1 " + TRICKS,
            body=LONG,
            reason=LONG,
            mention_id=hostile.id,
            created_at=datetime.now(UTC),
        )
    )
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    window.show()
    toasts = Toasts(window, context)
    with Clock() as clock:
        toasts.show_alert(alert)
        toasts.cards[0].grab()
    assert clock.ms < GUI_MS
    assert harmless(words(toasts))
    assert harmless(toasts.cards[0].accessibleName())
    page = AlertsPage(context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.states.state == "full")
    with Clock() as clock:
        page.list.grab()
        page.detail.grab()
    assert clock.ms < GUI_MS
    assert harmless(words(page.detail))
    assert harmless(page.list.values.index(0).data(Qt.ItemDataRole.AccessibleTextRole))
    qtbot.waitUntil(lambda: context.asker.busy == 0)


def test_samples_of_a_brand(qtbot: QtBot, hostile: Stored) -> None:
    made = Samples()
    qtbot.addWidget(made)
    spans = tuple((at, at + 2) for at in range(0, 100_000, 500))
    with Clock() as clock:
        made.show_samples([Sample(hostile, spans)] * 20)
        made.grab()
    assert clock.ms < 2 * GUI_MS
    assert harmless(made.toPlainText())
    assert len(made.toPlainText()) < 20 * 2_000


def test_the_log_page(qtbot: QtBot, core: Core, context: Context) -> None:
    from app import log

    log.topic("core").warning("read %s", LONG[:100_000])
    for _number in range(200):
        log.topic("core").warning("%s", TRICKS)
    page = LogPage(context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.states.state == "full")
    assert harmless(page.text.toPlainText())
    assert max(len(line) for line in page.text.toPlainText().splitlines()) <= 2_000
    with Clock() as clock:
        page._show()
        page.grab()
    assert clock.ms < 2 * GUI_MS
    qtbot.waitUntil(lambda: context.asker.busy == 0)
