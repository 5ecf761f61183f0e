"""Which neutral band? Prints what each pair of edges costs, on labelled sets you name.

    python tests/bench/sentiment_band.py FOLDER [--each 400]

FOLDER holds `*.tsv` files, `label<TAB>text` with labels neg, neu, pos. Sets whose texts snownlp
was trained on (books, computers, the hotel set) are left out. The sets themselves are not part
of the project. Three-class sets choose the edges; two-class sets show what they cost there.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from app.analysis.scorer import banded
from app.analysis.snow import SnowScorer

THREE = ("ewect_usual", "ewect_virus", "nlpcc_weibo", "codeswitch", "stance_iphonese", "bdci_car")
TWO = ("waimai", "shop_phone", "shop_tablet", "shop_clothes", "auto_reviews", "eprstmt", "weibo2018")
LOWS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4)
HIGHS = (0.6, 0.7, 0.8, 0.9, 0.95)
CLASSES = ("neg", "neu", "pos")

Rows = list[tuple[str, float]]


def judge(folder: Path, names: tuple[str, ...], each: int, scorer: SnowScorer) -> dict[str, Rows]:
    chance = random.Random(7)
    sets = {}
    for name in names:
        lines = (folder / f"{name}.tsv").read_text("utf-8").splitlines()
        rows = [line.split("\t")[:2] for line in lines if line.count("\t") >= 1 and line[:3] in CLASSES]
        sets[name] = [
            (label, scorer.positive(text)) for label, text in chance.sample(rows, min(each, len(rows)))
        ]
    return sets


def macro_f1(pairs: list[tuple[str, str]]) -> float:
    total = 0.0
    present = sorted({label for label, _ in pairs})
    for kind in present:
        hit = sum(a == b == kind for a, b in pairs)
        total += 2 * hit / max(1, sum(a == kind for a, _ in pairs) + sum(b == kind for _, b in pairs))
    return total / len(present)


def said(positive: float, band: tuple[float, float]) -> str:
    chances = banded(positive, band)
    return CLASSES[chances.index(max(chances))]


def line(sets: dict[str, Rows], band: tuple[float, float]) -> tuple[float, float, float, float, float]:
    """Means: accuracy, macro-F1, precision and recall of negative, precision at P(neg) >= 0.8."""
    figures = []
    for rows in sets.values():
        pairs = [(label, said(p, band)) for label, p in rows]
        negative = [label for label, guess in pairs if guess == "neg"]
        sure = [label for label, p in rows if banded(p, band)[0] >= 0.8]
        figures.append(
            (
                sum(a == b for a, b in pairs) / len(pairs),
                macro_f1(pairs),
                negative.count("neg") / max(1, len(negative)),
                negative.count("neg") / max(1, sum(label == "neg" for label, _ in rows)),
                sure.count("neg") / max(1, len(sure)),
            )
        )
    return tuple(sum(column) / len(figures) for column in zip(*figures, strict=True))  # type: ignore[return-value]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--each", type=int, default=400)
    given = asked.parse_args()
    scorer = SnowScorer()
    three = judge(given.folder, THREE, given.each, scorer)
    two = judge(given.folder, TWO, given.each, scorer)
    columns = "acc   F1  P(neg) R(neg) P>=.8"
    print(f"band          three classes: {columns}   two classes: {columns}")
    for low in LOWS:
        for high in HIGHS:
            cells = [f"{100 * n:6.1f}" for n in line(three, (low, high)) + line(two, (low, high))]
            print(f"{low:.2f}-{high:.2f}", " " * 12, *cells[:5], " " * 11, *cells[5:])


if __name__ == "__main__":
    main()
