"""When a mention becomes an alert, how grave, and whether anybody is disturbed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.alerts.rules import Verdict, crossing, disturb, fold_key, is_quiet, judge
from app.domain.alert import Severity
from app.domain.cues import URGENT
from app.domain.mention import Author, Counts, Hit, Mention, Stored
from app.domain.rule import AlertRule, RuleKind
from app.domain.sentiment import Score, Tone

NOON = datetime(2026, 5, 6, 12, 0, tzinfo=UTC)
OWN = Hit(1, "云雀", competitor=False)
RIVAL = Hit(2, "山雀", competitor=True)
RULE = AlertRule(negative=0.8)
calm = settings(deadline=None, max_examples=80)


def scored(negative: float, positive: float = 0.0) -> Score:
    neutral = max(0.0, 1 - negative - positive)
    tone = max((negative, Tone.NEGATIVE), (neutral, Tone.NEUTRAL), (positive, Tone.POSITIVE))[1]
    value = (1 + positive - negative) / 2
    return Score(
        value=value,
        tone=tone,
        engine="t",
        version="1",
        negative=negative,
        neutral=neutral,
        positive=positive,
    )


def stored(
    text: str = "充电时坏了",
    *,
    score: Score | None = None,
    followers: int | None = None,
    verified: bool | None = None,
    likes: int | None = None,
    rating: float | None = None,
    **more: Any,
) -> Stored:
    mention = Mention(
        platform="weibo",
        native_id="1",
        url="https://example.com/1",
        text=text,
        author=Author(name="小王", followers=followers, verified=verified),
        counts=Counts(likes=likes),
        rating=rating,
    )
    known = {"hits": (OWN,), "score": score, "tone": score.tone if score else None, **more}
    return Stored(
        id=1,
        mention=mention,
        source_id=1,
        source="微博",
        published_at=NOON,
        dated=True,
        fetched_at=NOON,
        **known,
    )


BAD = scored(0.95)


@pytest.mark.parametrize(
    ("mention", "severity"),
    [
        (stored(score=BAD), None),
        (stored(score=BAD, followers=9_999, likes=99), None),
        (stored(score=BAD, followers=10_000), Severity.P2),
        (stored(score=BAD, likes=100), Severity.P2),
        (stored(score=BAD, followers=100_000), Severity.P1),
        (stored(score=BAD, likes=1_000), Severity.P1),
        (stored(score=BAD, followers=10_000, verified=True), Severity.P1),
        (stored(score=BAD, followers=5, verified=True), None),
        (stored(score=BAD, severity=("lawyer",)), Severity.P2),
        (stored(score=BAD, severity=("lawyer", "fire")), Severity.P1),
        (stored(score=BAD, severity=("own list",)), Severity.P2),
        (stored(score=scored(0.7), followers=10**6), None),
        (stored(score=scored(0.7), severity=("lawyer",)), Severity.P3),
        (stored(score=scored(0.2), severity=("lawyer",)), None),
        (stored(score=scored(0.2), severity=("fire",)), Severity.P2),
        (stored(score=scored(0.0, 0.7), severity=("fire",)), Severity.P2),
        (stored(score=scored(0.0, 0.9), severity=("fire",)), None),
        (stored(score=scored(0.0, 0.9), severity=("fire",), rating=1), Severity.P1),
        (stored(score=scored(0.0, 0.9), severity=("fire",), rating=2), Severity.P2),
        (stored(score=None, severity=("fire",)), Severity.P2),
        (stored(score=None, followers=10**6), None),
        (stored(score=scored(0.3), rating=1, likes=100), Severity.P2),
        (stored(score=BAD, rating=5, followers=10**6), None),
        (stored(score=BAD, rating=3, followers=10_000), Severity.P2),
        (stored(score=BAD, followers=10**6, hits=(RIVAL,), severity=("fire",)), None),
        (stored(score=BAD, followers=10**6, hits=()), None),
        (stored(score=BAD, followers=10_000, hits=(RIVAL, OWN)), Severity.P2),
        (stored(score=BAD, followers=10**6, corrected=True, tone=Tone.NEUTRAL, severity=("fire",)), None),
        (stored(score=scored(0, 0.9), likes=100, corrected=True, tone=Tone.NEGATIVE), Severity.P2),
        (stored(score=scored(0, 0.9), corrected=True, tone=Tone.NEGATIVE), None),
    ],
)
def test_the_table(mention: Stored, severity: Severity | None) -> None:
    verdict = judge(mention, RULE)
    assert (verdict.severity if verdict else None) == severity


def test_an_alert_says_who_what_and_why() -> None:
    verdict = judge(
        stored(score=BAD, followers=20_000, verified=True, likes=150, severity=("fire", "x")), RULE
    )
    assert verdict is not None
    assert (verdict.brand_id, verdict.brand) == (1, "云雀")
    assert verdict.title == "P1 云雀: fire or explosion, x"
    assert verdict.body == "小王: 充电时坏了"
    assert verdict.reason == (
        "Clearly negative (95%); it speaks of fire or explosion, x; "
        "a verified author with 20000 followers; 150 reactions"
    )
    seen = judge(stored(score=scored(0.3), severity=("leak",)), RULE)
    assert seen is not None
    assert seen.reason.startswith("The tone is not clear")
    assert "One star" in str(judge(stored(rating=1, likes=100), RULE))
    assert "colleague" in str(judge(stored(corrected=True, tone=Tone.NEGATIVE, likes=100), RULE))


def test_without_text_the_title_is_shown_and_without_author_no_colon() -> None:
    bare = stored("", score=BAD, likes=100)
    mention = Mention(
        platform="feed", native_id="1", url="", text=" ", title="标题", counts=bare.mention.counts
    )
    verdict = judge(replace(bare, mention=mention), RULE)
    assert verdict is not None
    assert verdict.body == "标题"


tones = st.builds(scored, st.sampled_from([0.0, 0.5, 0.79, 0.8, 1.0])) | st.none()
mentions = st.builds(
    stored,
    st.text(max_size=300),
    score=tones,
    followers=st.none() | st.integers(0, 10**7),
    verified=st.sampled_from([None, True, False]),
    likes=st.none() | st.integers(0, 10**5),
    rating=st.sampled_from([None, 1, 3, 5]),
    severity=st.lists(st.sampled_from(["fire", "leak", "lawyer", "media"]), unique=True).map(tuple),
)
RANK = {None: 0, Severity.P3: 1, Severity.P2: 2, Severity.P1: 3}


@calm
@given(mentions)
def test_every_alert_is_one_line_short_and_plain(mention: Stored) -> None:
    verdict = judge(mention, RULE)
    if verdict is None:
        return
    assert len(verdict.title) <= 60
    assert len(verdict.body) <= 200
    for text in (verdict.title, verdict.body, verdict.reason):
        assert text.isprintable() or "\u200d" in text
        text.encode()


@calm
@given(mentions, st.integers(1, 10**7))
def test_more_reach_or_a_cue_never_lowers_an_alert(mention: Stored, more: int) -> None:
    def rank(each: Stored) -> int:
        verdict = judge(each, RULE)
        return RANK[verdict.severity if verdict else None]

    author = replace(mention.mention.author, followers=(mention.mention.author.followers or 0) + more)
    louder = replace(mention, mention=replace(mention.mention, author=author))
    assert rank(louder) >= rank(mention)
    graver = replace(mention, severity=(*mention.severity, "injury"))
    assert rank(graver) >= rank(mention)


@calm
@given(mentions)
def test_a_rival_alone_never_raises_one(mention: Stored) -> None:
    assert judge(replace(mention, hits=(RIVAL,)), RULE) is None


def test_urgent_cues_are_lists_we_ship() -> None:
    from importlib.resources import files

    shipped = {entry.name[:-4] for entry in (files("resources") / "words" / "severity").iterdir()}
    assert shipped >= URGENT


# copies ------------------------------------------------------------------------------------------

ORIGINAL = "云雀X1 充电时起火了，手被烫伤！"


@pytest.mark.parametrize(
    "copy",
    [
        "云雀X1充电时起火了,手被烫伤",
        "云雀Ｘ１ 充电时起火了，手被烫伤！！！😡😡 https://t.cn/abc123",
        "雲雀x1 充電時起火了，手被燙傷",
        "转发微博//@小王:云雀X1 充电时起火了，手被烫伤！",
        "//@甲:转发//@小王：云雀X1 充电时起火了，手被烫伤！",
        "@官方客服 云雀X1 充电时起火了，\n手被烫\u200b伤！",
        "回复@小李:云雀X1 充电时起火了，手被烫伤",
    ],
)
def test_copies_have_one_key(copy: str) -> None:
    assert fold_key(copy) == fold_key(ORIGINAL) != ""


@pytest.mark.parametrize(
    "other", ["云雀X2 充电时起火了，手被烫伤！", "我的也是//@小王:" + ORIGINAL, "起火了"]
)
def test_other_words_have_another(other: str) -> None:
    assert fold_key(other) not in ("", fold_key(ORIGINAL))


@pytest.mark.parametrize("nothing", ["", "😀😀", "https://t.cn/x", "@某某 ……", "\u200b\ufeff", "！！！"])
def test_nothing_to_compare_is_never_folded(nothing: str) -> None:
    assert fold_key(nothing) == ""


@calm
@given(st.text(max_size=200))
def test_any_text_has_a_key_and_decoration_does_not_change_it(text: str) -> None:
    key = fold_key(text)
    assert key == "" or len(key) == 32
    if "@" not in text and "//" not in text and "www" not in text:
        assert fold_key(f" {text} 😀！") == key


# disturbing --------------------------------------------------------------------------------------


def verdict(severity: Severity = Severity.P2) -> Verdict:
    return Verdict(severity=severity, reason="r", title="t", body="b", brand_id=1, brand="云雀")


def test_nothing_holds_a_fresh_alert() -> None:
    assert disturb(RULE, NOON, verdict(), NOON, None).toast
    assert disturb(RULE, NOON, verdict(), NOON, None).held == ""


def test_cool_down_holds_back_all_but_p1() -> None:
    just = NOON - timedelta(seconds=599)
    assert disturb(RULE, NOON, verdict(), NOON, just).held == "this brand was notified a moment ago"
    assert disturb(RULE, NOON, verdict(Severity.P1), NOON, just).toast
    assert disturb(RULE, NOON, verdict(), NOON, NOON - timedelta(seconds=600)).toast
    assert disturb(RULE, NOON, verdict(), NOON, NOON + timedelta(hours=1)).toast, "a clock that went back"


def test_one_p1_after_the_other_wakes_nobody_twice_within_two_minutes() -> None:
    urgent = verdict(Severity.P1)
    held = disturb(RULE, NOON, urgent, NOON, None, NOON - timedelta(seconds=119))
    assert not held.toast
    assert held.held == "another P1 was shown a moment ago"
    assert disturb(RULE, NOON, urgent, NOON, None, NOON - timedelta(seconds=120)).toast
    assert disturb(RULE, NOON, urgent, NOON, NOON - timedelta(seconds=5), None).toast


def test_old_news_disturbs_nobody_not_even_p1() -> None:
    old = NOON - timedelta(hours=24, seconds=1)
    assert disturb(RULE, NOON, verdict(Severity.P1), old, None).held == "published too long ago"
    assert disturb(RULE, NOON, verdict(Severity.P1), NOON - timedelta(hours=24), None).toast
    assert disturb(RULE, NOON, verdict(), NOON + timedelta(days=2), None).toast


def test_p3_is_for_the_list() -> None:
    assert disturb(RULE, NOON, verdict(Severity.P3), NOON, None).held == "for the list only"


def test_quiet_hours_cross_midnight_in_local_time() -> None:
    rule = AlertRule(quiet_from="22:00", quiet_to="8:00")
    shanghai = timezone(timedelta(hours=8))
    for hour, quiet in ((21, False), (22, True), (23, True), (0, True), (7, True), (8, False), (12, False)):
        now = datetime(2026, 5, 6, hour, tzinfo=shanghai)
        assert disturb(rule, now, verdict(), now, None).toast is not quiet, hour
        assert disturb(rule, now, verdict(Severity.P1), now, None).toast


@pytest.mark.parametrize(
    ("start", "end"), [("", ""), ("22:00", ""), ("25:00", "8:00"), ("x", "y"), ("9:00", "9:00")]
)
def test_unreadable_quiet_hours_are_none(start: str, end: str) -> None:
    assert not any(is_quiet(AlertRule(quiet_from=start, quiet_to=end), time(hour)) for hour in range(24))


clock = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@calm
@given(clock, clock, st.times())
def test_swapping_the_ends_turns_quiet_into_loud(start: time, end: time, now: time) -> None:
    one = AlertRule(quiet_from=f"{start:%H:%M}", quiet_to=f"{end:%H:%M}")
    other = AlertRule(quiet_from=one.quiet_to, quiet_to=one.quiet_from)
    assert start == end or is_quiet(one, now) is not is_quiet(other, now)


BERLIN = ZoneInfo("Europe/Berlin")
P2 = verdict()
NIGHT = AlertRule(quiet_from="22:00", quiet_to="07:00", cooldown=600)


@pytest.mark.parametrize(
    ("at", "held"),
    [
        (datetime(2026, 3, 28, 21, 59, tzinfo=BERLIN), False),
        (datetime(2026, 3, 28, 22, 0, tzinfo=BERLIN), True),
        (datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN), True),  # the hour that does not exist
        (datetime(2026, 3, 29, 6, 59, tzinfo=BERLIN), True),
        (datetime(2026, 3, 29, 7, 0, tzinfo=BERLIN), False),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0), True),
        (datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1), True),  # the hour that comes twice
    ],
)
def test_quiet_hours_cross_midnight_and_summer_time(at: datetime, held: bool) -> None:
    now = at.astimezone(UTC).astimezone(BERLIN)
    assert disturb(NIGHT, now, P2, now, None).held == ("quiet hours" if held else "")
    urgent = verdict(Severity.P1)
    assert disturb(NIGHT, now, urgent, now, None).toast
    assert disturb(replace(NIGHT, urgent=False), now, urgent, now, None).toast is not held


def test_the_cool_down_is_time_that_has_passed_also_when_the_clocks_change() -> None:
    """At 02:59 one was shown; a minute later it is 02:00 again."""
    before = datetime(2026, 10, 25, 2, 59, tzinfo=BERLIN, fold=0).astimezone(UTC)
    now = (before + timedelta(minutes=1)).astimezone(BERLIN)
    assert not disturb(replace(NIGHT, quiet_from="", quiet_to=""), now, P2, now, before).toast
    later = (before + timedelta(minutes=11)).astimezone(BERLIN)
    assert disturb(replace(NIGHT, quiet_from="", quiet_to=""), later, P2, later, before).toast


def test_a_clock_put_back_holds_nothing() -> None:
    shown = NOON + timedelta(hours=5)
    assert disturb(AlertRule(), NOON, P2, NOON, shown, shown).toast


@pytest.mark.parametrize(
    ("minutes", "times", "ids"),
    [
        ([0, 10, 20, 30], 3, (0, 1, 2)),
        ([0, 40, 50, 60, 61], 3, (1, 2, 3)),
        ([0, 31, 62, 93], 2, ()),
        ([0], 1, (0,)),
        ([], 1, ()),
    ],
)
def test_enough_posts_close_to_one_another(minutes: list[int], times: int, ids: tuple[int, ...]) -> None:
    rule = AlertRule(kind=RuleKind.SEARCH, times=times, minutes=30)
    posts = [(NOON + timedelta(minutes=at), n) for n, at in enumerate(minutes)]
    assert crossing(posts, rule) == ids


@given(st.lists(st.integers(0, 300), max_size=30), st.integers(1, 6), st.integers(1, 90))
def test_enough_posts_as_a_plain_count_says(minutes: list[int], times: int, span: int) -> None:
    rule = AlertRule(kind=RuleKind.SEARCH, times=times, minutes=span)
    posts = [(NOON + timedelta(minutes=at), n) for n, at in enumerate(sorted(minutes))]
    plain = any(
        sum(timedelta() <= at - first <= timedelta(minutes=span) for at, _n in posts) >= times
        for first, _m in posts
    )
    assert bool(crossing(posts, rule)) == plain
