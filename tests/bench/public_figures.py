"""Measure the engines on public sets, for the page that shows them beside a team's own corrections.

    python tests/bench/public_figures.py FOLDER [--out FILE] [--docs FILE] [--each 150] [--sets]

FOLDER holds `dev/*.tsv`, `label<TAB>text` (see labelled.py). Means over the sets of a group: two classes
(neutral posts left out) a group, three classes over the sets that have a real neutral class. snownlp as
shipped judges some 184 posts a second, so it is asked about `--each` posts of a set, the same ones each
time, and never about texts it was trained on: a set of which too few others are left is not counted.
A few minutes. The table in docs/evaluation.md is written anew from the same figures.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from math import isnan
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from labelled import GROUPS, THREE, Labelled, load

from app.analysis import snow
from app.analysis.measures import (
    NEUTRAL,
    Figures,
    Probabilities,
    PublicFigure,
    cases,
    figures,
)
from app.analysis.ngram import NgramScorer
from app.analysis.snow import SnowScorer

OUT = Path(__file__).parents[2] / "resources" / "evaluation" / "public.json"
DOCS = Path(__file__).parents[2] / "docs" / "evaluation.md"
LEAST = 50
"""A set of which fewer posts can be measured is left out."""
THREE_CLASSES = "three classes"

Judge = Callable[[Sequence[str]], list[Probabilities]]
_KEPT = re.compile(r"[^0-9a-z㐀-鿿]+")


def key(text: str) -> str:
    """The first forty letters and Chinese characters: what makes two texts the same."""
    return _KEPT.sub("", unicodedata.normalize("NFKC", text).lower())[:40]


def learnt_from() -> frozenset[str]:
    """The texts that snownlp's shipped model was trained on; they come with the package."""
    folder = snow.folder() / "sentiment"
    lines = [line for name in ("neg.txt", "pos.txt") for line in _read(folder / name)]
    return frozenset(map(key, lines))


