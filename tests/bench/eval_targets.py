"""The tone towards a brand, beside the tone of the whole text, on sentences labelled by brand.

    OMP_NUM_THREADS=1 python tests/bench/eval_targets.py FOLDER [--model FILE] [--part train] [--misses]
    OMP_NUM_THREADS=1 python tests/bench/eval_targets.py FOLDER --fit MODEL0 MODEL1

FOLDER/aspect holds `bdci16_brandview.{train,dev}.tsv` and `absa_*`: polarity, text, brand or aspect
term a line. Prints accuracy, macro-F1, precision and recall of negative for all sentences, for those
with several labelled brands, and for those whose brands differ in polarity; twice: with only the
judged brand watched (others known from the shipped list) and with all labelled brands of the sentence
watched. Then our own posts in tests/unit/analysis/targets, and the cost a text. `absa_*` name parts
of one product, not brands: there the figure shows that nothing is lost where nothing is to be separated.

`--fit` finds the constants of `app.analysis.targets.targets` on the train part: two models, each trained
without one half of `bdci16_brand` (by `labelled.fold_of(text, 2)`), judge the half they have not seen.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import numpy as np
import numpy.typing as npt
from labelled import LABELS, TONES, fold_of

import app.analysis.targets.targets as mixing
from app.analysis.ngram import NgramScorer
from app.analysis.ngram import load as load_model
from app.analysis.targets import Targets
from app.analysis.targets.names import CUES
from app.domain.sentiment import Score

OWN = Path(__file__).parents[1] / "unit" / "analysis" / "targets"
TARGET = 1
ALERT = 0.7
"""From this P(negative) on a post may alert somebody."""
WATCHED = {8: ["云雀"], 9: ["星岚"]}
"""The made-up brands of our own posts, which nobody can have in a list."""

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Row:
    label: int
    text: str
    brand: str


def rows_of(path: Path) -> list[Row]:
    lines = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [Row(LABELS[line[0]], line[1], line[2]) for line in lines if line[0] in LABELS]


def mates(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The rows of each sentence."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.text].append(row)
    return found


def tone(score: Score) -> int:
    return TONES.index(score.tone.value)


def toward(rows: Sequence[Row], scorer: NgramScorer, wholes: Sequence[Score], *, known: bool) -> Ints:
    """The tone towards each row's brand; `known`: the sentence's other brands are watched too."""
    together = mates(rows)
    said = []
    for row, whole in zip(rows, wholes, strict=True):
        names = {TARGET: [row.brand]}
        if known:
            others = {mate.brand for mate in together[row.text]} - {row.brand}
            names |= {TARGET + 1 + number: [name] for number, name in enumerate(sorted(others))}
        said.append(tone(Targets(names).toward(scorer, row.text, TARGET, whole)))
    return np.array(said)


def line(name: str, said: Ints, labels: Ints) -> str:
    f1 = np.mean(
        [
            2 * ((said == k) & (labels == k)).sum() / max(1, (said == k).sum() + (labels == k).sum())
            for k in range(3)
        ]
    )
    right = ((said == 0) & (labels == 0)).sum()
    precision, recall = right / max(1, (said == 0).sum()), right / max(1, (labels == 0).sum())
    return (
        f"  {name:26} accuracy {100 * (said == labels).mean():5.1f}  macro-F1 {100 * f1:5.1f}"
        f"  negative: precision {100 * precision:5.1f} recall {100 * recall:5.1f}  ({len(labels)})"
    )


def figures(rows: Sequence[Row], answers: dict[str, Ints]) -> None:
    labels = np.array([row.label for row in rows])
    together = mates(rows)
    several = np.array([len(together[row.text]) > 1 for row in rows])
    differing = np.array([len({mate.label for mate in together[row.text]}) > 1 for row in rows])
    everything = np.ones(len(rows), bool)
    for title, chosen in (("all", everything), ("several brands", several), ("conflicting", differing)):
        if chosen.any():
            print(f" {title}")
            for name, said in answers.items():
                print(line(name, said[chosen], labels[chosen]))


def brands(folder: Path, part: str, scorer: NgramScorer, *, misses: bool) -> None:
    rows = rows_of(folder / "aspect" / f"bdci16_brandview.{part}.tsv")
    wholes = scorer.score([row.text for row in rows])
    answers = {
        "whole text": np.array([tone(score) for score in wholes]),
        "towards, alone": toward(rows, scorer, wholes, known=False),
        "towards, others watched": toward(rows, scorer, wholes, known=True),
    }
    print(f"bdci16_brandview.{part}")
    figures(rows, answers)
    if misses:
        before, after = answers["whole text"], answers["towards, others watched"]
        for row, old, new in zip(rows, before, after, strict=True):
            if new != row.label:
                print("   ", TONES[row.label], "->", TONES[new], f"({TONES[old]})", row.brand, row.text)


def aspects(folder: Path, part: str, scorer: NgramScorer) -> None:
    for name in ("absa_tech", "absa_shampoo"):
        rows = rows_of(folder / "aspect" / f"{name}.{part}.tsv")
        wholes = scorer.score([row.text for row in rows])
        print(f"{name}.{part}")
        answers = {
            "whole text": np.array([tone(score) for score in wholes]),
            "towards, alone": toward(rows, scorer, wholes, known=False),
        }
        figures(rows, answers)


def own(scorer: NgramScorer, *, misses: bool) -> None:
    """Our posts: tone (several, where a reader may differ), names, phenomenon, post."""
    totals = np.zeros((2, 2))
    negative = np.zeros((2, 2))
    alerts = np.zeros((2, 2))
    for path in sorted(OWN.glob("*.tsv")):
        hits = []
        for entry in path.read_text("utf-8").splitlines():
            tones, names, _phenomenon, text = entry.split("\t")
            right = {LABELS[each] for each in tones.split("/")}
            watched = {TARGET: names.split("=")}
            watched |= {key: given for key, given in WATCHED.items() if given[0] not in watched[TARGET]}
            whole = scorer.score([text])[0]
            scores = [whole, Targets(watched).toward(scorer, text, TARGET, whole)]
            said = [tone(each) for each in scores]
            hits.append([each in right for each in said])
            for at, each in enumerate(said):
                negative[at] += (each == 0 and 0 in right, each == 0)
                if scores[at].negative >= ALERT:
                    alerts[at][int(0 in right)] += 1
            if misses and not hits[-1][1]:
                print("   ", tones, "->", TONES[said[1]], names, text)
        shares = 100 * np.mean(np.array(hits), axis=0)
        totals += np.array([[sum(each[at] for each in hits), len(hits)] for at in (0, 1)])
        print(f"    {path.stem:14} whole text {shares[0]:5.1f}  towards {shares[1]:5.1f}  of {len(hits)}")
    for at, name in enumerate(("whole text", "towards")):
        precision = 100 * negative[at][0] / max(negative[at][1], 1)
        print(
            f"own posts, {name}: {100 * totals[at][0] / totals[at][1]:.1f} % of {totals[at][1]:.0f} right; "
            f"precision of negative {precision:.1f} %; "
            f"P >= {ALERT}: {alerts[at][1]:.0f} rightly, {alerts[at][0]:.0f} wrongly"
        )


def costs(folder: Path, scorer: NgramScorer) -> None:
    """Microseconds of CPU time a text, on posts that name at most one brand and on those of ours."""
    lines = (folder / "dev" / "shop_phone.tsv").read_text("utf-8").splitlines()
    plain = ["云雀" + line.split("\t")[1][:50] for line in lines]
    targets = Targets({TARGET: ["云雀", "云雀X1"], 2: ["星岚"]})
    quick = [
        text
        for text in plain
        if targets.parts(text, TARGET) is None and not any(map(text.__contains__, CUES))
    ]
    mixed = [
        entry.split("\t")[3]
        for path in sorted(OWN.glob("*.tsv"))
        for entry in path.read_text("utf-8").splitlines()
    ]
    for name, texts in (("one brand, no comparison", quick * 20), ("our posts", mixed * 4)):
        start = time.process_time()
        for text in texts:
            targets.parts(text, TARGET)
        apart = time.process_time() - start
        some = texts[:500]
        start = time.process_time()
        scorer.score(some)
        scored = (time.process_time() - start) / len(some)
        start = time.process_time()
        for text in some:
            targets.toward(scorer, text, TARGET)
        full = (time.process_time() - start) / len(some)
        size = sum(map(len, texts)) / len(texts)
        print(
            f"cost, {name} ({size:.0f} characters): parts {1e6 * apart / len(texts):.1f} µs a text; "
            f"score {1e6 * scored:.0f} µs, towards {1e6 * full:.0f} µs"
        )


def fit(folder: Path, models: Sequence[Path]) -> None:
    """A grid over the constants of the mixture, on sentences the judging model has not seen."""
    rows = rows_of(folder / "aspect" / "bdci16_brandview.train.tsv")
    scorers = [NgramScorer(load_model(path)) for path in models]
    chosen = [scorers[fold_of(row.text, 2)] for row in rows]
    wholes = [scorer.score([row.text])[0] for scorer, row in zip(chosen, rows, strict=True)]
    labels = np.array([row.label for row in rows])
    print(line("whole text", np.array([tone(each) for each in wholes]), labels))
    together = mates(rows)
    several = np.array([len(together[row.text]) > 1 for row in rows])
    prepared = []
    for row, scorer, whole in zip(rows, chosen, wholes, strict=True):
        others = {mate.brand for mate in together[row.text]} - {row.brand}
        names = {TARGET: [row.brand]} | {2 + at: [name] for at, name in enumerate(sorted(others))}
        parts = Targets(names).parts(row.text, TARGET)
        asked = [each.asked for each in parts.verdicts if each.asked] if parts is not None else []
        judged = scorer.score([parts.text]) if parts is not None and parts.text else []
        prepared.append((row.text, parts, whole, judged[0] if judged else None, scorer.score(asked)))
    differing = np.array([len({mate.label for mate in together[row.text]}) > 1 for row in rows])
    for share, passing, thin in product((0.0, 0.15, 0.3), (0.0, 0.3, 0.6), (1, 8, 12, 16, 24)):
        mixing.WHOLE, mixing.PASSING, mixing.THIN = share, passing, thin
        said = np.array(
            [
                tone(whole if parts is None else mixing.together(text, parts, whole, judged, asked))
                for text, parts, whole, judged, asked in prepared
            ]
        )
        print(f"WHOLE {share} PASSING {passing} THIN {thin}")
        print(line("all", said, labels))
        print(line("several brands", said[several], labels[several]))
        print(line("conflicting", said[differing], labels[differing]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the tone towards a brand.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--part", default="dev", choices=("train", "dev"))
    parser.add_argument("--misses", action="store_true", help="print what was judged wrongly")
    parser.add_argument("--fit", type=Path, nargs=2, metavar="MODEL", help="two models, a half unseen each")
    given = parser.parse_args()
    if given.fit:
        fit(given.folder, given.fit)
        return
    scorer = NgramScorer(load_model(given.model)) if given.model else NgramScorer()
    print(f"model {scorer.version}")
    brands(given.folder, given.part, scorer, misses=given.misses)
    aspects(given.folder, given.part, scorer)
    own(scorer, misses=given.misses)
    costs(given.folder, scorer)


if __name__ == "__main__":
    main()
