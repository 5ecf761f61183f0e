"""Deadlines of a full desk: how late are the warnings, what do they cost, how long does re-dating take?

    python tests/bench/deadlines.py [--items 5000] [--seconds 60] [--database URL]

Items whose half time is over at moments spread over a minute; the real timer and the real alarms tell each.
Lateness is from that moment to the alert as a window would hear it. Then all are re-dated by another
work calendar. Exit 1 if a warning is missing, came twice, early, or more than a second late.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.core import Core
from app.domain.alert import Alert
from app.domain.desk import Limit, Policy, Start
from app.domain.mention import Author, Hit, Mention
from app.domain.people import Calendar, Shift, Team
from app.domain.sentiment import Score, Tone
from app.domain.watch import Source, Watch
from app.home import Home
from app.storage.values import Found

HALF = timedelta(minutes=15)
LEAD = 5.0
"""Seconds before the first one."""
OFFICE = Calendar(
    shifts=tuple(
        Shift(days=(1, 2, 3, 4, 5), start=start, end=end)
        for start, end in (("09:00", "12:00"), ("13:30", "18:00"))
    )
)


def fill(core: Core, items: int, seconds: float) -> dict[int, float]:
    """The desk, and when each is to be told (seconds since 1970)."""
    brand = core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
    source = core.storage.sources.save(Source(kind="feed", name="f", paused=True))
    core.save_deadline_policy(Policy(start=Start.PUBLISHED, limits=(Limit(p3=30),)))
    score = Score(
        value=0.1, tone=Tone.NEGATIVE, engine="t", version="1", negative=0.9, neutral=0.1, positive=0.0
    )  # fmt: skip
    now = core.clock.now()
    ready = now + timedelta(seconds=LEAD + items / 700)  # it takes so long to put them there
    told: dict[int, float] = {}
    for start in range(0, items, 250):
        page = []
        for n in range(start, min(start + 250, items)):
            at = ready + timedelta(seconds=seconds * n / items) - HALF
            mention = Mention(
                platform="weibo",
                native_id=f"n{n}",
                url="",
                text=f"云雀坏了，第{n}次",
                author=Author(name=f"用户{n}"),
            )
            page.append(
                Found(mention=mention, published_at=at, dated=True, hits=(Hit(brand.id, "云雀", False),))
            )
        ids = core.storage.mentions.save_page(source.id, page, None, now=now).new
        core.storage.mentions.save_scores([(id_, 1, score) for id_ in ids])
        core.storage.deadlines.consider(ids, now)
        core.storage.mentions.told(ids)
        told |= {id_: (one.published_at + HALF).timestamp() for id_, one in zip(ids, page, strict=True)}
    return told


def warn(core: Core, wanted: dict[int, float], seconds: float) -> int:
    heard: dict[int, list[float]] = {}

    def raised(alert: Alert) -> None:
        if alert.kind == "deadline" and alert.mention_id is not None:
            heard.setdefault(alert.mention_id, []).append(time.time())

    core.subscribe_raised(raised)
    used, began = time.process_time(), time.monotonic()
    core.deadlines.start()
    end = time.monotonic() + seconds + LEAD + 60
    while len(heard) < len(wanted) and time.monotonic() < end:
        time.sleep(0.2)
    took, cost = time.monotonic() - began, time.process_time() - used
    late = sorted(heard[id_][0] - at for id_, at in wanted.items() if id_ in heard)
    missing, twice = len(wanted) - len(heard), sum(len(one) > 1 for one in heard.values())
    if late:
        shares = ", ".join(f"{name} {late[int(part * (len(late) - 1))]:.3f} s" for name, part in (
            ("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("max", 1.0),
        ))  # fmt: skip
        print(f"{len(wanted)} warnings in {seconds:.0f} s: late by {shares}; earliest {late[0]:.3f} s")
    print(f"missing {missing}, twice {twice}")
    print(f"{cost / took:.0%} of a core, {1000 * cost / len(wanted):.1f} ms each")
    good = bool(late) and not missing and not twice and late[0] >= 0 and late[-1] <= 1.0
    return 0 if good else 1


def redate(core: Core, items: int) -> None:
    team = core.save_team(Team(name="白班"))
    core.storage._database.write(
        lambda connection: connection.execute_sql(f"UPDATE desk SET team_id = {team.id}")
    )
    core.storage.people.save_team(Team(id=team.id, name="白班", calendar=OFFICE))
    began = time.monotonic()
    moved = core.storage.deadlines.redate(core.clock.now())
    print(f"{moved} of {items} deadlines re-dated by another calendar in {time.monotonic() - began:.2f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--database", help="the url of an empty database; an SQLite file otherwise")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        core = Core.open(
            Home(Path(folder)), database=options.database, desktop=False, engine_name="trivial"
        )
        try:
            began = time.monotonic()
            wanted = fill(core, options.items, options.seconds)
            print(f"{len(wanted)} items on the desk in {time.monotonic() - began:.1f} s")
            failed = warn(core, wanted, options.seconds)
            redate(core, options.items)
        finally:
            core.close()
    return failed


if __name__ == "__main__":
    sys.exit(main())
