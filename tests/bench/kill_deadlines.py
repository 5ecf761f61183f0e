"""kill -9 at random moments of warning: no deadline without its warning, and how many were told twice?

    python tests/bench/kill_deadlines.py [--items 600] [--rounds 25] [--seed 1]

A program with a desk full of items, whose half time is over at moments spread over the rounds, is killed
again and again while it warns. At the end one is left alone until nothing is owed. Each telling is written
to a file. Exit 1 if an item was never told, is still owed, or has two alerts.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).resolve().parent)]

from deadlines import fill

from app.core import Core
from app.domain.alert import Alert
from app.home import Home

LIFE = (1.2, 3.0)
"""Seconds after which it is killed; it warns after one of them."""


def child(home: Path) -> None:
    core = Core.open(Home(home), desktop=False, engine_name="trivial")
    told = os.open(home / "told", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def raised(alert: Alert) -> None:
        if alert.kind == "deadline":
            os.write(told, f"{alert.mention_id}\n".encode())

    core.subscribe_raised(raised)
    core.deadlines.start()
    signal.pause()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child)
        return 0
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        core = Core.open(Home(home), desktop=False, engine_name="trivial")
        wanted = fill(core, options.items, options.rounds * sum(LIFE) / 2)
        core.close()
        for _round in range(options.rounds):
            program = _start(home)
            time.sleep(chance.uniform(*LIFE))
            program.kill()
            program.wait()
        program = _start(home)
        core = Core.open(Home(home), polls=False, desktop=False)
        end = time.monotonic() + 120
        owed = set(wanted)
        while owed and time.monotonic() < end:
            time.sleep(1)
            with core.storage._database.read() as connection:
                settled = connection.execute_sql("SELECT mention_id FROM desk WHERE told = 50").fetchall()
            owed = set(wanted) - {id_ for (id_,) in settled}
        program.kill()
        program.wait()
        alerts = Counter(
            alert.mention_id for alert in core.alerts(10 * options.items) if alert.kind == "deadline"
        )
        core.close()
        told = Counter(int(line) for line in (home / "told").read_text().split())
    never = [id_ for id_ in wanted if id_ not in told]
    doubled = sum(n > 1 for n in alerts.values())
    again = sum(n - 1 for n in told.values())
    print(f"{options.items} items, {options.rounds} kills: never told {len(never)}, still owed {len(owed)}")
    print(f"items with two alerts {doubled}; told once more after a kill {again}")
    return 1 if never or owed or doubled else 0


def _start(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, "--child", str(home)])


if __name__ == "__main__":
    sys.exit(main())
