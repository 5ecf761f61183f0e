"""The knowledge base as the window and the command line ask it: over a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.change import Change
from app.core import Core
from app.domain.draft import Manner, Rest
from app.domain.knowledge import Entry, Imported
from app.domain.watch import Watch
from app.errors import AppError, ConfigError, Conflict, ImportFailed, NotFound
from tests.knowledge.conftest import Desk

HOT = Entry(
    title="手机充电发烫怎么办",
    patterns=("充电的时候很热", "快充机身烫手"),
    answer="请用原装充电器，充电时取下保护壳。仍烫到无法手持，请停用并联系我们检测。",
    link="https://help.example/hot",
    product="手机",
)
DRAIN = Entry(
    title="电池不耐用怎么办",
    patterns=("掉电快", "续航变差"),
    answer="请在设置里看耗电排行。",
    product="手机",
)
SCREEN = Entry(
    title="屏幕碎了换屏多少钱", patterns=("碎屏维修价格",), answer="请在官网查备件价格。", product="手机"
)
ASKS_HOT = "云雀手机一充电就烫手，正常吗？"


@pytest.fixture
def stocked(desk: Desk) -> Desk:
    for entry in (HOT, DRAIN, SCREEN):
        desk.core.save_entry(entry)
    return desk


def test_an_entry_is_made_sound_or_refused(core: Core) -> None:
    heard: list[Change] = []
    core.subscribe(heard.append)
    saved = core.save_entry(replace(HOT, title="  充电\n发烫 ", patterns=("a", "a ", "", "充电 发烫")))
    assert (saved.title, saved.patterns) == ("充电 发烫", ("a",))
    assert Change.KNOWLEDGE in heard
    for wrong, field in (
        (replace(HOT, title=" "), "title"),
        (replace(HOT, title="\u200b"), "title"),
        (replace(HOT, answer=" "), "answer"),
        (replace(HOT, link="javascript:alert(1)"), "link"),
        (replace(HOT, answer="长" * 20_000), "answer"),
    ):
        with pytest.raises(ConfigError) as refused:
            core.save_entry(wrong)
        assert refused.value.field == field
    with pytest.raises(Conflict):
        core.save_entry(replace(HOT, title="充电 发烫"))


def test_out_of_use_and_back(stocked: Desk) -> None:
    core = stocked.core
    first = core.entries()[0]
    core.archive_entry(first.id)
    assert first.id not in {entry.id for entry in core.entries()}
    assert all(fit.entry.id != first.id for fit in core.search_entries("充电发烫"))
    assert core.archive_entry(first.id, active=True).active
    assert len(core.entry_past(first.id)) == 2


def test_the_draft_is_the_entrys_answer_in_three_tones(stocked: Desk) -> None:
    [id_] = stocked.say(ASKS_HOT)
    core = stocked.core
    hot = core.entries()[0]
    texts = set()
    for manner in Manner:
        draft = core.draft(id_, manner)
        texts.add(draft.text)
        assert draft.entry_id == hot.id
        assert HOT.answer in draft.text
        assert HOT.link in draft.text
        assert "王小明" in draft.text
        assert draft.rests == (Rest("entry", hot.id, HOT.title), Rest("mention", id_, "王小明"))
        assert draft.choices[0].entry.id == hot.id
    assert len(texts) == 3


def test_another_entry_or_none_may_be_chosen(stocked: Desk) -> None:
    [id_] = stocked.say(ASKS_HOT)
    core = stocked.core
    drain = core.entries()[1]
    assert DRAIN.answer in core.draft(id_, entry_id=drain.id).text
    alone = core.draft(id_, entry_id=0)
    assert (alone.entry_id, bool(alone.template)) == (0, True)
    named = core.draft(id_, Manner.BRIEF, template_id=0, complaint="general")
    assert (named.entry_id, named.complaint != "") == (0, True)
    with pytest.raises(NotFound):
        core.draft(id_, entry_id=99)


def test_where_no_entry_fits_a_template_is_taken(stocked: Desk) -> None:
    [id_] = stocked.say("云雀的代言人真好看")
    draft = stocked.core.draft(id_)
    assert draft.entry_id == 0
    assert draft.template


def test_whoever_may_be_hurt_is_told_what_to_do_first(stocked: Desk) -> None:
    [id_] = stocked.say("云雀手机充电烫手，冒烟起火把我烫伤了！")
    draft = stocked.core.draft(id_, Manner.FORMAL, entry_id=stocked.core.entries()[0].id)
    assert draft.text.index("停止使用") < draft.text.index(HOT.answer)


def test_a_hostile_name_or_answer_is_no_template(stocked: Desk) -> None:
    core = stocked.core
    core.save_entry(
        replace(HOT, title="花括号", patterns=("花括号问题",), answer="写 {author} 或 [a{b}] 都行")
    )
    [id_] = stocked.say("云雀花括号问题怎么办？", author="{agent}")
    text = core.draft(id_, entry_id=4).text
    assert "写 {author} 或 [a{b}] 都行" in text
    assert "{agent}" in text


def test_an_entry_past_its_day_says_so(stocked: Desk) -> None:
    core = stocked.core
    today = core.clock.now().date()
    hot = core.save_entry(replace(core.entries()[0], review_on=today - timedelta(days=2)))
    later = core.save_entry(replace(core.entries()[1], review_on=today + timedelta(days=9)))
    [id_] = stocked.say(ASKS_HOT)
    assert core.draft(id_).overdue
    assert not core.draft(id_, entry_id=later.id).overdue
    assert [entry.id for entry in core.due_entries()] == [hot.id]


def test_heat_counts_who_asks_and_names_them(stocked: Desk) -> None:
    core = stocked.core
    asked = stocked.say(ASKS_HOT, "云雀快充机身烫手怎么回事？", "求助云雀充电很热正常吗")
    stocked.say("云雀屏幕真好看", "山岚手机充电发烫怎么办？", "充电发烫怎么办？")
    drain = stocked.say("云雀掉电快怎么办")
    found = core.asked()
    heat = {one.entry.title: one.mention_ids for one in found.heat}
    assert heat[HOT.title] == tuple(reversed(asked))
    assert heat[DRAIN.title] == tuple(drain)
    assert heat[SCREEN.title] == ()
    assert [one.asked for one in found.heat] == [3, 1, 0]
    assert (found.left, core.asked().looked) == (0, 0), "what was looked at is remembered"


def test_heat_is_of_this_week(stocked: Desk) -> None:
    stocked.say(ASKS_HOT, ago=60 * 24 * 8)
    assert all(one.asked == 0 for one in stocked.core.asked().heat)
    assert sum(one.asked for one in stocked.core.asked(days=30).heat) == 1


def test_a_new_entry_takes_what_no_entry_answered(stocked: Desk) -> None:
    core = stocked.core
    asked = stocked.say(*[f"云雀的耳机怎么连不上蓝牙啊{n}" for n in range(5)])
    [gap] = [one for one in core.asked().gaps if "蓝牙" in one.text]
    assert sorted(gap.mention_ids) == asked
    core.save_entry(Entry(title="耳机连不上蓝牙怎么办", answer="请长按十秒重新配对。", product="耳机"))
    again = core.asked()
    assert again.looked == 5
    assert not [one for one in again.gaps if "蓝牙" in one.text]
    assert again.heat[0].asked == 5


def test_an_answered_mention_becomes_an_entry_without_personal_data(desk: Desk) -> None:
    core = desk.core
    [id_] = desk.say(
        "@云雀客服 气死了！云雀X1 Pro怎么关自动更新？我电话13812345678，订单号TB20261130001 https://a.example/x"
    )
    entry = core.keep_answer(id_, "您好，请在设置里关闭。也可拨打13812345678回访。")
    assert "怎么关自动更新" in entry.title
    for said in (entry.title, entry.answer, *entry.patterns):
        assert "13812345678" not in said
        assert "TB20261130001" not in said
        assert "@云雀客服" not in said
    assert entry.owner == core.me
    assert entry.review_on is not None
    again = core.keep_answer(id_, "新的答案")
    assert (again.id, again.answer) == (entry.id, "新的答案")
    assert core.entry_past(entry.id)[0].answer == entry.answer


def test_the_words_of_a_post_become_a_wording(stocked: Desk) -> None:
    core = stocked.core
    [id_] = stocked.say("云雀晚上充電的時候燙到不敢摸，会不会爆？")
    hot = core.add_wording(core.entries()[0].id, id_)
    assert "云雀晚上充電的時候燙到不敢摸，会不会爆？" in hot.patterns


def test_an_entry_of_one_brand_answers_only_there(desk: Desk) -> None:
    core = desk.core
    other = core.save_brand(Watch(name="净岚", query="净岚"), wait=True)
    core.save_entry(replace(HOT, brand_id=other.id))
    [ours, theirs] = desk.say("云雀手机充电发烫怎么办？", "净岚手机充电发烫怎么办？")
    assert core.draft(ours).entry_id == 0
    assert core.draft(theirs).entry_id == 1


@pytest.mark.parametrize("name", ["kb.md", "kb.csv"])
def test_files_come_in_whole_or_not_at_all(stocked: Desk, tmp_path: Path, name: str) -> None:
    core, path = stocked.core, tmp_path / name
    core.archive_entry(3)
    assert core.export_entries(path) == 3
    assert core.import_entries(path) == Imported(same=3)
    text = path.read_text("utf-8-sig")
    path.write_text(text.replace(DRAIN.answer, "新的答案"), "utf-8")
    assert core.import_entries(path) == Imported(changed=1, same=2)
    assert core.entry(2).answer == "新的答案"
    before = core.entries(archived=True)
    path.write_text(text.replace(DRAIN.answer, "又新的").replace(HOT.link, "ftp://x"), "utf-8")
    with pytest.raises(ImportFailed) as refused:
        core.import_entries(path)
    assert "Line " in refused.value.text
    assert core.entries(archived=True) == before


def test_a_file_may_not_ask_the_same_twice_nor_name_a_strange_brand(core: Core, tmp_path: Path) -> None:
    path = tmp_path / "kb.md"
    path.write_text("## 问\n\n答\n\n## 問\n\n又答\n", "utf-8")
    with pytest.raises(ImportFailed, match=r"Line 5: .*line 1"):
        core.import_entries(path)
    path.write_text("## 问\n- 品牌: 没有的\n\n答\n", "utf-8")
    with pytest.raises(ImportFailed, match="没有的"):
        core.import_entries(path)
    with pytest.raises(ConfigError):
        core.export_entries(tmp_path / "kb.txt")
    assert core.entries() == ()


def test_the_help_page_holds_what_is_public(stocked: Desk, tmp_path: Path) -> None:
    core = stocked.core
    with pytest.raises(NotFound):
        core.help_page(tmp_path / "help")
    core.save_entry(replace(core.entry(1), public=True))
    core.save_entry(replace(core.entry(2), public=True, answer="请打 13812345678"))
    made = core.help_page(tmp_path / "help")
    html = made.path.read_text("utf-8")
    assert HOT.title in html
    assert SCREEN.title not in html
    assert "13812345678" not in html
    assert (made.entries, [entry.id for entry in made.left_out]) == (1, [2])


def test_a_help_page_that_cannot_be_written_is_said(stocked: Desk, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(AppError):
        stocked.core.help_page(tmp_path / "file" / "help")


def test_a_reply_is_looked_at_before_it_goes(core: Core) -> None:
    kinds = [one.kind for one in core.check_reply("我们是最佳，保证修好，请打13812345678")]
    assert kinds == ["claim", "promise", "personal"]


def test_search_finds_meanings_and_the_very_words(stocked: Desk) -> None:
    core = stocked.core
    assert core.search_entries("烫手")[0].entry.title == HOT.title
    assert core.search_entries("耗电排行")[0].entry.title == DRAIN.title
    assert [fit.entry.title for fit in core.search_entries("官网查备")] == [SCREEN.title]
    assert core.search_entries("") == ()
