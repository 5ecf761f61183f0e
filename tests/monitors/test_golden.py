"""Saved responses and what is made of them. UPDATE_GOLDEN=1 rewrites; the difference is reviewed."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import pytest

from app.domain.watch import Page
from monitors.appstore import read_page
from monitors.douyin import items as douyin
from monitors.feeds import read_feed
from monitors.reading import Fetched
from monitors.weibo.items import read_rows

HERE = Path(__file__).parent


def _feed(body: bytes) -> Any:
    return read_feed(body, address="https://feeds.example/all")


def _appstore(body: bytes) -> Any:
    return read_page(Fetched(200, {}, body, "https://itunes.example/"), "600000001", "cn")


def _weibo(body: bytes) -> Any:
    told = json.loads(body)
    return read_rows(told, "statuses" if "statuses" in told else "comments", "7100000009")


def _douyin(body: bytes) -> Any:
    data = json.loads(body)["data"]
    if "sec_item_id" in data["list"][0]:
        found = douyin.read_rows(data, lambda row: douyin.read_found(row, "云雀"))
        return Page(tuple(mention for _video, mention in found.rows), skipped=found.skipped)
    where = douyin.Where("@video==", "https://www.iesdouyin.com/share/video/7300000000000000001/")
    rows = douyin.read_rows(data, lambda row: douyin.read_comment(row, where, "madeup-own"))
    return Page(tuple(one.mention for one in rows.rows), str(rows.cursor), skipped=rows.skipped)


READERS = {"feed": _feed, "appstore": _appstore, "weibo": _weibo, "douyin": _douyin}
SAVED = sorted(path for folder in READERS for path in (HERE / folder).iterdir())
SAMPLES = [path for path in SAVED if not path.name.endswith(".expected.json")]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_saved_response_is_read_as_before(path: Path) -> None:
    made = dataclasses.asdict(READERS[path.parent.name](path.read_bytes()))
    for one in made["mentions"]:
        assert one.pop("raw")
        assert len(one.pop("fingerprint")) == 32
    shown = json.dumps(made, ensure_ascii=False, indent=1, default=str) + "\n"
    expected = path.with_name(path.name + ".expected.json")
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(shown, encoding="utf-8")
    assert shown == expected.read_text(encoding="utf-8")


def test_every_expectation_has_its_response() -> None:
    for folder in READERS:
        for path in (HERE / folder).glob("*.expected.json"):
            assert path.with_name(path.name.removesuffix(".expected.json")).exists()
