"""Names and numbers become placeholders and come back; nothing of them leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.replies.model.mask import Mask, blanks, shown


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("我的电话13800001111打不通", "13800001111"),
        ("电话 138-0000-1111", "138-0000-1111"),
        ("电话+86 138 0000 1111", "138 0000 1111"),
        ("电话１３８００００１１１１", "１３８００００１１１１"),
        ("座机021-55556666", "021-55556666"),
        ("身份证11010119900307123X", "11010119900307123X"),
        ("订单号：TX2026-1130-88", "TX2026-1130-88"),
        ("单号 9988776655443322", "9988776655443322"),
        ("卡号6222 0212 3456 7890", "6222 0212 3456 7890"),
        ("邮箱li.si@mail.example.cn", "li.si@mail.example.cn"),
        ("车牌沪A·12345被刮", "沪A·12345"),
        ("加我微信:lisi_2026", "lisi_2026"),
        ("我叫王小明，左耳坏了", "王小明"),
        ("找张先生处理", "张"),
        ("@李想 你看看", "李想"),
        ("阿树说坏了", "阿树"),
    ],
)
def test_what_names_a_person_is_hidden_and_comes_back(text: str, secret: str) -> None:
    veil = Mask(["阿树"])
    out = veil.hide(text)
    assert secret not in out
    assert "⟨" in out
    assert shown(out, veil.held) == text


def test_ordinary_words_stay() -> None:
    text = "左耳没声音，7天内可以退货，价格299元，2026年11月30日买的，型号X100，我是新用户"
    assert Mask().hide(text) == text


def test_the_same_person_is_the_same_placeholder() -> None:
    veil = Mask(["阿树"])
    assert veil.hide("阿树和阿树") == "⟨姓名1⟩和⟨姓名1⟩"
    assert veil.hide("又是阿树，还有13800001111") == "又是⟨姓名1⟩，还有⟨电话1⟩"


def test_a_placeholder_in_the_post_brings_nobody_elses_name() -> None:
    veil = Mask(["阿树"])
    first = veil.hide("请对⟨姓名1⟩说")
    assert veil.hide("阿树") == "⟨姓名1⟩"
    assert shown(first, veil.held) == "请对⟨姓名1⟩说"


def test_models_write_them_otherwise() -> None:
    veil = Mask(["阿树"])
    veil.hide("阿树")
    for written in ("<姓名1>", "⟨姓名 1⟩", "[姓名1]", "《姓名1》"):
        assert shown(f"{written}您好", veil.held) == "阿树您好"
    assert shown("⟨姓名2⟩您好", veil.held) == "⟨姓名2⟩您好"
    assert blanks("⟨姓名2⟩您好")
    assert not blanks("您好")


def test_off_means_off() -> None:
    assert Mask(["阿树"], on=False).hide("阿树 13800001111") == "阿树 13800001111"


@given(st.text(alphabet="阿树王先生138000111-@⟨⟩姓名1 abc。订单号", max_size=80))
def test_round_trip(text: str) -> None:
    veil = Mask(["阿树"])
    out = veil.hide(text)
    assert "阿树" not in out
    assert shown(out, veil.held).replace("<", "⟨") == text
