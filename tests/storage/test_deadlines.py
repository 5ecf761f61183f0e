"""What comes to the desk, and how its clocks run, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.domain.alert import Alert, AlertState, Severity
from app.domain.delivery import Delivery
from app.domain.desk import Item, Limit, Policy, Stage, Start, Warned
from app.domain.mention import Author, Hit, Kind, Status
from app.domain.people import Calendar, Shift, Team
from app.domain.sentiment import Score, Tone
from app.domain.watch import Source, Watch
from app.storage import Found, Storage

MINUTE = timedelta(minutes=1)
OFFICE = Calendar(
    shifts=(
        Shift(days=(1, 2, 3, 4, 5, 6, 7), start="09:00", end="12:00"),
        Shift(days=(1, 2, 3, 4, 5, 6, 7), start="13:30", end="18:00"),
    )
)


class Place:
    """Mentions into a storage as the engine would put them there."""

    def __init__(
        self, storage: Storage, source: Source, make: Callable[..., Found], score: Callable[..., Score],
        now: datetime,
    ) -> None:  # fmt: skip
        self.storage, self.source, self.now = storage, source, now
        self._make, self._score = make, score
        brand = storage.brands.save(Watch(name="星尘", query="星尘"))
        self.ours = (Hit(brand.id, "星尘", False),)
        rival = storage.brands.save(Watch(name="月影", query="月影", competitor=True))
        self.theirs = (Hit(rival.id, "月影", True),)
        self._number = 0

    def come(
        self, text: str = "星尘发热", *, tone: Tone = Tone.NEGATIVE, consider: bool = True, ago: int = 2,
        seen: datetime | None = None, **more: Any,
    ) -> int:  # fmt: skip
        """A mention published two minutes before it is seen, now; its id."""
        self._number += 1
        seen = seen or self.now
        given = {"hits": self.ours, "at": seen - ago * MINUTE, "platform": "weibo", **more}
        found = self._make(self._number, f"{text} {self._number}", **given)
        saved = self.storage.mentions.save_page(self.source.id, [found], None, now=seen)
        id_ = saved.new[0]
        self.storage.mentions.save_scores([(id_, 1, self._score(tone))])
        if consider:
            self.storage.deadlines.consider([id_], self.now)
        return id_

    def alert(self, id_: int, severity: Severity) -> None:
        self.storage.alerts.add(
            Alert(severity=severity, title="t", body="b", reason="r", mention_id=id_, created_at=self.now)
        )

    def item(self, id_: int) -> Item:
        found = self.storage.deadlines.item(id_)
        assert found is not None
        return found

    def on_desk(self, id_: int) -> bool:
        return self.storage.deadlines.item(id_) is not None

    def claim(self, at: datetime) -> list[tuple[int, int]]:
        """Claimed and told."""
        warned = self.storage.deadlines.claim(at, 100)
        self.storage.deadlines.told(warned, at)
        return [(one.mention_id, one.percent) for one in warned]


@pytest.fixture
def place(
    storage: Storage,
    source: Source,
    make: Callable[..., Found],
    score: Callable[..., Score],
    start: datetime,
) -> Place:
    return Place(storage, source, make, score, start)


# ── what comes to the desk ─────────────────────────────────────────────────────────────────────


def test_a_complaint_about_us_comes_and_praise_and_rivals_do_not(place: Place) -> None:
    complaint, praise = place.come(), place.come(tone=Tone.POSITIVE)
    rival, nobody = place.come(hits=place.theirs), place.come(hits=())
    assert [place.on_desk(id_) for id_ in (complaint, praise, rival, nobody)] == [True, False, False, False]
    item = place.item(complaint)
    assert (item.why, item.severity, item.stage, item.allowed) == (
        "negative",
        Severity.P3,
        Stage.OPEN,
        1800,
    )
    assert item.seen_at == item.started_at == place.now
    assert item.published_at == place.now - 2 * MINUTE
    assert item.due_at == place.now + 30 * MINUTE


def test_a_message_to_us_comes_whatever_its_tone_and_an_alert_says_how_grave_it_is(place: Place) -> None:
    message = place.come("在吗", tone=Tone.NEUTRAL, kind=Kind.MESSAGE, hits=())
    fire = place.come(tone=Tone.NEUTRAL, consider=False)
    place.alert(fire, Severity.P1)
    place.storage.deadlines.consider([fire], place.now)
    assert (place.item(message).why, place.item(message).severity) == ("message", Severity.P2)
    assert (place.item(fire).why, place.item(fire).severity, place.item(fire).allowed) == (
        "alert", Severity.P1, 900,
    )  # fmt: skip


def test_a_backfill_does_not_flood_the_desk(place: Place) -> None:
    assert not place.on_desk(place.come(ago=25 * 60))
    assert place.on_desk(place.come(ago=23 * 60))
    place.storage.deadlines.save_policy(Policy(max_age=3600), place.now)
    assert not place.on_desk(place.come(ago=61))


def test_asked_twice_it_comes_once_and_a_clock_that_runs_is_left_alone(place: Place) -> None:
    id_ = place.come()
    before = place.item(id_)
    assert not place.storage.deadlines.consider([id_], place.now + 10 * MINUTE)
    assert place.item(id_) == before


def test_what_was_answered_or_ignored_before_does_not_come(place: Place) -> None:
    id_ = place.come(consider=False)
    place.storage.mentions.set_status([id_], Status.IGNORED, "陈", place.now)
    place.storage.deadlines.consider([id_], place.now)
    assert not place.on_desk(id_)


def test_a_reprint_of_what_is_here_stays_away_and_two_people_who_say_the_same_do_not(place: Place) -> None:
    """Three posts and two comments of one story."""
    first = place.come()
    copies = [place.come(consider=False), place.come(consider=False)]
    comments = [place.come(consider=False, kind=Kind.COMMENT, root_id="x") for _n in range(2)]
    place.storage._database.write(  # the story, as early warning writes it
        lambda connection: [
            connection.execute_sql(
                "INSERT INTO story_member (mention_id, story_id, similarity, way, at)"
                f" VALUES ({id_}, 7, 1.0, 'near', 0)"
            )
            for id_ in [first, *copies, *comments]
        ]
    )
    place.storage.deadlines.consider([*copies, *comments], place.now)
    assert [place.on_desk(id_) for id_ in [first, *copies, *comments]] == [True, False, False, True, True]


def test_a_graver_alert_shortens_the_time(place: Place) -> None:
    id_ = place.come()
    place.alert(id_, Severity.P1)
    place.storage.deadlines.consider([id_], place.now + MINUTE)
    item = place.item(id_)
    assert (item.severity, item.due_at) == (Severity.P1, place.now + 15 * MINUTE)


def test_the_forum_has_a_quarter_of_an_hour_and_weibo_half_an_hour(place: Place) -> None:
    assert place.item(place.come(platform="discuz")).allowed == 900
    assert place.item(place.come(platform="weibo")).allowed == 1800
    lines = (Limit(), Limit(where="weibo", p3=60), Limit(where=f"source:{place.source.id}", p3=5))
    place.storage.deadlines.save_policy(Policy(limits=lines[:2]), place.now)
    assert place.item(place.come()).allowed == 3600
    place.storage.deadlines.save_policy(Policy(limits=lines), place.now)
    assert place.item(place.come()).allowed == 300


def test_no_minutes_are_no_deadline(place: Place) -> None:
    place.storage.deadlines.save_policy(Policy(limits=(Limit(p3=0),)), place.now)
    item = place.item(place.come())
    assert (item.allowed, item.due_at) == (0, None)
    assert place.storage.deadlines.next_at() is None


# ── corrections, statuses, deletions ───────────────────────────────────────────────────────────


def test_a_correction_takes_an_unclaimed_one_off_and_puts_one_on(place: Place) -> None:
    wrong, right = place.come(), place.come(tone=Tone.POSITIVE)
    at = place.now + 5 * MINUTE
    place.storage.mentions.correct(wrong, Tone.POSITIVE, "陈", at)
    place.storage.mentions.correct(right, Tone.NEGATIVE, "陈", at)
    assert not place.on_desk(wrong)
    assert place.item(right).started_at == at  # not two minutes ago, when nobody could know


def test_a_correction_leaves_what_somebody_works_on(place: Place) -> None:
    id_ = place.come()
    place.storage._database.write(
        lambda connection: connection.execute_sql(f"UPDATE desk SET owner = '陈' WHERE mention_id = {id_}")
    )
    place.storage.mentions.correct(id_, Tone.POSITIVE, "陈", place.now)
    assert place.on_desk(id_)


def test_a_person_knows_better_than_the_alert(place: Place) -> None:
    id_ = place.come(consider=False)
    place.alert(id_, Severity.P1)
    place.storage.deadlines.consider([id_], place.now)
    place.storage.mentions.correct(id_, Tone.NEUTRAL, "陈", place.now)
    place.storage.deadlines.consider([id_], place.now)
    assert not place.on_desk(id_)


def test_an_answer_stops_the_clock_in_work_time(place: Place) -> None:
    """Seen at 16:00 in Shanghai, answered at ten the next morning: three hours of work."""
    team = place.storage.people.save_team(Team(name="白班", calendar=OFFICE))
    place.storage.deadlines.save_policy(Policy(team_id=team.id), place.now)
    id_ = place.come()
    at = place.now + timedelta(hours=18)
    place.storage.mentions.answer(id_, "您好", "陈", at)
    item = place.item(id_)
    assert (item.stage, item.answered_at, item.due_at) == (Stage.DONE, at, None)
    assert item.first_response == 3 * 3600
    assert place.storage.deadlines.next_at() is None


def test_ignored_is_closed_and_new_again_waits_anew(place: Place) -> None:
    id_ = place.come()
    place.storage.mentions.set_status([id_], Status.IGNORED, "陈", place.now + MINUTE)
    closed = place.item(id_)
    assert (closed.stage, closed.due_at, closed.answered_at) == (Stage.DONE, None, None)
    place.storage.mentions.set_status([id_], Status.NEW, "陈", place.now + 2 * MINUTE)
    assert place.item(id_).started_at == place.now + 2 * MINUTE


def test_an_answer_that_never_arrived_lets_the_clock_run_as_if_it_never_stood(place: Place) -> None:
    id_ = place.come()
    place.storage.mentions.set_status([id_], Status.ANSWERED, "陈", place.now + 10 * MINUTE)
    place.storage.mentions.set_status([id_], Status.NEW, "陈", place.now + 20 * MINUTE)
    item = place.item(id_)
    assert (item.stage, item.first_response, item.reopened) == (Stage.OPEN, None, 0)
    assert item.due_at == place.now + 30 * MINUTE


def test_a_post_that_is_deleted_waits_for_nobody(place: Place) -> None:
    open_, done = place.come(), place.come()
    place.storage.mentions.answer(done, "您好", "陈", place.now)
    identities = [("weibo", Kind.POST, "1"), ("weibo", Kind.POST, "2")]
    place.storage.mentions.mark_gone(identities, place.now)
    assert not place.on_desk(open_)
    assert place.item(done).first_response == 0


@pytest.mark.parametrize("how", ["answered", "ignored", "corrected", "gone"])
def test_what_the_clock_had_raised_is_settled_with_it(place: Place, how: str) -> None:
    """The alert is done, and what was still on its way is not sent."""
    storage, ids, at = place.storage, [place.come(), place.come()], place.now
    alerts = [
        storage.alerts.add(
            Alert(
                kind="deadline", severity=Severity.P3, title="t", body="b", reason="r", mention_id=id_,
                created_at=at, climbs_at=at + MINUTE,
            )
        )
        for id_ in ids
    ]  # fmt: skip
    storage.deliveries.add(
        [
            Delivery(
                alert_id=one.id, channel="toast", key=f"k{one.id}", due_at=at, created_at=at, changed_at=at
            )
            for one in alerts
        ]
    )
    if how == "corrected":
        storage.mentions.correct(ids[0], Tone.POSITIVE, "陈", at)
    elif how == "gone":
        storage.mentions.mark_gone([("weibo", Kind.POST, "1")], at)
    else:
        storage.mentions.set_status([ids[0]], Status(how), "陈", at)
    settled, other = (storage.alerts.get(one.id) for one in alerts)
    assert (settled.state, settled.climbs_at) == (AlertState.DONE, None)
    assert (other.state, other.climbs_at) == (AlertState.OPEN, at + MINUTE)
    assert [one.alert_id for one in storage.deliveries.due(at)] == [other.id]


# ── standing still and changing hands ──────────────────────────────────────────────────────────


def test_a_clock_that_stands_uses_nothing_up(place: Place) -> None:
    id_, desk = place.come(), place.storage.deadlines
    assert desk.pause([id_], "等工程师", "陈", place.now + 10 * MINUTE) == 1
    assert desk.pause([id_], "再等", "陈", place.now + 11 * MINUTE) == 0
    item = place.item(id_)
    assert (item.stage, item.used, item.due_at, item.pause) == (Stage.WAITING, 600, None, "等工程师")
    assert desk.next_at() is None
    assert desk.left(id_, place.now + 50 * MINUTE) == 1200
    assert desk.resume([id_], "陈", place.now + 60 * MINUTE) == 1
    assert place.item(id_).due_at == place.now + 80 * MINUTE
    assert [one.what for one in place.storage.mentions.history(id_)] == ["pause", "resume"]


def test_what_is_answered_while_it_waits_took_what_was_used_before(place: Place) -> None:
    id_ = place.come()
    place.storage.deadlines.pause([id_], "等客户", "陈", place.now + 10 * MINUTE)
    place.storage.mentions.answer(id_, "您好", "陈", place.now + 60 * MINUTE)
    assert place.item(id_).first_response == 600
    place.storage.mentions.set_status([id_], Status.NEW, "陈", place.now + 61 * MINUTE)
    assert place.item(id_).due_at == place.now + 81 * MINUTE


def test_another_team_goes_on_by_its_own_calendar(place: Place) -> None:
    """It is four in the afternoon; the night shift begins at ten."""
    night = Calendar(shifts=(Shift(days=tuple(range(1, 8)), start="22:00", end="06:00"),))
    team = place.storage.people.save_team(Team(name="夜班", calendar=night))
    id_, desk = place.come(), place.storage.deadlines
    assert desk.transfer([id_], team.id, "夜班", "陈", place.now + 10 * MINUTE) == 1
    item = place.item(id_)
    assert (item.team_id, item.used) == (team.id, 600)
    assert item.due_at == place.now + timedelta(hours=6, minutes=20)
    assert desk.transfer([id_], team.id, "夜班", "陈", place.now + 11 * MINUTE) == 0


def test_a_team_is_found_by_source_then_by_brand(place: Place) -> None:
    one, two, three = (place.storage.people.save_team(Team(name=name)).id for name in ("一", "二", "三"))
    brand = place.ours[0].brand_id
    policy = Policy(team_id=three)
    place.storage.deadlines.save_policy(policy, place.now)
    assert place.item(place.come()).team_id == three
    place.storage.deadlines.save_policy(replace(policy, by_brand={brand: two}), place.now)
    assert place.item(place.come()).team_id == two
    both = replace(policy, by_brand={brand: two}, by_source={place.source.id: one})
    place.storage.deadlines.save_policy(both, place.now)
    assert place.item(place.come()).team_id == one
    assert place.storage.deadlines.policy() == both


# ── the author writes again ────────────────────────────────────────────────────────────────────


def test_a_new_message_after_the_answer_begins_a_new_clock(place: Place) -> None:
    talk = {"kind": Kind.MESSAGE, "root_id": "open-1", "author": Author(name="李", native_id="open-1")}
    first = place.come("坏了", **talk)
    place.storage.mentions.answer(first, "您好", "陈", place.now + 5 * MINUTE)
    later = place.now + 60 * MINUTE
    place.now = later
    second = place.come("还是坏的", tone=Tone.NEUTRAL, **talk)
    item = place.item(first)
    assert not place.on_desk(second)
    assert (item.stage, item.reopened, item.heard_at) == (Stage.OPEN, 1, later)
    assert (item.started_at, item.due_at, item.first_response) == (later, later + 30 * MINUTE, 300)
    assert place.storage.mentions.get(first).status is Status.NEW
    # Asked again after a crash, and after the second answer, it changes nothing.
    place.storage.deadlines.consider([second], later)
    place.storage.mentions.answer(first, "再寄一个", "陈", later + 7 * MINUTE)
    place.storage.deadlines.consider([second], later + 8 * MINUTE)
    item = place.item(first)
    assert (item.stage, item.reopened, item.first_response) == (Stage.DONE, 1, 300)


def test_somebody_else_or_somewhere_else_reopens_nothing(place: Place) -> None:
    mine = {"kind": Kind.COMMENT, "root_id": "p1", "author": Author(name="李", native_id="u1")}
    first = place.come(**mine)
    place.storage.mentions.answer(first, "您好", "陈", place.now)
    place.now += 10 * MINUTE
    place.come(**{**mine, "author": Author(name="李", native_id="u2")})
    place.come(**{**mine, "root_id": "p2"})
    place.come(**{**mine, "platform": "bili"})
    place.come(**{**mine, "author": Author()})
    assert place.item(first).stage is Stage.DONE


def test_what_comes_before_the_answer_is_one_item_and_ends_the_waiting(place: Place) -> None:
    talk = {"kind": Kind.MESSAGE, "root_id": "open-1", "author": Author(name="李", native_id="open-1")}
    first = place.come("坏了", **talk)
    place.storage.deadlines.pause([first], "等客户回复", "陈", place.now + 5 * MINUTE)
    place.now += 20 * MINUTE
    second = place.come("型号是甲", **talk)
    item = place.item(first)
    assert not place.on_desk(second)
    assert (item.stage, item.heard_at, item.due_at) == (Stage.OPEN, place.now, place.now + 25 * MINUTE)


def test_three_messages_at_once_are_one_item(place: Place) -> None:
    talk = {"kind": Kind.MESSAGE, "root_id": "open-1", "author": Author(name="李", native_id="open-1")}
    ids = [place.come("坏了", consider=False, **talk) for _n in range(3)]
    assert len(place.storage.deadlines.consider(ids, place.now).placed) == 1


def test_weeks_later_it_is_another_matter(place: Place) -> None:
    talk = {"kind": Kind.MESSAGE, "root_id": "open-1", "author": Author(name="李", native_id="open-1")}
    first = place.come("坏了", **talk)
    place.storage.mentions.answer(first, "您好", "陈", place.now)
    place.now += timedelta(days=8)
    second = place.come("换货", **talk)
    assert place.item(first).stage is Stage.DONE
    assert place.on_desk(second)


# ── by hand ────────────────────────────────────────────────────────────────────────────────────


def test_a_person_puts_anything_on_the_desk(place: Place) -> None:
    id_ = place.come(tone=Tone.POSITIVE, ago=60 * 24 * 40)
    place.storage.mentions.set_status([id_], Status.IGNORED, "陈", place.now)
    desk = place.storage.deadlines
    assert desk.put([id_], "陈", place.now + MINUTE, Severity.P1).placed == [id_]
    item = place.item(id_)
    assert (item.why, item.severity, item.started_at) == ("hand", Severity.P1, place.now + MINUTE)
    assert place.storage.mentions.get(id_).status is Status.NEW
    assert not desk.put([id_], "陈", place.now + 2 * MINUTE)
    desk.put([id_], "陈", place.now + 2 * MINUTE, Severity.P2)
    assert place.item(id_).severity is Severity.P2
    place.storage.mentions.answer(id_, "您好", "陈", place.now + 3 * MINUTE)
    assert desk.put([id_], "陈", place.now + 4 * MINUTE).reopened == [id_]
    assert place.item(id_).reopened == 1


def test_hostile_words_are_kept_as_far_as_they_can_be(place: Place) -> None:
    id_ = place.come()
    place.storage.deadlines.pause([id_], "等\x00工程\ud800师", "陈", place.now)
    assert place.item(id_).pause == "等工程\ufffd师"
    assert place.storage.mentions.history(id_)[0].detail == "等工程\ufffd师"


def test_a_policy_of_a_later_version_is_read_as_far_as_it_is_known(place: Place) -> None:
    line = {"where": "weibo", "p1": 1, "p2": 2, "p3": 3, "p4": 4}
    place.storage.settings.set("deadlines", {"limits": [line], "start": "tomorrow", "colour": "red"})
    assert place.storage.deadlines.policy() == Policy(limits=(Limit(where="weibo", p1=1, p2=2, p3=3),))
    assert place.on_desk(place.come())


# ── re-dating ──────────────────────────────────────────────────────────────────────────────────


def test_changed_minutes_and_calendars_move_what_runs(place: Place) -> None:
    team = place.storage.people.save_team(Team(name="白班", calendar=OFFICE))
    desk = place.storage.deadlines
    desk.save_policy(Policy(team_id=team.id), place.now)
    id_ = place.come()
    assert desk.save_policy(Policy(team_id=team.id, limits=(Limit(p3=180),)), place.now) == 1
    assert place.item(id_).due_at == place.now + timedelta(hours=18)  # two today, one tomorrow from nine
    place.storage.people.save_team(replace(team, calendar=replace(OFFICE, off=(date(2026, 3, 2),))))
    assert desk.redate(place.now) == 1
    assert place.item(id_).due_at == place.now + timedelta(hours=42)
    assert desk.redate(place.now) == 0


def test_the_clock_may_begin_with_the_publication(place: Place) -> None:
    id_ = place.come(ago=20)
    place.storage.deadlines.save_policy(Policy(start=Start.PUBLISHED), place.now)
    assert place.item(id_).due_at == place.now + 10 * MINUTE
    assert place.item(place.come(ago=25)).due_at == place.now + 5 * MINUTE
    place.storage.deadlines.save_policy(Policy(), place.now)
    assert place.item(id_).due_at == place.now + 30 * MINUTE


def test_a_longer_time_warns_anew_and_a_shorter_one_at_once(place: Place) -> None:
    id_, desk = place.come(), place.storage.deadlines
    at = place.now + 16 * MINUTE
    assert place.claim(at) == [(id_, 50)]
    desk.save_policy(Policy(limits=(Limit(p3=60),)), at)
    assert place.item(id_).warned == 0
    assert desk.next_at() == place.now + 30 * MINUTE
    desk.save_policy(Policy(limits=(Limit(p3=10),)), at)
    assert place.claim(at) == [(id_, 100)]


def test_a_team_that_is_gone_leaves_its_items_to_nobodys_calendar(place: Place) -> None:
    team = place.storage.people.save_team(Team(name="白班", calendar=OFFICE))
    place.storage.deadlines.save_policy(Policy(team_id=team.id, limits=(Limit(p3=180),)), place.now)
    id_ = place.come()
    place.storage.people.remove_team(team.id)
    place.storage.deadlines.redate(place.now)
    assert (place.item(id_).team_id, place.item(id_).due_at) == (None, place.now + timedelta(hours=3))


def test_a_calendar_that_cannot_be_read_any_more_counts_as_always(place: Place) -> None:
    lost = Team(name="丢", calendar=replace(OFFICE, zone="Asia/Nowhere"))
    team = place.storage.people.save_team(lost)
    place.storage.deadlines.save_policy(Policy(team_id=team.id), place.now)
    assert place.item(place.come()).due_at == place.now + 30 * MINUTE


# ── what the timer asks ────────────────────────────────────────────────────────────────────────


def test_each_level_is_told_once_at_its_moment(place: Place) -> None:
    id_, desk = place.come(), place.storage.deadlines
    heard = []
    at = place.now
    while (due := desk.next_at()) is not None:
        assert place.claim(due - timedelta(milliseconds=1)) == []
        heard += [(percent, (due - at) / MINUTE) for _id, percent in place.claim(due)]
        assert place.claim(due) == []
    assert heard == [(50, 15), (80, 24), (100, 30)]
    assert place.item(id_).warned == 100


def test_levels_missed_in_a_sleep_are_one_warning(place: Place) -> None:
    id_ = place.come()
    assert place.claim(place.now + timedelta(hours=9)) == [(id_, 100)]
    assert place.storage.deadlines.next_at() is None


def test_a_clock_put_back_tells_nothing_twice(place: Place) -> None:
    id_ = place.come()
    assert place.claim(place.now + 25 * MINUTE) == [(id_, 80)]
    assert place.claim(place.now + 16 * MINUTE) == []
    assert place.claim(place.now + 30 * MINUTE) == [(id_, 100)]


def test_a_program_that_dies_before_it_tells_costs_no_warning(place: Place) -> None:
    id_, desk = place.come(), place.storage.deadlines
    at = place.now + 15 * MINUTE
    (warned,) = desk.claim(at, 10)  # and is killed
    assert warned == Warned(
        mention_id=id_, severity=Severity.P3, percent=50, due_at=place.now + 30 * MINUTE,
        brand_id=place.ours[0].brand_id, source_id=place.source.id,
    )  # fmt: skip
    assert desk.claim(at + timedelta(seconds=29), 10) == ()
    assert place.claim(at + timedelta(seconds=30)) == [(id_, 50)]
    assert desk.next_at() == place.now + 24 * MINUTE


def test_what_is_answered_between_claiming_and_telling_stays_done(place: Place) -> None:
    id_, desk = place.come(), place.storage.deadlines
    at = place.now + 15 * MINUTE
    warned = desk.claim(at, 10)
    place.storage.mentions.answer(id_, "您好", "陈", at)
    desk.told(warned, at)
    assert place.item(id_).stage is Stage.DONE
    assert desk.next_at() is None


@pytest.fixture
def second(url: str, storage: Storage) -> Iterator[Storage]:
    with Storage.open(url) as opened:
        yield opened


def test_of_two_programs_one_tells(place: Place, second: Storage) -> None:
    ids = [place.come() for _n in range(60)]
    at = place.now + 15 * MINUTE

    def work(storage: Storage) -> list[int]:
        mine: list[int] = []
        while claimed := storage.deadlines.claim(at, 7):
            mine += [one.mention_id for one in claimed]
            storage.deadlines.told(claimed, at)
        return mine

    with ThreadPoolExecutor(2) as both:
        heard = [id_ for part in both.map(work, (place.storage, second)) for id_ in part]
    assert sorted(heard) == sorted(ids)


def test_two_programs_put_it_there_once(place: Place, second: Storage) -> None:
    ids = [place.come(consider=False) for _n in range(40)]
    with ThreadPoolExecutor(2) as both:
        arrived = list(
            both.map(lambda one: one.deadlines.consider(ids, place.now), (place.storage, second))
        )
    assert sorted(id_ for one in arrived for id_ in one.placed) == sorted(ids)
