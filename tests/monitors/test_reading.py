"""Readers: bounded, tolerant, and never surprised."""

from __future__ import annotations

import contextlib
import gzip
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import BadResponse, ConfigError, RateLimited, Refused, Transient
from monitors.reading import (
    CHINA,
    MAX_TEXT,
    Fetched,
    checked,
    clean,
    count,
    decoded,
    fingerprint,
    from_json,
    images,
    is_html,
    maybe,
    need,
    plain,
    retry_after,
    rich,
    safe_url,
    when,
)

EXAMPLES = settings(max_examples=100, deadline=None)


# ── fetch ─────────────────────────────────────────────────────────────────────────────────────


def test_a_hundred_megabytes_are_not_read(server: Any, answer: Any, asked: Any) -> None:
    sent = []

    def stream() -> Iterator[bytes]:
        for _number in range(1600):
            sent.append(1)
            yield b"x" * 65_536

    server.answer = lambda request: answer(stream=stream)
    tracemalloc.start()
    try:
        with pytest.raises(BadResponse, match="more than 20 MB"):
            asked()
        assert tracemalloc.get_traced_memory()[1] < 80_000_000
    finally:
        tracemalloc.stop()
    assert len(sent) < 1600


@pytest.mark.parametrize("layers", [1, 2])
def test_a_gzip_bomb_is_not_unpacked(server: Any, answer: Any, asked: Any, layers: int) -> None:
    bomb = gzip.compress(b"\0" * 60_000_000)
    packed = ", ".join(["gzip"] * layers)
    server.answer = lambda request: answer(bomb, headers={"Content-Encoding": packed})
    tracemalloc.start()
    try:
        with pytest.raises(BadResponse):
            asked()
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()


def _bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", _bare_deflate),
        ("identity", bytes),
        ("", bytes),
    ],
)
def test_packed_answers_are_unpacked(
    server: Any, answer: Any, asked: Any, encoding: str, pack: Any
) -> None:
    said = "听风".encode() * 50_000
    server.answer = lambda request: answer(pack(said), headers={"Content-Encoding": encoding})
    assert asked().body == said


def test_damaged_packing_is_told(server: Any, answer: Any, asked: Any) -> None:
    server.answer = lambda request: answer(
        b"\x1f\x8b\x08\x00junkjunkjunk", headers={"Content-Encoding": "gzip"}
    )
    with pytest.raises(BadResponse, match="damaged"):
        asked()


def test_redirects_are_followed_and_recorded(server: Any, answer: Any, asked: Any) -> None:
    steps = {"/a": (301, "/b"), "/b": (302, "/c")}

    def serve(request: Any) -> Any:
        status, where = steps.get(request.path, (200, ""))
        return answer(b"here", status, {"Location": where} if where else {})

    server.answer = serve
    got = asked("/a")
    assert (got.body, got.url) == (b"here", server.url + "/c")
    assert got.redirects == ((301, server.url + "/b"), (302, server.url + "/c"))


def test_a_redirect_that_never_ends_its_body_is_left(server: Any, answer: Any, asked: Any) -> None:
    def forever() -> Iterator[bytes]:
        for _number in range(10_000):
            yield b"x" * 65_536

    def serve(request: Any) -> Any:
        return (
            answer(b"ok")
            if request.path == "/b"
            else answer(status=301, headers={"Location": "/b"}, stream=forever)
        )

    server.answer = serve
    assert asked("/a").body == b"ok"


def test_circles_are_left(server: Any, answer: Any, asked: Any) -> None:
    server.answer = lambda request: answer(status=302, headers={"Location": "/again"})
    with pytest.raises(BadResponse, match="circles"):
        asked()


