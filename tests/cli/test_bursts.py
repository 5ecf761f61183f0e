"""`tingfeng bursts` as it is called: CSV in, CSV or JSON lines out."""

from __future__ import annotations

import argparse
import csv
import io
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.cli.bursts import COLUMNS, bursts
from app.cli.session import Session
from app.errors import ImportFailed
from app.home import Home
from app.i18n import set_language
from tests.unit.analysis.bursts.made import DAY, quiet

BEGIN = datetime(2026, 3, 2)  # noqa: DTZ001  # on the wall's clock
STEP = timedelta(minutes=5)
ROOT = Path(__file__).resolve().parents[2]


def call(path: Path | str, tmp_path: Path, *, as_json: bool = False, **options: Any) -> int:
    session = Session(Home(tmp_path / "home"), None, as_json, lambda _session, _drill: 0)
    given = {"sensitivity": "balanced", "holidays": None, **options}
    return bursts(session, argparse.Namespace(path=str(path), **given))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(text, encoding="utf-8")
    return path


def counts(values: list[float]) -> str:
    rows = [f"{BEGIN + i * STEP},{value:g}" for i, value in enumerate(values)]
    return "\n".join(["timestamp,value", *rows]) + "\n"


def answers(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(capsys.readouterr().out)))


SURGE = [3.0, 2.0, 4.0, 3.0] * 720 + [60.0, 70.0, 80.0]


def test_a_surge_is_one_alarm_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(written(tmp_path, counts(SURGE)), tmp_path) == 0
    rows = answers(capsys)
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(SURGE)
    assert [row["timestamp"] for row in rows[:2]] == ["2026-03-02 00:00:00", "2026-03-02 00:05:00"]
    loud = [row for row in rows if row["alarm"] == "1"]
    assert len(loud) == 1
    assert float(loud[0]["anomaly_score"]) >= 0.5
    assert loud[0]["explanation"].startswith("Since 00:00: ")
    assert all(float(row["anomaly_score"]) < 0.5 for row in rows if row["alarm"] == "0")
    assert not (tmp_path / "home").exists()


def test_json_is_an_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(written(tmp_path, counts(SURGE)), tmp_path, as_json=True) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == len(SURGE)
    assert [row["kind"] for row in rows if row["alarm"]] == ["surge"]
    assert set(rows[0]) == {*COLUMNS, "kind"}


def test_it_speaks_chinese_where_it_is_translated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_language("zh_CN")
    assert call(written(tmp_path, counts(SURGE)), tmp_path) == 0
    assert len(answers(capsys)) == len(SURGE)


def test_quiet_alarms_no_more_than_sensitive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, counts([*quiet(1, 3.0, 10 * DAY), 8.0, 9.0, 8.0, 3.0]))
    found = {}
    for word in ("sensitive", "quiet"):
        call(path, tmp_path, sensitivity=word)
        found[word] = sum(row["alarm"] == "1" for row in answers(capsys))
    assert found["sensitive"] > found["quiet"]


