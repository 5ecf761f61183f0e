"""Many sources at mixed intervals: how late are polls, and what does it cost while nothing arrives?

    python tests/bench/scheduler.py [--sources N] [--minutes N]

The real engine on a real database, feeds on a loopback server of its own process that answers 304.
Intervals from one to thirty minutes (`--interval` multiplies them). Prints how late polls began against
the moment that was planned for them, and this process's share of one core after the first round.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.core import Core
from app.domain.watch import Source
from app.engine import poller as polling
from app.home import Home

INTERVALS = (60, 120, 300, 300, 600, 900, 1800)
FEED = b'{"version":"https://jsonfeed.org/version/1.1","title":"x","items":[{"id":"1","content_text":"hello"}]}'


def serve(where: Connection) -> None:
    """The platforms: any address is a feed that has not changed since it was read first."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) is not None:
                if b"if-none-match" in head.lower():
                    writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 0\r\n\r\n')
                else:
                    size = str(len(FEED)).encode()
                    writer.write(
                        b'HTTP/1.1 200 OK\r\nETag: "a"\r\nContent-Length: ' + size + b"\r\n\r\n" + FEED
                    )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        where.send(server.sockets[0].getsockname()[1])
        async with server:
            await server.serve_forever()

    asyncio.run(main())


class Lateness:
    """Notes, at each poll, how much later it began than was planned."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._whole = polling.Poller._due
        lateness = self

        async def due(poller: polling.Poller, delay: float | None) -> bool:
            planned = time.monotonic() + (delay or 0.0)
            go = await lateness._whole(poller, delay)
            lateness.late.append(time.monotonic() - planned)
            return go

        polling.Poller._due = due  # type: ignore[method-assign]  # to measure it


def fill(core: Core, port: int, n: int, times: float) -> None:
    """As many sources of as many hosts as loopback has names for."""
    rng = random.Random(5)
    for number in range(n):
        url = f"http://127.0.0.{number % 200 + 1}:{port}/feed/{number}.json"
        every = round(rng.choice(INTERVALS) * times)
        core.storage.sources.save(
            Source(kind="feed", name=f"源{number}", settings={"url": url}, every=every)
        )


def cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--sources", type=int, default=500)
    options.add_argument("--minutes", type=float, default=4.0)
    options.add_argument("--settle", type=float, default=130.0, help="seconds for the first round")
    options.add_argument("--interval", type=float, default=1.0)
    given = options.parse_args()
    logging.disable(logging.INFO)
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("fork").Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    with tempfile.TemporaryDirectory() as folder:
        core = Core.open(Home(Path(folder)), desktop=False, engine_name="trivial")
        fill(core, port, given.sources, given.interval)
        every = {one.source.id: max(one.source.every, 1) for one in core.sources()}
        kind = core.kinds_by_id["feed"]
        # The feed's own floor of five minutes would leave out the short intervals asked about.
        kind.info = type(kind.info)(**{**_fields(kind.info), "every": 1, "per_minute": 600})
        lateness = Lateness()
        core.start()
        time.sleep(given.settle)
        lateness.late.clear()
        began, used = time.monotonic(), cpu()
        time.sleep(given.minutes * 60)
        seconds, share = time.monotonic() - began, (cpu() - used) / (time.monotonic() - began)
        late = sorted(lateness.late)
        core.close()
    server.terminate()
    rate = sum(1 / one for one in every.values())
    print(f"{given.sources} sources, {len(late)} polls in {seconds:.0f} s ({rate:.1f} a second planned)")
    if not late:
        print("no poll fell into the time measured")
        return 1
    told = {share_: late[min(len(late) - 1, int(share_ * len(late)))] for share_ in (0.5, 0.95, 0.99)}
    print(
        f"late: median {told[0.5]:.3f} s, 95 % {told[0.95]:.3f} s, 99 % {told[0.99]:.3f} s"
        " (asked: 95 % under 1)"
    )
    print(
        f"processor: {share:.1%} of one core (asked: under 10 %);"
        f" load of the machine {os.getloadavg()[0]:.1f}"
    )
    return 0


def _fields(info: object) -> dict[str, object]:
    return {name: getattr(info, name) for name in info.__slots__}  # type: ignore[attr-defined]  # a slotted dataclass


if __name__ == "__main__":
    raise SystemExit(main())