def _read(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines()


def picked(one: Labelled, known: frozenset[str], each: int) -> Labelled:
    """At most so many texts, none of them known."""
    left = [at for at, text in enumerate(one.texts) if key(text) not in known]
    at = sorted(random.Random(0).sample(left, min(each, len(left))))
    return replace(one, texts=[one.texts[i] for i in at], labels=[one.labels[i] for i in at])


def polar(one: Labelled) -> Labelled:
    at = [i for i, label in enumerate(one.labels) if label != NEUTRAL]
    return replace(one, texts=[one.texts[i] for i in at], labels=[one.labels[i] for i in at])


def measured(one: Labelled, judge: Judge) -> Figures | None:
    if len(one.texts) < LEAST:
        return None
    return figures(cases(one.labels, judge(one.texts)))


def groups(
    folder: Path, judge: Judge, pick: Callable[[Labelled], Labelled], *, each_set: bool
) -> dict[str, list[Figures]]:
    """The figures of each set, by group; the three-class sets once more by themselves."""
    found: dict[str, list[Figures]] = {}
    for group, names in (*GROUPS.items(), (THREE_CLASSES, THREE)):
        for name in names:
            whole = load(folder, "dev", name)
            chosen = pick(whole if group == THREE_CLASSES else polar(whole))
            one = measured(chosen, judge)
            if one is not None:
                found.setdefault(group, []).append(one)
            if each_set:
                print(f"    {group:14} {name:18}", "-" if one is None else _line(one))
    return found


def _line(one: Figures) -> str:
    values = (one.accuracy, one.macro_f1, one.auc, one.recall_balanced, one.calibration)
    return f"{one.n:6}  " + "  ".join(f"{100 * value:5.1f}" for value in values)


def mean(values: Sequence[float]) -> float:
    known = [value for value in values if not isnan(value)]
    return round(sum(known) / len(known), 4)


def figure(
    group: str, each: Sequence[Figures], scorer: NgramScorer | SnowScorer, date: str
) -> PublicFigure:
    return PublicFigure(
        group=group,
        classes=3 if group == THREE_CLASSES else 2,
        engine=scorer.engine,
        version=scorer.version,
        date=date,
        sets=len(each),
        n=sum(one.n for one in each),
        accuracy=mean([one.accuracy for one in each]),
        macro_f1=mean([one.macro_f1 for one in each]),
        auc=mean([one.auc for one in each]),
        recall_balanced=mean([one.recall_balanced for one in each]),
        calibration=mean([one.calibration for one in each]),
    )


_MARKS = re.compile(r"(<!-- figures -->\n).*?(<!-- end of figures -->)", re.DOTALL)
_TITLES = {
    "social": "Weibo and social",
    "shops": "e-commerce",
    "cars and tech": "cars and tech",
    "other": "other: stock talk, Cantonese, stance, shampoo, emoticons",
    THREE_CLASSES: "three classes",
}


def documented(text: str, rows: Sequence[PublicFigure]) -> str:
    """The page with its table made of these figures."""
    return _MARKS.sub(lambda marks: f"{marks[1]}\n{markdown(rows)}\n{marks[2]}", text)


def markdown(rows: Sequence[PublicFigure]) -> str:
    head = (
        "| | engine | sets / posts | accuracy | macro-F1 | AUC | negatives found at 90 % precision "
        "| calibration error |\n|---|---|--:|--:|--:|--:|--:|--:|\n"
    )
    return (
        head
        + "".join(
            f"| {_TITLES[group]} | `{row.engine}` | {row.sets} / {row.n:,} | {_cell(row.accuracy)} "
            f"| {_cell(row.macro_f1)} | {_cell(row.auc)} | {_cell(row.recall_balanced)} "
            f"| {_cell(row.calibration)} |\n"
            for group in _TITLES
            for row in rows
            if row.group == group
        )
        + _versions(rows)
    )


def _cell(value: float) -> str:
    return f"{100 * value:.1f}"


def _versions(rows: Sequence[PublicFigure]) -> str:
    known = {row.engine: f"`{row.engine}` {row.version}" for row in rows}
    return f"\nMeasured on {rows[0].date}: {', '.join(known.values())}.\n"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the engines on public sets.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--docs", type=Path, default=DOCS, help="the page whose table is written anew")
    parser.add_argument("--each", type=int, default=150, help="posts of a set that snownlp is asked about")
    parser.add_argument("--sets", action="store_true", help="print a line for every set")
    given = parser.parse_args()
    date = datetime.now(UTC).date().isoformat()
    known = learnt_from()
    every: Callable[[Labelled], Labelled] = lambda one: one  # noqa: E731
    sampled: Callable[[Labelled], Labelled] = lambda one: picked(one, known, given.each)  # noqa: E731
    rows: list[PublicFigure] = []
    for scorer, pick in (
        (NgramScorer(), every),
        (SnowScorer(retrained=True), every),
        (SnowScorer(), sampled),
    ):
        found = groups(given.folder, scorer.probabilities, pick, each_set=given.sets)
        made = [figure(group, each, scorer, date) for group, each in found.items()]
        rows += made
        for row in made:
            print(
                f"{row.engine:18} {row.group:14} {row.sets:3} sets {row.n:6} posts  "
                f"accuracy {100 * row.accuracy:5.1f}  macro-F1 {100 * row.macro_f1:5.1f}  "
                f"AUC {100 * row.auc:5.1f}  found {100 * row.recall_balanced:5.1f}  "
                f"calibration {100 * row.calibration:5.1f}",
                flush=True,
            )
    text = json.dumps({"figures": [asdict(row) for row in rows]}, ensure_ascii=False, indent=1)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text + "\n", "utf-8")
    given.docs.write_text(documented(given.docs.read_text("utf-8"), rows), "utf-8")


if __name__ == "__main__":
    main()
