"""Whatever a post says: harmless, within the limits, and the message still says what it must."""

from __future__ import annotations

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from app.alerts.channels import dingtalk, feishu, slack, teams, wecom, words
from app.domain.web import Answer, link_of, wrong
from app.errors import AppError
from tests.channels.given import notice

NASTY = st.one_of(
    st.text(max_size=400),
    st.text(alphabet="@<>[]()*_`~#!|&\\{}$-+.=/:1aA长\n\r\t\u200b\u202e\x1b ", max_size=200),
)
ACTIVE = re.compile(r"[@<>\[\]*_`~#|&\\{}$!\x00-\x1f\x7f-\x9f\u200b\u202e\u2028\u2029\ud800-\udfff]|://")


@settings(max_examples=60)
@given(NASTY, st.integers(1, 300))
def test_nothing_in_a_text_is_more_than_text(text: str, limit: int) -> None:
    told = words.inert(text, limit)
    assert not ACTIVE.search(told)
    assert len(told) <= limit
    assert not re.match(r"[-+=]|\d+[.)]", told)


@settings(max_examples=25)
@given(st.lists(st.tuples(NASTY, NASTY), min_size=1, max_size=30), st.text(max_size=300))
def test_every_message_fits_whatever_is_in_it(texts: list[tuple[str, str]], url: str) -> None:
    many = [
        notice(title, body=body, reason=body, brand=title, url=f"https://e.example/{url}", key=str(n))
        for n, (title, body) in enumerate(texts)
    ]
    ding = dingtalk.message(many)[0]
    assert words.size(json.dumps(ding, ensure_ascii=False)) <= 20_000
    assert 0 < words.size(wecom.message(many)[0]["markdown"]["content"]) <= 4096
    assert words.size(json.dumps(feishu.message(many)[0], ensure_ascii=False)) <= 20 * 1024
    assert words.size(json.dumps(teams.message(many)[0], ensure_ascii=False)) <= 28 * 1024
    blocks = slack.message(many)[0]["blocks"]
    assert len(blocks) <= 50
    assert all(0 < len(one["text"]["text"]) <= 3000 for one in blocks)


@settings(max_examples=80)
@given(
    st.text(max_size=120), st.sampled_from(("", "https://", "http://", "https://a.example/", "//", "x:"))
)
def test_a_link_is_one_or_nothing(rest: str, head: str) -> None:
    made = link_of(head + rest)
    if made:
        assert re.fullmatch(r"https?://[\x21-\x7e]+", made)
        assert not re.search(r"[()<>\[\]\"'`|\\^{}\s]", made.partition("://")[2].partition("/")[2])


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(100, 599))
def test_every_answer_has_one_error_and_one_line(body: bytes, status: int) -> None:
    answer = Answer(status, body, "robot.example")
    error = wrong(answer, answer.words())
    assert isinstance(error, AppError)
    assert "\n" not in error.text
    assert "\x1b" not in error.text
    assert len(error.text) < 400
