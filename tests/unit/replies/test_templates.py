"""The shipped library, and what a sound template is."""

from __future__ import annotations

import re

import pytest

from app.domain.cues import COMPLAINTS
from app.domain.draft import Manner, Template
from app.errors import ConfigError
from app.replies.templates import VARIABLES, check, shipped, variables

PROMISES = re.compile(r"赔|补偿|退一|免单|免费|红包|优惠券|保证|承诺|一定会|必定|包退|包换")
ABSOLUTE = re.compile(
    r"最|第一|100%|百分之百|绝对|永远|国家级|顶级|极致|完美|唯一|首个|万能|零风险|彻底|所有问题"
)
BLAME = re.compile(r"您操作|误操作|使用不当|人为|恶意|造谣|不实")

BODIES = [(each.complaint, manner, body) for each in shipped() for manner, body in each.bodies.items()]


def test_every_kind_has_a_template_in_every_manner() -> None:
    assert {each.complaint for each in shipped()} == set(COMPLAINTS)
    for each in shipped():
        check(each)
        assert each.builtin
        assert set(each.bodies) == set(Manner)


@pytest.mark.parametrize(("kind", "manner", "body"), BODIES)
def test_a_shipped_text_promises_and_boasts_nothing(kind: str, manner: Manner, body: str) -> None:
    assert not PROMISES.search(body)
    assert not ABSOLUTE.search(body)
    assert not BLAME.search(body)
    assert "您好" in body
    assert "私信" in body, "nobody is asked for private data in public"
    assert {"brand", "channel"} <= set(variables(body))


def test_brief_is_brief_and_all_differ() -> None:
    for each in shipped():
        brief, warm, formal = (each.bodies[manner] for manner in (Manner.BRIEF, Manner.WARM, Manner.FORMAL))
        assert len(brief) < len(warm)
        assert len(brief) < len(formal)
    assert len({body for _, _, body in BODIES}) == len(BODIES)


def test_variables_in_order_each_once() -> None:
    assert variables("{b} {author}{b} {} { x}") == ("b", "author", "", " x")
    assert variables("none") == ()


def _template(body: str, name: str = "n") -> Template:
    return Template(name=name, complaint="general", bodies={Manner.WARM: body})


def test_all_known_variables_are_sound() -> None:
    check(_template("".join(f"{{{name}}}" for name in VARIABLES) + "[微笑]"))


@pytest.mark.parametrize(
    ("template", "field", "said"),
    [
        (_template("{phone}"), "warm", r"no variable \{phone\}.*\{author\}"),
        (_template("{}"), "warm", "no variable"),
        (_template("{author.__class__}"), "warm", "no variable"),
        (_template("{author!r:>9}"), "warm", "no variable"),
        (_template("{author"), "warm", "brace"),
        (_template("author}"), "warm", "brace"),
        (_template("{{author}}"), "warm", "brace"),
        (_template("x" * 5_001), "warm", "5000"),
        (_template("  "), "bodies", "at least one"),
        (Template(name="n", complaint="general"), "bodies", "at least one"),
        (_template("x", name=" "), "name", "name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(template: Template, field: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        check(template)
    assert caught.value.field == field
