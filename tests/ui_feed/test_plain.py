"""Hostile text made safe, figures as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cues import SHORT, short_label
from app.i18n import set_language
from resources import __file__ as resources_file
from ui.feed import plain

ANY = st.text(st.characters(codec=None, categories=None), max_size=80)


@settings(deadline=None, max_examples=100)
@given(ANY)
def test_visible_keeps_every_character_in_its_place(text: str) -> None:
    shown = plain.visible(text)
    assert len(shown) == len(text)
    shown.encode("utf-8")
    assert not set(shown) & set("\u202e\u2066\u2069\x00\x1b\r\x85\u2028")


def test_direction_tricks_and_controls_show() -> None:
    assert plain.visible("a\u202eb\x07c\ud800") == "a\ufffdb\ufffdc\ufffd"
    assert plain.visible("一\r\n二") == "一 \n二"


def test_joined_emoji_stay_whole() -> None:
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert plain.visible(family) == family


def test_towers_of_marks_are_cut() -> None:
    assert plain.visible("e" + "\u0301" * 40).count("\u0301") == 4


@settings(deadline=None, max_examples=100)
@given(ANY.map(plain.visible), st.data())
def test_spans_count_as_qt_counts(text: str, data: st.DataObject) -> None:
    end = data.draw(st.integers(0, len(text)))
    start = data.draw(st.integers(0, end))
    [(first, last)] = plain.utf16(text, ((start, end),))
    units = text.encode("utf-16-le")
    assert units[first * 2 : last * 2].decode("utf-16-le") == text[start:end]


@pytest.mark.parametrize(
    ("n", "english", "chinese"),
    [
        (999, "999", "999"),
        (12_345, "12.3k", "1.2k"),
        (18_000, "18k", "1.8k"),
        (999_999, "1M", "100k"),
        (99_999_999, "100M", "1M"),
    ],
)
def test_figures(n: int, english: str, chinese: str) -> None:
    set_language("en")
    assert plain.figure(n) == english
    set_language("zh_CN")
    # The number counts ten thousands; the unit's word comes from the catalogue.
    assert plain.figure(n).rstrip("kM万亿") == chinese.rstrip("kM")


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=3), "3 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=30), "05-02"),
        (timedelta(days=400), "2024-04-27"),
    ],
)
def test_ago(back: timedelta, said: str) -> None:
    now = datetime(2025, 6, 1, 12, tzinfo=UTC)
    assert plain.ago(now - back, now, UTC) == said


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "",
        "http://",
        "ftp://x/y",
        "-x",
        "http://[",
        "https://a\u202eb/",
    ],
)
def test_only_web_addresses_open(url: str) -> None:
    assert not plain.openable(url)


def test_a_web_address_opens() -> None:
    assert plain.openable(" https://weibo.com/1/2?x=1 ")


def test_overlapping_spans_merge() -> None:
    assert plain.clipped([(5, 9), (1, 2), (8, 30), (40, 50)], 20) == ((1, 2), (5, 20))


def test_every_danger_word_list_has_a_name() -> None:
    from pathlib import Path

    lists = (Path(resources_file).parent / "words" / "severity").glob("*.txt")
    unnamed = [
        path.stem for path in lists if short_label(path.stem) == path.stem and path.stem not in SHORT
    ]
    assert not unnamed
