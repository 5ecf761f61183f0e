"""The queue: claims as leases, lists, notes, who is looking, bulk acts. On both engines."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.alert import Severity
from app.domain.desk import Stage
from app.domain.mention import Author, Hit, Status
from app.domain.queue import ALL_TEAMS, Act, Pile, QueueKey, QueueQuery, holder
from app.domain.watch import Source, Watch
from app.errors import ConfigError, Conflict, NotFound
from app.storage import Found, Storage
from app.storage.edge import micros
from app.storage.models_desk import DeskRow
from app.storage.notes import named_in
from app.storage.queue import stretches

MINUTE = timedelta(minutes=1)
Make = Callable[..., Found]


@pytest.fixture
def desk(storage: Storage, source: Source, make: Make, start: datetime) -> Storage:
    """Mentions 1 to 9."""
    brand = storage.brands.save(Watch(name="云雀", query="云雀"))
    hit = Hit(brand.id, brand.name, False, ((0, 2),))
    page = [
        make(n, "云雀手机发热", hits=(hit,), severity=("fire",) if n == 1 else ()) for n in range(1, 10)
    ]
    storage.mentions.save_page(source.id, page, None, now=start)
    return storage


def whats(storage: Storage, mention: int) -> list[tuple[str, str, str]]:
    return [(event.by, event.what, event.detail) for event in storage.mentions.history(mention)]


def ids(storage: Storage, pile: Pile, who: str, now: datetime, **more: Any) -> list[int]:
    items, _next = storage.queue.items(QueueQuery(pile=pile, who=who, **more), now)
    return [item.mention_id for item in items]


def put(storage: Storage, id_: int, **columns: Any) -> None:
    """As the clock would have it."""
    change = DeskRow.update(columns).where(DeskRow.mention_id == id_)
    storage._database.write(lambda connection: connection.execute(change))


def owner(storage: Storage, id_: int) -> tuple[str, str]:
    """By the mention, and by the queue: the same, always."""
    item, stored = storage.queue.get(id_), storage.mentions.get(id_)
    assert item is not None
    return stored.status_by if stored.status is Status.CLAIMED else "", item.owner


def test_a_claim_puts_it_on_the_desk_with_a_lease(desk: Storage, start: datetime) -> None:
    assert desk.queue.get(1) is None
    desk.mentions.claim(1, "甲", start)
    item = desk.queue.get(1)
    assert item is not None
    assert (item.why, item.severity, item.stage) == ("hand", Severity.P2, Stage.OPEN)
    assert (item.owner, item.owned_at, item.lease_until) == ("甲", start, start + 30 * MINUTE)
    assert (item.allowed, item.started_at, item.due_at) == (1800, start, start + 30 * MINUTE)
    assert item.brand_id == desk.mentions.get(1).hits[0].brand_id
    assert owner(desk, 1) == ("甲", "甲")


def test_a_claim_runs_out_when_its_holder_is_away(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(1, "甲", start)
    with pytest.raises(Conflict, match="甲"):
        desk.mentions.claim(1, "乙", start + 29 * MINUTE)
    desk.mentions.claim(1, "乙", start + 30 * MINUTE)
    assert owner(desk, 1) == ("乙", "乙")
    assert whats(desk, 1) == [("甲", "claim", ""), ("乙", "lapse", "甲"), ("乙", "claim", "")]
    with pytest.raises(Conflict, match="乙"):
        desk.mentions.claim(1, "甲", start + 31 * MINUTE)


def test_a_sign_of_the_holder_keeps_the_claim_alive(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(1, "甲", start)
    desk.queue.view(1, "甲", start + 20 * MINUTE)
    desk.queue.view(1, "乙", start + 25 * MINUTE)  # a colleague's look is none
    desk.queue.view(1, "甲", start + 26 * MINUTE, active=False)  # an open window without a person is none
    with pytest.raises(Conflict):
        desk.mentions.claim(1, "乙", start + 49 * MINUTE)
    desk.notes.add(1, "在查", (), "甲", start + 49 * MINUTE)
    with pytest.raises(Conflict):
        desk.mentions.claim(1, "乙", start + 78 * MINUTE)
    desk.mentions.claim(1, "乙", start + 79 * MINUTE)
    desk.queue.view(1, "甲", start + 80 * MINUTE)  # too late: it is somebody else's
    assert owner(desk, 1) == ("乙", "乙")


def test_the_team_says_how_long_a_claim_lives(desk: Storage, start: datetime) -> None:
    desk.settings.set("desk.lease", 5)
    desk.mentions.claim(1, "甲", start)
    desk.mentions.claim(1, "乙", start + 5 * MINUTE)
    for nonsense in ("soon", 0, -3, None, [1]):
        desk.settings.set("desk.lease", nonsense)
        desk.mentions.claim(2, "甲", start)
        item = desk.queue.get(2)
        assert item is not None
        assert item.lease_until == start + 30 * MINUTE


def test_a_claim_of_a_program_without_leases_runs_out_too(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(1, "甲", start)
    desk._database.write(lambda connection: connection.execute(DeskRow.delete()))
    with pytest.raises(Conflict, match="甲"):
        desk.mentions.claim(1, "乙", start + 29 * MINUTE)
    desk.mentions.claim(1, "乙", start + 30 * MINUTE)
    assert owner(desk, 1) == ("乙", "乙")


def test_what_was_claimed_before_there_was_a_desk_is_on_it(tmp_path: Path, start: datetime) -> None:
    path = tmp_path / "v3.sqlite"
    shutil.copy(Path(__file__).parent / "data" / "v3.sqlite", path)
    old = sqlite3.connect(path)
    [[id_]] = old.execute("SELECT max(id) FROM mention").fetchall()
    with old:
        said = "UPDATE mention SET status = 'claimed', status_by = '甲', status_at = ? WHERE id = ?"
        old.execute(said, (micros(start), id_))
    old.close()
    with Storage.open(path, backups=tmp_path / "backups") as storage:
        assert owner(storage, id_) == ("甲", "甲")
        item = storage.queue.get(id_)
        assert item is not None
        assert (item.owned_at, item.lease_until) == (start, start + 30 * MINUTE)
        with pytest.raises(Conflict):
            storage.mentions.claim(id_, "乙", start + 29 * MINUTE)


def test_taking_over_is_open(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(1, "甲", start)
    with pytest.raises(ConfigError):
        desk.mentions.take_over(1, "乙", "  ", start)
    assert owner(desk, 1) == ("甲", "甲")
    assert desk.mentions.take_over(1, "乙", "客户催得急", start + MINUTE) == "甲"
    assert owner(desk, 1) == ("乙", "乙")
    assert whats(desk, 1)[-1] == ("乙", "take_over", "甲: 客户催得急")
    (note,) = desk.notes.to("甲", unread=True)
    assert (note.by, note.to) == ("乙", ("甲",))
    assert "客户催得急" in note.text
    assert desk.mentions.take_over(2, "乙", "没人管", start) == ""
    assert whats(desk, 2) == [("乙", "claim", "")]
    with pytest.raises(NotFound):
        desk.mentions.take_over(999, "乙", "x", start)


def test_assigned_handed_over_and_given_back(desk: Storage, start: datetime) -> None:
    desk.mentions.assign(1, "乙", "甲", start, "请跟进")
    assert owner(desk, 1) == ("乙", "乙")
    assert whats(desk, 1) == [("甲", "assign", "乙")]
    assert [(note.text, note.to) for note in desk.notes.to("乙")] == [("请跟进", ("乙",))]
    with pytest.raises(Conflict, match="乙"):
        desk.mentions.assign(1, "丙", "甲", start)
    with pytest.raises(Conflict, match="乙"):
        desk.mentions.release(1, "丙", start)
    desk.mentions.release(1, "甲", start)  # who gave it may take it back
    assert whats(desk, 1)[-1] == ("甲", "release", "乙")
    desk.mentions.claim(1, "丙", start)
    desk.mentions.assign(1, "乙", "丙", start)
    assert whats(desk, 1)[-1] == ("丙", "hand_over", "乙")
    with pytest.raises(ConfigError):
        desk.mentions.assign(1, " ", "乙", start)


def test_lists_by_time_left(desk: Storage, start: datetime) -> None:
    for id_ in (1, 2, 3, 4):
        desk.mentions.claim(id_, "甲", start)
    desk.acts.do(Act.CLAIM, (5, 6), "乙", start)
    desk.acts.do(Act.RELEASE, (3, 4), "甲", start)
    desk.acts.do(Act.PAUSE, (6,), "乙", start, text="等客户回信")
    desk.acts.do(Act.DONE, (5,), "乙", start)
    put(desk, 2, due_at=1)
    put(desk, 4, due_at=None)
    assert ids(desk, Pile.MINE, "甲", start) == [2, 1]
    assert ids(desk, Pile.UNCLAIMED, "甲", start) == [3, 4]
    assert ids(desk, Pile.TEAM, "甲", start) == [2, 1, 3, 4]
    assert ids(desk, Pile.WAITING, "甲", start) == [6]
    assert ids(desk, Pile.DONE, "甲", start) == [5]
    later = start + 40 * MINUTE  # whose claim ran out is theirs still, and everybody's
    assert ids(desk, Pile.UNCLAIMED, "甲", later) == [2, 1, 3, 4]
    item = desk.queue.get(2)
    assert item is not None
    assert (holder(item, start), holder(item, later)) == ("甲", "")
    counts = desk.queue.counts(QueueQuery(who="甲"), start)
    assert [counts.of(pile) for pile in Pile] == [2, 2, 4, 1, 1]


def test_filters_and_teams(desk: Storage, start: datetime) -> None:
    desk.acts.do(Act.CLAIM, range(1, 5), "甲", start)
    put(desk, 1, severity="P1")
    put(desk, 2, team_id=7)
    put(desk, 3, team_id=8, brand_id=None)
    assert ids(desk, Pile.TEAM, "乙", start, team_id=7) == [1, 2, 4]
    assert ids(desk, Pile.TEAM, "乙", start, team_id=ALL_TEAMS) == [1, 2, 3, 4]
    assert ids(desk, Pile.MINE, "甲", start, team_id=7) == [1, 2, 3, 4]
    brand = desk.mentions.get(1).hits[0].brand_id
    assert ids(desk, Pile.TEAM, "乙", start, brands=(brand,)) == [1, 2, 4]
    assert ids(desk, Pile.TEAM, "乙", start, severities=(Severity.P1,)) == [1]
    asked = QueueQuery(who="甲", team_id=7, brands=(brand,), severities=(Severity.P2,))
    counts = desk.queue.counts(asked, start)
    assert (counts.mine, counts.team) == (2, 2)


@pytest.mark.parametrize("pile", [Pile.TEAM, Pile.DONE])
def test_pages_meet_without_a_gap(desk: Storage, start: datetime, pile: Pile) -> None:
    desk.acts.do(Act.CLAIM, range(1, 10), "甲", start)
    for id_ in range(1, 10):  # three moments, and three without one
        put(
            desk,
            id_,
            due_at=None if id_ % 3 == 0 else id_ % 3,
            stage="done" if pile is Pile.DONE else "open",
        )
    query = QueueQuery(pile=pile, who="甲")
    whole, none = desk.queue.items(query, start)
    assert none is None
    seen: list[int] = []
    after = None
    for _page in range(5):
        items, after = desk.queue.items(query, start, after, 2)
        seen += [item.mention_id for item in items]
    assert after is None
    assert seen == [item.mention_id for item in whole]
    assert len(set(seen)) == 9


@pytest.mark.parametrize(
    ("pile", "index"), [(Pile.MINE, "desk_owner"), (Pile.UNCLAIMED, "desk_due"), (Pile.TEAM, "desk_due")]
)
def test_lists_are_read_from_an_index(desk: Storage, start: datetime, pile: Pile, index: str) -> None:
    query = QueueQuery(pile=pile, who="甲", team_id=3, severities=(Severity.P1,))
    for after in (None, QueueKey(start, 5)):
        with desk._database.read() as connection:
            if not connection.sqlite:  # of so few rows it would rather read all
                connection.execute_sql("SET enable_seqscan = off")
            how = "EXPLAIN QUERY PLAN " if connection.sqlite else "EXPLAIN "
            sql, values = (
                connection.database.get_sql_context().sql(stretches(query, start, after)[0]).query()
            )
            rows = connection.execute_sql(how + sql, values).fetchall()
            if not connection.sqlite:
                connection.execute_sql("SET enable_seqscan = on")
        plan = " ".join(str(cell) for row in rows for cell in row)
        assert index in plan
        assert "TEMP B-TREE" not in plan


def test_waiting_and_back(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(1, "甲", start)
    made = desk.acts.do(Act.PAUSE, (1, 2, 999), "甲", start, text="等工程师")
    assert made.done == (1, 2)
    assert [one.mention_id for one in made.refused] == [999]
    item = desk.queue.get(1)
    assert item is not None
    assert (item.stage, item.pause, item.paused_at, item.owner) == (Stage.WAITING, "等工程师", start, "甲")
    refused = desk.acts.do(Act.RESUME, (1, 3), "乙", start).refused
    assert [(one.mention_id, "甲" in one.reason) for one in refused] == [(1, True), (3, False)]
    assert desk.acts.do(Act.RESUME, (1,), "甲", start).done == (1,)
    item = desk.queue.get(1)
    assert item is not None
    assert (item.stage, item.pause, item.paused_at) == (Stage.OPEN, "", None)
    assert [what for _by, what, _detail in whats(desk, 1)] == ["claim", "pause", "resume"]


@pytest.mark.parametrize(("act", "status"), [(Act.DONE, Status.ANSWERED), (Act.IGNORE, Status.IGNORED)])
def test_done_and_reopened(desk: Storage, start: datetime, act: Act, status: Status) -> None:
    desk.mentions.claim(1, "乙", start)
    made = desk.acts.do(act, (1, 2), "甲", start)
    assert (made.done, [one.mention_id for one in made.refused]) == ((2,), [1])
    assert desk.mentions.get(2).status is status
    assert ids(desk, Pile.DONE, "甲", start) == ([2] if act is Act.DONE else [])
    assert desk.acts.do(act, (2,), "甲", start).refused
    assert desk.acts.do(Act.REOPEN, (1, 2), "丙", start).done == (2,)
    assert desk.mentions.get(2).status is Status.NEW
    assert ids(desk, Pile.UNCLAIMED, "甲", start) == [2]


def test_every_way_to_a_status_keeps_the_queue_in_step(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(1, "甲", start)
    desk.mentions.answer(1, "您好", "甲", start)
    item = desk.queue.get(1)
    assert item is not None
    assert (item.stage, item.owner, item.lease_until) == (Stage.DONE, "", None)
    desk.mentions.set_status([1], Status.CLAIMED, "乙", start)
    assert owner(desk, 1) == ("乙", "乙")
    assert ids(desk, Pile.MINE, "乙", start) == [1]
    desk.mentions.set_status([1, 2], Status.ESCALATED, "乙", start)
    item = desk.queue.get(1)
    assert item is not None
    assert (item.stage, item.owner) == (Stage.OPEN, "")
    assert desk.queue.get(2) is None


def test_a_living_claim_is_not_ignored_away(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(1, "甲", start)
    assert desk.mentions.set_status([1, 2], Status.IGNORED, "乙", start + MINUTE) == 1
    assert owner(desk, 1) == ("甲", "甲")
    assert desk.mentions.set_status([1], Status.IGNORED, "乙", start + 30 * MINUTE) == 1
    assert desk.mentions.get(1).status is Status.IGNORED


def test_bulk_acts_say_why_some_were_left(desk: Storage, start: datetime) -> None:
    desk.mentions.claim(2, "乙", start)
    made = desk.acts.do(Act.CLAIM, [3, 1, 2, 1, 999], "甲", start)
    assert made.done == (1, 3)
    assert [(one.mention_id, "乙" in one.reason) for one in made.refused] == [(2, True), (999, False)]
    with pytest.raises(ConfigError):
        desk.acts.do(Act.ASSIGN, [1], "甲", start)
    made = desk.acts.do(Act.ASSIGN, [1, 2], "甲", start, to="丙", text="请看")
    assert (made.done, len(made.refused)) == ((1,), 1)
    assert desk.notes.unread("丙") == 1


def test_who_is_looking(desk: Storage, start: datetime) -> None:
    assert desk.queue.view(1, "甲", start)
    assert not desk.queue.view(1, "甲", start + 0.5 * MINUTE)
    desk.queue.view(1, "乙", start)
    desk.queue.view(2, "乙", start)
    assert desk.queue.viewers([1, 2, 3], start + 0.9 * MINUTE) == {1: ("乙", "甲"), 2: ("乙",)}
    assert desk.queue.viewers([1, 2, 3], start + 1.1 * MINUTE) == {1: ("甲",)}
    assert desk.queue.view(1, "甲", start + 5 * MINUTE)  # news again
    assert whats(desk, 1) == [("甲", "seen", ""), ("乙", "seen", "")]  # once a person
    with pytest.raises(NotFound):
        desk.queue.view(999, "甲", start)
    assert desk.queue.names() == ("乙", "甲")


def test_notes_reach_whom_they_name(desk: Storage, start: datetime) -> None:
    desk.queue.view(1, "乙", start)
    first = desk.notes.add(1, " @乙 看一下\x00 ", ("乙",), "甲", start + MINUTE)
    assert (first.text, first.to) == ("@乙 看一下", ("乙",))
    desk.notes.add(1, "不急", (), "甲", start + 2 * MINUTE)
    desk.notes.add(2, "@乙", ("乙", "a,b"), "甲", start)
    assert [note.text for note in desk.notes.of(1)] == ["@乙 看一下", "不急"]
    assert [note.mention_id for note in desk.notes.to("乙", unread=True)] == [2, 1]
    assert desk.notes.to("%") == desk.notes.to("") == desk.notes.to("b") == ()
    assert len(desk.notes.to("a,b")) == 1
    desk.queue.view(1, "乙", start + 3 * MINUTE)
    assert (desk.notes.unread("乙"), len(desk.notes.to("乙"))) == (1, 2)
    assert {id_: count for id_, (count, _note) in desk.notes.last_of([1, 2, 3]).items()} == {1: 2, 2: 1}
    assert desk.notes.last_of([1])[1][1].text == "不急"
    for bad in ("", " \n", "长" * 4001):
        with pytest.raises(ConfigError):
            desk.notes.add(1, bad, (), "甲", start)
    with pytest.raises(NotFound):
        desk.notes.add(999, "x", (), "甲", start)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@小王 请看", ("小王",)),
        ("@小王请看，＠小李也看", ("小王", "小李")),
        ("@小王五 @小王", ("小王五", "小王")),
        ("小王@example.com @", ()),
        ("@小王@小王", ("小王",)),
    ],
)
def test_who_stands_behind_an_at(text: str, found: Sequence[str]) -> None:
    assert named_in(text, ["小王", "小李", "小王五", ""]) == found


def test_author_card_rests_on_mentions(
    storage: Storage, source: Source, make: Make, score: Any, start: datetime
) -> None:
    from app.domain.sentiment import Tone

    who = Author(name="老用户", native_id="7", followers=12, verified=True)
    tones = [Tone.NEGATIVE, Tone.NEGATIVE, Tone.POSITIVE, Tone.NEUTRAL]
    page = [make(n, f"第{n}条", author=who) for n in range(1, 5)]
    page += [
        make(5, "别人"),
        make(6, "物流太慢", author=who),
        make(7, "同名", author=Author(name="老用户")),
    ]
    page.append(make(8, "很久以前", author=who, at=start - timedelta(days=200)))
    storage.mentions.save_page(source.id, page, None, now=start)
    for stored_id, tone in enumerate(tones, 1):
        storage.mentions.correct(stored_id, tone, "甲", start)
    storage.mentions.correct(8, Tone.NEGATIVE, "甲", start)
    storage.mentions.answer(1, "抱歉", "甲", start)
    storage.mentions.answer(1, "已寄出", "乙", start + MINUTE)
    now = start + timedelta(minutes=10)
    card = storage.authors.card(storage.mentions.get(4), now, lambda text: "物流" in text)
    assert (card.name, card.followers, card.verified) == ("老用户", 12, True)
    assert (card.mentions.count, card.mentions.ids) == (6, (6, 4, 3, 2, 1, 8))
    assert card.negative.ids == (2, 1, 8)
    assert card.positive.ids == (3,)
    assert card.complaints.ids == (6, 2, 1)  # the old one is out, the word counts where no tone is
    assert (card.repeat, card.loyal, card.negative_share) == (True, False, 0.5)
    assert (card.first_at, card.last_at) == (start - timedelta(days=200), start + 6 * MINUTE)
    assert [(one.text, one.by) for one in card.answers] == [("已寄出", "乙"), ("抱歉", "甲")]
    assert card.answered.ids == (1,)
    for stored_id in (1, 2, 6):
        storage.mentions.correct(stored_id, Tone.POSITIVE, "甲", start)
    card = storage.authors.card(storage.mentions.get(4), now, lambda _text: False)
    assert (card.repeat, card.loyal) == (False, True)


def test_the_nameless_have_a_card_of_one(
    storage: Storage, source: Source, make: Make, start: datetime
) -> None:
    page = [make(1, author=Author()), make(2, author=Author())]
    storage.mentions.save_page(source.id, page, None, now=start)
    card = storage.authors.card(storage.mentions.get(1), start, lambda _text: False)
    assert (card.mentions.ids, card.repeat, card.loyal, card.negative_share) == ((1,), False, False, 0.0)
