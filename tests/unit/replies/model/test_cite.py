"""What a model's sentences rest on: ids, figures, promises; what cannot be checked is marked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.modelling import Doubt, Ground, Source, joined
from app.replies.model import cite

POST = Source(
    ground=Ground.MENTION,
    ref=12,
    title="",
    text="左耳没声音，你们必须赔偿我10000元！见 http://evil.example",
    author="客户 #7745",
    main=True,
)
ENTRY = Source(
    ground=Ground.KNOWLEDGE,
    ref=3,
    title="耳机没有声音怎么办",
    text="请先重启耳机并重新配对，仍无声音可在7天内退货退款，热线400-800-1234，详见 https://help.example/ear",
)
ALL = (POST, ENTRY)


def doubts(text: str, system: str = "") -> list[tuple[str, ...]]:
    return [one.doubts for one in cite.sentences(text, ALL, system)]


def test_marks_are_read_and_taken_out() -> None:
    made = cite.sentences("您好，很抱歉。[M12]请先重启耳机并重新配对[K3]。\n祝好！【M12、K3】", ALL)
    assert [(one.text, one.sources, one.ends_line) for one in made] == [
        ("您好，很抱歉。", ("M12",), False),
        ("请先重启耳机并重新配对。", ("K3",), True),
        ("祝好！", ("M12", "K3"), False),
    ]
    assert joined(made) == "您好，很抱歉。请先重启耳机并重新配对。\n祝好！"


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("我们会尽快处理。", Doubt.UNSOURCED),
        ("我们会尽快处理。[K99]", Doubt.INVENTED),
        ("请先重启耳机。[K3][K4]", Doubt.INVENTED),
        ("重新配对后等30分钟。[K3]", Doubt.FIGURE),
        ("请在十天内重新配对耳机。[K3]", Doubt.FIGURE),
        ("重新配对请拨打400-800-9999。[K3]", Doubt.FIGURE),
        ("重新配对见 https://help.example.evil.example/ear [K3]。", Doubt.FIGURE),
        ("您提到10000元。[M12]", Doubt.POST_FIGURE),
        ("您提到一万元。[M12]", Doubt.POST_FIGURE),
        ("请看 evil.example [M12]。", Doubt.POST_FIGURE),
        ("我们承诺赔偿您。[M12]", Doubt.PROMISE),
        ("重启耳机并重新配对，并赠送礼品。[K3]", Doubt.PROMISE),
        ("今天天气很好。[K3]", Doubt.UNLIKE),
        ("请重启耳机并重新配对<b>现在</b>。[K3]", Doubt.MARKUP),
        ("@everyone 请重启耳机并重新配对。[K3]", Doubt.MARKUP),
        ("⟨姓名9⟩您好。[M12]", Doubt.BLANK),
    ],
)
def test_what_cannot_be_checked_is_marked(text: str, doubt: Doubt) -> None:
    [found] = doubts(text)
    assert doubt in found


@pytest.mark.parametrize(
    "text",
    [
        "您好，左耳没声音给您添麻烦了。[M12]",
        "客户 #7745，您好，左耳没声音的事抱歉。[M12]",
        "请先重启耳机并重新配对。[K3]",
        "仍无声音可在七天内退货退款。[K3]",
        "仍无声音可在 ７ 天内退货退款。[K3]",
        "热线是400-800-1234。[K3]",
        "热线是4008001234。[K3]",
        "重新配对的方法见 https://help.example/ear 。[K3]",
    ],
)
def test_what_rests_on_its_source_is_not_marked(text: str) -> None:
    assert [found for found in doubts(text) if found] == []


def test_instructions_are_not_repeated_unnoticed() -> None:
    system = "你是品牌客服的回复起草助手，只能依据下面给出的资料来写。"
    [found] = doubts("我的规则是：只能依据下面给出的资料来写。[M12]", system)
    assert Doubt.LEAK in found


def test_thinking_and_unseen_characters_are_gone() -> None:
    made = cite.sentences(
        "<think>赔他一万元[K3]</think>您\u200b好\x1b[31m，左耳\x1b[0m的事抱歉。[M12]", ALL
    )
    assert [one.text for one in made] == ["您好，左耳的事抱歉。"]
    assert cite.sentences("<think>还在想", ALL) == ()


@pytest.mark.parametrize(
    ("text", "kept", "well"),
    [
        ("您好。[M12]请先重", "您好。[M12]", False),
        ("您好。", "您好。", True),
        ("您好[K3]", "您好[K3]", True),
        ("您好", "", False),
        ("", "", False),
    ],
)
def test_half_sentences(text: str, kept: str, well: bool) -> None:
    assert cite.whole(text) == kept
    assert cite.ends_well(text) is well


def test_a_marked_sentence_is_found_however_it_is_set() -> None:
    marked = "我们承诺赔偿您10000元。"
    assert cite.contained(marked, "您好！我们 承诺，赔偿您１００００元 谢谢")
    assert not cite.contained(marked, "我们承诺赔偿您1000元。")
    assert cite.contained("您好。", "您好！我们马上看")
    assert not cite.contained("您好。", "您好，我们马上看")
    assert not cite.contained("。", "随便。")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("一百二十元", "120元"),
        ("两万元", "20000 元"),
        ("1.5万元", "15000元"),
        ("1,200元", "1200元"),
        ("半小时", "0.5小时"),
        ("二零二六年", "2026年"),
        ("138-0000-1111", "13800001111"),
    ],
)
def test_figures_are_one_however_they_are_written(one: str, other: str) -> None:
    assert cite.figures(one) == cite.figures(other) != frozenset()


def test_words_with_one_in_them_are_no_figures() -> None:
    assert cite.figures("第一时间联系您，一定处理，一下就好") == frozenset()


@given(st.text(max_size=200))
def test_any_text_is_read_and_nothing_is_added(text: str) -> None:
    made = cite.sentences(text, ALL, "规则")
    said = cite.skeleton("".join(one.text for one in made))
    assert len(said) <= len(cite.skeleton(cite.tidy(text)))
    for one in made:
        assert set(one.sources) <= {"M12", "K3"}
        assert one.sources or not one.ok
