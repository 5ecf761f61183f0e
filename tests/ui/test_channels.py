"""Channels and trackers in the window: set up, tried, shown in trouble; a post becomes an issue."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from app.core import Core
from app.domain.alert import Alert, Severity
from app.domain.delivery import Delivery
from app.domain.outlet import Outlet
from app.drill.standin import World
from app.drill.standin.robots import DingRobot
from app.drill.standin.trackers import GitHubIssues
from app.errors import AuthFailed
from ui.channels.add import AddOutlet
from ui.channels.page import ChannelsPage
from ui.channels.panel import state_word
from ui.channels.shelf import channel_shelf
from ui.context import Context
from ui.desk.page import DeskPage
from ui.dialogs.sheet import Confirm
from ui.feed.detail import DetailPane
from ui.main_window import MainWindow
from ui.trackers.escalate import IssueSheet


@pytest.fixture
def world() -> Iterator[World]:
    with World([DingRobot, GitHubIssues]) as made:
        yield made


@pytest.fixture
def running(filled: Core) -> Core:
    filled.start(poll=False)
    return filled


def _page(qtbot: Any, context: Context) -> ChannelsPage:
    page = ChannelsPage(context)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    return page


def _robot(core: Core, world: World, key: str = DingRobot.key) -> Outlet:
    settings = {"server": world.url_of(DingRobot)}
    return core.save_channel(
        Outlet(kind="dingtalk", name="售后群 <b>", settings=settings), {"address": key}
    )


def _github(core: Core, world: World) -> Outlet:
    settings = {"repository": "brand/app", "server": world.url_of(GitHubIssues)}
    return core.save_tracker(
        Outlet(kind="github", name="研发", settings=settings), {"token": GitHubIssues.key}
    )


def test_a_robot_is_added_tried_and_saved(
    qtbot: Any, context: Context, running: Core, world: World
) -> None:
    dialog = AddOutlet(context, channel_shelf(running))
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: bool(dialog.pick._choices))
    dialog.pick._clicked(0)
    assert dialog.kind is not None
    assert dialog.kind.id == "dingtalk"
    dialog.save()
    qtbot.waitUntil(dialog.form.fields["address"].error.isVisible)
    dialog.form.fields["server"].show_value(world.url_of(DingRobot))
    dialog.form.fields["address"].input.setText("wrong-token-1")
    dialog.test()
    qtbot.waitUntil(lambda: "Copy the address" in dialog.problem.words.text())
    dialog.form.fields["address"].input.setText(DingRobot.key)
    dialog.test()
    qtbot.waitUntil(lambda: "was taken" in dialog.problem.words.text())
    assert len(world.of(DingRobot).sent) == 1
    dialog.name.setText("售后群")
    dialog.save()
    qtbot.waitUntil(lambda: len(running.channels()) == 1)
    assert running.channels()[0].name == "售后群"
    assert DingRobot.key not in str(running.channels())


def test_editing_keeps_the_secret_that_is_not_typed_again(
    qtbot: Any, context: Context, running: Core, world: World
) -> None:
    robot = _robot(running, world)
    dialog = AddOutlet(context, channel_shelf(running), robot)
    qtbot.addWidget(dialog)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.kind is not None)
    dialog.name.setText("新名字")
    dialog.save()
    qtbot.waitUntil(lambda: running.channels()[0].name == "新名字")
    assert running.test_channel(robot.id) == "The test message was taken."


def test_the_page_shows_trouble_and_what_can_be_done(
    qtbot: Any, context: Context, running: Core, world: World
) -> None:
    robot = _robot(running, world, "wrong-token-1")
    page = _page(qtbot, context)
    qtbot.waitUntil(lambda: page.channels.states.state == "full")
    page.channels.table.selectRow(0)
    assert state_word(page.channels.table.current) == "Not used yet"
    page.channels.test()
    qtbot.waitUntil(lambda: state_word(page.channels.table.current) == "Failing")
    qtbot.waitUntil(page.channels.trouble.isVisible)
    assert "Copy the address" in page.channels.trouble.words.text()
    page.channels.pause()
    qtbot.waitUntil(lambda: state_word(page.channels.table.current) == "Paused")
    assert page.channels.pause_button.text() == "Resume"
    page.channels.pause()
    qtbot.waitUntil(lambda: state_word(page.channels.table.current) == "Failing")
    page.channels.remove()
    asked = page.channels.findChild(Confirm)
    assert asked is not None
    asked.accept()
    qtbot.waitUntil(lambda: page.channels.states.state == "empty")
    assert running.channels() == ()
    assert running.secrets.get(f"channel/{robot.id}/address") == ""


def test_an_alert_that_is_due_leaves_while_the_program_runs(filled: Core, world: World, qtbot: Any) -> None:
    """Through the engine's own loop: put into the queue, told, delivered."""
    from app.change import Change

    filled.start()
    robot, now = _robot(filled, world), filled.clock.now()
    alert = filled.storage.alerts.add(
        Alert(severity=Severity.P1, title="P1 起火", body="", reason="", created_at=now)
    )
    filled.storage.deliveries.add(
        [
            Delivery(
                alert_id=alert.id,
                channel=str(robot.id),
                key="k",
                due_at=now,
                created_at=now,
                changed_at=now,
            )
        ]
    )
    filled.tell(Change.DELIVERIES)
    qtbot.waitUntil(lambda: len(world.of(DingRobot).sent) == 1)
    qtbot.waitUntil(lambda: filled.deliveries_of(alert.id)[0].state.value == "sent")


