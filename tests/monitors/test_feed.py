"""Feeds as sites really send them, and as nobody should."""

from __future__ import annotations

import hashlib
import json
import random
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.mention import Kind
from app.errors import AuthFailed, BadResponse, ConfigError, MonitorError, Refused, Transient
from monitors.feed import Feed, Settings
from monitors.feeds import read_feed

GOLDEN = Path(__file__).parent / "feed"
AT = "http://feeds.example/all"


def rss(*items: str, head: str = "", encoding: str = "UTF-8") -> str:
    return (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<rss version="2.0"><channel><title>耳机论坛</title>'
        f"<link>https://bbs.example/</link>{head}{''.join(items)}</channel></rss>"
    )


def item(text: str = "左耳没声音", guid: str = "1", more: str = "") -> str:
    return (
        f"<item><title>求助</title><description>{text}</description><guid isPermaLink='false'>{guid}</guid>"
        f"<link>https://bbs.example/t/7</link><pubDate>Tue, 02 Sep 2025 09:46:55 GMT</pubDate>{more}</item>"
    )


def read(text: str | bytes, **more: Any) -> Any:
    return read_feed(text if isinstance(text, bytes) else text.encode(), address=AT, **more)


# ── documents ─────────────────────────────────────────────────────────────────────────────────


def test_a_malformed_feed_gives_what_can_be_made_out() -> None:
    made = read(rss(item("一", "1"), item("二 & <b>三", "2"), item("四", "3")))
    assert made.ragged
    assert {one.text[0] for one in made.mentions} >= {"一", "四"}


def test_a_cut_feed_gives_whole_items_only() -> None:
    whole = rss(item("第一条", "1"), item("第二条", "2"), item("第三条不全", "3"))
    made = read(whole[: whole.index("不全")])
    assert [one.text for one in made.mentions] == ["第一条", "第二条"]
    assert "cut short" in made.ragged


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "ok",
        "<html><body>x</body></html>",
        "<a/>",
        "<rss",
        "<rss version='2.0'>",
        "<?xml",
        "<!DOCTYPE x",
        "<!--",
    ],
)
def test_what_is_no_feed_is_told(text: str) -> None:
    with pytest.raises(BadResponse):
        read(text)


@pytest.mark.parametrize("real", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "iso-8859-1", "utf-16"])
def test_a_wrong_charset_does_no_harm(real: str, declared: str) -> None:
    body = rss(item("左耳用了两周就没有声音了，客服说要自费维修"), encoding=declared).encode(real)
    made = read(body, content_type=f"text/xml; charset={declared}")
    assert made.mentions[0].text == "左耳用了两周就没有声音了，客服说要自费维修"
    assert made.title == "耳机论坛"


def _laughs() -> str:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    body = '<rss version="2.0"><channel><item><title>&l11;</title></item></channel></rss>'
    return f'<?xml version="1.0"?><!DOCTYPE r [{entities}]>{body}'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_entity_bomb_is_refused_at_once(timed: Any, encoding: str) -> None:
    tracemalloc.start()
    try:
        seconds, made = timed(lambda: read(_laughs().encode(encoding)))
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
    assert isinstance(made, BadResponse)
    assert "entities" in made.text
    assert seconds < 1


