"""Mastodon beyond the common suite: catching up, limits, answers, threads, and another client's opinion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from mastodon import Mastodon as OtherClient
from mastodon import MastodonNotFoundError, MastodonUnauthorizedError

from app.domain.mention import Kind, Mention
from app.drill.standin import Mastodon as Server
from app.drill.standin import Reply, World, as_json
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    ReplyRejected,
    Transient,
    Unsure,
)
from monitors.mastodon import Mastodon, Settings, read_status
from tests.monitors.standins import CASES, SECRET
from tests.monitors.test_standins import Reader


@pytest.fixture
def reader() -> Iterator[Reader]:
    with World([Server]) as world:
        made = Reader(CASES["mastodon"], world)
        made.platform.token = SECRET
        made.platform.window = 0.0
        yield made


def _server(reader: Reader) -> Server:
    return reader.world.of(Server)


def _asked(reader: Reader, path: str) -> list[Any]:
    return [call for call in reader.platform.journal if call.path == path]


def _one(reader: Reader, text: str = "左耳没声音", **more: Any) -> Mention:
    reader.platform.add(text, **more)
    [made] = reader.round()
    return made


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def test_mentions_are_caught_up_by_min_id_oldest_first(reader: Reader) -> None:
    server = _server(reader)
    more = {"mention": True, "unsearched": True}
    server.add("第一条", extra=more)
    reader.round()
    for number in range(200):  # more than two pages arrive before the next round
        server.add(f"提到你们{number}", extra=more)
    server.journal.clear()
    assert len(reader.round()) == 200
    asked = _asked(reader, "/api/v1/notifications")
    assert not asked[0].get("min_id")  # the newest page does not reach down to what is known
    ids = [int(call.get("min_id")) for call in asked[1:]]
    assert ids == sorted(ids)
    assert len(ids) == 4  # three pages, and nothing
    server.journal.clear()
    assert reader.round() == []
    assert len(_asked(reader, "/api/v1/notifications")) == 1


def test_the_first_round_goes_back_by_the_link_header_but_not_for_ever(reader: Reader) -> None:
    server = _server(reader)
    now = server.now()
    for quarter in range(400, 0, -1):
        server.add(f"{quarter}", at=now - quarter * 6 * 3600, extra={"mention": True, "unsearched": True})
    assert len(reader.round()) == 240  # thirty days of four a day, and the page that shows so
    assert len([call for call in _asked(reader, "/api/v1/notifications") if call.get("max_id")]) == 2


def test_a_post_of_another_server_that_arrives_late_is_found(reader: Reader) -> None:
    server = _server(reader)
    tagged = {"tags": ["云雀"], "unsearched": True}
    for number in range(3):
        server.add(f"话题{number}", extra=tagged)
    reader.round()
    server.add("迟到的", at=server.now() - 600, extra=tagged)  # its id is below all that was read
    assert [one.text for one in reader.round()] == ["迟到的"]


def test_search_reads_a_crowded_second_to_its_end(reader: Reader) -> None:
    """Its bounds know seconds only: what stands beyond a page of one second is reached by offset."""
    server = _server(reader)
    second = float(int(server.now()))
    for number in range(95):
        server.add(f"左耳{number}", at=second)
    assert len(reader.round()) == 95
    assert {call.get("offset") for call in _asked(reader, "/api/v2/search")} >= {"40", "80"}


def test_a_boost_is_the_post_that_was_boosted(reader: Reader) -> None:
    server = _server(reader)
    post = server.add("左耳没声音", extra={"unsearched": True})
    server.add("", extra={"boost": post.id, "mention": True, "unsearched": True})
    [found] = reader.round()
    assert found.native_id.endswith(f"#{post.id}")
    assert found.text == "左耳没声音"


def test_what_a_status_carries(reader: Reader) -> None:
    server = _server(reader)
    media = [{"url": "https://inst.example/1.png", "description": "断开的耳机"}]
    made = server.add("左耳没声音", extra={"spoiler": "生气", "media": media, "likes": 7})
    server.edit_item(made.id, "左耳还是没声音")
    [found] = reader.round()
    assert found.title == "生气"
    assert found.edited_at is not None
    assert found.counts.likes == 7
    assert found.media == ("https://inst.example/1.png",)
    assert found.author.native_id == "ashu@other.example"
    assert found.author.url == "https://other.example/@ashu"
    assert found.lang == "zh"


def test_a_picture_without_words_speaks_by_its_description() -> None:
    told = {
        "id": "1",
        "content": "",
        "media_attachments": [{"url": "https://x.example/a", "description": "裂了"}],
    }
    assert read_status(told, "x.example").text == "裂了"
    with pytest.raises(BadResponse):
        read_status({"id": "1", "content": ""}, "x.example")


def test_what_the_brand_itself_writes_is_no_mention_but_answers_one(reader: Reader) -> None:
    server = _server(reader)
    asked = server.add("左耳没声音")
    server.add("左耳的问题请私信我们", author_id=server.me, parent=asked.id)
    page = None
    found = []
    while page is None or page.more:
        page = reader.ask(lambda monitor: monitor.poll((), reader.cursor))
        reader.cursor = page.cursor
        found += page.mentions
        if page.answered:
            [(platform, kind, id_)] = page.answered
    assert [one.text for one in found] == ["左耳没声音"]
    assert (platform, kind, id_) == ("mastodon", Kind.POST, found[0].native_id)


def test_reading_pauses_before_the_limit_is_used_up(reader: Reader) -> None:
    server = _server(reader)
    server.window = 200.0
    server.add("左耳没声音")
    reader.poll()
    server.switches.left = 8
    assert not reader.poll()  # there is more, but not now
    asked = len(server.journal)
    with pytest.raises(RateLimited) as caught:
        reader.poll()
    assert 0 < caught.value.retry_after <= 201
    assert len(server.journal) == asked


def test_a_429_waits_until_the_limit_is_counted_anew(reader: Reader) -> None:
    server = _server(reader)
    server.window = 200.0
    server.switches.left = 0
    with pytest.raises(RateLimited) as caught:
        reader.poll()
    assert 150 < caught.value.retry_after <= 201


def test_a_server_that_counts_in_another_way_is_read_from_its_newest_page(reader: Reader) -> None:
    server = _server(reader)

    def named(_call: Any, made: Reply) -> Reply:
        return replace(made, body=made.body.replace(b'"id": "34', b'"id": "01HZX'), headers={})

    server.mutate = named
    for number in range(3):
        server.add(f"提到{number}", extra={"mention": True, "unsearched": True})
    assert len(reader.round()) == 3
    server.add("又一条", extra={"mention": True, "unsearched": True})
    assert [one.text for one in reader.round()] == ["又一条"]


@pytest.mark.parametrize(
    ("status", "told", "expected"),
    [
        (401, {"error": "The access token is invalid"}, AuthFailed),
        (403, {"error": "This action is not allowed"}, AuthFailed),
        (404, {"error": "Record not found"}, BadResponse),
        (422, {"error": "Validation failed: …"}, BadResponse),
        (429, {"error": "Too many requests"}, RateLimited),
        (500, {"error": "…"}, Transient),
        (503, {"error": "Service Unavailable"}, Transient),
        (200, {"error": "…"}, BadResponse),
        (200, "text", BadResponse),
    ],
)
def test_every_row_of_the_error_table(
    reader: Reader, status: int, told: Any, expected: type[AppError]
) -> None:
    reader.platform.mutate = lambda _call, _made: as_json(told, status)
    with pytest.raises(expected) as caught:
        reader.round()
    assert caught.value.text


def test_scopes_that_are_missing_are_named(reader: Reader) -> None:
    _server(reader).scopes = {"write"}
    with pytest.raises(AuthFailed, match="outside the authorized scopes"):
        reader.poll()


@pytest.mark.parametrize(
    ("server", "token", "field"),
    [("inst.example", "t", "server"), ("ftp://x", "t", "server"), ("https://x.example", "两 个", "token")],
)
def test_settings_that_can_never_work(server: str, token: str, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Mastodon.vet(Settings(server=server, token=token))
    assert caught.value.field == field


# ── threads ──────────────────────────────────────────────────────────────────────────────────────


def test_a_thread_grows_is_edited_answered_and_goes(reader: Reader) -> None:
    server = _server(reader)
    post = _one(reader)
    id_ = post.native_id.rpartition("#")[2]
    child = server.add("我也是", parent=id_)
    server.add("同问", parent=child.id)
    first = reader.ask(lambda monitor: monitor.thread(post, None))
    assert [one.text for one in first.page.mentions] == ["我也是", "同问"]
    assert first.page.mentions[0].parent_id == post.native_id
    server.edit_item(id_, "左耳没声音了，两天")
    server.add("请私信", parent=child.id, author_id=server.me)
    second = reader.ask(lambda monitor: monitor.thread(post, first.page.cursor))
    assert second.page.mentions == ()
    assert second.post.text == "左耳没声音了，两天"
    assert second.page.answered == (("mastodon", Kind.POST, first.page.mentions[0].native_id),)
    third = reader.ask(lambda monitor: monitor.thread(post, second.page.cursor))
    assert (third.post, third.page.mentions, third.gone) == (None, (), False)
    server.delete_item(id_)
    assert reader.ask(lambda monitor: monitor.thread(post, third.page.cursor)).gone


# ── answering ────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_names_the_person_keeps_the_visibility_and_goes_out_once(reader: Reader) -> None:
    server = _server(reader)
    post = _one(reader, extra={"mention": True, "visibility": "direct", "unsearched": True})
    ids = {reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k-1")) for _time in range(2)}
    [sent] = server.sent
    assert ids == {f"{post.native_id.partition('#')[0]}#{sent.id}"}
    assert sent.text == "@ashu@other.example 请寄回来"
    assert (sent.parent, sent.extra["visibility"]) == (post.native_id.rpartition("#")[2], "direct")


def test_a_name_that_stands_there_is_not_repeated(reader: Reader) -> None:
    post = _one(reader)
    reader.ask(lambda monitor: monitor.reply(post, "@Ashu@other.example 请寄回来", ""))
    assert _server(reader).sent[0].text == "@Ashu@other.example 请寄回来"


def test_a_line_that_breaks_after_sending_is_unsure_and_the_key_makes_it_safe(reader: Reader) -> None:
    server = _server(reader)
    post = _one(reader)
    _fail_post(reader, "cut")
    with pytest.raises(Unsure):
        reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k-2"))
    assert reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k-2"))
    assert len(server.sent) == 1


def _fail_post(reader: Reader, how: str) -> None:
    """The next POST alone, not the question before it."""
    server = _server(reader)
    take = server.answer

    def answer(call: Any) -> Reply:
        if call.method == "POST":
            server.answer = take  # type: ignore[method-assign]
            return server.failure(how, call)
        return take(call)

    server.answer = answer  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("how", "expected"),
    [("500", Unsure), ("502", Unsure), ("503", Transient), ("429", RateLimited), ("401", AuthFailed)],
)
def test_what_a_refused_answer_means(reader: Reader, how: str, expected: type[AppError]) -> None:
    post = _one(reader)
    _fail_post(reader, how)
    with pytest.raises(expected):
        reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k"))
    assert _server(reader).sent == []


def test_an_answer_that_is_too_long_says_so(reader: Reader) -> None:
    post = _one(reader)
    with pytest.raises(ReplyRejected, match="character limit of 500"):
        reader.ask(lambda monitor: monitor.reply(post, "很" * 600, "k"))


def test_nobody_answers_a_post_that_is_gone(reader: Reader) -> None:
    post = _one(reader)
    _server(reader).delete_item(post.native_id.rpartition("#")[2])
    with pytest.raises(ReplyRejected, match="no longer there"):
        reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k"))


# ── another client agrees with the stand-in ──────────────────────────────────────────────────────


@pytest.fixture
def other(reader: Reader) -> Any:
    made = OtherClient(
        access_token=SECRET,
        api_base_url=reader.world.url_of(Server),
        version_check_mode="none",
        mastodon_version="4.4.0",
        ratelimit_method="throw",
    )
    made.session.trust_env = False
    return made


def test_another_client_searches_and_pages(reader: Reader, other: Any) -> None:
    server = _server(reader)
    for number in range(90):
        server.add(f"提到{number}", extra={"mention": True})
    found = other.search_v2("提到8", result_type="statuses")["statuses"]
    assert [one["content"] for one in found[:2]] == ["<p>提到89</p>", "<p>提到88</p>"]
    newest = other.notifications(types=["mention"], limit=40)
    older = other.fetch_next(newest)
    assert [len(newest), len(older)] == [40, 40]
    assert int(older[0]["id"]) < int(newest[-1]["id"])
    first = other.fetch_next(older)
    assert len(first) == 10
    above = other.notifications(types=["mention"], min_id=first[-1]["id"], limit=40)
    assert int(above[-1]["id"]) == int(first[-1]["id"]) + 1  # the oldest above it
    assert len(other.fetch_previous(above)) == 40
    assert above[0]["status"]["created_at"].tzinfo is not None


def test_another_client_posts_once_reads_the_thread_and_hears_of_errors(reader: Reader, other: Any) -> None:
    server = _server(reader)
    post = server.add("左耳没声音 #云雀")
    assert other.account_verify_credentials()["acct"] == "skylark"
    told = {"in_reply_to_id": post.id, "visibility": "unlisted", "idempotency_key": "one"}
    sent = [other.status_post("@ashu@other.example 请寄回来", **told) for _time in range(2)]
    assert sent[0]["id"] == sent[1]["id"]
    assert len(server.sent) == 1
    below = other.status_context(post.id)["descendants"]
    assert [(str(one["in_reply_to_id"]), one["visibility"]) for one in below] == [(post.id, "unlisted")]
    assert [str(one["id"]) for one in other.timeline_hashtag("云雀")] == [post.id]
    with pytest.raises(MastodonNotFoundError):
        other.status(1)
    server.token = "another"
    with pytest.raises(MastodonUnauthorizedError):
        other.account_verify_credentials()


def test_what_was_read_bears_the_raw_status(reader: Reader) -> None:
    assert json.loads(_one(reader).raw)["content"] == "<p>左耳没声音</p>"


def test_a_check_says_who_we_are_and_searches_where_there_is_a_word(reader: Reader) -> None:
    server = _server(reader)
    server.add("左耳没声音")
    assert "as @skylark; the first search finds 1 posts" in reader.ask(lambda monitor: monitor.check())
    reader.settings = replace(reader.settings, words=("#云雀",))
    assert reader.ask(lambda monitor: monitor.check()).endswith("knows you as @skylark.")
