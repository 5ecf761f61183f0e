"""Early warning's tables, on both engines: queue, places, hands, slots, states, incidents, lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.domain.alert import Alert, Severity
from app.domain.mention import Author, Hit, Status
from app.domain.sentiment import Score, Tone
from app.domain.warning import IncidentPhase, Step
from app.domain.watch import Source, Watch
from app.errors import NotFound
from app.storage import Storage
from app.storage.stories import BY_HAND, TOWARDS, HeardOf, Member
from app.storage.warning import Found, Turn, slot_begins, slot_of

OWNER = "a machine"


@pytest.fixture
def filled(
    storage: Storage, source: Source, make: Any, score: Callable[..., Score], start: datetime
) -> int:
    """Brand 1 is ours, 2 a rival's; five judged mentions, of which one names nobody. Returns our id."""
    ours = storage.brands.save(Watch(name="青岚", query="青岚")).id
    rival = storage.brands.save(Watch(name="白鹭", query="白鹭", competitor=True)).id
    us, them = Hit(ours, "青岚", False, ((0, 2),)), Hit(rival, "白鹭", True)
    page = [
        make(1, "青岚发热", hits=(us,), severity=("fire",), author=Author(name="甲", followers=10)),
        make(2, "青岚发热！", hits=(us, them), author=Author(name="乙", followers=5000, verified=True)),
        make(3, "白鹭发热", hits=(them,)),
        make(4, "与谁都无关"),
        make(5, "青岚很好", hits=(us,)),
    ]
    storage.mentions.save_page(source.id, page, None, now=start)
    tones = (Tone.NEGATIVE, Tone.NEGATIVE, Tone.NEGATIVE, Tone.NEUTRAL, Tone.POSITIVE)
    storage.mentions.save_scores([(at + 1, 1, score(tone)) for at, tone in enumerate(tones)])
    assert storage.warning.take_lease(OWNER, start, 60)
    return ours


def _heard(brand: int, id_: int, at: datetime, **more: Any) -> HeardOf:
    plain: dict[str, Any] = {
        "brand_id": brand, "slot": 100, "mention_id": id_, "sort": "live", "at": at, "negative": 0.9,
        "bad": True, "reach": 10.0, "topics": (), "story_id": 1,
    }  # fmt: skip
    return HeardOf(**{**plain, **more})


def test_what_is_judged_waits_until_it_is_kept(storage: Storage, filled: int, start: datetime) -> None:
    rows = storage.stories.unplaced(10)
    assert [row.id for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0].brands == ((filled, pytest.approx(0.95), True),)
    assert [len(row.brands) for row in rows] == [1, 1, 0, 0, 1]
    assert rows[4].brands[0][2] is False
    assert (rows[1].verified, rows[1].followers, rows[0].verified) == (True, 5000, False)
    assert [row.id for row in storage.stories.unplaced(10, [2, 9])] == [2]
    at = rows[0].at
    places = [Member(1, 1, None, 0.0, "", at), Member(2, 1, 1, 0.93, "near", at)]
    heard = [_heard(filled, 1, at), _heard(filled, 2, at, topics=("price",), bad=False)]
    assert storage.stories.keep(OWNER, places, heard, [1, 2])
    assert storage.stories.waiting() == 3
    assert storage.stories.keep(OWNER, places, heard, [1, 2]), "said twice, it is kept once"
    assert storage.stories.sums(filled, [1])[1] == (at, 2, 1)
    assert storage.warning.heard([filled], 100, 100) == {filled: heard}
    assert storage.warning.heard([filled], 101, 200) == {}
    assert not storage.stories.keep("another", [Member(3, 2, None, 0.0, "", at)], [], [3])
    assert storage.stories.waiting() == 3
    assert storage.stories.ids_of([("weibo", "1"), ("weibo", "3"), ("xhs", "2")]) == {("weibo", "1"): 1}
    assert storage.stories.of_mentions([1, 2, 3]) == {1: 1, 2: 1}
    assert storage.stories.brands_of([1, None]) == {1: (filled,)}
    assert [part.mention_id for part in storage.stories.parts(1, 9)] == [1, 2]
    assert storage.warning.bad_mentions(filled, 0) == (1,)
    assert storage.warning.bad_mentions(filled, 0, topic="price") == ()


