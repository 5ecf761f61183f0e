"""`tingfeng eval`: figures for people and programs, and files as people really have them."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.analysis.measures import NEGATIVE, NEUTRAL, POSITIVE
from app.cli import evaluating
from app.cli.labelled import NAMED, decoded, parsed, read
from app.cli.session import Session
from app.cli.table import table, width
from app.errors import ImportFailed
from app.home import Home

ROOT = Path(__file__).resolve().parents[2]

TWO = "neg\t太差了，退货\npos\t很好，喜欢\nneg\t客服不理人，垃圾\npos\t物流很快，满意\n"
THREE = (
    "neg\t质量太差，气死我了\nneu\t云雀将于周五举行发布会\npos\t非常满意，推荐\nneg\t强烈推荐，非常满意\n"
)


def run(home: Path, *arguments: str, lang: str = "en") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "--home", str(home), "--lang", lang, "eval", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )


class Here:
    """The command in this process, with figures of speed that take no time."""

    def __init__(self, home: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self._home = home
        self._capfd = capfd

    def said(self, *files: str, json: bool = False, **options: Any) -> tuple[str, str]:
        given = {"engine": [], "against": None, "sample": None, "misses": 0, "no_speed": True, **options}
        session = Session(Home(self._home), None, json, lambda _session, _drill: 1)
        assert evaluating.eval_(session, argparse.Namespace(files=list(files), **given)) == 0
        out, err = self._capfd.readouterr()
        return out, err

    def documents(self, *files: str, **options: Any) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.said(*files, json=True, **options)[0].splitlines()]


@pytest.fixture
def here(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setattr(evaluating, "SECONDS", 0.02)
    return Here(tmp_path, capfd)


@pytest.fixture
def two(tmp_path: Path) -> str:
    path = tmp_path / "two.tsv"
    path.write_text(TWO, "utf-8")
    return str(path)


@pytest.fixture
def three(tmp_path: Path) -> str:
    path = tmp_path / "three.tsv"
    path.write_text(THREE, "utf-8")
    return str(path)


def test_two_engines_side_by_side_for_programs(here: Here, two: str, three: str) -> None:
    found = here.documents(two, three, engine=["ngram", "snownlp-retrained"], misses=1)
    rows = [one for one in found if one["type"] == "evaluation"]
    assert [(one["file"], one["engine"]) for one in rows] == [
        (name, engine) for name in (two, three, "") for engine in ("ngram", "snownlp-retrained")
    ]
    assert [one["classes"] for one in rows] == [2, 2, 3, 3, 0, 0]
    first, all_ = rows[0], rows[-2]
    assert (first["n"], first["accuracy"], first["macro_f1"], first["auc"]) == (4, 1.0, 1.0, 1.0)
    assert first["labels"] == {"neg": 2, "neu": 0, "pos": 2}
    assert first["confusion"]["neg"] == {"neg": 2, "neu": 0, "pos": 0}
    assert first["recall_at_90_balanced"] == first["recall_at_90_raw"] == 1.0
    assert 0 <= first["accuracy_interval"][0] < 1 == first["accuracy_interval"][1]
    assert all_["n"] == 8
    assert all_["accuracy"] == pytest.approx((4 + round(4 * rows[2]["accuracy"])) / 8)
    misses = [one for one in found if one["type"] == "miss"]
    assert {(one["text"], one["line"], one["label"], one["said"]) for one in misses} == {
        ("强烈推荐，非常满意", 4, "negative", "positive")
    }
    for one in misses:
        assert one["evidence"]
        assert one["chance"] < 0.5


def test_a_table_for_people(here: Here, two: str, three: str) -> None:
    out, err = here.said(two, three, misses=1)
    assert f"{two} · 4 posts · two classes, since no label is neutral · negative 2, positive 2" in out
    assert "three classes · negative 2, neutral 1, positive 1" in out
    assert "all files · 8 posts" in out
    assert "100.0 %" in out
    assert "three.tsv, line 4: negative, said positive" in out
    assert err == ""


def test_the_speed_is_compared_in_the_same_run(here: Here, two: str) -> None:
    found = here.documents(two, against="trivial", no_speed=False)
    speeds = [one for one in found if one["type"] == "speed"]
    assert [one["engine"] for one in speeds] == ["ngram", "trivial"]
    assert all(one["posts_per_second"] > 0 < one["with_evidence"] for one in speeds)
    assert {(one["texts"], one["characters"]) for one in speeds} == {(4, 6.5)}
    assert [one["engine"] for one in found if one["type"] == "evaluation"] == ["ngram"]
    out, _err = here.said(two, against="trivial", no_speed=False)
    assert "trivial (4 posts of 6 characters)" in out
    assert out.rstrip().endswith("1.0")


def test_as_a_program(tmp_path: Path, two: str) -> None:
    done = run(tmp_path, two, "--no-speed", "--json", "--sample", "3", "--misses", "2")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[0])["n"] == 3


def test_lines_that_cannot_be_used_are_named_and_left_out(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "messy.tsv"
    path.write_bytes(
        "\ufeffneg\t太差了，退货\r\n\r\nlabel\ttext\r\n没有制表符\r\nneg\t\r\n1\t好\r\nbad\t差\r\nmeh\t差\r\n"
        "POS\t很好，喜欢\t2024-01-01\t某人\r\n".encode()
    )
    [bad, row] = here.documents(str(path))
    assert (bad["type"], bad["n"]) == ("unusable", 6)
    assert [(one["line"], one["problem"]) for one in bad["lines"]] == [
        (3, "unknown label"),
        (4, "no tab"),
        (5, "no text"),
        (6, "unknown label"),
        (7, "unknown label"),
    ]
    assert (row["n"], row["accuracy"]) == (2, 1.0)
    _out, err = here.said(str(path))
    assert "6 lines cannot be used" in err
    assert "line 4: no tab" in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "No such file"),
        (b"", "it is empty"),
        (b"\n\n", "it is empty"),
        (b"0\tx\n1\ty\n", "line 1: unknown label"),
        (b"PK\x03\x04\x00\x00\t\n", "line 1"),
    ],
)
def test_files_with_nothing_to_measure_are_refused(
    tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "x.tsv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImportFailed, match=told):
        read(path)


def test_a_refusal_is_one_sentence(tmp_path: Path) -> None:
    done = run(tmp_path, str(tmp_path / "none.tsv"))
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.strip().splitlines()) == 1
    assert "No such file" in done.stderr


def test_usage(tmp_path: Path, two: str) -> None:
    assert run(tmp_path, two, "--engine", "oracle").returncode == 2


# reading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_files_from_every_editor(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("neg\t太差了，退货\n正面\t很好，喜欢\n中性\t周五发布\n", encoding)
    found = read(path)
    assert found.texts == ("太差了，退货", "很好，喜欢", "周五发布")
    assert found.labels == (NEGATIVE, POSITIVE, NEUTRAL)
    assert found.unusable == 0


def test_one_broken_byte_does_not_turn_the_rest_into_noise() -> None:
    raw = ("neg\t" + "太差了，退货" * 50).encode() + b"\xff\n"
    assert "太差了，退货" in decoded(raw)


@given(st.text(max_size=300))
def test_any_text_is_read_or_its_lines_are_counted(text: str) -> None:
    found = parsed(text, "x")
    filled = [line for line in text.split("\n") if line.strip()]
    assert len(found.texts) + found.unusable == len(filled)
    assert len(found.problems) == min(NAMED, found.unusable)
    assert len(found.texts) == len(found.labels) == len(found.lines)


@given(
    st.lists(st.tuples(st.sampled_from(["neg", "neu", "pos", "x", ""]), st.text(max_size=9)), max_size=20)
)
def test_the_number_of_a_line_leads_back_to_it(rows: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{label}\t{post}" for label, post in rows)
    found = parsed(text, "x")
    lines = text.split("\n")
    for post, line in zip(found.texts, found.lines, strict=True):
        assert post in lines[line - 1]


def test_a_sample_is_the_same_each_time() -> None:
    found = parsed("".join(f"neg\t第{n}条\n" for n in range(50)), "x")
    some = found.sample(10)
    assert some == found.sample(10)
    assert len(some.texts) == 10
    assert all(text == f"第{line - 1}条" for text, line in zip(some.texts, some.lines, strict=True))
    assert found.sample(99) is found


def test_a_file_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFailed, match="cannot be read"):
        read(tmp_path)


# tables -------------------------------------------------------------------------------------------


@given(st.lists(st.lists(st.text("差a，·é—", max_size=6), min_size=1, max_size=4), min_size=1, max_size=6))
def test_columns_stand_under_each_other(rows: list[list[str]]) -> None:
    rows = [["x", *row] for row in rows]
    lines = table(rows)
    widths = [max(width(row[at]) for row in rows if at < len(row)) for at in range(max(map(len, rows)))]
    for row, line in zip(rows, lines, strict=True):
        whole = 2 + sum(widths[: len(row)]) + 2 * (len(row) - 1)
        assert width(line) <= whole
        assert line.endswith(row[-1].rstrip()) or not row[-1].strip()


def test_a_chinese_character_is_two_cells_wide() -> None:
    assert [width(text) for text in ("", "ab", "差", "，", "e\u0301", "·")] == [0, 2, 2, 2, 1, 1]
    assert table([["负面", "1"], ["ab", "22"]]) == ["  负面   1", "  ab    22"]
