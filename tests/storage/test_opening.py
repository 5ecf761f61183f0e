"""Opening: upgrades with a backup, refusals that change nothing, and every way a file can fail."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import Any

import peewee
import pytest
from playhouse.schema_diff import diff_models

from app.alerts.shipped import shipped
from app.domain.alert import AlertState
from app.domain.desk import Stage
from app.domain.mention import Status
from app.domain.outbox import Posting, Way
from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.domain.watch import Source
from app.errors import Broken, StorageError, TooNew, Unavailable
from app.storage import Storage, models, search, upgrade
from app.storage.engines import engine_for
from app.storage.migrations import STEPS, Step

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(__file__).parent / "data"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _filled(path: Path, make: Any, start: Any) -> None:
    with Storage.open(path) as storage:
        source = storage.sources.save(Source(kind="feed", name="论坛"))
        storage.mentions.save_page(source.id, [make(n) for n in range(50)], "c", now=start)


def test_the_head_schema_is_the_models(url: str) -> None:
    Storage.open(url).close()
    connection = engine_for(url, backups=None, patience=5).connection()
    tables = list(models.ALL)
    with connection.database.bind_ctx(tables):
        assert not diff_models(connection.database, tables)
        # The comparison must be able to fail.
        assert diff_models(connection.database, [*tables, _Extra])
        for table in tables:
            columns = {one.name: one for one in connection.database.get_columns(table._meta.table_name)}
            for field in table._meta.sorted_fields:
                assert columns[field.column_name].null == field.null, field
    connection.close()


class _Extra(peewee.Model):
    class Meta:
        table_name = "extra"


@pytest.mark.parametrize("name", sorted(one.name for one in DATA.glob("v*.sqlite")))
def test_every_released_file_opens_and_keeps_its_rows(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    shutil.copy(DATA / name, path)
    with Storage.open(path) as storage:
        rows = storage.mentions.page(MentionQuery(oldest_first=True)).rows
        assert [one.mention.native_id for one in rows] == ["a1", "a2", "a3"]
        assert rows[0].tone is Tone.NEGATIVE
        assert rows[1].corrected
        assert rows[0].hits[0].brand == "青岚"
        assert [one.id for one in storage.mentions.page(MentionQuery(text="发热")).rows] == [rows[0].id]
        assert storage.mentions.raw(rows[0].id) == '{"id": "a1"}'
        assert storage.mentions.edits(rows[2].id)[0][1] == "旧的文字"
        assert len(storage.alerts.page()) == (2 if name == "v5.sqlite" else 1)
        assert len(storage.templates.all()) == len(storage.views.all()) == 1
        assert storage.sources.cursor(1) == "cursor-2"
        assert all(finding.ok for finding in storage.check())


@pytest.mark.parametrize(
    "name", sorted(one.name for one in DATA.glob("v*.sqlite") if one.name != "v1.sqlite")
)
def test_files_since_version_2_keep_what_was_judged_and_taught(
    name: str, tmp_path: Path, start: Any
) -> None:
    path = tmp_path / name
    shutil.copy(DATA / name, path)
    with Storage.open(path) as storage:
        first = storage.mentions.get(1)
        assert first.score is not None
        assert [(one.aspect, one.spans) for one in first.score.aspects] == [("quality", ((4, 6),))]
        assert [(one.key, one.span) for one in first.score.severity] == [("fire", "发热")]
        assert [(one.brand_id, one.tone) for one in first.score.towards] == [
            (1, Tone.NEGATIVE),
            (2, Tone.POSITIVE),
        ]
        second = storage.mentions.get(2).score
        assert second is not None
        assert second.note == "not_chinese"
        assert storage.views.all()[0].query.aspects == ("quality:negative",)
        assert len(storage.mentions.page(storage.views.all()[0].query).rows) == 1
        early, late = start - timedelta(days=9), start + timedelta(days=9)
        (slot,) = storage.mentions.negative_slots(1, early, late, 86_400)
        assert (slot.mentions, slot.negative, slot.reach) == (3, pytest.approx(1.8), pytest.approx(5.4))
        (slot,) = storage.mentions.negative_slots(2, early, late, 86_400)
        assert (slot.mentions, slot.negative) == (1, pytest.approx(0.1))
        assert storage.mentions.untold(5) == (1, 3)
        assert [row.id for row in storage.stories.unplaced(5)] == (
            [1, 2, 3] if name == "v2.sqlite" else [3]
        )
        assert [(one.mention_id, one.corrected) for one in storage.learning.lessons()] == [
            (1, False),
            (2, True),
        ]
        assert [(one.phrase, one.weight) for one in storage.learning.words(1)] == [("翻车", -2.0)]
        layer = storage.learning.active_layer(1)
        assert layer is not None
        assert (layer.name, layer.before, layer.after) == ("青岚", 0.5, 0.75)


def test_files_since_version_3_keep_stories_and_incidents(tmp_path: Path, start: Any) -> None:
    path = tmp_path / "v3.sqlite"
    shutil.copy(DATA / "v3.sqlite", path)
    with Storage.open(path) as storage:
        (one,) = storage.warning.incidents()
        assert (one.brand, one.title, one.severity, one.mentions) == ("青岚", "青岚：“发热”", "P1", 2)
        assert (one.muted, one.muted_by, one.escalated_to, one.alert_id) == ("演习", "小李", "公关", 1)
        assert one.closer_until == start - timedelta(hours=6)
        assert [step.what for step in storage.warning.steps(one.id)] == ["opened", "muted"]
        assert [word.word for word in storage.warning.words(one.id)] == ["起火"]
        assert [slot.came for slot in storage.warning.course(one.id)] == [2.0]
        slot = storage.warning.tracker(1)[0]  # type: ignore[index]  # it is there
        assert storage.warning.detector(1) == (slot, b"\x00state")
        heard = storage.warning.heard([1], slot, slot)[1]
        assert [(each.mention_id, each.sort, each.topics) for each in heard] == [
            (1, "live", ("quality",)),
            (2, "late", ()),
        ]
        assert storage.stories.index() == (2, 1, b"\x00state")
        (hand,) = storage.stories.by_hand(0)
        assert storage.stories.of_mentions([1, 2]) == {1: 1, 2: hand.other_id}
        lease = storage.warning.lease()
        assert lease is not None
        assert (lease.owner, lease.slot) == ("a machine", slot)
        assert storage.settings.get("sensitivity") == {"1": "quiet"}


def test_files_since_version_5_keep_claims_answers_and_the_rule(tmp_path: Path, start: Any) -> None:
    path = tmp_path / "v5.sqlite"
    shutil.copy(DATA / "v5.sqlite", path)
    with Storage.open(path) as storage:
        stored, item = storage.mentions.get(1), storage.queue.get(1)
        assert (stored.status, stored.status_by) == (Status.CLAIMED, "小李")
        assert item is not None
        assert (item.owner, item.stage) == ("小李", Stage.OPEN)
        told = [(row.state, row.text, row.approved_by, row.way) for row in storage.outbox.all()]
        assert told == [
            (Posting.APPROVED, "您好 3", "组长", Way.API),
            (Posting.UNSURE, "您好 2", "组长", Way.API),
            (Posting.WRITTEN, "您好 1", "", Way.API),
        ]
        alert = storage.alerts.page()[0]
        assert (alert.state, alert.mention_id, alert.acked_by, alert.rung) == (AlertState.SEEN, 2, "", 0)
        assert [event.what for event in storage.mentions.history(1)] == ["answer", "claim", "write"]
        first = shipped(storage.settings.get("rule"))[0]
        assert (first.followers, first.quiet_from, first.quiet_to) == (77, "22:00", "07:00")


def test_opening_again_changes_no_row_and_makes_no_backup(tmp_path: Path, make: Any, start: Any) -> None:
    path = tmp_path / "a.sqlite"
    _filled(path, make, start)
    with Storage.open(f"sqlite://{path}", backups=tmp_path / "b") as storage:
        assert storage.stats()["mentions"] == 50
    assert not (tmp_path / "b").exists()


def test_an_upgrade_copies_the_file_first_and_keeps_three(tmp_path: Path, make: Any, start: Any) -> None:
    path, backups = tmp_path / "a.sqlite", tmp_path / "b"
    _filled(path, make, start)
    engine = engine_for(str(path), backups=backups, patience=5)
    steps = STEPS
    head = upgrade.head()
    for number in range(head + 1, head + 6):
        more = f"CREATE TABLE more{number} (id INTEGER)"
        steps = (
            *steps,
            Step(number, f"{number:04}_more", lambda database, sql=more: database.execute_sql(sql)),
        )
        upgrade.prepare(engine, start + timedelta(days=number), steps)
    copies = sorted(backups.iterdir(), key=lambda one: one.name[-29:])
    assert [one.name.split("-")[1] for one in copies] == [f"v{head + n}" for n in (2, 3, 4)]
    with sqlite3.connect(copies[-1]) as copy:
        assert copy.execute("SELECT COUNT(*) FROM mention").fetchone() == (50,)
        assert copy.execute("SELECT MAX(number) FROM schema_step").fetchone() == (head + 4,)
    copy.close()


def test_a_failing_step_leaves_the_database_as_it_was(url: str, start: Any) -> None:
    Storage.open(url).close()
    engine = engine_for(url, backups=None, patience=5)

    def half(database: Any) -> None:
        database.execute_sql("CREATE TABLE half (id INTEGER)")
        database.execute_sql("DELETE FROM schema_step")
        database.execute_sql("SELECT nonsense FROM nowhere")

    before = _hash(Path(url)) if "://" not in url else ""
    good = Step(
        upgrade.head() + 1, "good", lambda database: database.execute_sql("CREATE TABLE good (id INTEGER)")
    )
    with pytest.raises(StorageError):
        upgrade.prepare(engine, start, (*STEPS, good, Step(good.number + 1, "half", half)))
    connection = engine.connection()
    assert not connection.tables() & {"half", "good"}
    assert upgrade.version(connection) == upgrade.head()
    connection.close()
    if before:
        assert _hash(Path(url)) == before
    Storage.open(url).close()


def test_a_newer_database_is_refused_and_not_touched(url: str, start: Any) -> None:
    Storage.open(url).close()
    engine = engine_for(url, backups=None, patience=5)
    connection = engine.connection()
    connection.execute_sql("INSERT INTO schema_step (number, name, at) VALUES (99, 'later', 0)")
    connection.close()
    before = _hash(Path(url)) if "://" not in url else ""
    with pytest.raises(TooNew, match="99"):
        Storage.open(url)
    assert not before or _hash(Path(url)) == before


def test_an_index_of_another_version_is_built_anew(url: str, make: Any, start: Any) -> None:
    _filled(Path(url) if "://" not in url else url, make, start)  # type: ignore[arg-type]
    engine = engine_for(url, backups=None, patience=5)
    connection = engine.connection()
    with engine.transaction(connection):
        connection.execute_sql("UPDATE setting SET value = 'old' WHERE key = 'search.index'")
        search.create(connection)
    connection.close()
    with Storage.open(url) as storage:
        assert storage.mentions.tally(MentionQuery(text="发热")).total == 50


@pytest.mark.parametrize("damage", ["garbage", "header", "middle", "text"])
def test_a_damaged_file_is_broken_and_the_backups_are_named(
    tmp_path: Path, make: Any, start: Any, damage: str
) -> None:
    path = tmp_path / "a.sqlite"
    _filled(path, make, start)
    body = bytearray(path.read_bytes())
    match damage:
        case "garbage":
            body = bytearray(os.urandom(9000))
        case "header":
            body[:100] = b"\xff" * 100
        case "middle":
            body[100:8000] = b"\x07" * 7900
        case "text":
            body = bytearray(b"not a database at all, but long enough to be looked at" * 40)
    path.write_bytes(body)
    with pytest.raises(Broken, match="backups"):
        Storage.open(path)
    assert path.read_bytes() == body


def test_damage_found_later_is_broken_too(tmp_path: Path, make: Any, start: Any) -> None:
    path = tmp_path / "a.sqlite"
    _filled(path, make, start)
    with sqlite3.connect(path) as raw:
        page = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'mention_filter'").fetchone()[0]
    raw.close()
    body = bytearray(path.read_bytes())
    body[(page - 1) * 4096 : page * 4096] = b"\x07" * 4096
    path.write_bytes(body)
    with Storage.open(path) as storage, pytest.raises(Broken, match="backups"):
        storage.mentions.page(MentionQuery())


def test_somebody_elses_database_is_not_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE theirs (id INTEGER)")
    raw.close()
    before = _hash(path)
    with pytest.raises(Broken):
        Storage.open(path)
    assert _hash(path) == before


def test_an_empty_file_is_a_new_database(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").touch()
    with Storage.open(tmp_path / "a.sqlite") as storage:
        assert storage.stats()["mentions"] == 0


def test_a_strange_path_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "听 风 %41?#" / "数据.sqlite"
    Storage.open(path).close()
    assert path.exists()


def test_a_locked_database_is_unavailable(tmp_path: Path, make: Any, start: Any) -> None:
    path = tmp_path / "a.sqlite"
    _filled(path, make, start)
    holder = sqlite3.connect(path, isolation_level=None)
    with Storage.open(path, patience=0.2) as storage:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="Another program"):
            storage.settings.set("a", 1)
        assert storage.stats()["mentions"] == 50
        with pytest.raises(Unavailable, match="Another program"):
            Storage.open(path, patience=0.2)
        holder.execute("ROLLBACK")
        storage.settings.set("a", 1)
    holder.close()


def test_a_folder_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable):
        Storage.open(tmp_path / "file" / "a.sqlite")
    with pytest.raises(Unavailable):
        Storage.open(tmp_path)


_AS_NOBODY = """
    import os, sys
    from app.errors import Unavailable
    from app.storage import Storage
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    try:
        Storage.open(sys.argv[1], patience=0.2)
    except Unavailable as error:
        print("unavailable:", error)
