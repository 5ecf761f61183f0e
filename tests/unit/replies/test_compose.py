"""A draft out of template and mention: filled once, without holes, without inventions."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.draft import Manner, Template
from app.domain.mention import Author, Hit, Mention, Stored
from app.errors import NotFound
from app.replies.compose import Context, draft, fill, pick
from app.replies.templates import VARIABLES, shipped, variables

calm = settings(deadline=None, max_examples=100)
FULL = {
    "author": "小王",
    "brand": "云雀",
    "product": "云雀X1 Pro",
    "issue": "充电发热严重",
    "channel": "公众号云雀服务",
    "link": "https://example.com/help?a=1",
    "agent": "小李",
}
ORPHANS = re.compile(
    r"[，、；：（“][，、。；）”]|“”|（）|(?:或|可)(?:联系|通过|找)[，。]|\{|\}|^[，。、；]|[\[\]]"
)


def _template(body: str, **more: object) -> Template:
    return Template(**{"name": "n", "complaint": "general", "bodies": {Manner.WARM: body}, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("template", shipped(), ids=lambda each: each.complaint)
@pytest.mark.parametrize("manner", Manner)
def test_a_full_draft_holds_every_value_it_asks_for(template: Template, manner: Manner) -> None:
    text, missing = fill(template, manner, FULL)
    assert missing == ()
    assert all(FULL[name] in text for name in variables(template.bodies[manner]))
    assert not ORPHANS.search(text.replace(FULL["link"], ""))


@calm
@given(st.sampled_from(shipped()), st.sampled_from(Manner), st.sets(st.sampled_from(sorted(FULL))))
def test_whatever_is_missing_the_text_has_no_holes(
    template: Template, manner: Manner, known: set[str]
) -> None:
    text, missing = fill(template, manner, {name: FULL[name] for name in known})
    assert set(missing) == set(variables(template.bodies[manner])) - known
    assert not ORPHANS.search(text), text
    assert "私信" in text
    assert "您好" in text
    assert len(text) >= 20
    for name in set(FULL) - known - {"brand"}:
        assert FULL[name] not in text or any(FULL[name] in FULL[other] for other in known)


@calm
@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(max_size=80)))
def test_hostile_values_are_put_in_once_and_as_one_line(values: dict[str, str]) -> None:
    lines = 7
    body = "\n".join(f"[<{{{name}}}>]" for name in VARIABLES)
    text, missing = fill(_template(body), Manner.WARM, values)
    assert len(text.splitlines()) == lines - len(missing)
    text.encode()


@pytest.mark.parametrize(
    "name",
    [
        "{agent}",
        "{issue}[{link}]",
        "{{author}}",
        "{author.__class__}",
        "%s %(agent)s",
        "{% raw %}{{7*7}}",
        "\\g<0>",
    ],
)
def test_a_value_is_never_read_as_a_template(name: str) -> None:
    text, missing = fill(
        _template("您好，{author}。{agent}"), Manner.WARM, {"author": name, "agent": "小李"}
    )
    assert text == f"您好，{name}。小李"
    assert missing == ()


@pytest.mark.parametrize(
    ("body", "text", "missing"),
    [
        ("您好。请联系{channel}。谢谢！", "您好。谢谢！", ("channel",)),
        ("您好[，{author}]！", "您好！", ("author",)),
        ("[{agent}和{brand}]您好", "您好", ("agent",)),
        ("您好[微笑][{brand}]", "您好[微笑]云雀", ()),
        ("一。\n{link}\n二。", "一。\n二。", ("link",)),
        ("只有{link}", "", ("link",)),
        ("没有变量", "没有变量", ()),
        ("{brand}？{author}！在吗？", "云雀？在吗？", ("author",)),
    ],
)
def test_what_cannot_be_filled_is_left_out(body: str, text: str, missing: tuple[str, ...]) -> None:
    assert fill(_template(body), Manner.WARM, {"brand": "云雀"}) == (text, missing)


@pytest.mark.parametrize(
    ("author", "shown"),
    [
        ("@小王", "小王"),
        ("  ＠@小\n王\u202e ", "小 王"),
        ("长" * 100, "长" * 29 + "…"),
        ("\ud800", ""),
        ("@", ""),
    ],
)
def test_the_authors_name_is_cleaned(author: str, shown: str) -> None:
    text, _ = fill(_template("[{author}，]您好"), Manner.WARM, {"author": author})
    assert text == (f"{shown}，您好" if shown else "您好")


def test_a_manner_without_text_falls_back_to_one_that_has() -> None:
    assert fill(_template("甲"), Manner.BRIEF, {})[0] == "甲"
    assert fill(Template(name="n", complaint="x"), Manner.BRIEF, {}) == ("", ())


def test_the_teams_own_goes_before_the_shipped_and_general_before_a_stranger() -> None:
    own = _template("x", complaint="price")
    price = pick(shipped(), "price")
    assert price.complaint == "price"
    assert pick([*shipped(), own], "price") is own
    assert pick(shipped(), "smell").complaint == "general"
    assert pick([own], "safety") is own
    with pytest.raises(NotFound):
        pick([], "price")


def _stored(
    author: str = "小王",
    hits: tuple[Hit, ...] = (Hit(2, "山雀", competitor=True), Hit(1, "云雀", competitor=False)),
) -> Stored:
    now = datetime(2026, 5, 6, tzinfo=UTC)
    mention = Mention(platform="weibo", native_id="1", url="", text="发热", author=Author(name=author))
    return Stored(
        id=7,
        mention=mention,
        source_id=1,
        source="s",
        published_at=now,
        dated=True,
        fetched_at=now,
        hits=hits,
    )


def test_a_draft_says_what_it_was_made_of() -> None:
    context = Context(complaint="function", issue="充电发热", agent="小李")
    made = draft(_stored(), shipped(), Manner.BRIEF, context)
    assert (made.mention_id, made.template, made.complaint, made.manner) == (
        7,
        "功能与性能",
        "function",
        Manner.BRIEF,
    )
    assert made.text.startswith("小王，您好，“充电发热”的反馈已收到")
    assert made.text.endswith("云雀 小李"), "the own brand, not the rival's"
    assert made.missing == ("channel", "link")


def test_a_mention_of_no_brand_still_has_a_draft() -> None:
    made = draft(_stored(hits=()), shipped(), Manner.FORMAL, Context())
    assert "brand" in made.missing
    assert made.text
    assert "云雀" in draft(_stored(hits=()), shipped(), Manner.FORMAL, Context(brand="云雀")).text
