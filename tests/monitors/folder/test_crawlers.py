"""Every platform, both generations, every format of the crawlers we read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.mention import Kind, Mention
from monitors.folder import preview

PLATFORMS = ("weibo", "xhs", "douyin", "kuaishou", "bili", "tieba", "zhihu")
KINDS = {"douyin": Kind.VIDEO, "kuaishou": Kind.VIDEO, "bili": Kind.VIDEO}
URLS = {
    "weibo": "https://m.weibo.cn/detail/700000000000003",
    "xhs": "https://www.xiaohongshu.com/explore/700000000000003?xsec_token=TOK=&xsec_source=pc_search",
    "douyin": "https://www.douyin.com/video/700000000000003",
    "kuaishou": "https://www.kuaishou.com/short-video/700000000000003",
    "bili": "https://www.bilibili.com/video/av700000000000003",
    "tieba": "https://tieba.baidu.com/p/700000000000003",
    "zhihu": "https://www.zhihu.com/question/555/answer/700000000000003",
}


def _written(kit: Any, tmp: Path, platform: str, generation: str, form: str) -> Path:
    made = {
        item: [kit.row(platform, item, generation, n) for n in range(5)]
        for item in ("contents", "comments")
    }
    if form == "sqlite":
        path = tmp / "database" / "sqlite_tables.db"
        path.parent.mkdir()
        for item, rows in made.items():
            kit.sqlite(path, kit.TABLES[platform, item], rows)
        return path
    if form == "xlsx":
        path = tmp / f"{platform}_search_20261120_130500.xlsx"
        sheets = {
            item.title(): [list(rows[0]), *(list(one.values()) for one in rows)]
            for item, rows in made.items()
        }
        kit.xlsx(path, sheets)
        return path
    folder = tmp / platform / form
    folder.mkdir(parents=True)
    for item, rows in made.items():
        getattr(kit, form)(folder / f"search_{item}_2026-11-20.{form}", rows)
    return tmp


@pytest.mark.parametrize("form", ["jsonl", "json", "csv", "xlsx", "sqlite"])
@pytest.mark.parametrize("generation", ["new", "old"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_posts_and_comments(kit: Any, tmp_path: Path, platform: str, generation: str, form: str) -> None:
    found = kit.whole(_written(kit, tmp_path, platform, generation, form))
    posts = [one for one in found if one.kind is not Kind.COMMENT]
    comments = [one for one in found if one.kind is Kind.COMMENT]
    assert len(posts) == 5
    assert len(comments) == 5
    _check_post(posts[3], platform, generation)
    _check_comment(comments[3], platform)
    assert comments[2].parent_id == "700000000000002"


def _check_post(post: Mention, platform: str, generation: str) -> None:
    assert (post.platform, post.native_id, post.url) == (platform, "700000000000003", URLS[platform])
    assert post.kind is KINDS.get(platform, Kind.POST)
    assert post.text == f"屏幕素质确实不错，就是价格有点高，“等降价”（{platform}3）"
    assert post.author.name == "阿***树"
    assert post.author.followers is None
    assert post.keyword == "星岚"
    assert post.counts.comments == (None if platform == "kuaishou" else 35)
    if platform != "tieba":
        assert post.counts.likes == (12 if platform == "zhihu" else 12_000)
        assert post.published_at == datetime.fromtimestamp(1_795_150_003, UTC)
    else:
        assert post.published_at == datetime(2026, 11, 20, 5, 5, tzinfo=UTC)
        assert post.site == "星岚吧"
    if generation == "new":
        assert post.author.native_id == "0000000000000003"
    elif platform != "tieba":
        assert post.author.native_id == "9000000003"
    if generation == "old" and platform in ("weibo", "xhs", "douyin"):
        assert post.region == "上海"
    if platform != "weibo":
        assert post.title == "第3次反馈"


def _check_comment(comment: Mention, platform: str) -> None:
    assert comment.native_id == "880003"
    assert comment.root_id == "700000000000003"
    assert comment.parent_id == ("700000000000003" if platform == "kuaishou" else "880002")
    suffix = {"bili": "#reply880003", "tieba": "?pid=880003"}.get(platform, "")
    if platform == "zhihu":
        assert comment.url == "https://www.zhihu.com/answer/700000000000003"
    else:
        assert comment.url == URLS[platform] + suffix


@pytest.mark.parametrize("generation", ["new", "old"])
@pytest.mark.parametrize("item", ["contents", "comments"])
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_lone_file_is_known_by_its_columns(
    kit: Any, tmp_path: Path, platform: str, item: str, generation: str
) -> None:
    path = tmp_path / "from a colleague.jsonl"
    kit.jsonl(path, [kit.row(platform, item, generation, 1)])
    [one] = kit.whole(path)
    assert one.platform == platform
    assert (one.kind is Kind.COMMENT) == (item == "comments")
    assert preview(path).format == f"MediaCrawler {platform} {item} (JSONL)"


def test_entities_are_undone_and_the_last_line_wins(kit: Any, tmp_path: Path) -> None:
    rows = [kit.row("weibo", "contents", "new", 1), kit.row("weibo", "contents", "new", 1)]
    rows[1]["liked_count"] = "99"
    kit.jsonl(tmp_path / "search_contents_2026-11-20.jsonl", rows)
    [one] = kit.whole(tmp_path)
    assert "三分之一 & 还掉帧" in one.text
    assert one.counts.likes == 99
    assert one.counts.shares is None  # "None"
    assert json.loads(one.raw)["note_id"] == "700000000000001"


def test_an_upgraded_crawler_writes_on_under_the_old_header(kit: Any, tmp_path: Path, poll: Any) -> None:
    for platform in PLATFORMS:
        path = tmp_path / f"{platform}_search_contents.csv"
        old = [kit.row(platform, "contents", "old", n) for n in range(3)]
        new = [kit.row(platform, "contents", "new", n) for n in range(3, 6)]
        path.write_bytes(kit.csv_bytes(old) + kit.csv_bytes(new, header=False, encoding="utf-8"))
        page = poll(path)
        assert [one.native_id for one in page.mentions] == [str(700_000_000_000_000 + n) for n in range(6)]
        assert page.mentions[4].author.native_id == "0000000000000004"
        assert page.mentions[4].keyword == "星岚"
        assert "3 rows do not fit the header" in page.note


def test_creators_are_passed_over_without_a_word(kit: Any, tmp_path: Path, poll: Any) -> None:
    kit.jsonl(tmp_path / "search_contents_x.jsonl", [kit.row("weibo", "contents", "old", 1)])
    people = [
        {"user_id": "1", "nickname": "阿树", "gender": "f", "desc": "签名", "follows": 3, "fans": "1.2万"}
    ]
    kit.jsonl(tmp_path / "search_creators_x.jsonl", people)
    page = poll(tmp_path)
    assert len(page.mentions) == 1
    assert (page.skipped, page.note) == (0, "")


def test_a_truncated_array_gives_what_is_whole(kit: Any, tmp_path: Path, poll: Any) -> None:
    path = tmp_path / "search_contents_2026-11-20.json"
    kit.json(path, [kit.row("bili", "contents", "new", n) for n in range(5)])
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"video_id") + 20])
    page = poll(path)
    assert len(page.mentions) == 4
    path.write_bytes(whole)
    assert len(poll(path, page.cursor).mentions) == 5


def test_kinds_of_zhihu_xhs_and_douyin(kit: Any, tmp_path: Path) -> None:
    article = kit.row("zhihu", "contents", "new", 1) | {
        "content_type": "article",
        "content_url": "",
        "question_id": "",
    }
    video = kit.row("xhs", "contents", "new", 2) | {"type": "video"}
    album = kit.row("douyin", "contents", "new", 3) | {"aweme_type": "68"}
    kit.jsonl(tmp_path / "a.jsonl", [article, video, album])
    kinds = {one.platform: (one.kind, one.url) for one in kit.whole(tmp_path)}
    assert kinds["zhihu"] == (Kind.ARTICLE, "https://zhuanlan.zhihu.com/p/700000000000001")
    assert kinds["xhs"][0] is Kind.VIDEO
    assert kinds["douyin"][0] is Kind.POST


def test_an_xhs_comment_without_its_note_still_names_it(kit: Any, tmp_path: Path) -> None:
    kit.jsonl(tmp_path / "search_comments_1.jsonl", [kit.row("xhs", "comments", "new", 1)])
    [one] = kit.whole(tmp_path)
    assert one.url == "https://www.xiaohongshu.com/explore/700000000000001"


def test_weibo_search(kit: Any, tmp_path: Path, poll: Any) -> None:
    header = (
        "id,bid,user_id,用户昵称,微博正文,头条文章url,发布位置,艾特用户,话题,转发数,评论数,点赞数,发布时间,发布工具,"
        "微博图片url,微博视频url,retweet_id,ip,user_authentication"
    )
    lines = [
        header,
        '5001,PaB1,12345,林间鹿,"#星岚# 发热严重,\n要求退货",,,,星岚,3,4,1.2万,2026-11-20 13:05,iPhone,'
        "https://wx1.example/a.jpg,,,发布于 江苏,蓝V",
        # the same file after an upgrade: two more columns
        "5002,PaB2,12346,二两面,物流很快,,,,,0,0,0,2026-11-20 13:06,,,,,江苏,普通用户,普通会员,1",
    ]
    path = tmp_path / "结果文件" / "星岚" / "星岚.csv"
    path.parent.mkdir(parents=True)
    path.write_text("\r\n".join(lines) + "\r\n", "utf-8-sig", newline="")
    first, second = poll(tmp_path).mentions
    assert (first.platform, first.native_id, first.url) == ("weibo", "5001", "https://weibo.com/12345/PaB1")
    assert first.text == "#星岚# 发热严重,\n要求退货"
    assert first.published_at == datetime(2026, 11, 20, 5, 5, tzinfo=UTC)
    assert (first.counts.likes, first.counts.comments, first.counts.shares) == (12_000, 4, 3)
    assert (first.region, first.keyword, first.author.verified) == ("江苏", "星岚", True)
    assert first.media == ("https://wx1.example/a.jpg",)
    assert (second.native_id, second.author.verified) == ("5002", False)