"""


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs users of a Unix kind")
@pytest.mark.parametrize("case", ["file", "folder", "new"])
def test_what_may_not_be_written_is_unavailable(make: Any, start: Any, case: str) -> None:
    base = Path(tempfile.mkdtemp())
    try:
        path = base / "a.sqlite"
        if case != "new":
            _filled(path, make, start)
            path.chmod(0o444)
        base.chmod(0o777 if case == "file" else 0o555)
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(_AS_NOBODY), str(path)],
            capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
        )  # fmt: skip
        assert done.stdout.startswith("unavailable:"), done.stderr
    finally:
        base.chmod(0o755)
        shutil.rmtree(base)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Any:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_is_unavailable_and_loses_nothing(tiny_disk: Path, make: Any, start: Any) -> None:
    with Storage.open(tiny_disk / "a.sqlite") as storage:
        source = storage.sources.save(Source(kind="feed", name="f"))
        kept = 0
        full = None
        while full is None:
            page = [make(n, os.urandom(400).hex()) for n in range(kept, kept + 50)]
            try:
                storage.mentions.save_page(source.id, page, str(kept), now=start)
                kept += 50
            except Unavailable as error:
                full = error
        assert "full" in full.text
        assert storage.stats()["mentions"] == kept > 0
        assert storage.sources.cursor(source.id) == str(kept - 50)
    with Storage.open(tiny_disk / "a.sqlite") as storage:
        assert storage.stats()["mentions"] == kept
        assert all(finding.ok for finding in storage.check())


def test_no_backup_no_upgrade(tmp_path: Path, make: Any, start: Any) -> None:
    path = tmp_path / "a.sqlite"
    _filled(path, make, start)
    (tmp_path / "b").touch()
    engine = engine_for(str(path), backups=tmp_path / "b", patience=5)
    before = _hash(path)
    with pytest.raises(Unavailable, match="backup"):
        upgrade.prepare(engine, start, (*STEPS, Step(upgrade.head() + 1, "x", lambda _database: None)))
    assert _hash(path) == before


def test_a_server_that_is_not_there_is_unavailable() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(Unavailable, match="team"):
        Storage.open("postgresql://nobody@127.0.0.1:9/none", patience=1)


def test_a_lost_server_connection_is_found_again(postgres_url: str) -> None:
    import psycopg

    with Storage.open(postgres_url) as storage:
        storage.settings.set("a", 1)
        assert storage.settings.get("a") == 1
        with psycopg.connect(postgres_url, autocommit=True) as server:
            server.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(Unavailable):
            storage.settings.set("a", 2)
        with pytest.raises(Unavailable):
            storage.settings.get("a")
        storage.settings.set("a", 3)
        assert storage.settings.get("a") == 3
