"""Colours can be read, icons exist, words stand beside colours."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from app.domain.alert import Severity
from app.domain.sentiment import Tone
from app.domain.watch import Health
from ui import icons, theme
from ui.theme import DARK, LIGHT, Colors
from ui.widgets.health_dot import health_icon, health_word

ROOT = Path(__file__).parents[2]
ON = {
    "text": "window surface raised selection hover",
    "muted": "window surface raised selection hover",
    "faint": "window surface raised",
    "accent": "window surface accent_soft",
    "accent_text": "accent",
    "negative": "window surface negative_soft",
    "neutral": "surface neutral_soft",
    "positive": "window surface positive_soft",
    "warning": "window surface warning_soft",
    "mark_text": "mark",
    "window": "text",
}


@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=lambda one: one.name)
@pytest.mark.parametrize("words", ON)
def test_text_has_contrast_on_every_ground_it_stands_on(colors: Colors, words: str) -> None:
    for ground in ON[words].split():
        found = theme.contrast(getattr(colors, words), getattr(colors, ground))
        assert found >= 4.5, f"{words} on {ground}: {found:.2f}"


def test_contrast_is_that_of_the_standard() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_going_dark_changes_palette_sheet_and_icons(qapp: QApplication) -> None:
    button = QPushButton("x")
    icons.dress(button, "bell")
    light = button.icon().pixmap(16).toImage()
    theme.apply(qapp, "dark")
    assert theme.colors() is DARK
    assert DARK.surface in qapp.styleSheet()
    assert button.icon().pixmap(16).toImage() != light
    theme.apply(qapp, "light")
    assert button.icon().pixmap(16).toImage() == light


def test_every_tone_severity_and_health_has_a_word_and_a_picture() -> None:
    tones = [None, *Tone]
    assert len({theme.tone_word(tone) for tone in tones}) == len(tones)
    assert len({theme.tone_icon(tone) for tone in tones}) == len(tones)
    assert {theme.tone_icon(tone) for tone in tones} <= set(icons.names())
    assert len({theme.severity_word(one) for one in Severity}) == len(Severity)
    assert len({health_word(one) for one in Health}) == len(Health)
    assert {health_icon(one) for one in Health} <= set(icons.names())
    assert health_icon(Health.OK) != health_icon(Health.NEEDS_PERSON)


@pytest.mark.parametrize("name", icons.names())
def test_every_icon_can_be_drawn(qapp: QApplication, name: str) -> None:
    image = icons.pixmap(name, 24, "#112233").toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24))


def test_every_icon_that_is_named_exists() -> None:
    there = set(icons.names())
    calls = re.compile(r"(?:dress|picture|icon_button|EmptyState|Banner|pixmap)$")
    for path in (ROOT / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = (
                node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            )
            said = [one.value for one in node.keywords if one.arg == "icon"]
            if calls.search(called):
                said += node.args[1:2] if called == "dress" else node.args[:1]
            for one in said:
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value:
                    assert one.value in there, f"{path.name}: {one.value}"


def test_the_sheet_names_only_pictures_that_exist(qapp: QApplication) -> None:
    folder = ROOT / "resources" / "themes"
    for mode in ("light", "dark"):
        theme.apply(qapp, mode)
        for name in re.findall(r"url\(themes:([^)]+)\)", qapp.styleSheet()):
            assert (folder / name).is_file(), name
    theme.apply(qapp, "light")