def test_outside_entities_are_neither_read_nor_fetched(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("秘密")
    text = (
        f'<!DOCTYPE r [<!ENTITY x SYSTEM "{(tmp_path / "x").as_uri()}">]>'
        + rss(item("&x;")).partition("?>")[2]
    )
    with pytest.raises(BadResponse):
        read(text)
    old = (
        '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://127.0.0.1:9/rss.dtd">'
    )
    made = read(old + rss(item()).partition("?>")[2])
    assert made.mentions[0].text == "左耳没声音"


def test_control_characters_do_not_end_the_reading() -> None:
    made = read(rss(item("左\x08耳\x00没\x1b声音\ufffe")))
    assert made.mentions[0].text == "左耳没声音"
    assert not made.ragged


def test_dates_missing_odd_and_to_come() -> None:
    bare = "<item><title>没有日期</title><guid>urn:a</guid></item>"
    zero = (
        "<item><title>零</title><guid>urn:b</guid><pubDate>Mon, 01 Jan 0001 00:00:00 +0000</pubDate></item>"
    )
    odd = "<item><title>怪</title><guid>urn:c</guid><pubDate>昨天</pubDate></item>"
    future = (
        "<item><title>未来</title><guid>urn:d</guid><pubDate>Tue, 02 Sep 2099 09:46:55 GMT</pubDate></item>"
    )
    local = "<item><title>没写时区</title><guid>urn:e</guid><pubDate>2025-09-02 17:46:55</pubDate></item>"
    made = {one.text: one.published_at for one in read(rss(bare, zero, odd, future, local)).mentions}
    assert made["没有日期"] is made["零"] is made["怪"] is None
    assert made["未来"] == datetime(2099, 9, 2, 9, 46, 55, tzinfo=UTC)
    assert made["没写时区"] == datetime(2025, 9, 2, 9, 46, 55, tzinfo=UTC)


def test_changed_guids_keep_the_fingerprint() -> None:
    before, after = read(rss(item(guid="1"))).mentions[0], read(rss(item(guid="99"))).mentions[0]
    assert before.native_id != after.native_id
    assert before.fingerprint == after.fingerprint != ""


def test_one_link_two_guids_two_texts_are_two() -> None:
    made = read(rss(item("一楼", "1"), item("二楼", "2"))).mentions
    assert len({one.native_id for one in made}) == len({one.fingerprint for one in made}) == 2


def test_local_guids_do_not_clash_between_feeds() -> None:
    here = read(rss(item(guid="17"))).mentions[0]
    there = read_feed(rss(item(guid="17")).encode(), address="http://other.example/").mentions[0]
    assert here.native_id != there.native_id
    same = [
        read_feed(rss(item(guid="tag:a,2025:1")).encode(), address=at).mentions[0]
        for at in (AT, "http://b/")
    ]
    assert same[0].native_id == same[1].native_id == "tag:a,2025:1"


@pytest.mark.parametrize(
    ("title", "text", "made"),
    [
        ("左耳没声音...", "左耳没声音了，客服不理", ("", "左耳没声音了，客服不理")),
        ("阿树: 左耳没声…", "左耳没声音了", ("", "左耳没声音了")),
        ("标题", "标题&lt;br&gt;正文在这里", ("标题", "正文在这里")),
        ("标题", "正文在这里", ("标题", "正文在这里")),
        ("只有标题", "", ("", "只有标题")),
        ("同样", "同样", ("", "同样")),
    ],
)
def test_nothing_is_told_twice(title: str, text: str, made: tuple[str, str]) -> None:
    one = read(
        rss(f"<item><title>{title}</title><description>{text}</description><author>阿树</author></item>")
    ).mentions[0]
    assert (one.title, one.text) == made


def test_script_markup_and_direction_tricks_are_gone() -> None:
    text = '&lt;script&gt;alert(1)&lt;/script&gt;&lt;a href="javascript:x"&gt;左\u202e耳&lt;/a&gt;'
    one = read(rss(item(text).replace("https://bbs.example/t/7", "javascript:alert(1)"))).mentions[0]
    assert one.text == "左耳"
    assert one.url == "https://bbs.example/"


def test_a_post_of_a_hundred_thousand_and_more() -> None:
    assert len(read(rss(item("很" * 150_000))).mentions[0].text) == 100_000


def test_four_megabytes(timed: Any) -> None:
    body = rss(*(item(f"第{n}条" + "很" * 500, f"urn:{n}") for n in range(2500))).encode()
    assert len(body) > 4_000_000
    seconds, made = timed(lambda: read(body))
    assert len(made.mentions) == 2500
    assert seconds < 10


def test_lone_surrogates_in_json() -> None:
    text = '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"urn:1","content_text":"半\\ud800个"}]}'
    one = read(text).mentions[0]
    assert one.text == "半个"
    one.raw.encode()


def test_one_bad_item_is_counted_all_bad_is_an_error() -> None:
    good = {"id": "urn:1", "content_text": "好"}
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": [good, {"id": "urn:2"}, 5, None]}
    made = read(json.dumps(feed))
    assert (len(made.mentions), made.skipped) == (1, 3)
    with pytest.raises(BadResponse, match="None of the 3"):
        read(json.dumps(feed | {"items": feed["items"][1:]}))


@pytest.mark.parametrize(
    ("link", "platform", "kind"),
    [
        ("https://weibo.com/1900000001/Q2", "weibo", Kind.POST),
        ("https://m.weibo.cn/status/1", "weibo", Kind.POST),
        ("https://www.bilibili.com/video/BV1", "bili", Kind.VIDEO),
        ("https://www.bilibili.com/read/cv1", "bili", Kind.ARTICLE),
        ("https://www.xiaohongshu.com/explore/1", "xhs", Kind.POST),
        ("https://tieba.baidu.com/p/1", "tieba", Kind.POST),
        ("https://zhuanlan.zhihu.com/p/1", "zhihu", Kind.ARTICLE),
        ("https://36kr.com/p/1", "36kr", Kind.ARTICLE),
        ("https://notweibo.com/1", "feed", Kind.ARTICLE),
        ("https://weibo.com.evil.example/1", "feed", Kind.ARTICLE),
        ("https://www.baidu.com/1", "feed", Kind.ARTICLE),
    ],
)
def test_the_platform_is_where_the_link_leads(link: str, platform: str, kind: Kind) -> None:
    one = read(rss(item().replace("https://bbs.example/t/7", link))).mentions[0]
    assert (one.platform, one.kind) == (platform, kind)


@pytest.mark.parametrize(
    "body",
    [
        b"<rss version='2.0'><channel><item>" + b"<a>" * 200_000 + b"</item></channel></rss>",
        b"<rss version='2.0'><channel>" + b"<item>" * 100_000 + b"</channel></rss>",
        b"<rss version='2.0'><channel><item>" + b"<" * 3_000_000 + b"</item></channel></rss>",
        b"<rss version='2.0'><channel><item><title>"
        + b"<![CDATA[" * 100_000
        + b"</title></item></channel></rss>",
        b'{"items":' + b"[" * 200_000,
    ],
)
def test_feeds_made_to_hurt_are_refused_in_time(timed: Any, body: bytes) -> None:
    seconds, made = timed(lambda: read(body))
    assert isinstance(made, BadResponse)
    assert seconds < 5


SAMPLES = sorted(path for path in GOLDEN.iterdir() if not path.name.endswith(".expected.json"))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 2**32))
def test_mutated_feeds_raise_monitor_errors_only(path: Path, seed: int) -> None:
    chance = random.Random(seed)
    body = bytearray(path.read_bytes())
    for _time in range(chance.randint(1, 12)):
        at = chance.randrange(len(body))
        match chance.randrange(4):
            case 0:
                body[at] = chance.randrange(256)
            case 1:
                del body[at : at + chance.randrange(1, 60)]
            case 2:
                body[at:at] = bytes(body[chance.randrange(len(body)) :][:40])
            case 3:
                body[at:at] = chance.choice(
                    [b"<", b"&", b"]]>", b"<![CDATA[", b"\x00", b"<item>", b"</", b'"', b"&#x110000;"]
                )
    try:
        made = read(bytes(body))
    except MonitorError:
        return
    for one in made.mentions:
        assert one.text
        assert one.published_at is None or one.published_at.tzinfo is UTC


