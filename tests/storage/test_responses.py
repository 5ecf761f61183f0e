"""How deadlines were kept, read from the desk's rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.domain.report import Kept
from app.storage.edge import micros
from app.storage.models_desk import DeskRow


def _put(storage: Any, id: int, start: Any, **change: Any) -> None:
    columns = {
        "mention_id": id, "severity": "P1", "source_id": 1, "brand_id": 1, "opened_at": micros(start),
        "published_at": micros(start), "seen_at": micros(start), "started_at": micros(start),
        "allowed": 900, "due_at": micros(start + timedelta(minutes=15)),
    } | change  # fmt: skip
    storage._database.write(lambda connection: connection.execute(DeskRow.insert(columns)))


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"answered": 5, "first_response": 300, "stage": "done"}, Kept.IN_TIME),
        ({"answered": 40, "first_response": 2400, "stage": "done"}, Kept.LATE),
        ({}, Kept.OVERDUE),
        ({"due": 90}, Kept.RUNNING),
        ({"stage": "waiting", "due_at": None}, Kept.WAITING),
        ({"stage": "done"}, Kept.DROPPED),
    ],
)
def test_each_row_says_how_it_ended(
    storage: Any, source: Any, make: Any, start: Any, change: dict[str, Any], kept: Kept
) -> None:
    storage.mentions.save_page(source.id, [make(1, "左耳没声音")], None, now=start)
    mention, change = storage.mentions.newest_id(), dict(change)
    minutes = {name: change.pop(name) for name in ("answered", "due") if name in change}
    for name, n in minutes.items():
        change[f"{name}_at"] = micros(start + timedelta(minutes=n))
    _put(storage, mention, start, **change)
    now = start + timedelta(hours=1)
    found = storage.responses.between(start, now, now)
    assert [(one.mention_id, one.kept) for one in found] == [(mention, kept)]
    assert storage.responses.between(now, now + timedelta(days=1), now) == ()
    assert storage.responses.between(start, now, now, brands=(2,)) == ()
