"""Alerts on their way while the program is killed with -9 again and again: none lost, repetitions marked.

    python tests/bench/kill_dispatch.py [KILLS]

A child puts alerts through a robot's and a webhook's stand-in that are slow, break the line after taking a
message, or fail now and then; it is killed at a random moment of that and started again. At the end every
alert must stand in a message or be said to be not delivered, and every repetition must say that it may be
one. The robot's own pace is lifted, so that there is something to kill.
"""

from __future__ import annotations

import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.domain.alert import Alert, Severity
from app.domain.delivery import Delivery, Sent
from app.domain.outlet import Outlet
from app.drill.standin import World
from app.drill.standin.robots import DingRobot, Receiver
from app.settings.secrets import FileStore
from app.storage.store import Storage

CHILD = """
import asyncio, sys
from pathlib import Path
from app.domain.clock import SystemClock
from app.engine.dispatch import Dispatch
from app.engine.http import Clients
from app.engine.outlets import channel_makers
from app.engine.web import Asking
from app.settings.secrets import FileStore
from app.storage.store import Storage
folder, clock = Path(sys.argv[1]), SystemClock()
storage = Storage.open(folder / "t.db")
makers = channel_makers(FileStore(folder / "secrets.json"), clock.now)
dispatch = Dispatch(storage=storage, makers=makers, clock=clock, tell=lambda c: None, owner="one")
async def main():
    dispatch.web = Asking(Clients().get(6000), 2.0)
    print("ready", flush=True)
    await dispatch.run(asyncio.Event())
asyncio.run(main())
"""
MARK = re.compile(r"alert-(\d+)-")


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as name, World([DingRobot, Receiver]) as world:
        return play(Path(name), world, kills, dice)


def play(folder: Path, world: World, kills: int, dice: random.Random) -> int:
    storage, secrets = Storage.open(folder / "t.db"), FileStore(folder / "secrets.json")
    ding = storage.channels.save(
        Outlet(kind="dingtalk", name="d", settings={"server": world.url_of(DingRobot)})
    )
    hook = storage.channels.save(Outlet(kind="webhook", name="w"))
    secrets.set(f"channel/{ding.id}/address", DingRobot.key)
    secrets.set(f"channel/{hook.id}/url", f"{world.url_of(Receiver)}/take")
    secrets.set(f"channel/{hook.id}/secret", Receiver.signing)
    DingRobot.per_minute = 10**6  # type: ignore[misc]  # the bench's own
    count = 0
    for _kill in range(kills):
        for _n in range(dice.randint(1, 3)):
            put(storage, (ding.id, hook.id), count)
            count += 1
        for robot in (world.of(DingRobot), world.of(Receiver)):
            if dice.random() < 0.3:
                robot.control({"fail_next": {"n": 1, "mode": dice.choice(("cut", "503", "500"))}})
            robot.switches.latency = dice.choice((0.0, 0.05, 0.3))
        hurry(storage)
        child = start(folder)
        time.sleep(dice.uniform(0.0, 0.5))
        child.send_signal(signal.SIGKILL)
        child.wait()
    return finish(storage, world, folder, count, kills)


def put(storage: Storage, channels: tuple[int, ...], number: int) -> None:
    now = datetime.now(UTC)
    alert = Alert(severity=Severity.P2, title=f"alert-{number}-", body="", reason="", created_at=now)
    id_ = storage.alerts.add(alert).id
    storage.deliveries.add(
        [
            Delivery(
                alert_id=id_,
                channel=str(one),
                key=f"{number}/{one}",
                due_at=now,
                created_at=now,
                changed_at=now,
            )
            for one in channels
        ]
    )


def hurry(storage: Storage) -> None:
    """Nobody wants to wait half an hour for a retry: what waits is due now, and no channel rests."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    for id_ in range(1, 100_000):
        rows = storage.deliveries.of_alert(id_)
        if not rows:
            break
        waiting = [one.id for one in rows if one.state is Sent.WAITING]
        storage.deliveries.put(waiting, Sent.WAITING, past, due_at=past, tries=0)
    for one in storage.channels.all():
        storage.channels._put(one.id, {"paused": False, "rests_until": None, "pace": ""})


def start(folder: Path) -> subprocess.Popen[bytes]:
    """And it has begun to look."""
    command = [sys.executable, "-c", CHILD, str(folder)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    return child


def finish(storage: Storage, world: World, folder: Path, count: int, kills: int) -> int:
    for robot in (world.of(DingRobot), world.of(Receiver)):
        robot.switches.failures.clear()
        robot.switches.latency = 0.0
    child = start(folder)
    end = time.monotonic() + 120
    while storage.deliveries.next_due() is not None and time.monotonic() < end:
        hurry(storage)
        time.sleep(2)
    child.kill()
    child.wait()
    states = Counter(
        (one.channel, one.state) for n in range(1, count + 1) for one in storage.deliveries.of_alert(n)
    )
    shown: Counter[int] = Counter()
    unmarked = 0
    for text in world.of(DingRobot).words():
        for number in map(int, MARK.findall(text)):
            if shown[number] and "second time" not in text and "more alert" not in text:
                unmarked += 1
            shown[number] += 1
    failed = {
        n - 1
        for n in range(1, count + 1)
        for one in storage.deliveries.of_alert(n)
        if (one.channel, one.state) == ("1", Sent.FAILED)
    }
    lost = len(set(range(count)) - set(shown) - failed)
    hooked = len(world.of(Receiver).sent)
    print(f"{kills} kills, {count} alerts over two channels: {dict(states)}")
    print(f"robot: {len(shown)} shown, {len(failed)} said to be not delivered, {lost} lost")
    print(f"robot: {sum(n - 1 for n in shown.values())} repetitions, {unmarked} of them unmarked")
    print(f"webhook: {hooked} events taken, each once by its id")
    storage.close()
    return int(unmarked > 0 or hooked < count or lost > 0)


if __name__ == "__main__":
    sys.exit(main())
