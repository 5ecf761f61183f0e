"""The pickable RSSHub routes."""

from __future__ import annotations

import string
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import ConfigError
from monitors.rsshub import PRESETS, Trouble, access_code, health_url, preset, preset_url, trouble

BASE = "http://127.0.0.1:1200"


@pytest.mark.parametrize("which", PRESETS, ids=lambda one: one.key)
def test_every_preset_can_be_filled(which: object) -> None:
    names = {name for _text, name, _spec, _conversion in string.Formatter().parse(which.path) if name}
    assert names == {name for name, _label, _example in which.fields}
    assert which.name
    assert which.path.startswith("/")
    assert all(label and example for _name, label, example in which.fields)
    url = preset_url(which, BASE, {name: example for name, _label, example in which.fields})
    assert url.startswith(f"{BASE}/")
    assert url.endswith("?format=json&limit=50")
    assert url.isascii()


def test_keys_are_unique() -> None:
    assert len({one.key for one in PRESETS}) == len({one.name for one in PRESETS}) == len(PRESETS)
    assert len({one.path for one in PRESETS}) == len(PRESETS)


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_a_value_stays_one_segment(value: str) -> None:
    try:
        url = preset_url(preset("weibo-keyword"), BASE, {"keyword": value})
    except ConfigError:
        return
    path = urlsplit(url).path
    assert path.count("/") == 3
    assert set(path) <= set(string.ascii_letters + string.digits + "/%-._~")
    assert urlsplit(url).query == "format=json&limit=50"


def test_slashes_and_questions_are_written_out() -> None:
    url = preset_url(preset("weibo-keyword"), f"{BASE}/", {"keyword": "A/B?c#d 云"})
    assert urlsplit(url).path == "/weibo/keyword/A%2FB%3Fc%23d%20%E4%BA%91"


def test_the_code_is_the_documented_one() -> None:
    assert (
        access_code("http://h:1200/qdaily/column/59?x=1", "ILoveRSSHub")
        == "0f820530128805ffc10351f22b5fd121"
    )
    url = preset_url(preset("weibo-keyword"), BASE, {"keyword": "云雀"}, access_key="k")
    assert url.endswith(f"&code={access_code(unquote(url), 'k')}")
    assert "key=" not in url


@pytest.mark.parametrize(
    "base", ["", "127.0.0.1:1200", "ftp://h", "javascript:x", "http://", "http://[::1", "http://h/?x=1"]
)
def test_a_base_must_be_an_address(base: str) -> None:
    with pytest.raises(ConfigError) as caught:
        health_url(base)
    assert caught.value.field == "base"


@pytest.mark.parametrize("value", ["", "  ", ".", "..", "\u200b"])
def test_an_empty_value_is_named(value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        preset_url(preset("weibo-keyword"), BASE, {"keyword": value})
    assert caught.value.field == "keyword"


def test_unknown_presets_and_health() -> None:
    with pytest.raises(ConfigError):
        preset("nope")
    assert health_url(f"{BASE}/hub/") == f"{BASE}/hub/healthz"


def test_ordinary_words_are_no_trouble() -> None:
    assert trouble("all is well") is None
    assert trouble("Error: this route is empty, please check") is Trouble.EMPTY
    assert trouble("id 1432000") is None
