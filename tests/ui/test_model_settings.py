"""The model's endpoint in the settings: chosen, checked, agreed to, off again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QComboBox

from app.core import Core
from app.drill.standin import ModelServer, World
from ui.context import Context
from ui.pages.model_settings import ModelSettings

pytestmark = pytest.mark.window
SLOW = 30_000


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with World([ModelServer]) as made:
        yield made


@pytest.fixture
def section(qtbot: Any, context: Context, world: World) -> ModelSettings:
    made = ModelSettings(context)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.form is not None, timeout=SLOW)
    return made


def fill(section: ModelSettings, world: World, key: str = ModelServer.key) -> None:
    assert section.form is not None
    section.form.fields["base"].show_value(f"{world.url_of(ModelServer)}/v1")
    section.form.fields["model"].show_value(ModelServer.name)
    section.form.fields["key"].show_value(key)


def says(qtbot: Any, section: ModelSettings, words: str) -> None:
    qtbot.waitUntil(lambda: words in section.notice.words.text(), timeout=SLOW)


def test_agreed_to_and_off_again(qtbot: Any, section: ModelSettings, core: Core, world: World) -> None:
    fill(section, world)
    section.switch.click()
    qtbot.waitUntil(lambda: "on this machine" in section.consent.text, timeout=SLOW)
    assert not core.model().on
    section.consent.yes.click()
    qtbot.waitUntil(lambda: section.state.text() == "On: 127.0.0.1", timeout=SLOW)
    assert core.model().on
    assert core.model_has_key
    section.switch.click()
    qtbot.waitUntil(lambda: section.state.text() == "Off", timeout=SLOW)
    assert not core.model().on


def test_declined_stays_off(qtbot: Any, section: ModelSettings, core: Core, world: World) -> None:
    fill(section, world)
    section.switch.click()
    qtbot.waitUntil(lambda: section.consent.text != "", timeout=SLOW)
    section.consent.no.click()
    assert not core.model().on


def test_checked_before_it_is_saved(qtbot: Any, section: ModelSettings, core: Core, world: World) -> None:
    fill(section, world)
    section.check.click()
    says(qtbot, section, "has stand-in-1")
    assert core.model().base == ""
    fill(section, world, "wrong")
    section.check.click()
    says(qtbot, section, "does not accept the key")


def test_a_preset_fills_the_form_and_a_bad_address_is_said(qtbot: Any, section: ModelSettings) -> None:
    box: QComboBox = section.preset
    place = next(n for n in range(box.count()) if "Ollama" in box.itemText(n))
    box.setCurrentIndex(place)
    box.activated.emit(place)
    assert section.form is not None
    assert section.form.fields["base"].value() == "http://127.0.0.1:11434/v1"
    assert "Nothing leaves" in section.about.text()
    section.form.fields["base"].show_value("http://away.example/v1")
    section.save.click()
    says(qtbot, section, "https://")


def test_the_team_wants_two(qtbot: Any, section: ModelSettings, core: Core) -> None:
    section.second.click()
    qtbot.waitUntil(lambda: core.second_pair, timeout=SLOW)
    section.second.click()
    qtbot.waitUntil(lambda: not core.second_pair, timeout=SLOW)