# ── polling ───────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_sent_twice_for_nothing(server: Any, answer: Any, run: Any) -> None:
    marks = {"ETag": '"a1"', "Last-Modified": "Tue, 02 Sep 2025 10:00:00 GMT"}

    def serve(request: Any) -> Any:
        if request.headers.get("if-none-match") == '"a1"':
            return answer(status=304)
        return answer(rss(item()).encode(), headers=marks)

    server.answer = serve
    given = Settings(url=f"{server.url}/f")
    first = run(Feed, given)
    second = run(Feed, given, cursor=first.cursor)
    assert (len(first.mentions), len(second.mentions)) == (1, 0)
    assert server.journal[1].headers["if-modified-since"] == marks["Last-Modified"]
    third = run(Feed, given, cursor=second.cursor)
    assert third.cursor == second.cursor
    assert server.journal[2].headers["if-none-match"] == '"a1"'


def test_half_a_feed_is_not_remembered_as_whole(server: Any, answer: Any, run: Any) -> None:
    whole = rss(item("一", "1"), item("二", "2"))
    server.answer = lambda request: answer(whole[:-60].encode(), headers={"ETag": '"a1"'})
    page = run(Feed, Settings(url=f"{server.url}/f"))
    assert json.loads(page.cursor)["etag"] == ""
    assert "cut short" in page.note
    server.answer = lambda request: answer(whole.encode())
    assert [
        one.text for one in run(Feed, Settings(url=f"{server.url}/f"), cursor=page.cursor).mentions
    ] == ["二"]