def test_a_steady_drip_ends(server: Any, answer: Any, asked: Any) -> None:
    def drip() -> Iterator[bytes]:
        for _number in range(100):
            server.rest(0.1)
            yield b"x"

    server.answer = lambda request: answer(stream=drip)
    with pytest.raises(Transient, match="in time"):
        asked(patience=0.5)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a/b", "javascript:1", "http://", "no", "http://[::1"],
)
def test_unfit_addresses_are_the_persons(asked: Any, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        asked(url)
    assert caught.value.field == "url"


def test_a_redirect_to_a_file_is_not_followed(server: Any, answer: Any, asked: Any) -> None:
    server.answer = lambda request: answer(status=302, headers={"Location": "file:///etc/passwd"})
    with pytest.raises((ConfigError, BadResponse, Transient)):
        asked()


# ── checked ───────────────────────────────────────────────────────────────────────────────────


def _got(status: int = 200, body: bytes = b"{}", url: str = "http://h/feed", **headers: str) -> Fetched:
    return Fetched(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, url)


def test_retry_after_in_seconds_dates_and_caches() -> None:
    assert retry_after({"retry-after": "7"}) == 7
    date = "Tue, 02 Sep 2025 10:00:00 GMT"
    assert retry_after({"retry-after": "Tue, 02 Sep 2025 10:02:00 GMT", "date": date}) == 120
    assert retry_after({"retry-after": "Tue, 02 Sep 2025 09:00:00 GMT", "date": date}) == 0
    assert retry_after({"retry-after": "soon", "date": date}) is None
    assert retry_after({"cache-control": "public, max-age=30"}) == 30
    assert retry_after({}) is None


def test_too_often_without_a_time_is_a_minute() -> None:
    with pytest.raises(RateLimited) as caught:
        checked(_got(429))
    assert caught.value.retry_after == 60


def test_a_captcha_behind_a_refusal_is_refused() -> None:
    with pytest.raises(Refused):
        checked(_got(403, b"<!doctype html><title>Just a moment...</title>"))


def test_a_plain_error_page_with_a_login_link_is_not_a_login_page() -> None:
    with pytest.raises(Transient):
        checked(_got(500, b"<html><a href='/login'>login</a> captcha</html>"))


def test_nothing_new_is_an_answer() -> None:
    assert checked(_got(304, b"")).status == 304


@pytest.mark.parametrize(
    ("body", "page"),
    [
        (b"<!DOCTYPE html><html>", True),
        (b"\xef\xbb\xbf \n<HTML lang=zh>", True),
        (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x">', True),
        (b'<?xml version="1.0"?><rss><channel>&lt;html', False),
        (b'{"a":"<html>"}', False),
        (b"", False),
    ],
)
def test_web_pages_are_known(body: bytes, page: bool) -> None:
    assert is_html(body) is page


# ── values ────────────────────────────────────────────────────────────────────────────────────

MOMENT = datetime(2025, 9, 2, 9, 46, 55, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        "Tue, 02 Sep 2025 09:46:55 GMT",
        "Tue, 02 Sep 2025 17:46:55 +0800",
        "Tue Sep 02 17:46:55 +0800 2025",
        "Tue Sep 02 17:46:55 CST 2025",
        "Tue, 02 Sep 2025 17:46:55 CST",
        "2025-09-02T09:46:55Z",
        "2025-09-02T02:46:55-07:00",
        "2025-09-02 17:46:55",
        "2025/9/2 17:46:55",
        "2025年9月2日 17:46:55",
        "2025年9月2日17时46分55秒",
        "2025-09-02T09:46:55.999999999Z",
        1756806415,
        1756806415.0,
        1756806415000,
        "1756806415",
        "1756806415000",
        "1756806415000000",
        MOMENT,
        datetime(2025, 9, 2, 17, 46, 55),  # noqa: DTZ001  # naive on purpose
    ],
)
def test_times_are_read(said: object) -> None:
    assert when(said, CHINA).replace(microsecond=0) == MOMENT


def test_a_day_alone_is_its_midnight_there() -> None:
    for said in ("2025-09-02", "20250902", "2025年9月2日"):
        assert when(said, CHINA) == datetime(2025, 9, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "said",
    [
        None,
        "",
        "soon",
        "刚刚",
        True,
        [],
        {},
        float("inf"),
        float("nan"),
        "9" * 300,
        "2025",
        "2025-13-45",
        b"x",
    ],
)
def test_no_times_are_bad_responses(said: object) -> None:
    with pytest.raises(BadResponse):
        when(said)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        (12, 12),
        ("1,234", 1234),
        ("1.2万", 12_000),
        ("10万+", 100_000),
        ("100+", 100),
        ("3k", 3000),
        ("1.5亿", 150_000_000),
        ("２３", 23),
        ("转发", 0),
        ("None", None),
        (None, None),
        ("", None),
        (True, None),
        (float("nan"), None),
        (-4, 0),
        ("9" * 400, 10**15),
        ([1], None),
    ],
)
def test_counts_are_read(said: object, number: int | None) -> None:
    assert count(said) == number


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.lists(st.integers()),
    st.datetimes(),
)


