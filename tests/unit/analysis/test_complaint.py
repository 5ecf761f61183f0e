"""The kind of a complaint, and the customer's own words for the trouble and the product."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.complaint import load_complaints
from app.analysis.text import own_words
from app.domain.cues import COMPLAINTS, complaint_label

COMPLAINT = load_complaints()


@pytest.mark.parametrize(
    ("text", "kind", "issue"),
    [
        ("云雀X1充电起火了！客服态度也差，还不给退货", "safety", "云雀X1充电起火"),
        ("做工粗糙，按键松动。", "quality", "做工粗糙"),
        ("而且手机充电發熱嚴重，玩游戏掉帧", "function", "玩游戏掉帧"),
        ("刚买就降价，背刺老用户", "price", "刚买就降价"),
        ("下单十天了还不发货，物流也不更新", "delivery", "物流也不更新"),
        ("坏了，要求退款，售后互相推诿不解决", "after_sales", "要求退款"),
        ("客服爱答不理，直接挂断电话", "service", "客服爱答不理"),
        ("直播间承诺的赠品没给，虚假宣传", "marketing", "虚假宣传"),
        ("收不到验证码，登录不上", "account", "登录不上"),
        ("就那样吧", "general", ""),
        ("", "general", ""),
        ("垃圾手机发热", "function", ""),
        ("用户体验不错 //@某某:客服态度差", "general", ""),
    ],
)
def test_kind_and_issue(text: str, kind: str, issue: str) -> None:
    assert COMPLAINT.kind_of(text) == kind
    assert COMPLAINT.issue_of(text) == issue


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("我的云雀X1 Pro发热", "云雀X1 Pro"),
        ("云雀 Buds 3 断连", "云雀 Buds 3"),
        ("云雀耳机坏了", "云雀耳机"),
        ("云雀折叠屏手机坏了", "云雀折叠屏手机"),
        ("云雀S20青春版 卡", "云雀S20青春版"),
        ("云雀真不错，云雀K9出了", "云雀K9"),
        ("云雀2年就坏", ""),
        ("云雀3000元", ""),
        ("云雀不行", ""),
        ("没提", ""),
        ("云雀", ""),
    ],
)
def test_product(text: str, product: str) -> None:
    assert COMPLAINT.product_of(text, "云雀") == product


def test_a_brand_in_latin_letters_is_found_in_any_case() -> None:
    assert COMPLAINT.product_of("my skylark x2 max died", "Skylark") == "skylark x2 max"
    assert COMPLAINT.product_of("a.b", "a.b") == ""
    assert COMPLAINT.product_of("x", "") == ""


pieces = st.sampled_from(
    [
        "客服态度差",
        "云雀",
        "X1 Pro",
        "，",
        "。",
        "发热",
        "垃圾",
        " ",
        "起火",
        "@甲",
        "\ud800",
        "😀",
        "//@乙:",
        "不",
        "退款",
    ]
)


@settings(deadline=None, max_examples=100)
@given(st.lists(pieces, max_size=40).map("".join) | st.text(max_size=300))
def test_nothing_is_invented(text: str) -> None:
    assert COMPLAINT.kind_of(text) in COMPLAINTS
    issue = COMPLAINT.issue_of(text)
    assert issue in own_words(text)
    assert len(issue) <= 40
    assert not COMPLAINT.rude.find(issue)
    assert COMPLAINT.product_of(text, "云雀").replace(" ", "") in "".join(text.split())


def test_every_kind_has_a_list_and_a_name() -> None:
    names = {entry.name[:-4] for entry in (files("resources") / "words" / "complaint").iterdir()}
    assert names - {"rude", "products"} == set(COMPLAINTS) - {"general"}
    assert complaint_label("price") == "price and charges"
    assert complaint_label("own") == "own"


def test_a_team_adds_a_kind(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path)) / "complaint"
    folder.mkdir()
    (folder / "smell.txt").write_text("酸臭味\n", "utf-8")
    own = load_complaints(folder.parent)
    assert own.kind_of("有股酸臭味") == "smell"
    assert own.issue_of("有股酸臭味") == "有股酸臭味"
