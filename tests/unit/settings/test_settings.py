"""Settings on disk, checked and kept."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app import log
from app.errors import ConfigError, TooNew, Unavailable
from app.settings import file
from app.settings.local import Local
from app.settings.schema import choice, flag, integer, lines, read, secret, secret_names, text
from app.settings.secrets import FileStore


@dataclass(frozen=True)
class Form:
    url: str = text("Address", required=True)
    key: str = secret("Key")
    pages: int = integer("Pages", default=3, low=1, high=10)
    sort: str = choice("Order", choices=("new", "old"), default="new")
    deep: bool = flag("Deep")
    countries: tuple[str, ...] = lines("Countries", default=("cn",))


def test_a_form_is_read_with_defaults() -> None:
    made = read(Form, {"url": " http://x ", "countries": "cn，us, hk", "deep": "是", "pages": "7"})
    assert made == Form(url="http://x", pages=7, deep=True, countries=("cn", "us", "hk"))
    assert secret_names(Form) == ("key",)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "url"),
        ({"url": "  "}, "url"),
        ({"url": "x", "pages": 11}, "pages"),
        ({"url": "x", "pages": "many"}, "pages"),
        ({"url": "x", "sort": "up"}, "sort"),
        ({"url": "x", "colour": "red"}, "colour"),
    ],
)
def test_unfit_values_name_their_field(values: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(Form, values)
    assert caught.value.field == field
    assert str(caught.value)


def test_settings_come_back_and_unknown_keys_stay(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(
        json.dumps({"version": 1, "settings": {"agent": "小李", "of_tomorrow": 5}, "window": {"w": 3}})
    )
    local = file.load(path)
    assert local.agent == "小李"
    file.save(path, replace(local, theme="dark"))
    kept = json.loads(path.read_text())
    assert kept["settings"]["of_tomorrow"] == 5
    assert kept["window"] == {"w": 3}
    assert file.load(path) == replace(local, theme="dark")


def test_one_unfit_value_does_not_cost_the_others(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(
        json.dumps({"version": 1, "settings": {"agent": "小李", "theme": "plaid", "raw_days": -4}})
    )
    assert file.load(path) == Local(agent="小李")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1]", b"\xff\xfe\x00", b'{"version": "x"}', b"[" * 100_000, b'{"version": 1e400}']
)
def test_a_damaged_file_is_set_aside(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(body)
    assert file.load(path) == Local()
    assert (tmp_path / "settings.json.damaged").read_bytes() == body


def test_a_newer_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"version": 99}')
    with pytest.raises(TooNew):
        file.load(path)
    with pytest.raises(TooNew):
        file.save(path, Local())
    assert path.read_text() == '{"version": 99}'


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(Unavailable, match="file"):
        file.save(blocked / "settings.json", Local())


def test_secrets_in_a_file_are_the_owners_alone(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "secrets.json")
    store.set("source/1/key", "s3cr3t-value")
    assert store.get("source/1/key") == "s3cr3t-value"
    assert store.get("source/2/key") == ""
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    store.remove("source/1/key")
    assert store.get("source/1/key") == ""
    assert "s3cr3t-value" not in repr(store)


def test_a_secret_never_reaches_the_log(tmp_path: Path) -> None:
    log.start(tmp_path)
    log.hide("s3cr3t-value")
    log.topic("core").warning("asked http://x/?key=abc&q=1 with s3cr3t-value\nnot a second entry\x1b[31m")
    written = (tmp_path / "tingfeng.log").read_text(encoding="utf-8")
    log.stop()
    assert "s3cr3t-value" not in written
    assert "key=•••" in written
    assert "\x1b" not in written
    assert written.splitlines()[1].startswith("    ")
    assert "s3cr3t-value" not in "".join(log.recent())
