"""Bluesky beyond the common suite: sessions, facets in bytes, windows of search, answers, threads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.mention import Kind, Mention
from app.drill.standin import Bluesky as Host
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
from monitors.bluesky import Bluesky, Settings, read_post
from monitors.bluesky_text import facets_of, full_text, graphemes, record_key
from tests.monitors.standins import CASES, SECRET
from tests.monitors.test_standins import Reader

SEARCH = "/pds/xrpc/app.bsky.feed.searchPosts"
NOTICES = "/pds/xrpc/app.bsky.notification.listNotifications"
REFRESH = "/pds/xrpc/com.atproto.server.refreshSession"


@pytest.fixture
def reader() -> Iterator[Reader]:
    with World([Host]) as world:
        made = Reader(CASES["bluesky"], world)
        made.platform.password = SECRET
        made.platform.window = 0.0
        yield made


def _host(reader: Reader) -> Host:
    return reader.world.of(Host)


def _asked(reader: Reader, path: str) -> list[Any]:
    return [call for call in reader.platform.journal if call.path == path]


def _one(reader: Reader, text: str = "左耳没声音", **more: Any) -> Mention:
    reader.platform.add(text, **more)
    [made] = reader.round()
    return made


# ── sessions ─────────────────────────────────────────────────────────────────────────────────────


def test_one_session_for_all_rounds_at_the_account_s_own_host(reader: Reader) -> None:
    for number in range(5):
        reader.platform.add(f"左耳{number}")
        reader.round()
    host = _host(reader)
    assert (host.made, host.renewed) == (1, 0)
    paths = {call.path for call in host.journal}
    assert paths == {"/xrpc/com.atproto.server.createSession", SEARCH, NOTICES}
    assert list(reader.kept) == ["session"]
    assert SECRET not in reader.kept["session"]


def test_a_token_that_is_over_is_renewed_kept_and_the_same_asked_again(reader: Reader) -> None:
    host = _host(reader)
    reader.round()
    before = json.loads(reader.kept["session"])
    host.expire_access()
    host.add("左耳没声音")
    assert [one.text for one in reader.round()] == ["左耳没声音"]
    after = json.loads(reader.kept["session"])
    assert (host.made, host.renewed) == (1, 1)
    assert after["refresh"] != before["refresh"]
    assert after["access"] != before["access"]
    assert [call.path for call in host.journal][-4:-1] == [NOTICES, REFRESH, NOTICES]


def test_what_was_rotated_is_kept_even_where_the_next_question_fails(reader: Reader) -> None:
    host = _host(reader)
    reader.round()
    host.expire_access()
    host.mutate = lambda call, made: (
        as_json({"error": "UpstreamFailure"}, 502) if call.path == NOTICES and made.status == 200 else made
    )
    before = reader.kept["session"]
    with pytest.raises(Transient):
        reader.poll()
    assert reader.kept["session"] != before
    host.mutate = None
    reader.round()
    assert (host.made, host.renewed) == (1, 1)


@pytest.mark.parametrize("how", ["503", "cut", "429", "garbage"])
def test_no_session_is_made_while_the_refresh_token_may_live(reader: Reader, how: str) -> None:
    host = _host(reader)
    host.add("左耳没声音")
    reader.poll()
    host.expire_access()
    answer = host.answer

    def failing(call: Any) -> Reply:
        return host.failure(how, call) if call.path == REFRESH and not failed else answer(call)

    failed: list[str] = []
    host.answer = failing  # type: ignore[method-assign]
    host.failure, once = (lambda how, call: (failed.append(how), once(how, call))[1]), host.failure  # type: ignore[method-assign]
    with pytest.raises((Transient, RateLimited, BadResponse)):
        reader.poll()
    assert [one.text for one in reader.round()] == ["左耳没声音"]
    assert host.made == 1


def test_a_refresh_token_that_is_over_makes_one_new_session(reader: Reader) -> None:
    host = _host(reader)
    reader.round()
    host.expire_refresh()
    reader.round()
    reader.round()
    assert (host.made, host.renewed) == (2, 0)


def test_another_handle_does_not_use_the_old_session(reader: Reader) -> None:
    reader.round()
    reader.settings = Settings(
        server=reader.settings.server,
        handle="other.example",
        password=SECRET,
        session=reader.settings.session,
    )
    reader.round()
    assert _host(reader).made == 2


@pytest.mark.parametrize("kept", ["", "x", "[]", '{"refresh":"a b","pds":"http://x","owner":"o"}', "null"])
def test_a_session_that_was_lost_is_made_anew(reader: Reader, kept: str) -> None:
    reader.settings = Settings(
        server=reader.settings.server, handle="brand.example", password=SECRET, session=kept
    )
    reader.round()
    assert _host(reader).made == 1


def test_wrong_passwords_and_accounts_say_what_to_do(reader: Reader) -> None:
    host = _host(reader)
    host.password = "another"
    with pytest.raises(AuthFailed, match="app password"):
        reader.poll()
    host.taken_down = True
    with pytest.raises(AuthFailed, match="taken this account down"):
        reader.poll()


def test_a_password_does_not_follow_a_redirect(reader: Reader) -> None:
    there = f"{reader.world.url}/elsewhere/xrpc/createSession"
    host = _host(reader)
    host.mutate = lambda _call, _made: Reply(status=307, headers={"Location": there})
    with pytest.raises(BadResponse):
        reader.poll()
    assert len(host.journal) == 1


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def test_later_rounds_ask_since_and_deep_ones_until(reader: Reader) -> None:
    host = _host(reader)
    now = host.now()
    for number in range(250):
        host.add(f"左耳{number}", at=now - 1000 + number)
    assert len(reader.round()) == 250
    first = _asked(reader, SEARCH)
    assert [bool(call.get("until")) for call in first] == [False, True, True]
    assert not any(call.get("cursor") or call.get("since") for call in first)
    host.journal.clear()
    assert reader.round() == []
    [again] = _asked(reader, SEARCH)
    assert again.get("since")


def test_a_second_with_more_than_a_page_goes_on_by_cursor(reader: Reader) -> None:
    host = _host(reader)
    at = float(int(host.now()))
    for number in range(250):
        host.add(f"左耳{number}", at=at)
    assert len(reader.round()) == 250
    assert {call.get("cursor") for call in _asked(reader, SEARCH)} >= {"100", "200"}


def test_a_cursor_the_server_no_longer_knows_is_a_new_round(reader: Reader) -> None:
    host = _host(reader)
    for number in range(250):
        host.add(f"提到{number}", extra={"reason": "reply"})
    reader.poll()
    told = json.loads(reader.cursor or "")
    assert told["token"] == "100"
    reader.cursor = json.dumps({**told, "token": "long-gone"})
    reader.round()
    reader.round()
    assert len({one.native_id for one in reader.found}) == 250


def test_mentions_answers_and_quotes_are_read_and_likes_are_not(reader: Reader) -> None:
    host = _host(reader)
    for reason in ("mention", "reply", "quote", "like", "follow"):
        host.add(f"这是{reason}", extra={"reason": reason, "unsearched": True})
    assert {one.text for one in reader.round()} == {"这是mention", "这是reply", "这是quote"}


def test_a_date_from_the_future_gives_way_to_the_index(reader: Reader) -> None:
    host = _host(reader)
    now = host.now()
    host.add("左耳没声音", at=now + 10 * 86400, extra={"indexed": now})
    [found] = reader.round()
    assert found.published_at is not None
    assert abs(found.published_at.timestamp() - now) < 1
    host.add("左耳又没声音")
    assert [one.text for one in reader.round()] == ["左耳又没声音"]


def test_an_answer_knows_its_parent_and_root_and_own_ones_count_as_answered(reader: Reader) -> None:
    host = _host(reader)
    root = host.add("左耳没声音")
    child = host.add("左耳，我也是", parent=root.id, root=root.id)
    host.add("左耳请私信", author_id="did:plc:skylark0001", parent=child.id, root=root.id)
    reader.poll()  # the notifications
    page = reader.ask(lambda monitor: monitor.poll((), reader.cursor))
    kinds = {one.text: (one.kind, one.parent_id, one.root_id) for one in page.mentions}
    assert kinds == {
        "左耳没声音": (Kind.POST, "", ""),
        "左耳，我也是": (Kind.COMMENT, root.id, root.id),
    }
    assert page.answered == (("bluesky", Kind.COMMENT, child.id),)


def test_reading_pauses_before_the_limit_is_used_up(reader: Reader) -> None:
    host = _host(reader)
    host.window = 200.0
    host.switches.left = 10
    assert not reader.poll()
    asked = len(host.journal)
    with pytest.raises(RateLimited) as caught:
        reader.poll()
    assert 0 < caught.value.retry_after <= 201
    assert len(host.journal) == asked


@pytest.mark.parametrize(
    ("status", "name", "expected"),
    [
        (400, "ExpiredToken", AuthFailed),
        (400, "InvalidToken", AuthFailed),
        (401, "AuthenticationRequired", AuthFailed),
        (401, "AuthFactorTokenRequired", AuthFailed),
        (401, "AccountTakedown", AuthFailed),
        (403, "Forbidden", AuthFailed),
        (400, "BadQueryString", BadResponse),
        (429, "RateLimitExceeded", RateLimited),
        (502, "UpstreamFailure", Transient),
        (500, "InternalServerError", Transient),
        (200, "…", BadResponse),
    ],
)
def test_every_row_of_the_error_table(
    reader: Reader, status: int, name: str, expected: type[AppError]
) -> None:
    reader.platform.mutate = lambda _call, _made: as_json({"error": name, "message": "…"}, status)
    with pytest.raises(expected) as caught:
        reader.poll()
    assert caught.value.text


@pytest.mark.parametrize(
    ("server", "handle", "field"),
    [
        ("bsky.social", "a.example", "server"),
        ("https://x.example", "brand", "handle"),
        ("https://x.example", "a.b c", "handle"),
    ],
)
def test_settings_that_can_never_work(server: str, handle: str, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Bluesky.vet(Settings(server=server, handle=handle, password="x"))
    assert caught.value.field == field


# ── text ─────────────────────────────────────────────────────────────────────────────────────────


def _link(start: int, stop: int, uri: str = "https://brand.example/help/left-ear") -> dict[str, Any]:
    what = {"$type": "app.bsky.richtext.facet#link", "uri": uri}
    return {"index": {"byteStart": start, "byteEnd": stop}, "features": [what]}


def test_facets_are_read_by_bytes() -> None:
    text = "云雀耳机左耳没声了 😡 brand.example/help... 求助"
    start = len("云雀耳机左耳没声了 😡 ".encode())
    whole = full_text(text, [_link(start, start + len("brand.example/help..."))])
    assert whole == "云雀耳机左耳没声了 😡 https://brand.example/help/left-ear 求助"
    assert full_text("看这里", [_link(3, 9)]) == "看这里 (https://brand.example/help/left-ear)"


@pytest.mark.parametrize(
    "facets",
    [
        None,
        {},
        [None, 1, {}],
        [_link(5, 2)],
        [_link(-1, 3)],
        [_link(0, 999)],
        [_link(0, 6, "javascript:alert(1)")],
        [{"index": {"byteStart": "0", "byteEnd": "6"}, "features": []}],
    ],
)
def test_facets_that_make_no_sense_change_nothing(facets: Any) -> None:
    assert full_text("左耳没声了", facets) == "左耳没声了"


def test_facets_that_overlap_or_cut_a_character_do_no_harm() -> None:
    assert "没声了" in full_text("左耳没声了", [_link(0, 6), _link(3, 6)])
    assert full_text("左耳\ud800", [_link(1, 4)])


def test_facets_are_written_by_bytes() -> None:
    text = "您好😀 @ashu.example 请看 https://brand.example/帮助。 #云雀"
    made = facets_of(text, {"ashu.example": "did:plc:1"})
    said = text.encode()
    shown = [said[one["index"]["byteStart"] : one["index"]["byteEnd"]].decode() for one in made]
    assert shown == ["@ashu.example", "https://brand.example/帮助", "#云雀"]
    assert [one["features"][0]["$type"].partition("#")[2] for one in made] == ["mention", "link", "tag"]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("左耳", 2),
        ("👨‍👩‍👧‍👦", 1),
        ("👍🏽", 1),
        ("🇨🇳🇨🇳", 2),
        ("é", 1),
        ("e\u0301", 1),
        ("❤️", 1),
        ("a\r\nb", 3),
    ],
)
def test_characters_are_counted_as_people_do(text: str, n: int) -> None:
    assert graphemes(text) == n


def test_a_record_key_is_a_tid_and_always_the_same() -> None:
    made = record_key("k", ("did:plc:1", "at://x"), 1_756_806_415_000_000)
    assert made == record_key("k", ("did:plc:1", "at://x"), 1_756_806_415_000_000)
    assert made != record_key("k2", ("did:plc:1", "at://x"), 1_756_806_415_000_000)
    assert len(made) == 13
    assert set(made) <= set("234567abcdefghijklmnopqrstuvwxyz")
    assert made[0] in "234567abcdefghij"


def test_a_post_of_pictures_speaks_by_their_descriptions() -> None:
    embed = {"images": [{"fullsize": "https://cdn.example/1", "alt": "裂了"}]}
    made = read_post(
        {"uri": "at://did:plc:1/app.bsky.feed.post/3l", "record": {"text": ""}, "embed": embed}
    )
    assert made.text == "裂了"
    assert made.media == ("https://cdn.example/1",)
    assert made.url == "https://bsky.app/profile/did:plc:1/post/3l"


# ── answers and threads ──────────────────────────────────────────────────────────────────────────


def test_an_answer_stands_in_its_thread_once(reader: Reader) -> None:
    host = _host(reader)
    root = host.add("一条说说", extra={"unsearched": True})
    post = _one(reader, "左耳没声音", parent=root.id, root=root.id)
    text = "抱歉，请看 https://brand.example/help"
    ids = {reader.ask(lambda monitor: monitor.reply(post, text, "k-1")) for _time in range(2)}
    [sent] = host.sent
    assert ids == {sent.id}
    assert (sent.parent, sent.root) == (post.native_id, root.id)
    assert sent.extra["reply"]["parent"]["cid"] != sent.extra["reply"]["root"]["cid"]
    [facet] = sent.extra["facets"]
    assert facet["index"] == {"byteStart": len("抱歉，请看 ".encode()), "byteEnd": len(text.encode())}


def test_a_post_that_begins_a_thread_is_its_root(reader: Reader) -> None:
    post = _one(reader)
    reader.ask(lambda monitor: monitor.reply(post, "请寄回来", ""))
    [sent] = _host(reader).sent
    assert (sent.parent, sent.root) == (post.native_id, post.native_id)


def test_a_line_that_breaks_after_sending_is_unsure_and_the_key_makes_it_safe(reader: Reader) -> None:
    host = _host(reader)
    post = _one(reader)
    _fail_post(host, "cut")
    with pytest.raises(Unsure):
        reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k-2"))
    assert reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k-2")) == host.sent[0].id
    assert len(host.sent) == 1


def test_an_answer_with_a_token_that_is_over_goes_out_once(reader: Reader) -> None:
    host = _host(reader)
    post = _one(reader)
    answer = host.answer

    def over(call: Any) -> Reply:
        if call.path.endswith("createRecord") and not host.renewed:
            host.expire_access()
        return answer(call)

    host.answer = over  # type: ignore[method-assign]
    assert reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k"))
    assert (len(host.sent), host.renewed, host.made) == (1, 1, 1)


def _fail_post(host: Host, how: str) -> None:
    answer = host.answer

    def failing(call: Any) -> Reply:
        if call.path.endswith("createRecord"):
            host.answer = answer  # type: ignore[method-assign]
            return host.failure(how, call)
        return answer(call)

    host.answer = failing  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("how", "expected"),
    [("500", Unsure), ("502", Unsure), ("503", Transient), ("429", RateLimited), ("400", ReplyRejected)],
)
def test_what_a_refused_answer_means(reader: Reader, how: str, expected: type[AppError]) -> None:
    post = _one(reader)
    _fail_post(_host(reader), how)
    with pytest.raises(expected):
        reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k"))
    assert _host(reader).sent == []


@pytest.mark.parametrize("text", ["很" * 301, "e" + "\u0301" * 1600, "  "])
def test_what_does_not_fit_is_not_sent(reader: Reader, text: str) -> None:
    post = _one(reader)
    asked = len(_host(reader).journal)
    with pytest.raises(ReplyRejected):
        reader.ask(lambda monitor: monitor.reply(post, text, "k"))
    assert len(_host(reader).journal) == asked


def test_nobody_answers_a_post_that_is_gone(reader: Reader) -> None:
    post = _one(reader)
    _host(reader).delete_item(post.native_id)
    with pytest.raises(ReplyRejected, match="no longer there"):
        reader.ask(lambda monitor: monitor.reply(post, "请寄回来", "k"))


def test_a_thread_that_is_shut_to_us_is_not_gone(reader: Reader) -> None:
    post = _one(reader)
    shut = {"$type": "app.bsky.feed.defs#blockedPost", "uri": post.native_id, "blocked": True}
    reader.platform.mutate = lambda _call, _made: as_json({"thread": shut})
    told = reader.ask(lambda monitor: monitor.thread(post, None))
    assert (told.gone, told.post, told.page.mentions) == (False, None, ())


def test_a_thread_grows_is_answered_and_goes(reader: Reader) -> None:
    host = _host(reader)
    post = _one(reader)
    child = host.add("我也是", parent=post.native_id, root=post.native_id)
    host.add("同问", parent=child.id, root=post.native_id)
    first = reader.ask(lambda monitor: monitor.thread(post, None))
    assert {one.text for one in first.page.mentions} == {"我也是", "同问"}
    host.add("请私信", parent=child.id, root=post.native_id, author_id="did:plc:skylark0001")
    second = reader.ask(lambda monitor: monitor.thread(post, first.page.cursor))
    assert (second.post, second.page.mentions) == (None, ())
    assert second.page.answered == (("bluesky", Kind.COMMENT, child.id),)
    host.delete_item(post.native_id)
    assert reader.ask(lambda monitor: monitor.thread(post, second.page.cursor)).gone
