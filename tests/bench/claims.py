"""Many processes claim the same mentions at random: each has one owner, no granted claim is lost.

    python tests/bench/claims.py [--processes 50] [--items 1000] [--engine sqlite|postgresql]

Every process asks for every mention in an order of its own. PostgreSQL is the server TINGFENG_TEST_PG
names, or a private one, as for the tests. Exit 1 where an item has no owner or two, or a claim was granted
that the mention, the queue and the history do not all three show.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.storage.claiming import race
from tests.storage.conftest import _Cluster, _programs


@contextmanager
def postgresql() -> Iterator[str]:
    """The url of an empty database."""
    import psycopg

    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    given = os.environ.get("TINGFENG_TEST_PG")
    programs = _programs()
    if not given and programs is None:
        raise SystemExit("no PostgreSQL: install its server, or set TINGFENG_TEST_PG")
    cluster = None if given or programs is None else _Cluster(programs, folder, connections=120)
    server = given or (cluster.url if cluster is not None else "")
    name = f"t_{uuid.uuid4().hex[:12]}"
    try:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        yield server.rsplit("/", 1)[0] + f"/{name}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        if cluster is not None:
            cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield str(Path(folder) / "claims.sqlite")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=50)
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append")
    options = parser.parse_args()
    fair = True
    for engine in options.engine or ("sqlite", "postgresql"):
        with sqlite() if engine == "sqlite" else postgresql() as url:
            told = race(url, options.processes, options.items)
        fair = fair and told.fair
        print(
            f"{engine}: {options.processes} processes, {told.items} items, {told.attempts} attempts in"
            f" {told.seconds:.1f} s ({told.attempts / told.seconds:.0f}/s, slowest {told.slowest:.2f} s)"
        )
        print(
            f"  owners {told.owners} ({told.fewest} to {told.most} each), without owner"
            f" {len(told.unowned)}, two owners {len(told.doubled)}, lost {len(told.lost)}"
        )
    return 0 if fair else 1


if __name__ == "__main__":
    raise SystemExit(main())
