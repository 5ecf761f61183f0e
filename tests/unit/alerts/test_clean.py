"""What a notification's text may hold after cleaning, whatever it held before."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.alerts.deliver import BODY, TITLE, clean

FORBIDDEN = (
    set("<>&\\'\"`$") | {chr(n) for n in range(32)} | {"\x7f", "\u202e", "\u2066", "\u200b", "\ufeff"}
)


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.characters() | st.sampled_from("-<&'\"\\\n\u202e\ud800😀"), max_size=400),
    st.sampled_from([TITLE, BODY]),
)
def test_no_option_markup_literal_or_overlong_text_is_left(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert not line.startswith("-")
    assert not FORBIDDEN & set(line)
    assert len(line.encode("utf-16-le")) // 2 <= limit
    line.encode("utf-8")
    assert clean(line, limit) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  普通 的\n标题 ", "普通 的 标题"),
        ("-u critical", "－u critical"),
        ("\u200b--help", "－-help"),
        ("<b>粗</b> & \"引\" '号'", "＜b＞粗＜/b＞ ＆ ”引” ’号’"),
        ("50% \\n", "50% ＼n"),
    ],
)
def test_it_still_reads(text: str, line: str) -> None:
    assert clean(text, TITLE) == line


def test_a_long_one_ends_in_an_ellipsis() -> None:
    assert clean("好" * 500, TITLE) == "好" * 59 + "…"
    assert len(clean("😀" * 500, TITLE).encode("utf-16-le")) // 2 <= TITLE
