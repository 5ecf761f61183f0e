"""A program that sends answers and is killed at any moment, and who counts what arrived.

Used by `test_sending.py` and by `tests/bench/kill_send.py`. A child that has loaded the program once forks
a sender for each round (POSIX only); the sender opens the home as any command does, sends, and is killed
with -9 at a random moment. Half of them send at once, half let the answer leave after the time in which it
could be taken back; some of those that the dead left behind are sent by another program. The stand-in
takes its time before it accepts and after, and sometimes accepts and never says so.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from typing import NamedTuple

import httpx

from app.core import Core
from app.domain.mention import Status
from app.domain.outbox import Outgoing, Posting
from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.drill.standin import Call, Reply, WeCom, World
from app.home import Home

ROOT = Path(__file__).resolve().parents[2]

SILENT = 240
"""Seconds after which the nursery is taken to be stuck: the run fails instead of waiting for ever."""
NURSERY = """
import os, signal, sys, threading, time
from pathlib import Path
import app.core.core, app.storage.store, httpx, keyring, filelock
from app.core import Core
from app.home import Home

def say(line):
    os.write(1, (line + "\\n").encode())  # in one piece: `print` may be killed in the middle of a line

def leave(core, mention, text):
    row = core.send_later(mention, text, approved_by="kf", seconds=0.05)
    while row.state in ("approved", "sending"):
        time.sleep(0.005)
        row = core.outgoing(row.id)
    return row

def send(mention, row, later, text):
    core = Core.open(Home(Path(sys.argv[1])), polls=False, desktop=False, engine_name="trivial")
    core.start(poll=False)
    say("ready")
    try:
        if row:
            done = core.send_approved(row)
        elif later:
            done = leave(core, mention, text)
        else:
            done = core.send_reply(mention, text, approved_by="kf")
        say(f"done {done.state}")
    except Exception as error:
        say(f"done {type(error).__name__} {str(error)[:200]}")
    os._exit(0)

for line in sys.stdin:
    mention, row, later, text = line.rstrip("\\n").split("|", 3)
    pid = os.fork()
    if not pid:
        send(int(mention), int(row), int(later), text)
    say(f"pid {pid}")
    os.waitpid(pid, 0)
    say("over")
