"""Apple's reviews feed with the traps it is known for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.mention import Kind
from app.errors import BadResponse, ConfigError, RateLimited
from app.settings.schema import read as read_settings
from monitors.appstore import AppStore, Settings, app_number, read_page, read_review, storefronts
from monitors.reading import Fetched


def review(
    number: int, stars: str = "1", text: str = "闪退", updated: str = "2025-09-02T02:46:55-07:00"
) -> dict[str, Any]:
    return {
        "id": {"label": str(number)},
        "updated": {"label": updated},
        "im:rating": {"label": stars},
        "im:version": {"label": "3.2.1"},
        "author": {"name": {"label": "阿树"}, "uri": {"label": "https://itunes.apple.com/cn/reviews/id9"}},
        "title": {"label": "差"},
        "content": {"label": text},
    }


class Store:
    """Reviews per storefront, newest first, `size` a page; `broken` storefronts answer 400."""

    def __init__(self, server: Any, answer: Any, size: int = 3) -> None:
        self.reviews: dict[str, list[dict[str, Any]]] = {}
        self.broken: set[str] = set()
        self._answer = answer
        self._size = size
        server.answer = self.serve

    def serve(self, request: Any) -> Any:
        _root, country, *_rest = request.path.split("/")
        if country in self.broken:
            return self._answer(b"no", 400)
        page = int(request.path.partition("page=")[2].partition("/")[0])
        found = self.reviews.get(country, [])[(page - 1) * self._size : page * self._size]
        entry: Any = found[0] if len(found) == 1 else found
        return self._answer(json.dumps({"feed": {"entry": entry} if found else {}}).encode())


@pytest.fixture
def store(server: Any, answer: Any) -> Store:
    return Store(server, answer)


def given_(server: Any, *countries: str, pages: int = 10) -> Settings:
    return Settings(app_id="600000001", countries=countries or ("cn",), pages=pages, server=server.url)


def test_the_first_round_reads_all_pages_one_request_a_poll(
    store: Store, server: Any, all_pages: Any
) -> None:
    store.reviews = {"cn": [review(n) for n in range(7)], "us": [review(100 + n) for n in range(2)]}
    pages = all_pages(AppStore, given_(server, "cn", "us"))
    assert len([one for page in pages for one in page.mentions]) == 9
    assert len(server.journal) == len(pages)
    assert server.journal[0].path == "/cn/rss/customerreviews/page=1/id=600000001/sortby=mostrecent/json"


def test_later_rounds_stop_where_nothing_is_new(store: Store, server: Any, all_pages: Any) -> None:
    store.reviews = {"cn": [review(n) for n in range(30)]}
    cursor = all_pages(AppStore, given_(server))[-1].cursor
    server.journal.clear()
    pages = all_pages(AppStore, given_(server), cursor)
    assert len(server.journal) == 1
    store.reviews["cn"][:0] = [review(100 + n) for n in range(4)]
    pages = all_pages(AppStore, given_(server), pages[-1].cursor)
    assert len([one for page in pages for one in page.mentions]) == 4


def test_no_more_pages_than_asked(store: Store, server: Any, all_pages: Any) -> None:
    store.reviews = {"cn": [review(n) for n in range(30)]}
    assert len(all_pages(AppStore, given_(server, pages=2))) == 2


def test_a_review_keeps_its_stars_version_and_place(store: Store, server: Any, run: Any) -> None:
    store.reviews = {"hk": [review(1)]}
    one = run(AppStore, given_(server, "hk")).mentions[0]
    assert (one.kind, one.rating, one.keyword, one.region, one.title) == (
        Kind.REVIEW,
        1.0,
        "3.2.1",
        "HK",
        "差",
    )
    assert one.url == "https://apps.apple.com/hk/app/id600000001?see-all=reviews"
    assert one.author.native_id == "9"


def test_an_edited_review_comes_again_dated_as_before(store: Store, server: Any, all_pages: Any) -> None:
    store.reviews = {"cn": [review(1), review(2)]}
    cursor = all_pages(AppStore, given_(server))[-1].cursor
    store.reviews["cn"][1] = review(2, "5", "修好了", "2025-09-03T02:46:55-07:00")
    pages = all_pages(AppStore, given_(server), cursor)
    one = pages[0].mentions[0]
    assert (one.native_id, one.rating, one.text) == ("2", 5.0, "修好了")
    assert one.published_at == datetime(2025, 9, 2, 9, 46, 55, tzinfo=UTC)
    assert one.edited_at == datetime(2025, 9, 3, 9, 46, 55, tzinfo=UTC)
    assert not [
        one for page in all_pages(AppStore, given_(server), pages[-1].cursor) for one in page.mentions
    ]


def test_an_outage_is_no_deletion(store: Store, server: Any, all_pages: Any) -> None:
    store.reviews = {"cn": [review(1), review(2)]}
    cursor = all_pages(AppStore, given_(server))[-1].cursor
    kept, store.reviews = store.reviews, {}
    quiet = all_pages(AppStore, given_(server), cursor)
    assert "no reviews at present" in quiet[0].note
    store.reviews = kept
    assert not [
        one for page in all_pages(AppStore, given_(server), quiet[-1].cursor) for one in page.mentions
    ]


def test_a_full_page_of_known_reviews_is_not_an_outage(store: Store, server: Any, all_pages: Any) -> None:
    store.reviews = {"cn": [review(1), review(2)]}
    cursor = all_pages(AppStore, given_(server))[-1].cursor
    assert not all_pages(AppStore, given_(server), cursor)[0].note


def test_one_broken_storefront_does_not_stop_the_others(store: Store, server: Any, all_pages: Any) -> None:
    store.reviews = {"cn": [review(1)], "us": [review(2)]}
    store.broken = {"jp"}
    pages = all_pages(AppStore, given_(server, "jp", "cn", "us"))
    assert {one.native_id for page in pages for one in page.mentions} == {"1", "2"}
    assert pages[0].note.startswith("JP:")
    store.broken = {"jp", "cn", "us"}
    with pytest.raises(BadResponse):
        all_pages(AppStore, given_(server, "jp", "cn", "us"))


def test_a_changed_list_of_storefronts_and_another_app(
    store: Store, server: Any, run: Any, all_pages: Any
) -> None:
    store.reviews = {"cn": [review(n) for n in range(9)], "us": [review(50)]}
    first = run(AppStore, given_(server, "cn", "us"))
    pages = all_pages(AppStore, given_(server, "us"), first.cursor)
    assert {one.native_id for page in pages for one in page.mentions} == {"50"}
    other = Settings(app_id="600000002", countries=("cn",), server=server.url)
    assert len([one for page in all_pages(AppStore, other, first.cursor) for one in page.mentions]) == 9


def test_forbidden_means_slower(server: Any, run: Any) -> None:
    server.fail(403)
    with pytest.raises(RateLimited) as caught:
        run(AppStore, given_(server))
    assert caught.value.retry_after == 600


@pytest.mark.parametrize(
    "entry",
    [
        {"id": {"label": ""}, "im:rating": {"label": "1"}, "content": {"label": "x"}},
        {"id": {"label": "1"}, "im:rating": {"label": "1"}, "content": {"label": ""}, "title": {}},
        5,
        None,
        "text",
        [],
    ],
)
def test_entries_without_id_or_words_are_bad(entry: Any) -> None:
    with pytest.raises(BadResponse):
        read_review(entry, "600000001", "cn")


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["label", "entry", "feed", "id"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(
    ODD,
    st.sampled_from(["id", "updated", "im:rating", "author", "title", "content", "im:voteSum", "im:name"]),
)
def test_odd_members_are_never_a_surprise(odd: Any, name: str) -> None:
    body = json.dumps({"feed": {"entry": [review(1), review(2) | {name: odd}]}}).encode()
    for one in read_page(Fetched(200, {}, body, "http://h/"), "600000001", "cn").mentions:
        assert one.rating is None or 1 <= one.rating <= 5
        assert one.published_at is None or one.published_at.tzinfo is UTC


@settings(max_examples=100, deadline=None)
@given(ODD)
def test_odd_answers_are_bad_responses(odd: Any) -> None:
    try:
        made = read_page(Fetched(200, {}, json.dumps(odd).encode(), "http://h/"), "600000001", "cn")
    except BadResponse:
        return
    assert made.skipped >= 0


@pytest.mark.parametrize(
    "said",
    [
        "600000001",
        " 600000001 ",
        "https://apps.apple.com/cn/app/%E4%BA%91/id600000001",
        "https://apps.apple.com/cn/app/id600000001?see-all=reviews",
        "https://itunes.apple.com/cn/review?id=600000001&type=Purple",
        "id600000001",
    ],
)
def test_numbers_and_links(said: str) -> None:
    assert app_number(said) == "600000001"


@pytest.mark.parametrize("said", ["", "云雀", "12", "https://apps.apple.com/cn/app/", "id", "idx600000001"])
def test_no_number_is_the_persons(said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        app_number(said)
    assert caught.value.field == "app_id"


def test_storefronts_are_two_letters() -> None:
    assert storefronts(("CN", " us ", "cn")) == ("cn", "us")
    for bad in (("china",), ("c1",), ("../",), ("中国",), ()):
        with pytest.raises(ConfigError) as caught:
            storefronts(bad)
        assert caught.value.field == "countries"


def test_settings_are_read_from_a_form() -> None:
    made = read_settings(Settings, {"app_id": "600000001", "countries": "cn，hk\nus", "pages": "3"})
    assert (made.countries, made.pages) == (("cn", "hk", "us"), 3)
    assert read_settings(Settings, {"app_id": "1"}).countries == ("cn",)


def test_check_names_the_app_or_says_there_is_none(server: Any, answer: Any, run: Any) -> None:
    def serve(request: Any) -> Any:
        found = [{"trackName": "云雀", "userRatingCount": 12}] if "country=hk" in request.path else []
        return answer(json.dumps({"resultCount": len(found), "results": found}).encode())

    server.answer = serve
    assert run(AppStore, given_(server, "cn", "hk"), "check") == "“云雀” in the HK storefront, 12 ratings"
    with pytest.raises(ConfigError, match="600000001"):
        run(AppStore, given_(server, "cn"), "check")
