"""What people teach reaches the judge, and what was judged before is judged again, quietly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.core import Core
from app.domain.mention import Mention
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Page, Source, Watch
from app.engine.rescoring import KEY
from app.errors import ConfigError, ImportFailed
from app.home import Home

PRAISE_IN_OUR_SLANG = "云雀这次真的炸街"


@pytest.fixture
def core(home: Home) -> Iterator[Core]:
    made = Core.open(home, desktop=False)
    made.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    made.save_brand(Watch(name="星尘", query="星尘", competitor=True), wait=True)
    yield made
    made.close()


def take(core: Core, *texts: str) -> list[int]:
    """Store posts of ours and have them judged; their ids."""
    source = core.save_source(Source(kind="feed", name="源", settings={"url": "http://127.0.0.1:9/f"}))
    posts = tuple(
        Mention(platform="weibo", native_id=f"{source.id}-{n}", url="", text=text)
        for n, text in enumerate(texts)
    )
    saved = core.pipeline.take(source, Page(posts))
    core.start(poll=False)
    core.engine.drain().result(60)
    return list(saved.new)


def test_praise_by_cursing_a_rival_raises_no_alert(core: Core) -> None:
    core.save_rule(replace(core.rules()[0], followers=0))
    ours, theirs = take(
        core,
        "云雀比星尘手机好用太多了，星尘真是垃圾，再也不买了",
        "星尘比云雀好用太多了，云雀真是垃圾，再也不买了",
    )
    assert core.mention(ours).tone is not Tone.NEGATIVE
    assert core.mention(theirs).tone is Tone.NEGATIVE
    assert [alert.mention_id for alert in core.alerts()] == [theirs]
    score = core.mention(ours).score
    assert score is not None
    assert {one.brand_id: one.tone for one in score.towards}[2] is Tone.NEGATIVE


def test_a_word_of_the_team_counts_at_once_and_can_be_taken_back(core: Core) -> None:
    [id_] = take(core, PRAISE_IN_OUR_SLANG)
    before = core.mention(id_).score
    assert before is not None
    word = core.put_word(None, "炸街", 3)
    core.engine.rejudge().result(60)
    after = core.mention(id_).score
    assert after is not None
    assert after.positive > before.positive + 0.2
    assert after.version != before.version
    assert any("炸街" in one.span and one.weight > 0 for one in after.evidence)
    core.remove_word(word.id)
    core.engine.rejudge().result(60)
    back = core.mention(id_).score
    assert back is not None
    assert (back.version, back.positive) == (before.version, before.positive)


def test_a_word_that_cannot_weigh_is_refused_at_its_field(core: Core) -> None:
    for phrase, weight, field in (("", 1, "phrase"), ("云雀", 1, "phrase"), ("好", 9, "weight")):
        with pytest.raises(ConfigError) as refused:
            core.put_word(None, phrase, weight)
        assert refused.value.field == field


def test_corrections_hold_at_once_and_become_lessons(core: Core) -> None:
    ids = take(core, *(f"云雀第{n}次翻新，大家都说刑，可拷" for n in range(6)), "云雀很好用")
    for id_ in ids[:6]:
        assert core.correct(id_, Tone.NEGATIVE).tone is Tone.NEGATIVE
    core.saw(ids[6])
    state = core.learning(1)
    assert (state.corrections, state.seen, state.waiting) == (6, 1, 7)
    learnt = core.learn(1)
    assert learnt.layer is not None
    assert learnt.layer.active
    assert learnt.waiting == 0
    assert learnt.note
    core.engine.rejudge().result(60)
    score = core.mention(ids[0]).score
    assert score is not None
    assert "+" in score.version
    off = core.set_layer(1, on=False)
    assert off.layer is not None
    assert not off.layer.active
    core.engine.rejudge().result(60)
    bare = core.mention(ids[0]).score
    assert bare is not None
    assert "+" not in bare.version
    assert core.mention(ids[0]).tone is Tone.NEGATIVE, "a person's word stands whatever the judge says"


def test_nothing_to_switch_where_nothing_was_learnt(core: Core) -> None:
    with pytest.raises(ConfigError):
        core.set_layer(1, on=True)


def test_lessons_travel_in_a_file_with_texts_only_when_asked(core: Core, tmp_path: Path) -> None:
    ids = take(core, *(f"云雀第{n}次翻新，大家都说刑，可拷" for n in range(3)))
    for id_ in ids:
        core.correct(id_, Tone.NEGATIVE)
    core.put_word(1, "可拷", -3)
    core.learn(1)
    bare = core.export_learning(tmp_path / "bare.json", 1, False).read_text("utf-8")
    whole = core.export_learning(tmp_path / "whole.json", 1, True).read_text("utf-8")
    assert "翻新，大家都说" not in bare
    assert "翻新，大家都说" in whole
    assert json.loads(bare)["brand"] == "云雀"
    other = Core.open(Home(tmp_path / "other"), desktop=False)
    try:
        other.save_brand(Watch(name="云雀", query="云雀"), wait=True)
        other.start(poll=False)
        assert other.import_learning(tmp_path / "whole.json", 1).layer is not None
        assert [one.phrase for one in other.taught_words(1)] == ["可拷"]
        (tmp_path / "broken.json").write_text(whole[:-40], "utf-8")
        with pytest.raises(ConfigError):
            other.import_learning(tmp_path / "broken.json", 1)
        with pytest.raises(ImportFailed):
            other.import_learning(tmp_path / "nowhere.json", 1)
    finally:
        other.close()


def test_the_engines_are_measured_on_what_people_said(core: Core) -> None:
    good, bad, odd = take(core, "云雀太好用了，强烈推荐", "云雀太差劲了，黑屏死机", PRAISE_IN_OUR_SLANG)
    core.correct(good, Tone.POSITIVE)
    core.correct(bad, Tone.NEGATIVE)
    core.correct(odd, Tone.POSITIVE)
    ours, trivial = core.evaluate(1, ["ngram", "trivial"])
    assert (ours.n, ours.engine, trivial.engine) == (3, "ngram", "trivial")
    assert ours.accuracy is not None
    assert ours.accuracy >= 2 / 3
    assert {miss.mention_id for miss in trivial.misses} <= {good, bad, odd}
    assert core.evaluate(2, ["ngram"]) == ()


def test_another_engine_takes_office_for_everybody_and_judges_anew(core: Core) -> None:
    [id_] = take(core, "云雀太差劲了，黑屏死机，退货")
    core.save_rule(replace(core.rules()[0], followers=0))
    assert [one.id for one in core.engines() if one.chosen] == ["ngram"]
    alerts = len(core.alerts())
    with pytest.raises(ConfigError):
        core.choose_engine("oracle")
    core.choose_engine("trivial")
    core.engine.rejudge().result(60)
    score = core.mention(id_).score
    assert score is not None
    assert score.engine == "trivial"
    assert core.rejudging() == 0
    assert len(core.alerts()) == alerts, "nobody is alerted for what was news before"


def test_judging_again_goes_on_where_it_was_broken_off(core: Core) -> None:
    ids = take(core, *(f"云雀手机第{n}天，还行" for n in range(200)))
    core.scorer.change("trivial")
    rescoring: Any = core.engine._rescoring
    step = core.engine._loop.submit(rescoring.batch()).result(30)
    assert 0 < step.judged < len(ids)
    assert step.more
    kept = core.storage.settings.get(KEY)
    assert kept["before"] is not None
    assert core.rejudging() == len(ids) - step.judged
    assert core.engine.rejudge().result(60) == len(ids) - step.judged
    assert core.rejudging() == 0
    assert core.engine.rejudge().result(60) == 0, "a pass is made once"


def test_what_it_is_about_can_be_counted_and_asked_for(core: Core) -> None:
    take(core, "云雀客服态度太差了，爱答不理", "云雀客服很耐心，点赞", "云雀快递太慢了，等了十天")
    lines = {one.aspect: one for one in core.aspect_map(MentionQuery(matched=True))}
    assert lines["attitude"].negative >= 1
    assert "delivery" in lines
    found = core.mentions(MentionQuery(aspects=("delivery",))).rows
    assert [row.text for row in found] == ["云雀快递太慢了，等了十天"]


def test_the_sum_of_negative_chances_is_handed_on(core: Core) -> None:
    take(core, "云雀太差劲了，黑屏死机，退货", "云雀今天开门")
    now = core.clock.now()
    slots = core.storage.mentions.negative_slots(1, now.replace(year=2020), now.replace(year=2100), 3600)
    assert sum(slot.mentions for slot in slots) == 2
    rows = core.mentions(MentionQuery(matched=True)).rows
    said = sum(row.score.negative for row in rows if row.score is not None)
    assert sum(slot.negative for slot in slots) == pytest.approx(said)


def test_what_was_learnt_on_another_model_is_learnt_again(core: Core, home: Home) -> None:
    ids = take(core, *(f"云雀第{n}次翻新，大家都说刑，可拷" for n in range(3)))
    for id_ in ids:
        core.correct(id_, Tone.NEGATIVE)
    core.learn(1)
    known = core.storage.learning.active_layer(1)
    assert known is not None
    core.storage.learning.save_layer(replace(known, model="0.older", name="old"), instead_of=known.id)
    core.learn_again()
    anew = core.storage.learning.active_layer(1)
    assert anew is not None
    assert (anew.model, anew.body) == (known.model, known.body)