def test_a_move_for_good_is_remembered_and_taken_back(server: Any, answer: Any, run: Any) -> None:
    gone = set()

    def serve(request: Any) -> Any:
        if request.path in gone:
            return answer(status=404)
        if request.path == "/old" and "/new" not in gone:
            return answer(status=301, headers={"Location": "/new"})
        return answer(rss(item()).encode())

    server.answer = serve
    given = Settings(url=f"{server.url}/old")
    first = run(Feed, given)
    assert f"{server.url}/new" in first.note
    second = run(Feed, given, cursor=first.cursor)
    assert [request.path for request in server.journal] == ["/old", "/new", "/new"]
    assert not second.note
    gone.add("/new")
    third = run(Feed, given, cursor=second.cursor)
    assert server.journal[-1].path == "/old"
    assert json.loads(third.cursor)["moved"] == ""


def test_a_passing_detour_is_not_remembered(server: Any, answer: Any, run: Any) -> None:
    server.answer = lambda request: (
        answer(rss(item()).encode())
        if request.path == "/b"
        else answer(status=302, headers={"Location": "/b"})
    )
    page = run(Feed, Settings(url=f"{server.url}/a"))
    assert json.loads(page.cursor)["moved"] == ""
    assert not page.note


def test_changed_counts_and_edits_are_handed_over_again(server: Any, answer: Any, run: Any) -> None:
    given = Settings(url=f"{server.url}/f")
    stats = "<stats><reposts_count>{n}</reposts_count><comments_count>5</comments_count></stats>"
    bodies = [
        rss(item(more=stats.format(n=1))),
        rss(item(more=stats.format(n=1))),
        rss(item(more=stats.format(n=80))),
        rss(item("改了", more=stats.format(n=80))),
        rss(item("改了", guid="新的", more=stats.format(n=80))),
    ]
    cursor, got = None, []
    for body in bodies:
        server.answer = lambda request, body=body: answer(body.encode())
        page = run(Feed, given, cursor=cursor)
        cursor = page.cursor
        got.append(len(page.mentions))
    assert got == [1, 0, 1, 1, 0]


def test_the_key_is_never_sent_but_its_code_is(server: Any, answer: Any, run: Any) -> None:
    server.answer = lambda request: answer(rss(item()).encode())
    run(
        Feed,
        Settings(url=f"{server.url}/weibo/keyword/%E4%BA%91%E9%9B%80?format=json&key=old", key="钥匙k"),
    )
    code = hashlib.md5("/weibo/keyword/云雀钥匙k".encode(), usedforsecurity=False).hexdigest()
    assert server.journal[0].path == f"/weibo/keyword/%E4%BA%91%E9%9B%80?format=json&code={code}"


def test_other_sites_queries_are_left_alone(server: Any, answer: Any, run: Any) -> None:
    server.answer = lambda request: answer(rss(item()).encode())
    run(Feed, Settings(url=f"{server.url}/rss?code=600519&key=%E4%BA%91"))
    assert server.journal[0].path == "/rss?code=600519&key=%E4%BA%91"


def test_the_code_does_not_follow_a_move_to_another_house(server: Any, answer: Any, run: Any) -> None:
    other = type(server)()
    try:
        other.answer = lambda request: answer(rss(item()).encode())
        server.answer = lambda request: answer(status=301, headers={"Location": f"{other.url}/new"})
        given = Settings(url=f"{server.url}/old", key="k")
        page = run(Feed, given)
        run(Feed, given, cursor=page.cursor)
        assert [request.path for request in other.journal] == ["/new", "/new"]
    finally:
        other.close()


