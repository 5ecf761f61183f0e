"""Threads that grow, posts that are deleted, canaries and quotas, end to end on the stand-in."""

from __future__ import annotations

from app.domain.mention import Kind
from app.domain.query import MentionQuery
from app.domain.seeing import Cause
from app.domain.watch import Page, Watch
from app.engine.sight import Sight
from tests.engine.conftest import Town


def story(town: Town, text: str = "左耳充电发烫") -> str:
    """A story on the stand-in that names the brand; its id."""
    return town.platform.add(text, extra={"title": text}).id


def watched(town: Town) -> None:
    town.core.save_brand(Watch(name="左耳", query="左耳"), wait=True)
    town.source()


def texts(town: Town) -> set[str]:
    return {row.text for row in town.core.mentions(MentionQuery()).rows}


def test_a_thread_that_grows_is_read_again(town: Town) -> None:
    watched(town)
    root = story(town)
    town.poll()
    assert town.core.storage.seeing.threads() == {1: 1}
    # Answers that hold no search word: no poll finds them.
    for number in range(5):
        town.platform.add(f"第{number}个回答", parent=root, root=root)
    town.pass_time(minutes=20)
    town.poll()
    assert texts(town) == {"左耳充电发烫", *(f"第{number}个回答" for number in range(5))}
    assert all(row.mention.kind is Kind.COMMENT for row in town.core.mentions(MentionQuery()).rows[:-1])
    asked = sum(call.path.startswith("/api/v1/items/") for call in town.platform.journal)
    town.poll()
    assert sum(call.path.startswith("/api/v1/items/") for call in town.platform.journal) == asked, "not yet"


def test_a_thread_waits_while_the_platform_wants_patience(town: Town) -> None:
    watched(town)
    story(town)
    town.poll()
    town.pass_time(minutes=20)
    town.platform.switches.left = 1  # the poll itself
    town.poll()
    town.platform.switches.left = None
    assert town.core.storage.seeing.threads() == {1: 1}
    before = len(town.platform.journal)
    assert town.poll().error is not None, "the poll waits for the same reason"
    assert len(town.platform.journal) == before
    town.pass_time(minutes=5)
    assert town.poll().error is None


def test_a_post_that_is_deleted_is_forgotten_within_a_day_and_stays_a_fact(town: Town) -> None:
    watched(town)
    root = story(town)
    town.poll()
    [row] = town.core.mentions(MentionQuery()).rows
    town.platform.delete_item(root)
    town.pass_time(minutes=20)
    town.poll()
    gone = town.core.mention(row.id)
    assert gone.gone_at == town.clock.now()
    assert gone.text == "左耳充电发烫"
    town.pass_time(hours=13)
    town.poll()
    gone = town.core.mention(row.id)
    assert (gone.text, gone.mention.author.name) == ("", "")
    assert gone.tone is row.tone is not None
    assert [hit.brand for hit in gone.hits] == ["左耳"]
    assert town.core.storage.seeing.threads() == {}


def test_what_the_brand_answered_on_the_platform_is_marked(town: Town) -> None:
    watched(town)
    story(town)
    town.poll()
    [row] = town.core.mentions(MentionQuery()).rows
    page = Page((), answered=((row.mention.platform, row.mention.kind, row.mention.native_id),))
    town.core.pipeline.take(town.core.sources()[0].source, page, set_cursor=False)
    one = town.core.mention(row.id)
    assert (one.status.value, one.status_by) == ("answered", "on the platform")


def test_a_canary_that_is_missed_twice_is_told_and_heals(town: Town) -> None:
    canary = story(town, "左耳：置顶的公告")
    source = town.source(canary=canary)
    town.poll()
    town.poll()
    assert Sight.load(town.core.sources()[0].sight).canary_seen_at == town.clock.now()
    town.platform.delete_item(canary)
    for _look in range(2):
        town.pass_time(hours=6, minutes=30)
        town.poll()
    assert town.core.alerts() == ()
    town.pass_time(minutes=15)
    town.poll()
    town.poll()
    assert [one.kind for one in town.core.alerts()] == ["blind"]
    assert Sight.load(town.core.sources()[0].sight).blind is Cause.CANARY
    town.platform.item(canary).deleted = False  # type: ignore[union-attr]  # it is there
    town.pass_time(hours=7)
    town.poll()
    town.poll()
    assert Sight.load(town.core.sources()[0].sight).blind is None
    assert source.canary == canary


def test_a_canary_that_was_never_there_disturbs_nobody(town: Town) -> None:
    town.source(canary="没有这个帖子")
    for _time in range(5):
        town.pass_time(hours=7)
        town.poll()
    assert [one.kind for one in town.core.alerts() if "canary" in one.body] == []
    assert Sight.load(town.core.sources()[0].sight).canary_missed == 0


def test_two_sources_of_one_host_wait_together_when_it_asks_for_patience(town: Town) -> None:
    town.source()
    town.source(every=600)
    town.poll()
    town.platform.switches.left = 0
    town.core.engine.poll_once().result(60)
    town.platform.switches.left = None
    before = len(town.platform.journal)
    outcomes = town.core.engine.poll_once().result(60)
    assert all(one.error is not None for one in outcomes.values())
    assert len(town.platform.journal) == before
    town.pass_time(seconds=8)
    outcomes = town.core.engine.poll_once().result(60)
    assert all(one.error is None for one in outcomes.values())