@EXAMPLES
@given(ANYTHING)
def test_when_gives_utc_or_a_bad_response(value: object) -> None:
    try:
        made = when(value, CHINA)
    except BadResponse:
        return
    assert made.tzinfo is UTC


@EXAMPLES
@given(st.from_regex(r"[0-9A-Za-z年月日时分秒:/, +.-]{0,40}", fullmatch=True))
def test_when_is_not_surprised_by_almost_dates(said: str) -> None:
    with contextlib.suppress(BadResponse):
        assert when(said).tzinfo is UTC


@EXAMPLES
@given(st.one_of(ANYTHING, st.from_regex(r"[0-9万亿wk+., -]{0,30}", fullmatch=True)))
def test_count_is_never_surprised(value: object) -> None:
    made = count(value)
    assert made is None or 0 <= made < 2**63


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("declared", ["utf-8", "gb2312", "iso-8859-1", "us-ascii", "no-such", "hex", ""])
def test_wrong_declarations_do_not_matter(name: str, declared: str) -> None:
    said = "<rss>左耳用了两周就没有声音了，客服说要自费</rss>"
    assert decoded(said.encode(name), declared) == said


def test_declared_encodings_of_others_are_believed() -> None:
    assert decoded("<a>聲音沒有了</a>".encode("big5"), "big5") == "<a>聲音沒有了</a>"
    assert decoded("<a>élan vital à côté</a>".encode("latin-1"), "iso-8859-1") == "<a>élan vital à côté</a>"


def test_a_cut_character_costs_one_character() -> None:
    said = "左耳用了两周就没有声音了，客服说要自费"
    assert decoded(said.encode()[:-1]).startswith(said[:-1])


@EXAMPLES
@given(st.binary(max_size=300), st.text(max_size=10))
def test_decoding_never_fails(body: bytes, declared: str) -> None:
    decoded(body, declared).encode("utf-8", "surrogatepass")


@EXAMPLES
@given(st.binary(max_size=200))
def test_json_is_read_or_bad(body: bytes) -> None:
    with contextlib.suppress(BadResponse):
        from_json(body)


def test_need_and_maybe() -> None:
    assert need({"a": 0}, "a") == 0
    assert maybe({"a": 1}, "b") is None
    assert maybe("text", "b") is None
    for item in ({}, {"a": ""}, {"a": None}, [], None):
        with pytest.raises(BadResponse, match="a"):
            need(item, "a")


# ── text ──────────────────────────────────────────────────────────────────────────────────────


def test_html_becomes_what_a_reader_sees() -> None:
    html = (
        '<style>p{color:red}</style><p>左耳<b>没声音</b><img alt="[怒]" src="e.png"> &amp;lt; &lt;3</p>'
        '<script>alert(1)</script><div>二 <span style="display:none">藏</span>\n 行</div>a<br><br>b'
        '<img width="0" height="0" src="https://t.example/p.gif" alt="[点]"><ul><li>一<li>二</ul>'
        "<pre>x\n  y</pre>"
    )
    assert plain(html) == "左耳没声音[怒] &lt; <3\n二 行\na\n\nb\n一\n二\nx\ny"


def test_emoji_pictures_become_emoji() -> None:
    assert plain('糟<img class="emoji" alt="😡" src="x"><img alt="图片" src="y">') == "糟😡"


