"""The modules of commands, each imported when one of its commands runs.

`tingfeng score` answers its first line before the core could have been imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.later import Later

if TYPE_CHECKING:
    from app.cli import (
        alerting,
        brand,
        bursts,
        channels,
        data,
        desk,
        drill,
        evaluating,
        judging,
        knowledge,
        learning,
        modelling,
        people,
        replying,
        seeing,
        source,
        stories,
        warning,
        watch,
    )
else:
    alerting = Later("app.cli.alerting")
    brand = Later("app.cli.brand")
    bursts = Later("app.cli.bursts")
    channels = Later("app.cli.channels")
    data = Later("app.cli.data")
    desk = Later("app.cli.desk")
    drill = Later("app.cli.drill")
    evaluating = Later("app.cli.evaluating")
    judging = Later("app.cli.judging")
    knowledge = Later("app.cli.knowledge")
    learning = Later("app.cli.learning")
    modelling = Later("app.cli.modelling")
    people = Later("app.cli.people")
    replying = Later("app.cli.replying")
    seeing = Later("app.cli.seeing")
    source = Later("app.cli.source")
    stories = Later("app.cli.stories")
    warning = Later("app.cli.warning")
    watch = Later("app.cli.watch")

__all__ = [
    "alerting",
    "brand",
    "bursts",
    "channels",
    "data",
    "desk",
    "drill",
    "evaluating",
    "judging",
    "knowledge",
    "learning",
    "modelling",
    "people",
    "replying",
    "seeing",
    "source",
    "stories",
    "warning",
    "watch",
]
