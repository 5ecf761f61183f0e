"""A mention becomes an issue once, whatever breaks; copies refer to it; what becomes of it comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from app.change import Change
from app.domain.alert import Severity
from app.domain.mention import Author, Mention
from app.domain.outlet import Outlet
from app.domain.ticket import Ticket, TicketState, key_of
from app.domain.watch import Source
from app.drill.standin import World
from app.drill.standin.trackers import GitHubIssues
from app.engine.outlets import tracker_makers
from app.engine.ticketing import Ticketing
from app.engine.web import Asking
from app.errors import AppError, AuthFailed, ConfigError, Conflict, NotFound, Unsure
from app.settings.secrets import FileStore
from app.storage.edge import micros
from app.storage.models_desk import NoteRow
from app.storage.models_warning import MemberRow
from app.storage.store import Storage
from app.storage.values import Found
from tests.channels.given import LINE
from tests.trackers.cases import CASES

T = TypeVar("T")


class Hand:
    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


class Desk:
    """A database with mentions, a tracker, and whoever makes issues of the one in the other."""

    def __init__(self, folder: Path, world: World, hand: Hand, name: str = "t.db") -> None:
        self.world, self.hand = world, hand
        self.storage = Storage.open(folder / name, clock=hand)
        self.secrets = FileStore(folder / "secrets.json")
        self.told: list[Change] = []
        self.ticketing = Ticketing(
            storage=self.storage,
            makers=tracker_makers(self.secrets, hand.now),
            clock=hand,
            tell=self.told.append,
        )
        self.patience = 20.0

    def tracker(self, name: str = "github", **secrets: str) -> int:
        case = CASES[name]
        settings = case.settings(self.world.url_of(case.platform))
        saved = self.storage.trackers.save(Outlet(kind=case.kind, name=name, settings=settings))
        for field, value in {**case.secrets, **secrets}.items():
            self.secrets.set(f"tracker/{saved.id}/{field}", value)
        return saved.id

    def mention(self, name: str, story: int = 0, text: str = "左耳没声音") -> int:
        sources = self.storage.sources.all()
        source = (
            sources[0].source
            if sources
            else self.storage.sources.save(Source(kind="feed", name="f", settings={}))
        )
        given = Mention(
            platform="weibo",
            native_id=name,
            url=f"https://weibo.example/{name}",
            text=text,
            author=Author(name="阿树"),
        )
        now = self.hand.now()
        self.storage.mentions.save_page(
            source.id, [Found(mention=given, published_at=now, dated=True)], None, now=now
        )
        id_ = self.storage.mentions.newest_id()
        if story:
            row = {"mention_id": id_, "story_id": story, "similarity": 1.0, "way": "same"}
            put = MemberRow.insert(at=micros(now), **row)
            self.storage._database.write(lambda connection: connection.execute(put))
        return id_

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        def act(clients: Any) -> Coroutine[Any, Any, T]:
            self.ticketing.web = Asking(clients.get(6000), self.patience)
            return work()

        return LINE.run(act)

    def escalate(self, mention: int, tracker: int, note: str = "") -> Ticket:
        return self.run(lambda: self.ticketing.escalate(mention, tracker, Severity.P2, "张三", note))

    def events(self, mention: int) -> list[str]:
        return [one.what for one in self.storage.mentions.history(mention)]

    def notes(self, mention: int) -> list[str]:
        with self.storage._database.read() as connection:
            wanted = NoteRow.select(NoteRow.text).where(NoteRow.mention_id == mention)
            return [text for (text,) in connection.execute(wanted).fetchall()]


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def desk(tmp_path: Path, world: World, hand: Hand) -> Iterator[Desk]:
    made = Desk(tmp_path, world, hand)
    yield made
    made.storage.close()


@pytest.fixture
def github(world: World) -> GitHubIssues:
    return world.of(GitHubIssues)


@pytest.mark.parametrize("name", [name for name in CASES if name != "webhook"])
def test_one_click_makes_one_issue_and_the_next_shows_it(desk: Desk, world: World, name: str) -> None:
    tracker, mention = desk.tracker(name), desk.mention("a")
    made = desk.escalate(mention, tracker, "固件 2.1")
    again = desk.escalate(mention, tracker)
    assert made.state is TicketState.OPEN
    assert again == made
    (item,) = world.of(CASES[name].platform).items
    assert made.key == key_of(desk.storage.mentions.get(mention).mention)
    assert made.key in item.text + item.extra["title"]
    assert made.url in desk.storage.mentions.history(mention)[-1].detail
    assert desk.events(mention) == ["ticket"]
    assert desk.storage.tickets.of_mentions([mention]) == {mention: (made,)}
    assert desk.storage.trackers.all(desk.hand.now())[0].waiting == 1
    assert Change.TRACKERS in desk.told[-1]


def test_copies_of_the_story_refer_to_the_one_issue(desk: Desk, github: GitHubIssues) -> None:
    tracker = desk.tracker()
    ids = [desk.mention(str(n), story=7) for n in range(30)]
    other = desk.mention("other", story=8)
    first = desk.escalate(ids[5], tracker)
    for id_ in ids[:3]:
        assert desk.escalate(id_, tracker).id == first.id
    assert desk.escalate(other, tracker).id != first.id
    assert len(github.items) == 2
    text = github.items[0].text
    assert "30 posts say the same" in text
    assert text.count("weibo.example") == 21  # the post, and twenty copies
    assert desk.storage.tickets.get(first.id).mentions == 4
    assert desk.events(ids[0]) == ["ticket_joined"]
    assert desk.events(ids[10]) == []


def test_two_who_click_on_two_copies_at_once_make_one_issue(
    desk: Desk, github: GitHubIssues, tmp_path: Path, world: World, hand: Hand
) -> None:
    tracker = desk.tracker()
    one, two = desk.mention("1", story=7), desk.mention("2", story=7)
    other = Desk(tmp_path, world, hand)
    github.control({"latency": 0.2})

    async def both() -> list[Any]:
        other.ticketing.web = desk.ticketing.web
        return await asyncio.gather(
            desk.ticketing.escalate(one, tracker, Severity.P2, "张三"),
            other.ticketing.escalate(two, tracker, Severity.P2, "李四"),
            return_exceptions=True,
        )

    told = desk.run(both)
    other.storage.close()
    assert sorted(type(said) for said in told if isinstance(said, Exception)) == [Conflict]
    assert len(github.items) == 1
    desk.escalate(one, tracker)
    assert desk.escalate(two, tracker).mentions == 2
    assert len(github.items) == 1


@pytest.mark.parametrize("how", ["cut", "hang"])
def test_an_issue_that_was_made_without_a_word_is_found_not_made_again(
    desk: Desk, github: GitHubIssues, how: str
) -> None:
    tracker, mention = desk.tracker(), desk.mention("a")
    desk.patience = 1.0 if how == "hang" else 20.0
    before = github.answer

    def answer(call: Any) -> Any:
        if call.method == "POST":
            github.answer = before  # type: ignore[method-assign]
            return github.failure(how, call)
        return before(call)

    github.answer = answer  # type: ignore[method-assign]
    made = desk.escalate(mention, tracker)
    assert made.state is TicketState.OPEN
    assert made.ref == "#1"
    assert len(github.items) == 1


def test_what_stays_unclear_is_looked_up_before_anything_else(
    desk: Desk, github: GitHubIssues, hand: Hand
) -> None:
    """The line breaks for good after the tracker has taken it; half a minute later it is found there."""
    tracker, mention = desk.tracker(), desk.mention("a")
    before = github.answer
    broken = False

    def answer(call: Any) -> Any:
        nonlocal broken
        made = before(call)
        broken = broken or call.method == "POST"
        return before(call).__class__(b"{", 200, cut=0) if broken else made

    github.answer = answer  # type: ignore[method-assign]
    with pytest.raises(Unsure):
        desk.escalate(mention, tracker)
    github.answer = before  # type: ignore[method-assign]
    github.items[1:] = []  # the stand-in above answered twice
    (ticket,) = desk.storage.tickets.of_mentions([mention])[mention]
    assert ticket.state is TicketState.UNSURE
    assert desk.events(mention) == ["ticket_unsure"]
    assert desk.storage.trackers.all(hand.now())[0].failed == 1
    with pytest.raises(Conflict, match="minute"):
        desk.escalate(mention, tracker)
    hand.move(seconds=30)
    made = desk.escalate(mention, tracker)
    assert made.id == ticket.id
    assert made.ref == "#1"
    assert len(github.items) == 1


def test_an_unclear_one_keeps_its_key_when_the_story_changes(
    desk: Desk, github: GitHubIssues, hand: Hand
) -> None:
    tracker, mention = desk.tracker(), desk.mention("b")
    github.control({"fail_next": {"n": 1, "mode": "cut"}})
    with pytest.raises(AppError):
        desk.escalate(mention, tracker)
    (ticket,) = desk.storage.tickets.of_mentions([mention])[mention]
    hand.move(minutes=-5)
    desk.mention("older", story=3)
    hand.move(minutes=10)
    put = MemberRow.insert(
        mention_id=mention, story_id=3, similarity=1.0, way="same", at=micros(hand.now())
    )
    desk.storage._database.write(lambda connection: connection.execute(put))
    made = desk.escalate(mention, tracker)
    assert made.key == ticket.key
    assert len(github.items) == 1


def test_a_tracker_that_is_down_loses_nothing(desk: Desk, github: GitHubIssues, hand: Hand) -> None:
    tracker, mention = desk.tracker(), desk.mention("a")
    github.control({"fail_next": {"n": 1, "mode": "500"}})
    with pytest.raises(AppError, match="trouble of its own"):
        desk.escalate(mention, tracker)
    (ticket,) = desk.storage.tickets.of_mentions([mention])[mention]
    assert ticket.state is TicketState.FAILED
    assert "trouble" in ticket.error
    assert "trouble" in desk.storage.trackers.get(tracker).error
    made = desk.escalate(mention, tracker)
    assert made.state is TicketState.OPEN
    assert made.error == ""
    assert desk.storage.trackers.get(tracker).error == ""
    assert desk.events(mention) == ["ticket_failed", "ticket"]


def test_a_program_that_died_at_it_is_taken_over_after_a_while(
    desk: Desk, github: GitHubIssues, hand: Hand
) -> None:
    """Reserved, made there, and then killed: the next one finds it."""
    tracker, mention = desk.tracker(), desk.mention("a")
    issue, kin = desk.ticketing._issue(mention, Severity.P2, "张三", "")
    reserved = desk.storage.tickets.reserve(issue, tracker, mention, kin, hand.now(), timedelta(minutes=3))
    assert reserved.mine
    github.add(f"`tingfeng-id: {issue.key}`", extra={"title": "x"})
    with pytest.raises(Conflict):
        desk.escalate(mention, tracker)
    hand.move(minutes=4)
    made = desk.escalate(mention, tracker)
    assert made.ref == "#1"
    assert len(github.items) == 1


def test_another_database_finds_the_same_issue(
    desk: Desk, github: GitHubIssues, tmp_path: Path, world: World, hand: Hand
) -> None:
    first = desk.escalate(desk.mention("a"), desk.tracker())
    other = Desk(tmp_path, world, hand, "other.db")
    second = other.escalate(other.mention("a"), other.tracker())
    other.storage.close()
    assert (second.ref, second.key) == (first.ref, first.key)
    assert len(github.items) == 1


def test_a_fixed_issue_comes_back_to_all_its_mentions(desk: Desk, github: GitHubIssues, hand: Hand) -> None:
    tracker = desk.tracker()
    ids = [desk.mention(str(n), story=7) for n in range(2)]
    ticket = desk.escalate(ids[0], tracker)
    desk.escalate(ids[1], tracker)
    assert desk.run(desk.ticketing.follow) == 0  # it was seen a moment ago
    github.close("1", "completed")
    hand.move(minutes=6)
    assert desk.run(desk.ticketing.follow) == 1
    assert desk.run(desk.ticketing.follow) == 0
    after = desk.storage.tickets.get(ticket.id)
    assert (after.state, after.word) == (TicketState.CLOSED, "completed")
    for id_ in ids:
        assert desk.events(id_)[-1] == "ticket_closed"
        assert desk.notes(id_) == ["github #1 is fixed or closed there (completed)."]
    assert Change.TRACKERS in desk.told[-1]
    assert desk.escalate(ids[0], tracker).id == ticket.id  # a closed one is not made again


def test_an_issue_deleted_there_is_said(desk: Desk, github: GitHubIssues, hand: Hand) -> None:
    tracker, mention = desk.tracker(), desk.mention("a")
    ticket = desk.escalate(mention, tracker)
    github.delete_item("1")
    assert desk.run(lambda: desk.ticketing.look(ticket.id)).state is TicketState.GONE
    assert desk.events(mention)[-1] == "ticket_gone"


def test_open_issues_are_asked_about_modestly(desk: Desk, github: GitHubIssues, hand: Hand) -> None:
    tracker = desk.tracker()
    for n in range(25):
        desk.escalate(desk.mention(str(n)), tracker)
    asked: list[int] = []
    github.journal.clear()
    for _minute in range(60):
        hand.move(minutes=1)
        before = len(github.journal)
        desk.run(desk.ticketing.follow)
        asked.append(len(github.journal) - before)
    assert max(asked) == 20
    assert sum(asked) <= 25 * 12
    hand.move(days=8)
    desk.run(desk.ticketing.follow)
    desk.run(desk.ticketing.follow)
    before = len(github.journal)
    hand.move(hours=5)
    desk.run(desk.ticketing.follow)
    assert len(github.journal) == before


def test_issues_nobody_can_ask_about_do_not_stand_in_the_way(desk: Desk, world: World, hand: Hand) -> None:
    paused, other = desk.tracker("gitlab"), desk.tracker("github")
    for n in range(101):
        desk.escalate(desk.mention(f"a{n}"), paused)
    followed = desk.escalate(desk.mention("b"), other)
    desk.storage.trackers.pause(paused, True)
    world.of(GitHubIssues).close("1", "completed")
    hand.move(minutes=6)
    assert desk.run(desk.ticketing.follow) == 1
    assert desk.storage.tickets.get(followed.id).state is TicketState.CLOSED


def test_a_tracker_in_trouble_is_left_alone_and_the_others_go_on(
    desk: Desk, github: GitHubIssues, hand: Hand
) -> None:
    bad, good = desk.tracker(), desk.tracker("gitlab")
    for n in range(3):
        desk.escalate(desk.mention(f"x{n}"), bad)
    desk.escalate(desk.mention("y"), good)
    github.token = "changed"
    github.journal.clear()
    hand.move(minutes=6)
    assert desk.run(desk.ticketing.follow) == 2
    hand.move(minutes=6)
    assert desk.run(desk.ticketing.follow) == 1
    assert len(github.journal) == 1
    assert "key" in desk.storage.trackers.get(bad).error
    assert desk.storage.trackers.get(good).error == ""


def test_two_programs_ask_once(desk: Desk, github: GitHubIssues, hand: Hand) -> None:
    ticket = desk.escalate(desk.mention("a"), desk.tracker())
    hand.move(minutes=6)
    assert desk.storage.tickets.looking(ticket, hand.now())
    assert not desk.storage.tickets.looking(ticket, hand.now() + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("what", "kind"),
    [("paused", ConfigError), ("removed", NotFound), ("keyless", ConfigError), ("wrong", AuthFailed)],
)
def test_what_cannot_be_made_is_said_and_nothing_is_left_behind(
    desk: Desk, github: GitHubIssues, what: str, kind: type[AppError]
) -> None:
    secrets = {"keyless": "", "wrong": "wrong-token"}
    tracker, mention = (
        desk.tracker(**({"token": secrets[what]} if what in secrets else {})),
        desk.mention("a"),
    )
    if what == "paused":
        desk.storage.trackers.pause(tracker, True)
    if what == "removed":
        desk.storage.trackers.remove(tracker)
    with pytest.raises(kind):
        desk.escalate(mention, tracker)
    assert github.items == []
    with pytest.raises(NotFound):
        desk.escalate(999, tracker if what == "wrong" else desk.tracker())


def test_a_post_whose_words_are_forgotten_makes_no_empty_issue(
    desk: Desk, github: GitHubIssues, hand: Hand
) -> None:
    tracker, mention = desk.tracker(), desk.mention("a")
    post = desk.storage.mentions.get(mention).mention
    desk.storage.mentions.mark_gone([(post.platform, post.kind, post.native_id)], hand.now())
    desk.storage.mentions.purge_gone(hand.now() + timedelta(days=1))
    with pytest.raises(NotFound, match="forgotten"):
        desk.escalate(mention, tracker)
    assert github.items == []
