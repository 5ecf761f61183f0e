"""From version 1: rows kept, tones towards brands worked out, whatever happens in the middle."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from app.domain.query import MentionQuery
from app.domain.sentiment import Tone
from app.storage import Judged, Storage, search, tones, upgrade
from app.storage.engines import engine_for
from app.storage.migrations import STEPS

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("TINGFENG_KILLS", "5"))
TONES = ("negative", "neutral", "positive")
MENTION = (
    "source_id, platform, kind, native_id, url, title, text, author_name, author_id, author_url,"
    " author_key, published_at, dated, fetched_at, media, lang, region, parent_id, root_id, keyword, site,"
    " severity, severe, revision, edits, status, status_by, answer, id, hits, brands, followers, score_id,"
    " tone, corrected"
)


def _version_1(url: str, start: datetime, count: int, seed: int = 1) -> None:
    """As version 1 would have left it: brand 2 is a competitor, a tenth is corrected or unscored."""
    engine = engine_for(url, backups=None, patience=5)
    upgrade.prepare(engine, start, STEPS[:1])
    connection = engine.connection()
    mark = connection.database.param
    dice = random.Random(seed)
    mentions, scores, corrections = [], [], []
    for id_ in range(1, count + 1):
        named = sorted(dice.sample((1, 2, 3, 12), dice.choice((0, 0, 1, 2, 3))))
        hits = "[" + ",".join(f"[{brand},[[0,1]]]" for brand in named) + "]" if named else ""
        brands = f",{','.join(map(str, named))}," if named else ""
        tone = dice.choice(TONES)
        scored, corrected = dice.random() < 0.9, dice.random() < 0.1
        if scored:
            p = dice.random()
            scores.append((id_, id_, 1, "snownlp", "1", p, tone, p, 1 - p, 0.0, ""))
        if corrected:
            tone = dice.choice(TONES)
            corrections.append((id_, tone, "小李", 5))
        plain = (1, "weibo", "post", f"n{id_}", "", "", f"第{id_}条 发热", "甲", "", "", "甲")
        more = (id_ * 1000, True, 7 + id_, "", "", "", "", "", "", "", "", False, 1, 0, "new", "", "")
        followers = dice.choice((None, 0, 12, 10**6, 2**63 - 1))
        said = (id_ if scored else None, tone if scored or corrected else None, corrected)
        mentions.append((*plain, *more, id_, hits, brands, followers, *said))
    with engine.transaction(connection):
        for id_, rival in ((1, False), (2, True), (3, False), (12, True)):
            connection.execute_sql(
                "INSERT INTO brand (id, name, name_key, query, competitor, aliases, exclusions)"
                f" VALUES ({mark}, {mark}, {mark}, 'x', {mark}, '[]', '[]')",  # marks
                (id_, f"b{id_}", f"b{id_}", rival),
            )
        for table, columns, rows in (
            ("mention", MENTION, mentions),
            ("score", "id, mention_id, revision, engine, version, value, tone, negative, neutral,"
             " positive, evidence", scores),
            ("correction", 'mention_id, tone, "by", at', corrections),
        ):  # fmt: skip
            marks = ", ".join([mark] * len(rows[0]))
            connection.execute_many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # ours
        search.rebuild(connection)
        if not connection.sqlite:
            connection.execute_sql("SELECT setval(pg_get_serial_sequence('score', 'id'), 1000000)")
    connection.close()


def _brand_tones(url: str) -> list[tuple[Any, ...]]:
    connection = engine_for(url, backups=None, patience=5).connection(read_only=True)
    rows = connection.execute_sql(
        "SELECT mention_id, brand_id, published_at, fetched_at, tone, negative, neutral, positive, reach"
        " FROM brand_tone ORDER BY mention_id, brand_id"
    ).fetchall()
    connection.close()
    return [tuple(row) for row in rows]


def test_what_was_judged_before_counts_for_early_warning(url: str, start: datetime, score: Any) -> None:
    _version_1(url, start, 300)
    with Storage.open(url) as storage:
        made = _brand_tones(url)
        engine = engine_for(url, backups=None, patience=5)
        connection = engine.connection()
        with engine.transaction(connection):
            connection.execute_sql("DELETE FROM brand_tone")
            tones.refresh(connection, range(1, 301))
        connection.close()
        again = _brand_tones(url)
        assert len(made) == len(again) > 200
        for one, other in zip(made, again, strict=True):
            assert one == (*other[:-1], pytest.approx(other[-1]))
        assert storage.mentions.untold(5) == ()
        waiting = storage.mentions.unscored(1)[0]
        saved = storage.mentions.save_scores([(waiting.id, waiting.revision, score(Tone.NEUTRAL))])
        assert saved == Judged(1, (waiting.id,))
        assert storage.mentions.stale_count("snownlp", {None: "1"}) == 0
        assert storage.stats()["mentions"] == storage.mentions.tally(MentionQuery(text="发热")).total == 300
        assert storage.brands.save(storage.brands.all()[0]).id == 1


UPGRADE = """
import sys
from app.storage import Storage
print("ready", flush=True)
with Storage.open(sys.argv[1], patience=30) as storage:
    print("open", storage.stats()["mentions"], flush=True)
"""


def _child(path: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", UPGRADE, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def test_killed_in_the_middle_of_the_upgrade(tmp_path: Path, start: datetime) -> None:
    path = tmp_path / "a.sqlite"
    _version_1(str(path), start, 6000)
    dice = random.Random(5)
    wait = 0.02
    for _round in range(ROUNDS):
        with _child(path) as child:
            time.sleep(dice.uniform(0, wait))
            child.kill()
        wait *= 1.5
        for copy in (tmp_path / "backups").glob("*.sqlite"):
            engine = engine_for(str(copy), backups=None, patience=5)
            connection = engine.connection(read_only=True)
            assert connection.execute_sql("PRAGMA integrity_check").fetchone()[0] == "ok"
            assert connection.execute_sql("SELECT COUNT(*) FROM mention").fetchone()[0] == 6000
            connection.close()
    with Storage.open(path) as storage:
        assert storage.stats()["mentions"] == 6000
        assert all(finding.ok for finding in storage.check())
        assert len({row[0] for row in _brand_tones(str(path))}) > 3000
        assert storage.mentions.tally(MentionQuery(text="发热")).total == 6000


def test_two_programs_upgrade_at_once(tmp_path: Path, start: datetime) -> None:
    path = tmp_path / "a.sqlite"
    _version_1(str(path), start, 2000)
    children = [_child(path) for _one in range(2)]
    for child in children:
        with child:
            assert child.stdout is not None
            assert child.stdout.read() == "open 2000\n"
        assert child.returncode == 0
