"""Storage under test: SQLite always, PostgreSQL where a server is given or can be started.

TINGFENG_TEST_PG may hold the url of a server on which databases may be made. Without it a private
cluster is started if the server's programs are on this machine.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.domain.mention import Author, Hit, Mention
from app.domain.sentiment import Evidence, Score, Tone
from app.domain.watch import Source
from app.storage import Found, Storage

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)

_MakeFound = Callable[..., Found]


class HeldClock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


def _programs() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += [Path(one) for one in sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)]
    return next((one for one in places if (one / "initdb").exists() and (one / "pg_ctl").exists()), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Cluster:
    """A private server on loopback; its programs refuse to run as root, so root steps down."""

    def __init__(self, programs: Path, folder: Path, connections: int = 40) -> None:
        self._programs = programs
        self._data = folder / "data"
        self._port = _free_port()
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        folder.chmod(0o755)
        self._run(
            "initdb",
            "-D",
            str(self._data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        )
        said = (
            f"-p {self._port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
            f" -c max_connections={connections}"
        )
        self._run("pg_ctl", "-D", str(self._data), "-o", said, "-l", str(folder / "log"), "-w", "start")
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            timeout=60,
            **self._as,
        )


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The url of a server on which databases may be made."""
    given = os.environ.get("TINGFENG_TEST_PG")
    if given:
        yield given
        return
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL server programs on this machine, and TINGFENG_TEST_PG is not set")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        cluster = _Cluster(programs, folder)
    except (subprocess.SubprocessError, KeyError, OSError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"a PostgreSQL server could not be started: {error}")
    yield cluster.url
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """A fresh database, dropped afterwards."""
    import psycopg

    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield postgres.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a fresh database may be made, once for each engine."""
    if request.param == "postgresql":
        made: str = request.getfixturevalue("postgres_url")
        return made
    return str(tmp_path / "storage.sqlite")


@pytest.fixture
def clock() -> HeldClock:
    return HeldClock()


@pytest.fixture
def storage(url: str, clock: HeldClock) -> Iterator[Storage]:
    with Storage.open(url, clock=clock) as opened:
        yield opened


@pytest.fixture
def source(storage: Storage) -> Source:
    return storage.sources.save(Source(kind="feed", name="论坛", settings={"url": "http://127.0.0.1/feed"}))


@pytest.fixture
def start() -> datetime:
    return START


@pytest.fixture
def make() -> _MakeFound:
    """make(3, "text") → a Found whose publication lies three minutes after the start."""

    def found(
        number: int,
        text: str = "手机发热",
        *,
        hits: tuple[Hit, ...] = (),
        severity: tuple[str, ...] = (),
        at: datetime | None = None,
        dated: bool = True,
        author: Author | None = None,
        **more: Any,
    ) -> Found:
        mention = Mention(
            **{
                "platform": "weibo",
                "native_id": str(number),
                "url": f"https://example.com/{number}",
                "text": text,
                "author": author or Author(name=f"用户{number}"),
                **more,
            }
        )
        when = at or START + timedelta(minutes=number)
        return Found(mention=mention, published_at=when, dated=dated, hits=hits, severity=severity)

    return found


@pytest.fixture
def score() -> Callable[..., Score]:
    """score(Tone.NEGATIVE) → a judgement of that tone."""

    def made(tone: Tone, *, engine: str = "snownlp", version: str = "1") -> Score:
        value = {Tone.NEGATIVE: 0.05, Tone.NEUTRAL: 0.5, Tone.POSITIVE: 0.95}[tone]
        return Score(
            value=value,
            tone=tone,
            engine=engine,
            version=version,
            negative=1 - value,
            neutral=0.0,
            positive=value,
            evidence=(Evidence("发热", 2, 4, -0.5),),
        )

    return made
