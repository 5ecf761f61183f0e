"""What a reply should not say: found where it stands, and nothing found in what is fine."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.lists import Phrases, load
from app.domain.knowledge import Finding
from app.replies import forbidden, personal
from app.replies.templates import shipped

FIND = Phrases.of(*load("forbidden", None)).find


def check(text: str, ours: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    return forbidden.check(text, FIND, ours)


@pytest.mark.parametrize(
    ("text", "words", "kind"),
    [
        ("我们的手机是最佳选择", "最佳", "claim"),
        ("全国销量第一", "销量第一", "claim"),
        ("本店口碑第一哦", "第一", "claim"),
        ("國家級品質", "國家級", "claim"),
        ("１００％安全", "１００％", "claim"),
        ("百分之百没问题", "百分之百", "claim"),
        ("您绝对放心", "绝对", "claim"),
        ("全网最低价", "全网最低", "claim"),
        ("喝了能降血糖", "降血糖", "claim"),
        ("这是唯一的办法", "唯一", "claim"),
        ("我们保证三天修好", "保证", "promise"),
        ("您放心，一定赔给您", "一定赔", "promise"),
        ("这种事绝不会再有", "绝不会", "promise"),
        ("绝对不会有下次", "绝对不会", "promise"),
        ("全额赔偿给您", "全额赔偿", "promise"),
        ("我们承诺给您满意的结果", "承诺", "promise"),
        ("请打 13812345678 找小王", "13812345678", "personal"),
        ("電話：138-1234-5678", "138-1234-5678", "personal"),
        ("您留的 +86 138 1234 5678 打不通", "+86 138 1234 5678", "personal"),
        ("身份证 11010519491231002X 已登记", "11010519491231002X", "personal"),
        ("退到 4111 1111 1111 1111 这张卡", "4111 1111 1111 1111", "personal"),
        ("回信到 wang.xm@example.com 即可", "wang.xm@example.com", "personal"),
        ("寄往朝阳区建国路88号3号楼1201室", "朝阳区建国路88号3号楼1201室", "personal"),
        ("订单号：TB2026113000123", "TB2026113000123", "personal"),
        ("加微信 kefu_88888", "kefu_88888", "personal"),
        ("０１０－８８８８７７７７ 找她", "０１０－８８８８７７７７", "personal"),
    ],
)
def test_found_where_it_stands(text: str, words: str, kind: str) -> None:
    [found] = [one for one in check(text) if one.kind == kind]
    assert found.words == words == text[found.start : found.end] or words in found.words
    assert found.reason
    assert found.suggestion


@pytest.mark.parametrize(
    "text",
    [
        "我们会在第一时间联系您",
        "这是第一次遇到这种情况，第一步请先断电",
        "第一，请先关机；第二，请拔掉插头",
        "您最近一次下单是什么时候？最后请确认地址",
        "请更新到最新系统，最好先备份数据",
        "安全第一，请先停止使用",
        "已为您取消自动扣款，保证金三天内退回",
        "我们不能保证今天到，但会尽快",
        "请把电充到100%再试",
        "成分为100%棉",
        "一定很着急吧，我们先帮您查",
        "我们一定尽力",
        "客服热线 400-123-4567 或 95188，投诉请拨 12315",
        "价格是 1999 元，2026年11月30日到货",
        "航班 MU5101 改到 18:30，序列号在设备背面",
        "请提供订单号和购买日期",
        "质量有问题可在三包期内免费维修，这不是最佳状态",
        "面积 1024 平方米，型号 X2-1300",
        "",
    ],
)
def test_what_is_fine_is_left_alone(text: str) -> None:
    assert check(text) == ()


def test_the_shipped_templates_say_nothing_forbidden() -> None:
    found = {
        one.words for template in shipped() for body in template.bodies.values() for one in check(body)
    }
    assert found == set()


def test_our_own_hotline_is_no_customers_number() -> None:
    text = "请拨打 13800138000 或写信到 kefu@example.com"
    assert len(check(text)) == 2
    assert check(text, ("13800138000", "kefu@example.com")) == ()


def test_a_list_of_the_teams_own_is_named() -> None:
    find = Phrases.of({"rivals": ["竞品"]}, {}).find
    [found] = forbidden.check("比竞品好", find)
    assert (found.kind, found.words) == ("word", "竞品")
    assert "rivals" in found.reason


def _identity(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(110000, 659000), st.integers(0, 999))
def test_an_identity_card_counts_by_its_check_digit(day: date, region: int, serial: int) -> None:
    number = _identity(f"{region}{day:%Y%m%d}{serial:03d}")
    [found] = personal.find(f"证件{number}。")
    assert (found.sort, found.end - found.start) == ("identity", 18)
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    assert all(one.sort != "identity" for one in personal.find(f"证件{wrong}。"))


@given(st.text("0123456789", min_size=14, max_size=17), st.sampled_from("3456"))
def test_a_bank_card_counts_by_luhn(rest: str, first: str) -> None:
    body = first + rest
    total = sum(
        sum(divmod(int(digit) * (2 if place % 2 == 0 else 1), 10))
        for place, digit in enumerate(reversed(body))
    )
    right = body + str(-total % 10)
    assert any(one.sort in ("bank", "identity") for one in personal.find(f"卡 {right} "))
    wrong = body + str((1 - total) % 10)
    assert all(one.sort != "bank" for one in personal.find(f"卡 {wrong} "))


@given(st.text(max_size=400))
def test_any_text_is_borne_and_spans_are_its_own(text: str) -> None:
    for one in check(text):
        assert text[one.start : one.end] == one.words != ""


@given(st.text("0123456789 -@.a中路号楼", max_size=120))
def test_masking_leaves_nothing_to_mask(text: str) -> None:
    assert personal.find(personal.masked(text)) == ()


def test_masking_names_what_was_there() -> None:
    assert personal.masked("我电话13812345678，快回我") == "我电话［telephone number］，快回我"


def test_hostile_lengths_take_no_time() -> None:
    noise = random.Random(1)
    for alphabet in ("1", "1 ", "a@", "路号1", "1-", "9a."):
        text = "".join(noise.choice(alphabet) for _n in range(20_000))
        check(text)