def test_pictures_are_those_seen() -> None:
    html = (
        '<img src="//a.example/1.jpg"><img src="/2.jpg"><img src="javascript:x"><img src="data:x">'
        '<img data-src="https://a.example/3.jpg" src="blank.gif"><img width=1 src="https://t.example/p">'
        '<img alt="[怒]" src="https://a.example/e.png"><img src="//a.example/1.jpg">'
    )
    assert images(html, "http://b.example/x/") == (
        "http://a.example/1.jpg",
        "http://b.example/2.jpg",
        "https://a.example/3.jpg",
    )


def test_unseen_characters_go_and_families_stay() -> None:
    assert clean("\ufeff左\u200b耳\u202e\x00\x1b[31m\ue627\ud800 👨‍👩‍👧\u200d好\xad") == "左耳[31m 👨‍👩‍👧好"
    assert clean("a\r\n\r\n\r\n\r\nb\u2028c\xa0\u3000 d  \n") == "a\n\nb\nc d"


def test_texts_are_cut_at_a_hundred_thousand() -> None:
    assert len(plain("<p>" + "很" * 150_000)) == MAX_TEXT
    assert len(clean("很" * 150_000)) == MAX_TEXT


@EXAMPLES
@given(st.text(alphabet=st.characters(), max_size=300))
def test_clean_is_clean_at_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    once.encode("utf-8")


_BITS = st.sampled_from(
    ["<p>", "</p>", "<b", ">", "<!--", "-->", "<script>", "</script>", "<img alt='[怒]'", "&amp;", "&#",
     "9" * 20, "<pre>", "</div>", "<svg>", "<table>", "<td>", "<template>", "<select>", "文", "\ud800",
     "\x00", "<a href='", "<![CDATA[", "<br>"]
)  # fmt: skip


@EXAMPLES
@given(st.lists(st.one_of(_BITS, st.text(max_size=5)), max_size=60).map("".join))
def test_plain_is_never_surprised(html: str) -> None:
    made = rich(html, "http://b.example/")
    made.text.encode("utf-8")
    assert clean(made.text) == made.text
    assert all(one.startswith(("http://", "https://")) for one in made.images)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000,
        "<font color=1>x</p>" * 50_000,
        "<a " + " ".join(f"b{n}=1" for n in range(100_000)) + ">x",
        "<" * 1_000_000,
        "<!--" * 250_000,
        "<script>" * 120_000,
        "<p>" * 300_000,
        "".join(f"<q{n}>" for n in range(100_000)),
        "&#" + "9" * 900_000 + ";",
        " " * 999_999 + "x<b>",
    ],
)
def test_markup_made_to_hurt_takes_no_time(timed: Any, html: str) -> None:
    seconds, made = timed(lambda: plain(html))
    assert isinstance(made, str)
    assert seconds < 3


@pytest.mark.parametrize(
    ("given_", "safe"),
    [
        ("https://a.example/x?q=1", "https://a.example/x?q=1"),
        ("http://a.example/云 雀?<b>", "http://a.example/云%20雀?%3Cb%3E"),
        ("//a.example/x", "https://a.example/x"),
        ("javascript:alert(1)", ""),
        (" java\tscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://weibo.com@evil.example/", ""),
        ("https://good.example\\@evil.example", ""),
        ("http://[::1", ""),
        ("https://a.example:99999/", ""),
        ("a" * 5000, ""),
        ("", ""),
    ],
)
def test_only_web_addresses_are_safe(given_: str, safe: str) -> None:
    assert safe_url(given_) == safe


@EXAMPLES
@given(st.text(max_size=80), st.sampled_from(["", "http://b.example/x/", "nonsense"]))
def test_addresses_are_safe_or_nothing(url: str, base: str) -> None:
    made = safe_url(url, base)
    assert not made or made.lower().startswith(("http://", "https://"))
    assert not set(made) & set(' \n\t"<>\\')


def test_fingerprints_keep_parts_apart() -> None:
    assert fingerprint("ab", "c") != fingerprint("a", "bc")
    assert fingerprint("a", None) == fingerprint("a", None)
    assert len(fingerprint("\ud800")) == 32
