"""What is different between channels and trackers, for the panels that look after both. GUI thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.domain.outlet import Outlet
from app.i18n import _

if TYPE_CHECKING:
    from app.core import Core, OutKind

ICONS = {
    "dingtalk": "comment",
    "wecom": "phone",
    "feishu": "send",
    "serverchan": "user",
    "slack": "users",
    "teams": "users",
    "email": "file",
    "webhook": "link",
    "zentao": "flag",
    "jira": "table",
    "github": "source",
    "gitlab": "source",
    "gitee": "source",
}


@dataclass(frozen=True)
class Shelf:
    """Words, translated, and questions to the core (asked off the GUI thread)."""

    title: str
    question: str
    empty: tuple[str, str]
    add: str
    edit: str
    test: str
    testing: str
    waiting: str
    failed: str
    leaving: str
    kinds: Callable[[], tuple[OutKind, ...]]
    all: Callable[[], tuple[Outlet, ...]]
    kept: Callable[[int], tuple[str, ...]]
    """Names of the secrets that a saved one has on this computer."""
    save: Callable[[Outlet, Mapping[str, str]], Outlet]
    remove: Callable[[int], None]
    pause: Callable[[int, bool], None]
    try_out: Callable[..., str]
    name: str
    """For the segment and for a test: channels or trackers."""


def channel_shelf(core: Core) -> Shelf:
    return Shelf(
        title=_("Channel"),
        question=_("Where do you want alerts to go?"),
        empty=(
            _("No channel yet"),
            _("Alerts show on this computer only. Add the robot of your team's group, or a mailbox."),
        ),
        add=_("Add a channel"),
        edit=_("Edit channel"),
        test=_("Send a test"),
        testing=_("Sending a test message…"),
        waiting=_("Waiting"),
        failed=_("Lost in a day"),
        leaving=_("“{name}” gets no more alerts, and its key is forgotten."),
        kinds=core.channel_kinds,
        all=core.channels,
        kept=core.channel_secrets,
        save=core.save_channel,
        remove=core.remove_channel,
        pause=core.pause_channel,
        try_out=core.test_channel,
        name="channels",
    )


def tracker_shelf(core: Core) -> Shelf:
    return Shelf(
        title=_("Tracker"),
        question=_("Where do your engineers keep their bugs?"),
        empty=(
            _("No tracker yet"),
            _("With one, a post becomes an issue in one click, and you see here when it is fixed."),
        ),
        add=_("Add a tracker"),
        edit=_("Edit tracker"),
        test=_("Check"),
        testing=_("Asking the tracker…"),
        waiting=_("Open"),
        failed=_("Unclear"),
        leaving=_("Nothing more is made in “{name}”, and its key is forgotten. Its issues stay there."),
        kinds=core.tracker_kinds,
        all=core.trackers,
        kept=core.tracker_secrets,
        save=core.save_tracker,
        remove=core.remove_tracker,
        pause=core.pause_tracker,
        try_out=core.check_tracker,
        name="trackers",
    )


def values_of(kind: OutKind) -> dict[str, Any]:
    """The defaults of its form."""
    fields: dict[str, Any] = kind.settings.__dataclass_fields__  # type: ignore[attr-defined]  # settings are dataclasses
    return {name: one.default for name, one in fields.items()}