def test_a_post_becomes_an_issue_whose_state_stands_beside_it(
    qtbot: Any, context: Context, running: Core, world: World
) -> None:
    _github(running, world)
    mention = running.newest_id()
    pane = DetailPane(context)
    qtbot.addWidget(pane)
    pane.show()
    pane.show_mention(mention)
    qtbot.waitUntil(lambda: pane.whole is not None)
    assert pane._tickets.isHidden()
    sheet = IssueSheet(context, mention)
    qtbot.addWidget(sheet)
    sheet.open()
    qtbot.waitUntil(sheet.chief.isEnabled)
    sheet.note.setPlainText("固件 2.1")
    sheet.make()
    qtbot.waitUntil(lambda: len(world.of(GitHubIssues).items) == 1)
    qtbot.waitUntil(lambda: not pane._tickets.isHidden())
    assert pane.whole is not None
    (ticket,) = pane.whole.tickets
    assert ticket.ref == "#1"
    world.of(GitHubIssues).close("1", "completed")
    running.look_at_ticket(ticket.id)
    qtbot.waitUntil(lambda: pane.whole is not None and pane.whole.tickets[0].state.value == "closed")
    page = _page(qtbot, context)
    page.show_part("issues")
    qtbot.waitUntil(lambda: page.issues.states.state == "full")
    assert not page.issues.look_button.isEnabled()


def test_a_tracker_that_is_down_is_said_and_can_be_tried_again(
    qtbot: Any, context: Context, running: Core, world: World
) -> None:
    _github(running, world)
    github = world.of(GitHubIssues)
    github.control({"fail_next": {"n": 1, "mode": "500"}})
    sheet = IssueSheet(context, running.newest_id())
    qtbot.addWidget(sheet)
    sheet.open()
    qtbot.waitUntil(sheet.chief.isEnabled)
    sheet.make()
    qtbot.waitUntil(lambda: "trouble of its own" in sheet.problem.words.text())
    assert sheet.chief.isEnabled()
    sheet.make()
    qtbot.waitUntil(lambda: len(github.items) == 1)
    assert len(running.tickets()) == 1


def test_without_a_tracker_the_sheet_says_where_to_add_one(
    qtbot: Any, context: Context, running: Core
) -> None:
    sheet = IssueSheet(context, running.newest_id())
    qtbot.addWidget(sheet)
    sheet.open()
    qtbot.waitUntil(sheet.problem.isVisible)
    assert "No bug tracker" in sheet.problem.words.text()
    assert not sheet.chief.isEnabled()


def test_the_rail_counts_what_fails(qtbot: Any, context: Context, running: Core, world: World) -> None:
    window = MainWindow(context)
    qtbot.addWidget(window)
    window.show()
    item = window.rail.items["channels"]
    robot = _robot(running, world, "wrong-token-1")
    with pytest.raises(AuthFailed):
        running.test_channel(robot.id)
    qtbot.waitUntil(lambda: item.badge.text() == "1" and not item.badge.isHidden())
    assert "1 failing" in item.accessibleName()
    running.remove_channel(robot.id)
    qtbot.waitUntil(item.badge.isHidden)


def test_an_issue_is_made_from_the_queue(qtbot: Any, context: Context, running: Core, world: World) -> None:
    _github(running, world)
    mention = running.newest_id()
    running.claim([mention])
    page = DeskPage(context)
    qtbot.addWidget(page)
    page.show()
    page.open_item(mention)
    qtbot.waitUntil(lambda: page.detail.whole is not None and page.detail.acts["issue"].isVisible())
    page.detail.acts["issue"].click()
    sheet = page.findChild(IssueSheet)
    qtbot.waitUntil(sheet.chief.isEnabled)
    sheet.make()
    qtbot.waitUntil(page.detail.tickets.isVisible)
    assert len(world.of(GitHubIssues).items) == 1