def test_what_waits_is_asked_for_by_whole_keys(storage: Storage, filled: int) -> None:
    """A walk over all tones a batch would make judging slower with every day."""
    with storage.stories._database.read() as connection:
        if not connection.sqlite:
            pytest.skip("SQLite's planner is meant")
        asked = TOWARDS.format(keys=f"({filled}, 1, 1), ({filled}, 2, 2)")
        plan = connection.execute_sql(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    told = " ".join(row[3] for row in plan)
    assert "SEARCH tone USING PRIMARY KEY (brand_id=? AND published_at=? AND mention_id=?)" in told


def test_hands_move_members_and_what_was_heard(storage: Storage, filled: int, start: datetime) -> None:
    places = [Member(id_, 1 if id_ < 3 else 2, None, 0.0, "", start) for id_ in (1, 2, 5)]
    heard = [_heard(filled, id_, start, story_id=1 if id_ < 3 else 2) for id_ in (1, 2, 5)]
    storage.stories.keep(OWNER, places, heard, [1, 2, 5])
    assert storage.stories.merge([2, 1], "小李", start) == 2
    assert set(storage.stories.of_mentions([1, 2, 5]).values()) == {2}
    assert storage.stories.merged_into(1) == 2
    made = storage.stories.split(2, [5, 99], "小李", start)
    assert made > BY_HAND
    assert storage.stories.of_mentions([1, 5]) == {1: 2, 5: made}
    assert storage.stories.sums(filled, [2, made])[made].copies == 1
    assert storage.stories.split(2, [1, 2], "小李", start) == 0
    assert storage.stories.split(2, [5], "小李", start) == 0
    merge, split = storage.stories.by_hand(0)
    assert (merge.act, merge.story_id, merge.other_id) == ("merge", 2, 1)
    assert (split.act, split.story_id, split.other_id) == ("split", 2, made)
    assert split.moved == (("weibo", "5"),)
    assert storage.stories.by_hand(split.id) == ()
    assert storage.stories.least_story(start - timedelta(days=1)) == 2
    assert storage.stories.least_story(start + timedelta(days=1)) == 3


def test_the_index_is_kept_as_bytes_and_members_come_in_order(
    storage: Storage, filled: int, start: datetime
) -> None:
    places = [Member(5, 1, None, 0.0, "", start), Member(1, 1, 5, 0.97, "near", start)]
    storage.stories.keep(OWNER, places, [], [1, 5])
    assert storage.stories.index() is None
    for body in (bytes(range(256)) * 5, b"\x00\xff"):
        storage.stories.save_index(1, 0, body, start)
        assert storage.stories.index() == (1, 0, body)
    everything = storage.stories.members(0, start - timedelta(days=1), 10)
    assert [(one[1], one[2], one[4], one[5].id) for one in everything] == [
        (1, ("", ""), "", 5),
        (1, ("weibo", "5"), "near", 1),
    ]
    seq = everything[0][0]
    assert [one[5].id for one in storage.stories.members(seq, start - timedelta(days=1), 10)] == [1]
    assert storage.stories.members(0, start + timedelta(days=1), 10) == ()
    assert storage.stories.last_place()[0] == everything[1][0]


def test_one_program_has_the_lease(storage: Storage, start: datetime) -> None:
    warning = storage.warning
    assert warning.lease() is None
    assert warning.take_lease("a", start, 60)
    assert not warning.take_lease("b", start + timedelta(seconds=59), 60)
    assert warning.take_lease("a", start + timedelta(seconds=59), 60)
    assert not warning.take_lease("b", start + timedelta(seconds=118), 60)
    assert warning.take_lease("b", start + timedelta(seconds=120), 60)
    warning.done("a", 7)
    warning.done("b", 8)
    lease = warning.lease()
    assert lease is not None
    assert (lease.owner, lease.slot) == ("b", 8)
    warning.give_back("b")
    assert warning.take_lease("a", start + timedelta(seconds=121), 60)


def _turn(brand: int, start: datetime, **more: Any) -> Turn:
    plain: dict[str, Any] = {
        "brand_id": brand,
        "number": 1,
        "at": start,
        "phase": IncidentPhase.OPENED,
        "alarm": True,
        "severity": Severity.P2,
        "began_at": start - timedelta(minutes=10),
        "title": "青岚：“发热”",
        "reason": "多了",
        "strength": 1.5,
        "channels": ("story",),
        "signs": (Found("story", "一个故事", 1.5, 4, (), (1, 2)),),
        "rests_on": (1, 2),
        "course": ((100, 2.0, 0.5, 0.0, 1.0),),
    }
    return Turn(**{**plain, **more})


def test_an_incident_from_opening_to_closing(storage: Storage, filled: int, start: datetime) -> None:
    warning = storage.warning
    ids = warning.record([(filled, 100, {"a": 1})], [_turn(filled, start)])
    id_ = ids[filled, 1]
    one = warning.incident(id_)
    assert (one.brand, one.phase, one.severity, one.mentions) == ("青岚", IncidentPhase.OPENED, "P2", 2)
    assert (one.stories, one.channels, one.closed_at, one.alert_id) == ((4,), ("story",), None, None)
    assert warning.tracker(filled) == (100, {"a": 1})
    words = (("起火", 5, 0.2),)
    later = start + timedelta(minutes=9)
    grown = _turn(
        filled, later, phase=IncidentPhase.GROWING, severity=Severity.P1, reason="更多了", strength=4.5,
        channels=("surge", "words"), signs=(Found("words", "新词", 2.0, None, words, (2,)),),
        rests_on=(2, 5), course=((100, 9.0, 9.0, 9.0, 9.0), (101, 5.0, 0.5, 0.0, 1.0)),
    )  # fmt: skip
    assert warning.record([(filled, 101, {"a": 2})], [grown]) == ids
    one = warning.incident(id_)
    assert (one.phase, one.severity, one.strength, one.mentions) == ("growing", "P1", 4.5, 3)
    assert (one.channels, one.reason, one.title) == (("story", "surge", "words"), "更多了", "青岚：“发热”")
    assert [(slot.at, slot.came) for slot in warning.course(id_)] == [
        (slot_begins(100), 2.0),
        (slot_begins(101), 5.0),
    ]
    assert [(word.word, word.came, word.mention_ids) for word in warning.words(id_)] == [("起火", 5, (2,))]
    assert [sign.mention_ids for sign in warning.signs(id_)] == [(1, 2), (2,)]
    assert warning.mentions_of(id_, 9) == (5, 2, 1)
    assert warning.farthest_of(id_, 2) == (2, 1)
    assert warning.platforms_of(id_) == (("weibo", 3),)
    assert warning.began_at(id_) == start - timedelta(minutes=10)
    assert warning.gravity([1, 2])[0] == (2, (), 5000, True)
    assert warning.gravity([1])[0][1] == ("fire",)
    over = Turn(brand_id=filled, number=1, at=later + timedelta(hours=6), phase=IncidentPhase.CLOSED)
    warning.record([], [over])
    assert warning.incidents(open_only=True) == ()
    assert warning.incidents(brand_id=filled + 1) == ()
    (one,) = warning.incidents()
    assert one.closed_at == later + timedelta(hours=6)
    assert [step.what for step in warning.steps(id_)] == ["opened", "growing", "closed"]
    with pytest.raises(NotFound):
        warning.incident(id_ + 1)


def test_what_people_do_to_an_incident(
    storage: Storage, source: Source, filled: int, start: datetime
) -> None:
    warning = storage.warning
    id_ = warning.record([], [_turn(filled, start)])[filled, 1]
    until = start + timedelta(hours=2)
    warning.act(id_, Step(at=start, what="muted", by="小李", detail="演习"), muted="演习", muted_by="小李")
    warning.act(id_, Step(at=start, what="closer", by="小李"), closer_until=until)
    one = warning.incident(id_)
    assert (one.muted, one.muted_by, one.closer_until) == ("演习", "小李", until)
    assert warning.closer_sources(start) == {source.id}
    assert warning.closer_sources(until) == frozenset()
    assert [(step.what, step.by) for step in warning.steps(id_)][1:] == [
        ("muted", "小李"),
        ("closer", "小李"),
    ]
    with pytest.raises(NotFound):
        warning.act(id_ + 1, Step(at=start, what="muted"), muted="x")
    storage.mentions.claim(1, "小王", start)
    assert storage.mentions.escalate_new([1, 2], "小李", start) == 1
    assert [row.status for row in storage.mentions.many([1, 2])] == [Status.CLAIMED, Status.ESCALATED]
    alert = storage.alerts.add(
        Alert(
            kind="incident", severity=Severity.P1, title="t", body="b", reason="r", created_at=start,
            incident_id=id_, brand_id=filled,
        )
    )  # fmt: skip
    warning.set_alert(id_, alert.id)
    assert warning.incident(id_).alert_id == alert.id
    assert storage.alerts.of_incident(id_) == alert
    assert storage.alerts.of_incident(id_ + 1) is None


def test_an_alert_is_found_by_its_story(storage: Storage, filled: int, start: datetime) -> None:
    places = [Member(id_, 7, None, 0.0, "", start) for id_ in (1, 2)]
    storage.stories.keep(OWNER, places, [], [1, 2])
    made = storage.alerts.add(
        Alert(
            severity=Severity.P2, title="t", body="b", reason="r", created_at=start, mention_id=1,
            brand_id=filled,
        )
    )  # fmt: skip
    assert storage.alerts.same_story(filled, 7, start) == made
    assert storage.alerts.same_story(filled, 8, start) is None
    assert storage.alerts.same_story(filled + 1, 7, start) is None
    assert storage.alerts.same_story(filled, 7, start + timedelta(seconds=1)) is None


def test_states_of_detectors(storage: Storage) -> None:
    warning = storage.warning
    assert warning.detector(1) is None
    warning.save_detectors([(1, 5, b"\x00a"), (2, 5, b"b")])
    warning.save_detectors([(1, 6, b"\xffc")])
    assert warning.detector(1) == (6, b"\xffc")
    warning.forget_detector(1)
    assert warning.detector(1) is None
    assert warning.detector(2) == (5, b"b")


def test_the_past_counts_when_it_was_heard_or_else_when_it_was_said(
    storage: Storage, filled: int, start: datetime
) -> None:
    at = storage.mentions.get(1).published_at
    begin = slot_of(at)
    since, until = start - timedelta(days=1), start + timedelta(days=1)
    past = storage.warning.past(filled, since, until)
    assert past.first == begin
    assert sum(len(each) for each in past.slots.values()) == 3
    assert {one.sort for each in past.slots.values() for one in each} == {"live"}
    heard = [
        _heard(filled, 1, at, slot=begin + 3),
        _heard(filled, 2, storage.mentions.get(2).published_at, slot=begin + 9, sort="late"),
    ]
    storage.stories.keep(OWNER, [Member(1, 4, None, 0.0, "", at)], heard, [1, 2])
    past = storage.warning.past(filled, since, until)
    found = {one.mention_id: one for each in past.slots.values() for one in each}
    assert (found[1].slot, found[1].story_id) == (begin + 3, 4)
    assert found[2].slot == slot_of(storage.mentions.get(2).published_at)
    assert found[2].sort == "live", "nobody listened then: it counts as it would have"
    assert not found[5].bad
    storage.warning.forget(slot_begins(begin + 4))
    assert [one.mention_id for one in storage.warning.heard([filled], 0, 10**9)[filled]] == [2]


def test_blind_spells_and_first_pages(
    storage: Storage, source: Source, filled: int, start: datetime
) -> None:
    storage.sources.open_gap(source.id, start, "down")
    assert storage.stories.gaps(1800, start) == {source.id: [(start, None)]}
    storage.sources.close_gap(source.id, start + timedelta(minutes=20))
    assert storage.stories.gaps(1800, start) == {}
    assert list(storage.stories.gaps(600, start)) == [source.id]
    assert storage.stories.gaps(600, start + timedelta(hours=1)) == {}
    assert storage.stories.first_read(source.id) == start
    assert storage.stories.first_read(999) is None
    folder = storage.sources.save(Source(kind="folder", name="档", settings={}))
    assert storage.stories.folders() == {folder.id}


def test_a_hostile_text_in_an_incident_is_kept_clean(
    storage: Storage, filled: int, start: datetime
) -> None:
    bad = "a\x00b\ud800c"
    sign = Found("words", bad, float("nan"), None, ((bad, 3, 0.1),), (1,))
    id_ = storage.warning.record(
        [], [_turn(filled, start, title=bad, reason=bad, signs=(sign,), strength=float("inf"))]
    )[filled, 1]
    one = storage.warning.incident(id_)
    assert (one.title, one.strength) == ("ab\ufffdc", 0.0)
    assert storage.warning.words(id_)[0].word == "ab\ufffdc"