@pytest.mark.parametrize(
    ("status", "said", "expected"),
    [
        (503, "Error: Cookies expired. Please update WEIBO_COOKIES", AuthFailed),
        (503, "Unable to fetch visitor cookies", AuthFailed),
        (503, "ConfigNotFoundError: SMZDM_COOKIE is missing", AuthFailed),
        (503, "CaptchaError: verify", Refused),
        (503, "FetchError: 432 ", Refused),
        (503, "Cooling down before new visitor Cookies", Transient),
        (503, "RequestInProgressError", Transient),
        (503, "timeout", Transient),
        (403, "RejectError: Authentication failed. Access denied.", AuthFailed),
        (404, "NotFoundError: wrong path?", BadResponse),
    ],
)
@pytest.mark.parametrize("shape", ["html", "json"])
def test_rsshubs_words_decide(  # parameters
    server: Any, run: Any, shape: str, status: int, said: str, expected: type
) -> None:
    page = f"<html><body><h1>Welcome to RSSHub</h1><p>{said}</p></body></html>"
    body = page if shape == "html" else json.dumps({"error": {"message": said}})
    server.fail(status, body.encode(), cache_control="public, max-age=9")
    with pytest.raises(expected) as caught:
        run(Feed, Settings(url=f"{server.url}/weibo/keyword/x", key="k3y-k3y"))
    if isinstance(caught.value, Transient):
        assert caught.value.retry_after == 9
    assert "k3y-k3y" not in caught.value.text + caught.value.details


def test_an_empty_route_is_no_news(server: Any, answer: Any, run: Any) -> None:
    given = Settings(url=f"{server.url}/f")
    server.answer = lambda request: answer(rss(item()).encode())
    before = run(Feed, given)
    server.fail(
        503,
        json.dumps({"error": {"message": "this route is empty, please check the original site"}}).encode(),
    )
    page = run(Feed, given, cursor=before.cursor)
    assert (page.mentions, json.loads(page.cursor)["seen"]) == ((), json.loads(before.cursor)["seen"])
    assert "before" in page.note
    assert "before" not in run(Feed, given).note
    assert run(Feed, given, "check")


def test_what_check_says(server: Any, answer: Any, run: Any) -> None:
    server.answer = lambda request: answer(rss(item(), item("二", "2")).encode())
    assert (
        run(Feed, Settings(url=f"{server.url}/f"), "check")
        == "“耳机论坛”, 2 posts, newest 2025-09-02 09:46 UTC"
    )


@pytest.mark.parametrize(
    "url", ["", "no", "file:///etc/passwd", "ftp://a.example/x", "javascript:1", "http://"]
)
def test_unfit_addresses_are_the_persons(run: Any, url: str) -> None:
    with pytest.raises(ConfigError):
        run(Feed, Settings(url=url))


def test_a_feed_of_a_hundred_megabytes_is_told(server: Any, answer: Any, run: Any) -> None:
    def stream() -> Iterator[bytes]:
        yield rss().partition("</channel>")[0].encode()
        for number in range(1000):
            yield item("很" * 33_000, str(number)).encode()

    server.answer = lambda request: answer(stream=stream)
    with pytest.raises(BadResponse, match="20 MB"):
        run(Feed, Settings(url=f"{server.url}/f"))


def test_the_cursor_stays_small(server: Any, answer: Any, run: Any) -> None:
    body = rss(*(item(f"第{n}条", f"urn:{n}") for n in range(3000))).encode()
    server.answer = lambda request: answer(body)
    page = run(Feed, Settings(url=f"{server.url}/f"))
    assert len(page.mentions) == 3000
    assert len(page.cursor) < 60_000


def test_a_post_may_be_in_another_language_than_its_feed() -> None:
    told = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "某站",
        "language": "zh-CN",
        "items": [
            {"id": "a", "content_text": "左耳没声音"},
            {"id": "b", "content_text": "No sound at all", "language": "en"},
        ],
    }
    assert [one.lang for one in read(json.dumps(told)).mentions] == ["zh-cn", "en"]
