"""Discourse beyond the common suite: both ways of reading, keys, errors, answers, threads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.domain.mention import Kind, Mention
from app.drill.standin import Discourse as Forum
from app.drill.standin import Reply, World, as_json
from app.drill.standin.platform import HTML
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
from monitors.discourse import Discourse, Settings, read_page, read_post
from tests.monitors.standins import CASES, SECRET
from tests.monitors.test_standins import Reader


@pytest.fixture
def reader() -> Iterator[Reader]:
    with World([Forum]) as world:
        made = Reader(CASES["discourse"], world)
        made.platform.key = SECRET
        made.settings = replace(made.settings, user="skylark")
        yield made


@pytest.fixture
def searching(reader: Reader) -> Reader:
    reader.settings = replace(reader.settings, words=("左耳",))
    return reader


def _forum(reader: Reader) -> Forum:
    return reader.world.of(Forum)


def _asked(reader: Reader, path: str) -> list[Any]:
    return [call for call in reader.platform.journal if call.path == path and call.method == "GET"]


def _one(reader: Reader, text: str = "左耳没声音", **more: Any) -> Mention:
    reader.platform.add(text, **more)
    [made] = reader.round()
    return made


# ── every new post ───────────────────────────────────────────────────────────────────────────────


def test_all_posts_by_before_down_to_what_is_known(reader: Reader) -> None:
    forum = _forum(reader)
    forum.add_items(120)
    assert len(reader.round()) == 120
    asked = [call.get("before") for call in _asked(reader, "/posts.json")]
    assert asked == ["", "9071", "9022", "9001"]  # each begins with the last row of the one before
    forum.journal.clear()
    forum.add_items(3)
    assert len(reader.round()) == 3
    assert len(forum.journal) == 1


def test_pages_made_short_by_hidden_posts_are_no_end(reader: Reader) -> None:
    forum = _forum(reader)
    for number in range(150):
        forum.add(f"第{number}条", extra={"hidden": 60 <= number < 100})
    assert len(reader.round()) == 110


def test_an_empty_page_in_the_middle_is_asked_for_again(reader: Reader) -> None:
    forum = _forum(reader)
    forum.add_items(120)
    reader.poll()
    forum.switches.empty = True
    reader.round()
    forum.switches.empty = False
    reader.round()
    assert len({one.native_id for one in reader.found}) == 120


def test_a_first_round_reads_thirty_days(reader: Reader) -> None:
    forum = _forum(reader)
    now = forum.now()
    for day in range(300, 0, -1):
        forum.add(f"{day}天前", at=now - day * 86400)
    assert 30 <= len(reader.round()) <= 150


def test_what_a_post_carries_and_edits(reader: Reader) -> None:
    forum = _forum(reader)
    made = forum.add("左耳没声音", extra={"topic": 502})
    forum.titles[502] = "到货就坏"
    [before] = reader.round()
    assert (before.title, before.edited_at, before.counts.likes) == ("到货就坏", None, 2)
    assert before.root_id.endswith("#topic-502")
    assert before.url.endswith(f"/p/{made.id}")
    forum.edit_item(made.id, "左耳没声音，已寄修")
    [after] = reader.round()
    assert after.edited_at is not None
    assert after.native_id == before.native_id


def test_own_posts_and_notes_of_moderators_are_no_mentions(reader: Reader) -> None:
    forum = _forum(reader)
    forum.add("左耳没声音")
    forum.add("已关闭此话题", extra={"type": 3})
    forum.add("请私信我们", extra={"user": "Skylark"})
    assert [one.text for one in reader.round()] == ["左耳没声音"]


# ── search ───────────────────────────────────────────────────────────────────────────────────────


def test_search_goes_to_page_two_and_fetches_whole_posts(searching: Reader) -> None:
    forum = _forum(searching)
    long = "左耳" + "没声音了，" * 100
    for number in range(70):
        forum.add(f"{long}{number}", extra={"topic": 501 + number % 3})
    found = searching.round()
    assert {one.text for one in found} == {f"{long}{number}" for number in range(70)}
    assert {one.title for one in found} == {"云雀Pro 售后", "无题"}
    assert [call.get("page") for call in _asked(searching, "/search.json")] == ["1", "2"]
    forum.journal.clear()
    assert searching.round() == []
    [again] = forum.journal
    assert "after:" in again.get("q")
    assert "order:latest" in again.get("q")


def test_beyond_ten_pages_search_goes_on_by_day(searching: Reader) -> None:
    forum = _forum(searching)
    noon = forum.now() // 86400 * 86400 + 43200
    for number in range(700):
        forum.add(f"左耳{number}", at=noon - (700 - number) * 3600)
    assert len(searching.round()) == 700
    assert any("before:" in call.get("q") for call in _asked(searching, "/search.json"))


def test_a_topic_closed_to_us_meanwhile_has_no_posts(searching: Reader) -> None:
    forum = _forum(searching)
    forum.add("左耳一", extra={"topic": 601})
    forum.add("左耳二", extra={"topic": 602})
    searching.poll()
    forum.items[1].extra["hidden"] = True
    assert [one.text for one in searching.round()] == ["左耳一"]


def test_a_word_that_is_too_short_is_said_and_is_no_end(searching: Reader) -> None:
    forum = _forum(searching)
    searching.settings = replace(searching.settings, words=("ab", "左耳"))
    forum.add("左耳没声音")
    page = searching.ask(lambda monitor: monitor.poll((), None))
    assert "您的搜索词过短" in page.note
    assert [one.text for one in searching.round()] == ["左耳没声音"]


# ── keys and errors ──────────────────────────────────────────────────────────────────────────────


def test_a_user_s_key_and_an_administrator_s(reader: Reader) -> None:
    forum = _forum(reader)
    forum.closed = True
    forum.add("左耳没声音")
    assert reader.round()
    told = forum.journal[-1].headers
    assert told["user-api-key"] == SECRET
    assert "api-key" not in told
    forum.admin_key = "of-the-admin"
    reader.settings = Settings(
        server=reader.settings.server, key="of-the-admin", kind="admin", user="skylark"
    )
    reader.round()
    told = forum.journal[-1].headers
    assert (told["api-key"], told["api-username"]) == ("of-the-admin", "skylark")
    reader.settings = Settings(server=reader.settings.server)
    with pytest.raises(AuthFailed, match="signed-in"):
        reader.round()
    forum.closed = False
    reader.round()


@pytest.mark.parametrize("proxy", [False, True])
def test_too_often_in_both_forms(reader: Reader, proxy: bool) -> None:
    forum = _forum(reader)
    forum.proxy, forum.wait = proxy, 23
    forum.switches.left = 0
    with pytest.raises(RateLimited) as caught:
        reader.poll()
    assert caught.value.retry_after == 23


def _errors(status: int, kind: str) -> Reply:
    return as_json({"errors": ["……"], "error_type": kind}, status)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (_errors(403, "not_logged_in"), AuthFailed),
        (_errors(403, "invalid_access"), AuthFailed),
        (_errors(404, "not_found"), BadResponse),
        (_errors(422, ""), BadResponse),
        (_errors(429, "rate_limit"), RateLimited),
        (Reply(b"Slow down", 429, "text/plain"), RateLimited),
        (Reply(b"<!doctype html><title>Just a moment...</title>", 403, HTML), Refused),
        (Reply(b"<!doctype html><title>Just a moment...</title>", 503, HTML), Refused),
        (Reply(b"<!doctype html><title>Oops</title>", 502, HTML), Transient),
        (as_json({}), BadResponse),
        (as_json([]), BadResponse),
    ],
)
@pytest.mark.parametrize("words", [(), ("左耳",)])
def test_every_row_of_the_error_table(
    reader: Reader, made: Reply, expected: type[AppError], words: tuple[str, ...]
) -> None:
    reader.settings = replace(reader.settings, words=words)
    reader.platform.mutate = lambda _call, _made: made
    with pytest.raises(expected) as caught:
        reader.poll()
    assert caught.value.text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"server": "forum.example"}, "server"),
        ({"key": "两 个"}, "key"),
        ({"key": "x", "kind": "admin"}, "user"),
    ],
)
def test_settings_that_can_never_work(more: dict[str, str], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Discourse.vet(Settings(**{"server": "https://forum.example", **more}))
    assert caught.value.field == field


@pytest.mark.parametrize(
    "todo", ["x", 5, [1], [[1]], [[0, "t", 1]], [[1, 2, 3]], [[1, "t", "x"]], [[1, "t", True]]]
)
def test_a_mangled_list_of_what_to_fetch_is_empty(searching: Reader, todo: Any) -> None:
    _forum(searching).add("左耳没声音")
    searching.cursor = json.dumps({"todo": todo})
    assert [one.text for one in searching.round()] == ["左耳没声音"]


def test_pages_of_nothing_readable() -> None:
    with pytest.raises(BadResponse):
        read_page([{"id": 1}, {"cooked": "x"}], "https://forum.example")
    assert read_page([{"id": 1}, {"id": 2, "cooked": "<p>好</p>"}], "https://forum.example").skipped == 1
    assert read_post({"id": 2, "cooked": "<p>好</p>"}, "https://forum.example").published_at is None


# ── answers and threads ──────────────────────────────────────────────────────────────────────────


def test_an_answer_stands_under_its_post(reader: Reader) -> None:
    forum = _forum(reader)
    forum.add("云雀Pro 售后", extra={"user": "skylark"})
    post = _one(reader)
    id_ = reader.ask(lambda monitor: monitor.reply(post, "抱歉，请私信我们订单号", "k"))
    [sent] = forum.sent
    assert id_.endswith(f"#{sent.id}")
    assert (sent.extra["topic"], sent.extra["to"], sent.extra["user"]) == (501, 2, "skylark")


def test_an_answer_to_the_first_post_belongs_to_the_topic(reader: Reader) -> None:
    post = _one(reader)
    reader.ask(lambda monitor: monitor.reply(post, "抱歉，请私信我们订单号"))
    assert _forum(reader).sent[0].extra["to"] is None


def test_an_answer_that_moderators_must_see_first_has_no_id(reader: Reader) -> None:
    forum = _forum(reader)
    post = _one(reader)
    forum.moderated = True
    assert reader.ask(lambda monitor: monitor.reply(post, "抱歉，请私信我们订单号")) == ""
    assert forum.waiting == ["抱歉，请私信我们订单号"]
    assert forum.sent == []


def test_an_answer_that_is_too_short_says_so(reader: Reader) -> None:
    post = _one(reader)
    with pytest.raises(ReplyRejected, match="正文太短"):
        reader.ask(lambda monitor: monitor.reply(post, "抱歉"))


def test_a_line_that_breaks_after_sending_is_unsure_and_twice_is_refused(reader: Reader) -> None:
    forum = _forum(reader)
    post = _one(reader)
    _fail_post(forum, lambda call: forum.failure("cut", call))
    with pytest.raises(Unsure):
        reader.ask(lambda monitor: monitor.reply(post, "抱歉，请私信我们订单号"))
    with pytest.raises(ReplyRejected, match="过于相似"):
        reader.ask(lambda monitor: monitor.reply(post, "抱歉，请私信我们订单号"))
    assert len(forum.sent) == 1


def _fail_post(forum: Forum, made: Any) -> None:
    answer = forum.answer

    def failing(call: Any) -> Reply:
        if call.method == "POST":
            forum.answer = answer  # type: ignore[method-assign]
            return made(call)
        return answer(call)

    forum.answer = failing  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (403, "invalid_access", ReplyRejected),
        (403, "not_logged_in", AuthFailed),
        (404, "not_found", ReplyRejected),
        (422, "", ReplyRejected),
        (429, "rate_limit", RateLimited),
        (500, "", Unsure),
        (503, "", Transient),
    ],
)
def test_what_a_refused_answer_means(
    reader: Reader, status: int, kind: str, expected: type[AppError]
) -> None:
    post = _one(reader)
    _fail_post(_forum(reader), lambda _call: _errors(status, kind))
    with pytest.raises(expected):
        reader.ask(lambda monitor: monitor.reply(post, "抱歉，请私信我们订单号"))


def test_nobody_answers_a_post_that_is_gone(reader: Reader) -> None:
    forum = _forum(reader)
    post = _one(reader)
    forum.delete_item(forum.items[0].id)
    with pytest.raises(ReplyRejected, match="no longer there"):
        reader.ask(lambda monitor: monitor.reply(post, "抱歉，请私信我们订单号"))


def test_a_thread_grows_is_edited_answered_and_goes(reader: Reader) -> None:
    forum = _forum(reader)
    post = _one(reader)
    forum.add_items(45)
    found: list[str] = []
    cursor = None
    for _time in range(3):  # the newest twenty first
        told = reader.ask(lambda monitor, cursor=cursor: monitor.thread(post, cursor))
        found += [one.text for one in told.page.mentions]
        cursor = told.page.cursor
    assert len(found) == len(set(found)) == 45
    forum.edit_item(forum.items[0].id, "左耳没声音，两天了")
    forum.items[5].extra.update(user="skylark", to=1)
    told = reader.ask(lambda monitor: monitor.thread(post, cursor))
    assert told.post.text == "左耳没声音，两天了"
    assert told.page.mentions == ()
    assert told.page.answered == (("discourse", Kind.POST, post.native_id),)
    forum.delete_item(forum.items[0].id)
    assert reader.ask(lambda monitor: monitor.thread(post, cursor)).gone