"""


class Slow(WeCom):
    """Takes some time before it accepts and some after. `busy`: calls in hand; `asked`: an answer has come;
    `hangs`: it accepts answers and never says so."""

    def __init__(self) -> None:
        super().__init__()
        self.dice = random.Random(5)
        self.busy = 0
        self.hangs = False
        self.asked = threading.Event()
        self.counted = threading.Lock()

    def take(self, call: Call) -> Reply:
        with self.counted:
            self.busy += 1
            before, after = self.dice.uniform(0, 0.02), self.dice.uniform(0, 0.02)
        try:
            send = call.path == "/cgi-bin/kf/send_msg"
            if send:
                self.asked.set()
            self.closing.wait(before)
            made = super().take(call)
            self.closing.wait(after)
            return Reply(hang=True) if send and self.hangs else made
        finally:
            with self.counted:
                self.busy -= 1


class Round(NamedTuple):
    """One mention to be answered, and everything that takes part."""

    nursery: subprocess.Popen[str]
    said: Queue[str]
    """Its lines; "" at the end."""
    world: World
    platform: Slow
    core: Core
    id: int
    customer: str
    text: str


class Killing:
    """`rounds` mentions, each answered by a program that is killed; `tally` says how the rounds ended."""

    def __init__(self, home: Path, rounds: int, seed: int) -> None:
        self.home = Home(home)
        self.rounds = rounds
        self.dice = random.Random(seed)
        self.tally: Counter[str] = Counter()
        self.problems: list[str] = []
        self.slowest = 0.0
        """Seconds of the longest life."""

    def run(self) -> None:
        with World([Slow]) as world:
            platform = world.of(Slow)
            core = Core.open(self.home, desktop=False, engine_name="trivial")
            try:
                mentions = self._heard(core, world, platform)
                with self._nursery() as (nursery, said):
                    for place, (id_, customer) in enumerate(mentions.items()):
                        self._one(
                            Round(nursery, said, world, platform, core, id_, customer, f"第{place}条回复")
                        )
            finally:
                core.close()
            arrived = Counter(one.author_id for one in platform.sent)
            for id_, customer in mentions.items():
                if arrived[customer] != 1:
                    self.problems.append(f"mention {id_}: {arrived[customer]} answers on the platform")

    def _heard(self, core: Core, world: World, platform: Slow) -> dict[int, str]:
        settings = {"corp_id": WeCom.app, "server": world.url_of(Slow)}
        secret = {"secret": platform.secret}
        core.save_source(Source(kind="wecom", name="客服", settings=settings), secret)
        for number in range(self.rounds):
            platform.write(f"左耳坏了{number}", f"wm{number:05d}")
        core.start(poll=False)
        core.engine.poll_once().result(60)
        rows = core.mentions(MentionQuery(), None, 10_000).rows
        return {row.id: row.mention.author.native_id for row in rows}

    @contextmanager
    def _nursery(self) -> Iterator[tuple[subprocess.Popen[str], Queue[str]]]:
        child = subprocess.Popen(
            [sys.executable, "-c", NURSERY, str(self.home.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        said: Queue[str] = Queue()
        reader = threading.Thread(target=_listen, args=(child, said), daemon=True)
        reader.start()
        try:
            yield child, said
        finally:
            child.kill()
            child.wait()
            reader.join(10)
            for pipe in (child.stdin, child.stdout):
                assert pipe is not None
                pipe.close()

    def _one(self, of: Round) -> None:
        """Kill, look, settle what is unsure by what arrived, send what surely did not; until it is sent."""
        row = 0
        for life in range(8):
            later = self.dice.randrange(2)
            ready, ended = self._life(of, f"{of.id}|{row}|{later}|{of.text}", kill=life < 2)
            _quiet(of)
            if self.dice.randrange(2):
                self._left(of)
            done, row = self._looked(of)
            self.tally["lives"] += 1
            self.tally["came to its end" if ended else "killed" if ready else "killed while starting"] += 1
            if done:
                return
        self.problems.append(f"mention {of.id}: never sent")

    def _left(self, of: Round) -> None:
        """Another program sends what the dead one had approved and not sent."""
        of.platform.hangs = False
        before = len(of.platform.sent)
        of.core.departing.sweep()
        self.tally["sent by another program"] += len(of.platform.sent) - before

    def _life(self, of: Round, line: str, *, kill: bool) -> tuple[bool, bool]:
        """(it had begun, it came to its end by itself)."""
        stdin = of.nursery.stdin
        assert stdin is not None
        of.platform.hangs = kill and self.dice.random() < 0.3
        of.platform.asked.clear()
        stdin.write(line + "\n")
        stdin.flush()
        pid, ready, ended = 0, False, False
        over = threading.Event()
        killer: threading.Thread | None = None
        began = time.monotonic()
        for told in iter(lambda: of.said.get(timeout=SILENT), ""):
            word, _space, rest = told.strip().partition(" ")
            pid = int(rest) if word == "pid" else pid
            ready, ended = ready or word == "ready", ended or word == "done"
            if word == "over":
                over.set()
                break
            if kill and ready and pid and killer is None:
                killer = threading.Thread(target=self._kill, args=(of.platform, pid, over))
                killer.start()
        if killer is not None:
            killer.join()
        self.slowest = max(self.slowest, time.monotonic() - began)
        return ready, ended

    def _kill(self, platform: Slow, pid: int, over: threading.Event) -> None:
        """At any moment from its first step on; more often counted from when the platform heard. One
        that is `over` is left alone: its number may be somebody else's by now."""
        until = time.monotonic() + 10
        if self.dice.random() < 0.6:
            while not platform.asked.wait(0.02) and not over.is_set() and time.monotonic() < until:
                pass
            over.wait(self.dice.uniform(0.0, 0.08))
        else:
            over.wait(self.dice.uniform(0.0, 0.4))
        if not over.is_set():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _looked(self, of: Round) -> tuple[bool, int]:
        """As a person who opens the outbox: (it is sent, the approved row still to be sent, or 0)."""
        rows = of.core.outbox(of.id)
        arrived = [one.id for one in of.platform.sent if one.author_id == of.customer]
        if len(arrived) > 1:
            self.problems.append(f"mention {of.id}: sent {len(arrived)} times")
        waiting = 0
        for row in rows:
            there = row.key in arrived
            self._told_truly(row, there)
            if row.state is Posting.UNSURE:
                self.tally["unsure, and it had arrived" if there else "unsure, and it had not"] += 1
                of.core.settle_unsure(row.id, there)
            waiting = row.id if row.state is Posting.APPROVED else waiting
        if arrived and all(row.key != arrived[0] for row in rows):
            self.problems.append(f"mention {of.id}: an answer that no row knows of")
        done = of.core.mention(of.id).status is Status.ANSWERED
        if done != bool(arrived):
            self.problems.append(f"mention {of.id}: answered {done}, arrived {len(arrived)}")
        return done, waiting

    def _told_truly(self, row: Outgoing, arrived: bool) -> None:
        """Only UNSURE may leave it open; and nobody is sending any more."""
        wrong = {Posting.SENT: not arrived, Posting.SENDING: True, Posting.UNSURE: False}
        if wrong.get(row.state, arrived):
            self.problems.append(f"row {row.id} says {row.state}, arrived: {arrived}")


def _listen(child: subprocess.Popen[str], said: Queue[str]) -> None:
    assert child.stdout is not None
    for line in child.stdout:
        said.put(line)
    said.put("")


def _quiet(of: Round) -> None:
    """Everything that the dead program had sent is taken: connections are accepted in their order."""
    still = 0
    while still < 3:
        httpx.get(f"{of.world.url_of(Slow)}/_control", trust_env=False, timeout=30)
        still = 0 if of.platform.busy else still + 1
