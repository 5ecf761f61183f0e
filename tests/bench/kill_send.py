"""kill -9 at random moments of sending an answer: no answer twice, none lost, every unclear one shown.

    python tests/bench/kill_send.py [--rounds 200] [--seed 1]

Each round a program opens its home and sends an approved answer to the stand-in of WeCom: at once, or when
the time to take it back is over. What a dead program left behind is sent by another one in half of the
cases. The stand-in takes its time before it accepts and after, and in three of ten rounds accepts and never
says so. The program is killed at a random moment, twice at the most; what the outbox says is held against
what arrived at the platform. Exit 1 if an answer arrived twice, is missing at the end, or a row says
otherwise than it was.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.process.killed_sending import Killing


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        killing = Killing(Path(folder) / "home", options.rounds, options.seed)
        killing.run()
    print(f"{options.rounds} answers, {time.monotonic() - began:.0f} s")
    for name, count in sorted(killing.tally.items()):
        print(f"  {name}: {count}")
    print(f"  longest life: {killing.slowest:.1f} s")
    print(f"problems: {len(killing.problems)}")
    for one in killing.problems:
        print(f"  {one}")
    return 1 if killing.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
