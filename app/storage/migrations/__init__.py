"""Numbered steps from one schema to the next. Each file freezes the tables as they were then.

`up(database)` is given peewee's database, inside the transaction that `app/storage/upgrade.py` opened,
on both engines.
A new step is a new file and a new line in `STEPS`; a released one is never changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    name: str
    up: Callable[[Any], None]


def _step(name: str) -> Step:
    # A module whose name begins with a digit cannot be named in an import statement.
    return Step(int(name[:4]), name, import_module(f"{__name__}.{name}").up)


STEPS: tuple[Step, ...] = (
    _step("0001_initial"),
    _step("0002_judgement"),
    _step("0003_early_warning"),
    _step("0004_seeing"),
    _step("0005_desk"),
    _step("0006_people_and_alerts"),
    _step("0007_knowledge"),
    _step("0008_trackers"),
    _step("0009_drafts_by_model"),
)
