"""Any table: names that map themselves, saved mappings, times, identities."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.mention import Kind
from app.errors import ConfigError
from monitors.files.columns import automatic, platform_key, stars
from monitors.files.times import moment
from monitors.folder import preview

BASE = datetime(2026, 11, 20, 5, 5, tzinfo=UTC)  # 13:05 in China


def test_chinese_names_map_themselves(kit: Any, tmp_path: Path) -> None:
    header = ["平台", "标 题", "正文", "原文链接", "作者/昵称", "昵称", "发布时间", "点赞数", "评论数", "转发数", "阅读数",  # noqa: E501
              "收藏数", "粉丝数", "ＩＰ属地", "关键词"]  # fmt: skip
    cells = ["小红书", "翻车了", "星岚X3 发热", "https://www.xiaohongshu.com/explore/ab", "", "林间鹿",
             datetime(2026, 11, 20, 13, 5), "1.2万", 3, 4, "10万+", 5, 25000.0, "IP属地：上海", "星岚"]  # fmt: skip  # noqa: DTZ001, E501
    kit.xlsx(tmp_path / "周报.xlsx", {"数据": [["2026年11月舆情周报"], [], header, cells]})
    [one] = kit.whole(tmp_path)
    assert (one.platform, one.title, one.text) == ("xhs", "翻车了", "星岚X3 发热")
    assert one.url == one.native_id == "https://www.xiaohongshu.com/explore/ab"
    assert (one.author.name, one.author.followers) == ("林间鹿", 25_000)
    assert one.published_at == BASE
    counts = one.counts
    assert (counts.likes, counts.comments, counts.shares, counts.views, counts.favorites) == (
        12_000,
        3,
        4,
        100_000,
        5,
    )
    assert (one.region, one.keyword, one.kind) == ("上海", "星岚", Kind.POST)


def test_english_names_and_what_is_unknown(kit: Any, tmp_path: Path) -> None:
    rows = [
        {
            "Text": "fine",
            "Source": "澎湃新闻",
            "rating": "4.5",
            "lang": "en",
            "ID": "a1",
            "published_at": "whenever",
        }
    ]
    kit.jsonl(tmp_path / "a.jsonl", rows)
    [one] = kit.whole(tmp_path, platform="heimao")
    assert (one.platform, one.site, one.native_id, one.rating, one.lang) == (
        "heimao",
        "澎湃新闻",
        "a1",
        4.5,
        "en",
    )
    assert one.published_at is None
    assert one.kind is Kind.REVIEW


def test_a_saved_mapping_goes_first(tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "a.csv"
    path.write_text("甲,内容,乙\n真正的话,别的,某人\n", "utf-8")
    [one] = poll(path, mapping='{"text": "甲", "author": "乙"}').mentions
    assert (one.text, one.author.name) == ("真正的话", "某人")
    for wrong in ("{", "[]", '{"text": 3}', '{"textt": "甲"}'):
        with pytest.raises(ConfigError) as told:
            poll(path, mapping=wrong)
        assert told.value.field == "mapping"


def test_nested_and_wrapped_json(kit: Any, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '{"code": 0, "data": [{"text": "一", "user": {"screen_name": "甲"}}, {"text": "二"}]}', "utf-8"
    )
    first, second = kit.whole(tmp_path)
    assert (first.text, first.author.name, second.text) == ("一", "甲", "二")


def test_importing_again_finds_the_same_identities(kit: Any, tmp_path: Path) -> None:
    data = "作者,内容,时间\n甲,说过的话,2026-11-20 13:05\n乙,说过的话,2026/11/20 13:05\n"
    (tmp_path / "a.csv").write_text(data, "utf-8")
    kit.xlsx(
        tmp_path / "b.xlsx",
        {"S": [["内容", "作者", "时间"], ["说过的话", "甲", datetime(2026, 11, 20, 13, 5)]]},  # noqa: DTZ001
    )
    a, b = tmp_path / "a.csv", tmp_path / "b.xlsx"
    first = [one.native_id for one in kit.whole(a)]
    assert len(set(first)) == 2
    assert first == [one.native_id for one in kit.whole(a)]
    assert [one.native_id for one in kit.whole(b)] == first[:1]


def test_an_address_shared_by_comments_is_no_identity(tmp_path: Path, poll: Any) -> None:
    lines = [f"https://example.com/post,第{n}条评论" for n in range(3)]
    path = tmp_path / "评论.csv"
    path.write_text("\n".join(["链接,评论内容", *lines]) + "\n", "utf-8")
    page = poll(path)
    assert len({one.native_id for one in page.mentions}) == 3
    assert {one.url for one in page.mentions} == {"https://example.com/post"}
    assert {one.kind for one in page.mentions} == {Kind.COMMENT}
    with path.open("a", encoding="utf-8") as file:
        file.write("https://example.com/other,又一条\n")
    [more] = poll(path, page.cursor).mentions
    assert more.native_id != more.url  # once no identity, never one in this file


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("2026-11-20 13:05", BASE), ("2026/11/20 13:05:00", BASE), ("2026年11月20日 13:05", BASE),
        ("20261120130500", BASE), (1795151100, BASE), ("1795151100000", BASE), (46346.545138888891, BASE),
        ("46346.545138888891", BASE), ("2026-11-20T05:05:00Z", BASE), ("11月20日 13:05", BASE), ("11-20 13:05", BASE),  # noqa: E501
        ("昨天 13:05", BASE - timedelta(days=1)), ("今天 13:05", BASE), ("13:05", BASE), ("刚刚", BASE),
        ("3分钟前", BASE - timedelta(minutes=3)), ("2小时前", BASE - timedelta(hours=2)),
        ("12月30日 13:05", datetime(2025, 12, 30, 5, 5, tzinfo=UTC)),
        ("编辑于 2026-11-20 13:05 上海", BASE), ("2026/11/20", datetime(2026, 11, 19, 16, 0, tzinfo=UTC)),
        ("Fri Nov 20 13:05:00 +0800 2026", BASE),
        ("", None), ("None", None), (None, None), (True, None), (0, None), ("32月40日", None), (float("nan"), None),  # noqa: E501
        (10**40, None), ("2月30日", None), ("很久以前", None), ("0000-00-00", None), ("9" * 70, None),
    ],
)  # fmt: skip
def test_times(said: object, wanted: datetime | None) -> None:
    assert moment(said, BASE).at == wanted


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.floats(),
        st.integers(),
        st.from_regex(r"\d{1,4}[-月/]\d{1,2}[日 :]\d{0,3}"),
    )
)
def test_no_time_is_ever_fatal(said: object) -> None:
    made = moment(said, BASE).at
    assert made is None or made.tzinfo is UTC


def test_small_readers() -> None:
    assert [stars(one) for one in ("5星", "四星", 4, "4.5分", "0", "6", "10", "", None, "好")] == [
        5.0, 4.0, 4.0, 4.5, None, None, None, None, None, None]  # fmt: skip
    assert [platform_key(one) for one in ("微博", "B站", "哔哩哔哩", "Ｂ站", "澎湃")] == [
        "weibo",
        "bili",
        "bili",
        "bili",
        "",
    ]
    assert automatic(["内容", "Content", "评论数"]) == {"text": "Content", "comments": "评论数"}


def test_preview(kit: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["正文,昵称,不认识", *(f"第{n}条,甲,x" for n in range(50))]) + "\n", "utf-8")
    made = preview(path)
    assert made.format == "CSV"
    assert made.mapping == {"text": "正文", "author": "昵称"}
    assert made.unmapped == ("不认识",)
    assert len(made.sample) == 20
    assert made.problem == ""
    path.write_text("甲,乙\n1,2\n", "utf-8")
    made = preview(path)
    assert made.columns == ("甲", "乙")
    assert "No column with the text" in made.problem
    assert preview(path, {"text": "乙"}).sample[0].text == "2"
    (tmp_path / "empty.csv").write_text("")
    assert preview(tmp_path / "empty.csv").problem


def test_shipped_samples(kit: Any) -> None:
    for path in sorted(kit.samples.iterdir()):
        made = preview(path)
        assert made.problem == "", path.name
        assert made.sample, path.name
