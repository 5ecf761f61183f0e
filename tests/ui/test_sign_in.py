"""Signing in from the window: over a real core, the stand-in's page, and a browser that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from app.core import Core
from app.domain.watch import Health, Source
from app.drill.standin import Weibo, World
from ui.context import Context
from ui.dialogs.add_source import AddSource
from ui.dialogs.sign_in import SignInSheet
from ui.pages.sources import SourcesPage


class Browser(QObject):
    """What the desktop opens addresses with. `goes` False: the person lets it lie."""

    def __init__(self) -> None:
        super().__init__()
        self.goes = True
        self.opened: list[str] = []

    @Slot(QUrl)
    def show(self, url: QUrl) -> None:
        address = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        self.opened.append(address)
        if self.goes:
            with httpx.Client(trust_env=False, follow_redirects=True, timeout=30) as client:
                client.get(address)


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    QDesktopServices.setUrlHandler("http", made, "show")
    yield made
    QDesktopServices.unsetUrlHandler("http")


@pytest.fixture
def weibo() -> Iterator[tuple[World, Weibo]]:
    with World([Weibo]) as world:
        yield world, world.of(Weibo)


@pytest.fixture
def signing(core: Core) -> Core:
    core.start(poll=False)
    return core


def _settings(world: World) -> dict[str, Any]:
    return {"server": world.url_of(Weibo), "app_key": "1234567890", "redirect": ""}


def _saved(core: Core, world: World) -> int:
    source = Source(kind="weibo", name="云雀官微", settings=_settings(world))
    return core.save_source(source, {"app_secret": "app-s3cr3t"}).id


def test_from_the_list_of_sources(
    qtbot: Any, signing: Core, context: Context, browser: Browser, weibo: tuple[World, Weibo]
) -> None:
    id_ = _saved(signing, weibo[0])
    signing.storage.sources.set_health(
        id_, Health.NEEDS_PERSON, error="expired", failures=1, last_poll_at=None
    )
    signing.save_source(Source(kind="feed", name="论坛", settings={"url": "http://127.0.0.1:9/f"}))
    page = SourcesPage(context)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.show()
    qtbot.waitUntil(lambda: page.states.state == "full")
    page.table.selectRow(1)  # those in trouble stand first
    qtbot.waitUntil(page.enter_button.isHidden)
    page.table.selectRow(0)
    qtbot.waitUntil(page.enter_button.isVisible)
    page.sign_in()
    qtbot.waitUntil(lambda: bool(signing.secrets.get(f"source/{id_}/token")), timeout=60_000)
    qtbot.waitUntil(lambda: page.findChild(SignInSheet) is None, timeout=60_000)
    assert len(browser.opened) == 1
    assert signing.storage.sources.get(id_).health is Health.NEW


def test_before_a_source_is_saved(
    qtbot: Any, signing: Core, context: Context, browser: Browser, weibo: tuple[World, Weibo]
) -> None:
    world, platform = weibo
    dialog = AddSource(context)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: bool(dialog._kinds))
    kinds = {kind.info.id: kind for kind in dialog._kinds}
    dialog._picked(kinds["feed"])
    assert dialog.enter.isHidden()
    dialog._picked(kinds["weibo"])
    assert dialog.enter.isVisible()
    assert set(dialog.form.fields) == {"app_key", "app_secret", "redirect", "ip", "server"}
    for name, value in {**_settings(world), "app_secret": "app-s3cr3t"}.items():
        dialog.form.fields[name].show_value(value)
    dialog.enter.click()
    qtbot.waitUntil(lambda: "Signed in" in dialog.problem.words.text(), timeout=60_000)
    dialog.save()
    qtbot.waitUntil(lambda: len(signing.sources()) == 1)
    id_ = signing.sources()[0].source.id
    # The row is there a moment before its keys are.
    qtbot.waitUntil(lambda: signing.secrets.get(f"source/{id_}/token") == platform.token, timeout=60_000)
    assert platform.token not in repr(signing.sources())


def test_the_code_is_pasted_and_a_wrong_one_is_said(
    qtbot: Any, signing: Core, context: Context, browser: Browser, weibo: tuple[World, Weibo]
) -> None:
    browser.goes = False
    id_ = _saved(signing, weibo[0])
    sheet = SignInSheet(context, "云雀", lambda: signing.begin_sign_in(id_))
    qtbot.addWidget(sheet)
    sheet.open()
    qtbot.waitUntil(lambda: bool(browser.opened), timeout=60_000)
    assert "goes on by itself" in sheet.status.text()
    assert not sheet.chief.isEnabled()
    sheet.code.setText("guessed")
    sheet.chief.click()
    qtbot.waitUntil(lambda: "too old" in sheet.problem.words.text(), timeout=60_000)
    back = httpx.get(browser.opened[0], trust_env=False).headers["location"]
    sheet.code.setText(back)
    with qtbot.waitSignal(sheet.signed_in, timeout=60_000):
        sheet.chief.click()
    assert signing.secrets.get(f"source/{id_}/token") == weibo[1].token


def test_declined_is_said_and_tried_again(
    qtbot: Any, signing: Core, context: Context, browser: Browser, weibo: tuple[World, Weibo]
) -> None:
    world, platform = weibo
    platform.deny = True
    id_ = _saved(signing, world)
    sheet = SignInSheet(context, "云雀", lambda: signing.begin_sign_in(id_))
    qtbot.addWidget(sheet)
    sheet.open()
    qtbot.waitUntil(lambda: "declined" in sheet.problem.words.text(), timeout=60_000)
    platform.deny = False
    with qtbot.waitSignal(sheet.signed_in, timeout=60_000):
        sheet.again.click()


def test_closing_the_sheet_ends_the_waiting(
    qtbot: Any, signing: Core, context: Context, browser: Browser, weibo: tuple[World, Weibo]
) -> None:
    browser.goes = False
    id_ = _saved(signing, weibo[0])
    sheet = SignInSheet(context, "云雀", lambda: signing.begin_sign_in(id_))
    sheet.open()
    qtbot.waitUntil(lambda: sheet.under_way is not None, timeout=60_000)
    under_way = sheet.under_way
    sheet.reject()
    qtbot.waitUntil(under_way.done.done, timeout=60_000)
    qtbot.waitUntil(lambda: context.asker.busy == 0, timeout=60_000)


def test_what_cannot_begin_is_said(
    qtbot: Any, signing: Core, context: Context, browser: Browser, weibo: tuple[World, Weibo]
) -> None:
    sheet = SignInSheet(context, "云雀", lambda: signing.begin_sign_in(77))
    qtbot.addWidget(sheet)
    sheet.open()
    qtbot.waitUntil(lambda: bool(sheet.problem.words.text()), timeout=60_000)
    assert browser.opened == []
    assert not sheet.chief.isEnabled()
