"""What every monitor that asks a server must do. To add one: a `Case` in CASES."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.errors import AppError, AuthFailed, BadResponse, ConfigError, RateLimited, Refused, Transient
from app.settings.schema import secret_names, specs
from monitors.appstore import AppStore
from monitors.appstore import Settings as AppStoreSettings
from monitors.base import CanCheck, Monitor
from monitors.feed import Feed
from monitors.feed import Settings as FeedSettings

SECRET = "s3cr3t-of-the-house"
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>左耳",
    "\u202e反过来\u202c\u200b零宽\ufeff",
    "=cmd|' /C calc'!A0",
    "$(rm -rf /) `id` -h --help",
    "'; DROP TABLE mention; --",
    "%s %n {0} {name}",
    "\ud800半个",
    "\x00\x07\x1b[31m红",
    "很" * 150_000,
    "😡" * 1000,
]


@dataclass(frozen=True)
class Case:
    """One monitor. `settings(base)`; `serve(items)` makes the body for any path (items: (id, text));
    `statuses` overrides what a status means where the platform differs from the common table."""

    cls: type[Monitor[Any]]
    settings: Callable[[str], Any]
    serve: Callable[[str, list[tuple[str, str]]], bytes]
    statuses: dict[int, type[AppError]] = field(default_factory=dict)
    per_page: int = 0


def _rss(path: str, items: list[tuple[str, str]]) -> bytes:
    told = [
        {"id": f"tag:{name}", "url": f"https://a.example/{name}", "content_text": text}
        for name, text in items
    ]
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "某站", "items": told}
    ).encode()


def _reviews(path: str, items: list[tuple[str, str]]) -> bytes:
    if "page=" not in path:
        return json.dumps(
            {"resultCount": 1, "results": [{"trackName": "云雀", "userRatingCount": 12}]}
        ).encode()
    page = int(path.partition("page=")[2].partition("/")[0])
    told = [
        {
            "id": {"label": name},
            "updated": {"label": "2025-09-02T02:46:55-07:00"},
            "im:rating": {"label": "1"},
            "title": {"label": "标题"},
            "content": {"label": text},
        }
        for name, text in items[(page - 1) * 2 : page * 2]
    ]
    return json.dumps({"feed": {"entry": told} if told else {}}).encode()


CASES = {
    "feed": Case(Feed, lambda base: FeedSettings(url=f"{base}/feed", key=SECRET), _rss),
    "appstore": Case(
        AppStore,
        lambda base: AppStoreSettings(app_id="600000001", countries=("cn", "us"), server=base),
        _reviews,
        statuses={403: RateLimited},
        per_page=2,
    ),
}

ITEMS = [(str(number), f"第{number}条：左耳没声音") for number in range(1, 6)]


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def told(case: Case, server: Any, answer: Any) -> list[tuple[str, str]]:
    """The items the server has; a test may change them."""
    items = list(ITEMS)
    server.answer = lambda request: answer(case.serve(request.path, items))
    return items


def test_everything_is_read_once(case: Case, told: Any, server: Any, all_pages: Any) -> None:
    pages = all_pages(case.cls, case.settings(server.url))
    found = [one for page in pages for one in page.mentions]
    assert {one.text for one in found} == {text for _id, text in ITEMS}
    if case.per_page:
        assert len(pages) > 2
    assert not pages[-1].more


def test_a_second_poll_is_quiet_and_a_new_item_is_found(
    case: Case, told: Any, server: Any, all_pages: Any
) -> None:
    settings = case.settings(server.url)
    cursor = all_pages(case.cls, settings)[-1].cursor
    again = all_pages(case.cls, settings, cursor)
    assert not [one for page in again for one in page.mentions]
    told.insert(0, ("99", "刚发的：充电发烫"))
    news = all_pages(case.cls, settings, again[-1].cursor)
    assert {one.text for page in news for one in page.mentions} == {"刚发的：充电发烫"}


def test_repetition_gives_the_same_identities(case: Case, told: Any, server: Any, all_pages: Any) -> None:
    settings = case.settings(server.url)
    first, second = (
        {
            (one.platform, one.kind, one.native_id)
            for page in all_pages(case.cls, settings)
            for one in page.mentions
        }
        for _time in range(2)
    )
    assert first == second
    assert len(first) >= len(ITEMS)


def test_an_edited_item_keeps_its_identity(case: Case, told: Any, server: Any, all_pages: Any) -> None:
    settings = case.settings(server.url)
    before = [one for page in all_pages(case.cls, settings) for one in page.mentions if "第1条" in one.text]
    told[0] = ("1", "改过了：客服不理")
    after = [one for page in all_pages(case.cls, settings) for one in page.mentions if "改过了" in one.text]
    assert before[0].native_id == after[0].native_id


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, AuthFailed),
        (403, AuthFailed),
        (404, BadResponse),
        (410, ConfigError),
        (418, Refused),
        (429, RateLimited),
        (500, Transient),
        (502, Transient),
        (503, Transient),
        (504, Transient),
    ],
)
def test_a_bad_status_says_what_happens_next(  # fixtures
    case: Case, server: Any, all_pages: Any, run: Any, status: int, expected: type[AppError]
) -> None:
    expected = case.statuses.get(status, expected)
    server.fail(status, b"oops", retry_after="7")
    with pytest.raises(expected) as caught:
        all_pages(case.cls, case.settings(server.url))
    _fit_for_a_person(caught.value)
    if isinstance(caught.value, RateLimited | Transient):
        assert caught.value.retry_after == 7
    with pytest.raises(expected):
        run(case.cls, case.settings(server.url), "check")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", BadResponse),
        (b"\x00\xff\xfe garbage \x80\x81", BadResponse),
        (b"null", BadResponse),
        (b"[]", BadResponse),
        (b"{}", BadResponse),
        (b"<!DOCTYPE html><html><body>It works!</body></html>", BadResponse),
        ("<html><body>请完成安全验证</body></html>".encode(), Refused),
        (b'<?xml version="1.0"?><unrelated/>', BadResponse),
    ],
)
def test_what_is_no_answer_is_refused(
    case: Case, server: Any, all_pages: Any, body: bytes, expected: type[AppError]
) -> None:
    server.fail(200, body)
    with pytest.raises(expected) as caught:
        all_pages(case.cls, case.settings(server.url))
    _fit_for_a_person(caught.value)


def test_a_broken_line_is_transient(case: Case, server: Any, answer: Any, run: Any) -> None:
    server.answer = lambda request: answer(case.serve(request.path, ITEMS), cut=40)
    with pytest.raises(Transient) as caught:
        run(case.cls, case.settings(server.url))
    _fit_for_a_person(caught.value)


def test_a_slow_server_is_transient(case: Case, server: Any, answer: Any, run: Any) -> None:
    server.answer = lambda request: answer(case.serve(request.path, ITEMS), wait=5)
    with pytest.raises(Transient) as caught:
        run(case.cls, case.settings(server.url), wait=0.3)
    _fit_for_a_person(caught.value)


def test_nobody_there_is_transient(case: Case, server: Any, run: Any) -> None:
    server.close()
    with pytest.raises(Transient) as caught:
        run(case.cls, case.settings(server.url))
    _fit_for_a_person(caught.value)


def test_a_login_redirect_is_refused(case: Case, server: Any, answer: Any, run: Any) -> None:
    def serve(request: Any) -> Any:
        if request.path.startswith("/login"):
            return answer(b"<!doctype html><form>sign in</form>")
        return answer(status=302, headers={"Location": "/login?next=/"})

    server.answer = serve
    with pytest.raises(Refused) as caught:
        run(case.cls, case.settings(server.url))
    _fit_for_a_person(caught.value)


@pytest.mark.parametrize(
    "cursor", ["", "garbage", "{", "[]", "null", '{"v":1}', '{"url": 5, "seen": 3}', "\ud800", "[" * 5000]
)
def test_a_corrupt_cursor_counts_as_none(
    case: Case, told: Any, server: Any, all_pages: Any, cursor: str
) -> None:
    pages = all_pages(case.cls, case.settings(server.url), cursor)
    assert {one.text for page in pages for one in page.mentions} == {text for _id, text in ITEMS}


def test_the_cursor_is_json_with_its_parts_mangled(
    case: Case, told: Any, server: Any, all_pages: Any
) -> None:
    settings = case.settings(server.url)
    whole = json.loads(all_pages(case.cls, settings)[-1].cursor)
    for name in whole:
        for wrong in (None, "x", [None, 3, {}], {"cn": {"1": "x"}}, {"cn": {"1": [-(10**30), 1]}}, 10**30):
            pages = all_pages(case.cls, settings, json.dumps(whole | {name: wrong}))
            assert json.loads(pages[-1].cursor)


def test_hostile_texts_do_no_harm(case: Case, told: Any, server: Any, all_pages: Any) -> None:
    told[:] = [(f"h{number}", text) for number, text in enumerate(HOSTILE)]
    found = [one for page in all_pages(case.cls, case.settings(server.url)) for one in page.mentions]
    assert len(found) >= len(HOSTILE) - 2  # what holds nothing to read may be passed over
    for one in found:
        assert 0 < len(one.text) <= 100_000
        assert not set(one.text) & set("\u202e\u202c\u200b\ufeff\x00\x07\x1b\ud800")
        for value in dataclasses.asdict(one).values():
            str(value).encode("utf-8")
        for moment in (one.published_at, one.edited_at):
            assert moment is None or moment.utcoffset() is not None


def test_no_secret_shows(
    case: Case, told: Any, server: Any, run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = case.settings(server.url)
    page = run(case.cls, settings)
    server.fail(403, b"no")
    with pytest.raises(AppError) as caught:
        run(case.cls, settings)
    shown = [
        repr(settings),
        repr(page),
        caplog.text,
        str(caught.value),
        caught.value.details,
        repr(caught.value),
    ]
    shown += [request.path for request in server.journal]
    assert not [one for one in shown if SECRET in one]


def test_settings_describe_themselves(case: Case) -> None:
    for name, spec in specs(case.cls.Settings):
        assert spec.label, name
    assert set(secret_names(case.cls.Settings)) <= {name for name, _spec in specs(case.cls.Settings)}
    info = case.cls.info
    assert info.name
    assert info.about
    assert info.basis
    assert info.every >= 60
    assert info.per_minute > 0


def test_check_says_one_sentence(case: Case, told: Any, server: Any, run: Any) -> None:
    assert issubclass(case.cls, CanCheck)
    said = run(case.cls, case.settings(server.url), "check")
    assert said
    assert "\n" not in said


def _fit_for_a_person(error: AppError) -> None:
    assert len(error.text) > 15
    assert error.text.endswith((".", "。"))
    assert SECRET not in error.text + error.details
    assert "Traceback" not in error.text


@pytest.mark.parametrize(
    ("cls", "settings", "field"),
    [
        (Feed, FeedSettings(url="forum.example/feed"), "url"),
        (Feed, FeedSettings(url="http://me:hush@forum.example/feed"), "url"),
        (AppStore, AppStoreSettings(app_id="none"), "app_id"),
        (AppStore, AppStoreSettings(app_id="600000001", countries=("china",)), "countries"),
        (AppStore, AppStoreSettings(app_id="600000001", server="mirror"), "server"),
    ],
)
def test_settings_that_can_never_work_are_refused_at_their_field(
    cls: type[Monitor[Any]], settings: Any, field: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        cls.vet(settings)
    assert caught.value.field == field
    assert "hush" not in caught.value.text