@pytest.mark.parametrize("text", ["", "timestamp,value\n", "\n\n"])
def test_an_empty_series(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(written(tmp_path, text), tmp_path) == 0
    said = capsys.readouterr()
    assert said.out == ",".join(COLUMNS) + "\n"
    assert "no rows" in said.err


def test_one_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(written(tmp_path, "timestamp,value\n2026-03-02 00:00:00,7\n"), tmp_path) == 0
    assert answers(capsys) == [
        {
            "timestamp": "2026-03-02 00:00:00",
            "anomaly_score": "0.0",
            "alarm": "0",
            "expected": "7.0",
            "explanation": "",
        }
    ]


@pytest.mark.parametrize("value", ["", "NaN", "nan", "null", "N/A"])
def test_no_value_is_a_gap(value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = counts([3.0, 3.0, 3.0]) + f"{BEGIN + 3 * STEP},{value}\n"
    assert call(written(tmp_path, text), tmp_path) == 0
    assert answers(capsys)[-1]["explanation"] == "No value: taken for a gap."


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2026-03-02 00:05:00,-3", "Line 3: A count must be a number from 0 on, not -3.0."),
        ("2026-03-02 00:05:00,inf", "Line 3: A count must be a number from 0 on, not inf."),
        ("2026-03-02 00:05:00,many", "Line 3: “many” is not a number."),
        ("yesterday,3", "Line 3: “yesterday” is not a time. Write it like 2026-11-22 09:05:00."),
        (",3", "Line 3: There is no timestamp."),
        ("2026-03-02 00:05:00", "Line 3: there is only 1 column."),
        ("2026-03-02T00:05:00Z,3", "Line 3: Some timestamps have a time zone and some have none."),
        ("a\x00b,3", "Line 3: this is not text."),
        ("x" * 20_000, "Line 3: this is too long for a row of counts."),
    ],
)
def test_what_is_refused_is_refused_in_words(row: str, why: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"timestamp,value\n2026-03-02 00:00:00,1\n{row}\n")
    with pytest.raises(ImportFailed) as refused:
        call(path, tmp_path)
    assert refused.value.text == why


def test_rows_before_a_refused_one_are_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, counts([1.0, 2.0]) + "oops,1\n")
    with pytest.raises(ImportFailed):
        call(path, tmp_path)
    assert len(answers(capsys)) == 2


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_no_file(name: str, tmp_path: Path) -> None:
    with pytest.raises(ImportFailed):
        call(tmp_path / name, tmp_path)


def test_another_head_is_refused_and_none_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ImportFailed, match="timestamp and value"):
        call(written(tmp_path, "when,how many\n2026-03-02,3\n"), tmp_path)
    capsys.readouterr()
    assert call(written(tmp_path, "2026-03-02 00:00,3\n2026-03-02 00:05,3\n"), tmp_path) == 0
    assert len(answers(capsys)) == 2


@pytest.mark.parametrize(
    "stamps",
    [
        ("2026/3/2 9:05", "2026/3/2 9:10"),
        ("2026-03-02T09:05:00Z", "2026-03-02T09:10:00Z"),
        ("2026-03-02T09:05:00+08:00", "2026-03-02T09:10:00+08:00"),
        ("1772442300", "1772442600"),
        ("2026-03-02", "2026-03-03"),
    ],
)
def test_usual_ways_to_write_a_time(
    stamps: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "\ufeffvalue,brand,timestamp\r\n" + "".join(f"3,x,{stamp}\r\n" for stamp in stamps)
    assert call(written(tmp_path, text), tmp_path) == 0
    assert [row["timestamp"] for row in answers(capsys)] == list(stamps)


def test_holidays_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = tmp_path / "days.txt"
    days.write_text("# 国庆\n2026-10-01\n2026-10-10 work\n", encoding="utf-8")
    assert call(written(tmp_path, counts([1.0, 2.0])), tmp_path, holidays=str(days)) == 0
    assert len(answers(capsys)) == 2
    days.write_text("1 October\n", encoding="utf-8")
    with pytest.raises(ImportFailed, match="Line 1"):
        call(written(tmp_path, counts([1.0, 2.0])), tmp_path, holidays=str(days))


def test_each_row_is_answered_before_the_next_is_read(tmp_path: Path) -> None:
    """As a process: the answer to a row comes while the input is still open."""
    code = (
        "import argparse, pathlib\n"
        "from app.cli.bursts import bursts\n"
        "from app.cli.session import Session\n"
        "from app.home import Home\n"
        f"session = Session(Home(pathlib.Path({str(tmp_path)!r})), None, False, lambda a, b: 0)\n"
        "bursts(session, argparse.Namespace(path='-', sensitivity='balanced', holidays=None))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("timestamp,value\n")
        assert process.stdout.readline() == ",".join(COLUMNS) + "\n"
        for i in range(3):
            process.stdin.write(f"{BEGIN + i * STEP},3\n")
            process.stdin.flush()
            assert process.stdout.readline().startswith(str(BEGIN + i * STEP))
        process.stdin.close()
        assert process.wait(60) == 0
