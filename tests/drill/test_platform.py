"""The demo platform over real HTTP: shapes, time, growth, caching, misbehaviour, a clean end."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import feedparser
import httpx
import pytest

from app.drill.platform import DemoPlatform
from app.drill.scenario import Scenario
from app.errors import ConfigError


def get(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers=headers, trust_env=False, timeout=10)


def weibo(platform: DemoPlatform) -> list[dict[str, Any]]:
    return get(platform.weibo_url).json()["items"]  # type: ignore[no-any-return]


def reviews_url(platform: DemoPlatform, page: int = 1) -> str:
    app = platform.scenario.app
    return f"{platform.itunes_url}/cn/rss/customerreviews/page={page}/id={app.id}/sortby=mostrecent/json"


def test_first_poll_gives_the_whole_day_of_chatter(platform: DemoPlatform, scenario: Scenario) -> None:
    chatter = [event for event in scenario.events if event.at < 0]
    forum = feedparser.parse(get(platform.forum_url).content)
    news = feedparser.parse(get(platform.news_url).content)
    assert not forum.bozo
    assert not news.bozo
    page = get(reviews_url(platform)).json()["feed"]["entry"]
    assert len(weibo(platform)) + len(forum.entries) + len(news.entries) + len(page) == len(chatter)


def test_chatter_lies_back_over_the_past_day(platform: DemoPlatform, clock: Any) -> None:
    stamps = [datetime.fromisoformat(item["date_published"]) for item in weibo(platform)]
    assert max(stamps) < clock.now()
    assert min(stamps) > clock.now() - timedelta(hours=24)
    assert max(stamps) - min(stamps) > timedelta(hours=20)
    assert stamps == sorted(stamps, reverse=True)


def test_live_posts_carry_the_wall_time_of_their_emission(platform: DemoPlatform, clock: Any) -> None:
    start = clock.now()
    clock.seconds = 4.5
    first = next(item for item in weibo(platform) if item["id"].endswith("/p/c1"))
    assert datetime.fromisoformat(first["date_published"]) == start + timedelta(seconds=4)
    assert "烫伤" in first["content_html"]


def test_counts_grow_and_the_text_stays(platform: DemoPlatform, clock: Any) -> None:
    clock.seconds = 5
    before = next(item for item in weibo(platform) if item["id"].endswith("/p/c1"))
    clock.seconds = 60
    after = next(item for item in weibo(platform) if item["id"].endswith("/p/c1"))
    assert after["_tingfeng"]["likes"] > before["_tingfeng"]["likes"]
    assert after["_tingfeng"]["comments"] > before["_tingfeng"]["comments"]
    assert {k: v for k, v in after.items() if k != "_tingfeng"} == {
        k: v for k, v in before.items() if k != "_tingfeng"
    }


def test_the_verified_account_joins(platform: DemoPlatform, clock: Any) -> None:
    clock.seconds = 37
    big = max(weibo(platform), key=lambda item: item["_tingfeng"]["followers"])
    assert big["_tingfeng"]["followers"] >= 1_800_000
    assert big["_tingfeng"]["verified"] is True
    assert big["_tingfeng"]["platform"] == "weibo"
    assert get(big["authors"][0]["url"]).status_code == 200


def test_forum_thread_grows_comments(platform: DemoPlatform, clock: Any) -> None:
    def comments() -> int:
        entries = feedparser.parse(get(platform.forum_url).content).entries
        return int(next(e for e in entries if e.id.endswith("/p/c3")).slash_comments)

    clock.seconds = 32
    few = comments()
    clock.seconds = 80
    assert comments() > few + 50


def test_etag_gives_304_until_something_new(platform: DemoPlatform, clock: Any) -> None:
    for url in (platform.weibo_url, platform.forum_url, platform.news_url, reviews_url(platform)):
        tag = get(url).headers["etag"]
        again = get(url, **{"If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
    clock.seconds = 30
    assert get(platform.weibo_url, **{"If-None-Match": tag}).status_code == 200


def test_appstore_pages_and_their_habits(platform: DemoPlatform, clock: Any) -> None:
    clock.seconds = 200
    entry = get(reviews_url(platform)).json()["feed"]["entry"]
    assert {"1", "5"} <= {item["im:rating"]["label"] for item in entry}
    assert len({item["id"]["label"] for item in entry}) == len(entry)
    assert get(reviews_url(platform, 11)).status_code == 400
    assert "entry" not in get(reviews_url(platform, 9)).json()["feed"]
    assert "entry" not in get(reviews_url(platform).replace("id=900000001", "id=1")).json()["feed"]
    found = get(f"{platform.itunes_url}/lookup?id=900000001&country=cn").json()
    assert found["results"][0]["trackName"] == "云雀互联"
    assert get(f"{platform.itunes_url}/lookup?id=5").json() == {"resultCount": 0, "results": []}


def test_a_single_review_is_an_object(scenario: Scenario, platform: DemoPlatform) -> None:
    from app.drill import rendering

    one = platform.posts("appstore")[:1]
    feed = json.loads(rendering.reviews(scenario.app, platform.url, one, 1))["feed"]
    assert isinstance(feed["entry"], dict)


def test_original_page_is_there_and_escaped(platform: DemoPlatform, clock: Any) -> None:
    assert get(f"{platform.url}/p/c1").status_code == 404
    clock.seconds = 10
    page = get(f"{platform.url}/p/c1")
    assert page.status_code == 200
    assert "阿树不是树" in page.text
    assert "<script" not in page.text
    assert get(f"{platform.url}/p/..%2f..%2fetc").status_code == 404
    assert "&lt;b&gt;" not in page.text


def test_hostile_text_is_escaped(platform: DemoPlatform) -> None:
    from dataclasses import replace

    from app.drill import rendering

    post = platform.posts("forum")[0]
    evil = "<script>alert(1)</script>]]>&\"'"
    event = replace(post.event, text=evil, title=evil, author=replace(post.event.author, name=evil))
    post = replace(post, event=event)
    assert b"<script" not in rendering.post_page(platform.url, post)
    for body in (rendering.rss("t", "http://x", [post]), rendering.atom("t", "http://x", [post])):
        parsed = feedparser.parse(body, sanitize_html=False)
        assert not parsed.bozo
        assert parsed.entries[0].title == evil


def test_pause_skip_speed_keep_stamps(platform: DemoPlatform, clock: Any) -> None:
    clock.seconds = 5
    early = {item["id"]: item["date_published"] for item in weibo(platform)}
    platform.pause()
    clock.seconds = 105
    assert platform.elapsed == pytest.approx(5)
    assert platform.paused
    platform.resume()
    platform.skip(55)
    now = clock.now()
    assert platform.elapsed == pytest.approx(60)
    platform.speed = 1
    clock.seconds = 165
    assert platform.elapsed == pytest.approx(61)
    late = {item["id"]: item["date_published"] for item in weibo(platform)}
    assert early.items() <= late.items()
    skipped = next(stamp for key, stamp in late.items() if key.endswith("/p/c4"))
    assert datetime.fromisoformat(skipped) == now
    for wrong in (0, 61, float("nan")):
        with pytest.raises(ConfigError):
            platform.speed = wrong
    with pytest.raises(ConfigError):
        platform.skip(-1)


def test_finished_after_three_minutes_at_sixty(platform: DemoPlatform, clock: Any) -> None:
    clock.seconds = 150
    assert not platform.finished
    clock.seconds = 190
    assert platform.finished
    assert len(platform.posts()) == len(platform.scenario.events)


def test_misbehaviour_on_demand(platform: DemoPlatform) -> None:
    platform.fail_next(1, 429)
    refused = get(platform.weibo_url)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "7")
    assert get(platform.weibo_url).status_code == 200
    platform.knobs.empty = True
    assert get(platform.weibo_url).json()["items"] == []
    assert "entry" not in get(reviews_url(platform)).json()["feed"]
    assert feedparser.parse(get(platform.news_url).content).entries == []
    platform.knobs.empty = False
    platform.knobs.html_instead_of_json = True
    assert get(platform.weibo_url).headers["content-type"].startswith("text/html")
    assert platform.journal[0] == ("/feeds/weibo.json", 429)


@pytest.mark.parametrize("path", ["/feeds/none", "/nothing", "/itunes/x", "/p/", "/u/9", "/%ff%00", "//x"])
def test_unknown_paths_are_404(platform: DemoPlatform, path: str) -> None:
    assert get(platform.url + path).status_code == 404


def test_limit(platform: DemoPlatform) -> None:
    assert len(get(platform.weibo_url + "?limit=7").json()["items"]) == 7
    assert len(get(platform.weibo_url + "?limit=-7").json()["items"]) == len(weibo(platform))


def cut_off(url: str) -> None:
    """Answered early or cut off: either way not kept waiting."""
    with contextlib.suppress(httpx.HTTPError):
        get(url)


def test_close_ends_every_thread_even_with_clients_connected(scenario: Scenario) -> None:
    before = set(threading.enumerate())
    platform = DemoPlatform(scenario, 1.0).start()
    platform.knobs.latency = 30
    with httpx.Client(trust_env=False) as kept:
        assert kept.get(f"{platform.url}/healthz").text == "ok"
        waiting = threading.Thread(target=cut_off, args=(platform.weibo_url,))
        waiting.start()
        time.sleep(0.2)
        began = time.monotonic()
        platform.close()
        assert time.monotonic() - began < 5
        waiting.join(10)
    assert set(threading.enumerate()) <= before
    platform.close()


def test_closing_what_never_started(scenario: Scenario) -> None:
    DemoPlatform(scenario).close()
