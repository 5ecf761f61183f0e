"""What single platforms say that the common suite does not ask: their own codes, threads and quotas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.mention import Kind
from app.domain.watch import Watch
from app.drill.standin import Reply, World
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    Refused,
    ReplyRejected,
    Transient,
    Unsure,
)
from monitors.discuz import Discuz
from monitors.discuz import Settings as DiscuzSettings
from monitors.reading import CHINA
from monitors.v2ex import Settings as V2exSettings
from monitors.v2ex import V2ex
from monitors.youtube import video_id
from monitors.zhihu import Settings as ZhihuSettings
from monitors.zhihu import Zhihu
from tests.monitors.standins import CASES
from tests.monitors.test_standins import Reader, identity


@contextmanager
def reading(name: str) -> Iterator[Reader]:
    case = CASES[name]
    with World([case.platform]) as world:
        made = Reader(case, world)
        case.prepare(made.platform)
        yield made


def forced(status: int, body: str) -> Callable[[Any, Reply], Reply]:
    return lambda _call, made: replace(made, status=status, body=body.encode())


# ── Zhihu ────────────────────────────────────────────────────────────────────────────────────────

CODES = [
    ("10001", "wrong parameter", BadResponse),
    ("20001", "authentication failed", AuthFailed),
    ("30001", "too many requests", RateLimited),
    ("30001", "daily limit reached", RateLimited),
    ("30002", "quota used up", RateLimited),
    ("30003", "risk", Refused),
    ("90001", "internal", Transient),
    ("77777", "something new", BadResponse),
]


@pytest.mark.parametrize(("code", "message", "expected"), CODES)
@pytest.mark.parametrize("quoted", [False, True])
def test_zhihu_s_codes(code: str, message: str, expected: type[AppError], quoted: bool) -> None:
    told = f'"{code}"' if quoted else code
    with reading("zhihu") as reader:
        reader.platform.mutate = forced(200, f'{{"Code":{told},"Message":"{message}","Data":null}}')
        with pytest.raises(expected) as caught:
            reader.poll()
        assert type(caught.value) is expected
        if isinstance(caught.value, RateLimited):
            here = datetime.now(CHINA)
            midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            left = max(60.0, (midnight - here).total_seconds())
            daily = "daily" in message or code == "30002"
            assert caught.value.retry_after == pytest.approx(left if daily else 60.0, abs=30)


def test_zhihu_searches_every_word_and_brand_and_says_where_it_was_found() -> None:
    with reading("zhihu") as reader:
        reader.add("左耳没声音", "云雀不错", "别的")
        assert {(one.text, one.keyword) for one in reader.round()} == {
            ("左耳没声音", "左耳"),
            ("云雀不错", "云雀"),
        }
        reader.settings = replace(reader.settings, words=())
        watch = Watch(name="别的", query="别的", aliases=("x",))
        page = reader.ask(lambda monitor: monitor.poll((watch,), None))
        assert [one.text for one in page.mentions] == ["别的"]
        nothing = reader.ask(lambda monitor: monitor.poll((), None))
        assert nothing.mentions == ()
        assert nothing.note


def test_zhihu_refuses_words_it_cannot_search() -> None:
    for word in ("a", "很" * 101):
        with pytest.raises(ConfigError) as caught:
            Zhihu.vet(ZhihuSettings(words=(word,), secret="x"))
        assert caught.value.field == "words"


def test_zhihu_links_carry_no_trace_of_us() -> None:
    with reading("zhihu") as reader:
        reader.add("左耳没声音")
        [one] = reader.round()
        assert one.url == f"https://www.zhihu.com/question/700000001/answer/{one.native_id[7:]}"
        assert one.native_id.startswith("Answer:")


# ── V2EX ─────────────────────────────────────────────────────────────────────────────────────────


def test_v2ex_reads_replies_of_a_topic_and_sees_that_it_is_gone() -> None:
    with reading("v2ex") as reader:
        [topic] = reader.add("左耳没声音")
        [post] = reader.round()
        for n in range(45):
            reader.platform.add(f"回复{n}", root=topic)
        cursor, found = None, []
        for _time in range(10):
            told = reader.ask(lambda monitor, at=cursor: monitor.thread(post, at))
            cursor = told.page.cursor
            found += told.page.mentions
            if not told.page.more:
                break
        assert [one.text for one in found] == [f"回复{n}" for n in range(45)]
        assert {(one.kind, one.root_id, one.parent_id) for one in found} == {(Kind.COMMENT, topic, topic)}
        again = reader.ask(lambda monitor: monitor.thread(post, cursor))
        assert again.page.mentions == ()
        reader.platform.delete_item(topic)
        assert reader.ask(lambda monitor: monitor.thread(post, cursor)).gone


def test_v2ex_reads_what_is_written_to_us() -> None:
    with reading("v2ex") as reader:
        reader.platform.add("@云雀官方 左耳没声音", extra={"notice": True})
        [one] = reader.round()
        assert one.native_id.startswith("notice-")
        assert one.text == "@云雀官方 左耳没声音"
        assert "提到了你" in one.title


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, '{"success":false,"message":"Invalid token"}', AuthFailed),
        (403, '{"success":false,"message":"Forbidden"}', AuthFailed),
        (404, '{"success":false,"message":"Not found"}', BadResponse),
        (200, '{"success":false,"message":"Invalid token"}', AuthFailed),
        (200, '{"success":false,"message":"odd"}', BadResponse),
        (200, '{"success":true,"result":{"a":1}}', BadResponse),
        (500, "{}", Transient),
    ],
)
def test_v2ex_s_refusals(status: int, body: str, expected: type[AppError]) -> None:
    with reading("v2ex") as reader:
        reader.poll()  # the open list; what follows needs the token
        reader.platform.mutate = forced(status, body)
        with pytest.raises(expected) as caught:
            reader.poll()
        assert caught.value.text


def test_v2ex_rests_until_the_hour_is_over() -> None:
    with reading("v2ex") as reader:
        reader.platform.switches.left = 0
        with pytest.raises(RateLimited) as caught:
            reader.poll()
        assert 800 < caught.value.retry_after <= 901


def test_v2ex_catches_up_with_more_than_any_round_used_to_read() -> None:
    with reading("v2ex") as reader:
        reader.add("旧的：左耳没声音")
        reader.round()
        for number in range(450):
            reader.platform.add(f"第{number}条：左耳没声音", at=reader.platform.now() + number + 1)
        assert len(reader.round()) == 450
        assert reader.round() == []


def test_v2ex_needs_a_token_for_nodes_only() -> None:
    with pytest.raises(ConfigError) as caught:
        V2ex.vet(V2exSettings(nodes=("hardware",)))
    assert caught.value.field == "token"
    V2ex.vet(V2exSettings())
    with reading("v2ex") as reader:
        reader.settings = replace(reader.settings, nodes=(), token="")
        reader.add("左耳没声音")
        assert [one.text for one in reader.round()] == ["左耳没声音"]


# ── Hacker News ──────────────────────────────────────────────────────────────────────────────────


def test_hackernews_reads_the_whole_tree_below_a_story() -> None:
    with reading("hackernews") as reader:
        story = reader.platform.add("", extra={"title": "左耳 story"}).id
        [post] = reader.round()
        assert post.text == "左耳 story"
        first = reader.platform.add("一层", parent=story, root=story).id
        reader.platform.add("二层<p>下一段", parent=first, root=story)
        told = reader.ask(lambda monitor: monitor.thread(post, None))
        assert {(one.text, one.root_id) for one in told.page.mentions} == {
            ("一层", story),
            ("二层\n下一段", story),
        }
        quiet = reader.ask(lambda monitor: monitor.thread(post, told.page.cursor))
        assert quiet.page.mentions == ()
        reader.platform.delete_item(story)
        assert reader.ask(lambda monitor: monitor.thread(post, None)).gone


def test_hackernews_goes_past_a_thousand_hits_and_a_full_second() -> None:
    with reading("hackernews") as reader:
        now = reader.platform.now()
        for n in range(1300):
            reader.platform.add(f"左耳 {n}", at=now - (n // 130) * 60)
        assert len({one.text for one in reader.round()}) == 1300


LOST = [
    ("youtube", "pageToken", '{"error": {"code": 400, "errors": [{"reason": "invalidPageToken"}]}}'),
    ("appstoreconnect", "cursor", '{"errors": [{"status": "400", "code": "PARAMETER_ERROR.INVALID"}]}'),
]


@pytest.mark.parametrize(("name", "place", "body"), LOST)
def test_a_place_that_the_platform_no_longer_knows_is_a_new_beginning(
    name: str, place: str, body: str
) -> None:
    with reading(name) as reader:
        reader.add(*(f"第{number}条：左耳没声音" for number in range(150)))
        assert reader.poll()
        reader.platform.mutate = lambda call, made: (
            forced(400, body)(call, made) if call.get(place) else made
        )
        for _time in range(4):
            reader.poll()
        reader.platform.mutate = lambda _call, made: made
        reader.round()
        reader.round()
        assert len({identity(one) for one in reader.found}) == len(reader.found) == 150


# ── Reddit ───────────────────────────────────────────────────────────────────────────────────────


def test_reddit_asks_for_a_token_once_and_keeps_it() -> None:
    with reading("reddit") as reader:
        reader.add("左耳没声音")
        reader.round()
        reader.round()
        asked = [call for call in reader.platform.journal if call.path == "/api/v1/access_token"]
        assert len(asked) == 1
        assert set(reader.kept) == {"token", "token_until"}
        reader.platform.tokens.append("another")  # type: ignore[attr-defined]  # ended before its time
        reader.add("左耳又没声音")
        assert [one.text for one in reader.round()] == ["左耳又没声音"]
        assert len([call for call in reader.platform.journal if call.path == "/api/v1/access_token"]) == 2


def test_reddit_reads_comments_of_a_post_and_sees_that_it_is_gone() -> None:
    with reading("reddit") as reader:
        id_ = reader.platform.add("正文", extra={"title": "左耳 标题"}).id
        reader.settings = replace(reader.settings, communities=())
        [post] = reader.round()
        assert (post.title, post.text) == ("左耳 标题", "正文")
        reader.platform.add("同感", root=post.native_id)
        told = reader.ask(lambda monitor: monitor.thread(post, None))
        assert [(one.text, one.kind, one.root_id) for one in told.page.mentions] == [
            ("同感", Kind.COMMENT, post.native_id)
        ]
        assert told.post is None
        reader.platform.edit_item(id_, "正文，已更新")
        edited = reader.ask(lambda monitor: monitor.thread(post, told.page.cursor))
        assert edited.post is not None
        assert edited.post.text == "正文，已更新"
        assert edited.page.mentions == ()
        reader.platform.delete_item(id_)
        assert reader.ask(lambda monitor: monitor.thread(post, None)).gone


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (401, '{"error":401}', AuthFailed),
        (403, '{"reason":"private"}', ConfigError),
        (404, '{"reason":"banned"}', ConfigError),
        (200, '{"kind":"t2"}', BadResponse),
        (503, "{}", Transient),
    ],
)
def test_reddit_s_refusals(status: int, body: str, expected: type[AppError]) -> None:
    with reading("reddit") as reader:
        reader.add("左耳没声音")
        reader.round()
        reader.platform.mutate = lambda call, made: (
            made if call.path.startswith("/api/") else replace(made, status=status, body=body.encode())
        )
        with pytest.raises(expected) as caught:
            reader.poll()
        assert caught.value.text


def test_reddit_says_when_to_come_again() -> None:
    with reading("reddit") as reader:
        reader.platform.switches.left = 0
        with pytest.raises(RateLimited) as caught:
            reader.poll()
        assert caught.value.retry_after == 37


# ── YouTube ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("quotaExceeded", RateLimited),
        ("rateLimitExceeded", RateLimited),
        ("keyInvalid", AuthFailed),
        ("forbidden", AuthFailed),
        ("channelNotFound", ConfigError),
        ("backendError", Transient),
        ("somethingNew", BadResponse),
    ],
)
def test_youtube_s_reasons(reason: str, expected: type[AppError]) -> None:
    told = f'{{"error":{{"code":403,"message":"m","errors":[{{"reason":"{reason}"}}]}}}}'
    with reading("youtube") as reader:
        reader.platform.mutate = forced(403, told)
        with pytest.raises(expected) as caught:
            reader.poll()
        assert caught.value.text


def test_youtube_goes_on_with_the_other_videos_where_comments_are_off() -> None:
    with reading("youtube") as reader:
        reader.settings = replace(reader.settings, channel="", videos=("synthvideo1", "synthvideo2"))
        reader.platform.disabled.add("synthvideo1")  # type: ignore[attr-defined]  # a YouTube
        reader.platform.add("左耳没声音", root="synthvideo2")
        assert [one.text for one in reader.round()] == ["左耳没声音"]


def test_youtube_searches_seldom_and_counts_its_units() -> None:
    with reading("youtube") as reader:
        reader.settings = replace(reader.settings, channel="", videos=(), words=("云雀",))
        reader.platform.add("左耳没声音", root="synthvideo3", extra={"video_title": "云雀 Pro 测评"})
        assert [one.text for one in reader.round()] == ["左耳没声音"]
        for _time in range(4):
            reader.round()
        asked = [call.path.rpartition("/")[2] for call in reader.platform.journal]
        assert asked.count("search") == 1
        [life] = reader.ask(lambda monitor: _lives(monitor, reader.cursor))
        assert life.left == 10_000 - 100 - asked.count("commentThreads")
        assert life.limit == 10_000


async def _lives(monitor: Any, cursor: str | None) -> Any:
    return monitor.lives(cursor)


def test_youtube_reads_answers_to_a_comment_and_their_end() -> None:
    with reading("youtube") as reader:
        [id_] = reader.add("左耳没声音")
        [post] = reader.round()
        for n in range(120):
            reader.platform.add(f"答{n}", parent=id_)
        first = reader.ask(lambda monitor: monitor.thread(post, None))
        rest = reader.ask(lambda monitor: monitor.thread(post, first.page.cursor))
        found = [*first.page.mentions, *rest.page.mentions]
        assert {one.text for one in found} == {f"答{n}" for n in range(120)}
        assert {(one.parent_id, one.root_id) for one in found} == {(id_, "synthvideo1")}
        assert first.page.more
        assert not rest.page.more
        reader.platform.delete_item(id_)
        assert reader.ask(lambda monitor: monitor.thread(post, None)).gone


@pytest.mark.parametrize(
    ("given", "id_"),
    [
        ("https://www.youtube.com/watch?v=synthvideo1&t=3", "synthvideo1"),
        ("https://youtu.be/synthvideo1", "synthvideo1"),
        ("https://www.youtube.com/shorts/synthvideo1?x=1", "synthvideo1"),
        ("synthvideo1", "synthvideo1"),
        ("https://example.com/", ""),
        ("synthvideo1x", ""),
        ("", ""),
    ],
)
def test_youtube_addresses(given: str, id_: str) -> None:
    assert video_id(given) == id_


# ── Discuz! ──────────────────────────────────────────────────────────────────────────────────────


def test_discuz_reads_threads_with_their_replies_and_later_ones_too() -> None:
    with reading("discuz") as reader:
        tid = reader.platform.add("左耳没声音", extra={"subject": "云雀 Pro 求助"}).id
        for n in range(70):
            reader.platform.add(f"回复{n}", root=tid)
        found = reader.round()
        assert {one.text for one in found} == {"左耳没声音", *(f"回复{n}" for n in range(70))}
        [top] = [one for one in found if one.kind is Kind.POST]
        assert top.title == "云雀 Pro 求助"
        assert {one.root_id for one in found if one is not top} == {top.native_id}
        reader.platform.add("后来的回复", root=tid, at=reader.platform.now() + 2)
        assert [one.text for one in reader.round()] == ["后来的回复"]
        reader.platform.edit_item(tid, "左耳没声音，已换新")
        told = reader.ask(lambda monitor: monitor.thread(top, None))
        assert told.post is not None
        assert told.post.text == "左耳没声音，已换新"
        assert len(told.page.mentions) == 49
        assert told.page.more
        reader.platform.delete_item(tid)
        assert reader.ask(lambda monitor: monitor.thread(top, None)).gone


@pytest.mark.parametrize("how", ["gbk", "old", "both"])
def test_discuz_of_other_years(how: str) -> None:
    with reading("discuz") as reader:
        reader.platform.gbk = how in ("gbk", "both")  # type: ignore[attr-defined]  # a Discuz
        reader.platform.old = how in ("old", "both")  # type: ignore[attr-defined]  # a Discuz
        reader.add("左耳没声音，客服不回")
        assert [one.text for one in reader.round()] == ["左耳没声音，客服不回"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"error":"mobile_is_closed"}', ConfigError),
        ('{"error":"module_not_exists"}', ConfigError),
        ('{"error":"param_error"}', BadResponse),
        ('{"Message":{"messageval":"forum_nonexistence","messagestr":"x"}}', ConfigError),
        ('{"Message":{"messageval":"post_flood_ctrl","messagestr":"x"}}', RateLimited),
        ('{"Message":{"messageval":"submit_invalid","messagestr":"<b>x</b>"}}', BadResponse),
        ('{"Version":"4"}', BadResponse),
    ],
)
def test_discuz_says_no(body: str, expected: type[AppError]) -> None:
    with reading("discuz") as reader:
        reader.platform.mutate = forced(200, body)
        with pytest.raises(expected) as caught:
            reader.poll()
        assert caught.value.text
        assert "<b>" not in caught.value.text


CLOSED = [
    "to_login//1",
    "login_before_enter_home//1",
    "viewperm_login_nopermission//1",
    "viewperm_none_nopermission",
    "forum_passwd",
]


@pytest.mark.parametrize("value", CLOSED)
def test_discuz_does_not_step_past_a_login_and_reads_the_other_boards(value: str) -> None:
    with reading("discuz") as reader:
        reader.platform.closed["2"] = value  # type: ignore[attr-defined]  # a Discuz
        reader.platform.add("左耳没声音", extra={"fid": "3"})
        assert [one.text for one in reader.round()] == ["左耳没声音"]
        reader.settings = replace(reader.settings, boards=("2",))
        reader.cursor = None
        with pytest.raises(AuthFailed) as caught:
            reader.poll()
        assert "cookies" in caught.value.text


def test_discuz_by_rss() -> None:
    with reading("discuz") as reader:
        reader.settings = replace(reader.settings, way="rss", boards=())
        tid = reader.platform.add("左耳没声音", extra={"subject": "求助 <左耳> & 右耳"}).id
        [one] = reader.round()
        assert one.native_id.endswith(f"#t{tid}")
        assert one.platform == "discuz"
        assert reader.round() == []
        by_json = replace(reader.settings, way="json", boards=("2",))
        reader.settings, reader.cursor = by_json, None
        [again] = reader.round()
        assert identity(again) == identity(one)
        reader.settings, reader.platform.rss = replace(by_json, way="rss"), False  # type: ignore[attr-defined]
        with pytest.raises(ConfigError):
            reader.round()


def test_discuz_wants_boards_by_number() -> None:
    for boards, field in (((), "boards"), (("耳机",), "boards")):
        with pytest.raises(ConfigError) as caught:
            Discuz.vet(DiscuzSettings(server="https://bbs.example", boards=boards))
        assert caught.value.field == field


# ── App Store Connect ────────────────────────────────────────────────────────────────────────────


def test_appstoreconnect_publishes_the_one_answer_and_sees_it() -> None:
    with reading("appstoreconnect") as reader:
        [id_] = reader.add("左耳没声音")
        [review] = reader.round()
        assert reader.ask(lambda monitor: monitor.reply(review, "请联系我们。", "key-1")) == f"r-{id_}"
        assert reader.platform.answers == {id_: "请联系我们。"}  # type: ignore[attr-defined]
        page = reader.ask(lambda monitor: monitor.poll((), None))
        assert page.answered == (identity(review),)
        reader.ask(lambda monitor: monitor.reply(review, "已为您换新。", "key-2"))
        assert reader.platform.answers == {id_: "已为您换新。"}  # type: ignore[attr-defined]


def test_appstoreconnect_says_why_an_answer_was_not_taken_and_when_it_does_not_know() -> None:
    with reading("appstoreconnect") as reader:
        reader.add("左耳没声音")
        [review] = reader.round()
        with pytest.raises(ReplyRejected) as caught:
            reader.ask(lambda monitor: monitor.reply(review, "长" * 6000))
        assert "too long" in caught.value.text
        for mode in ("cut", "500"):
            reader.platform.switches.failures.append(mode)
            with pytest.raises(Unsure):
                reader.ask(lambda monitor: monitor.reply(review, "请联系我们。"))
        reader.platform.switches.failures.append("hang")
        with pytest.raises(Unsure):
            reader.ask(lambda monitor: monitor.reply(review, "请联系我们。"), wait=0.5)
        reader.platform.switches.expired = True
        with pytest.raises(AuthFailed):
            reader.ask(lambda monitor: monitor.reply(review, "请联系我们。"))


def test_a_key_that_lost_its_line_breaks_and_one_that_is_none() -> None:
    with reading("appstoreconnect") as reader:
        reader.settings = replace(reader.settings, key=reader.settings.key.replace("\n", ""))
        reader.add("左耳没声音")
        assert len(reader.round()) == 1
        with pytest.raises(ConfigError) as caught:
            type(reader.ask(_itself)).vet(replace(reader.settings, key="s3cr3t"))
        assert caught.value.field == "key"
        assert "s3cr3t" not in f"{caught.value} {caught.value.details} {caught.value.__cause__}"


async def _itself(monitor: Any) -> Any:
    return monitor
