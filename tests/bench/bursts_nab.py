"""Surges in the mentions of big brands: the score of the Numenta Anomaly Benchmark's rule.

    python tests/bench/bursts_nab.py --data FOLDER [--leave-one-out] [--sweep] [--every]

FOLDER holds data/*.csv, data/windows.json, data/labels.json and score_bursts.py (the rule). The shipped
settings are judged at their shipped threshold, 0.5. `--leave-one-out` judges each brand with the `surge`
and `unsettled` thresholds that are best for the others; `--sweep` moves one figure at a time;
`--every` does all that also on thinned copies of the brands.
"""

from __future__ import annotations

import argparse
import copy
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.analysis.bursts import bar, baseline, counts, spans
from app.analysis.bursts.sensitivity import BALANCED, THRESHOLDS, Thresholds
from app.analysis.bursts.series import Series

SURGES = (2.8, 3.1, 3.4, 3.7, 4.0)
UNSETTLED = (2.0, 2.3, 2.6)


def judged(one: Any, thresholds: Thresholds) -> list[float]:
    """The score of every row, as the command line prints it."""
    series = Series(thresholds)
    return [
        series.row(when, value).reading.score
        for when, value in zip(one.times, one.values.tolist(), strict=True)
    ]


def raw(rule: Any, one: Any, scores: list[float]) -> float:
    import numpy as np

    right, wrong, missed = rule.PROFILES["standard"]
    false, true, gone = rule.raw_parts(one, np.asarray(scores) >= 0.5)
    return float(wrong * false + right * true - missed * gone)


def total(rule: Any, corpus: list[Any], raws: list[float]) -> float:
    return float(rule.normalise(sum(raws), sum(len(one.win) for one in corpus), rule.PROFILES["standard"]))


def thinned(corpus: list[Any], share: float) -> list[Any]:
    """Every mention is kept with this probability."""
    import numpy as np

    chance = np.random.default_rng(3)
    out = []
    for one in corpus:
        made = copy.copy(one)
        made.values = chance.binomial(one.values.astype(int), share).astype(float)
        out.append(made)
    return out


def shipped(rule: Any, corpus: list[Any], name: str) -> None:
    import numpy as np

    for word, thresholds in THRESHOLDS.items():
        scores = [np.asarray(judged(one, thresholds)) for one in corpus]
        score = rule.score_at(corpus, scores, 0.5, rule.PROFILES["standard"])
        seen, per = rule.human(corpus, scores, 0.5)
        print(
            f"{name}, {word.value}: score {score:.1f};"
            f" windows {seen['windows_detected']}/{seen['windows_total']};"
            f" false alarms a brand-day {seen['false_alarms_per_brand_day']};"
            f" delay from mark {seen.get('delay_from_human_mark_min')}"
        )
        if thresholds is BALANCED:
            for file, found in per.items():
                print(f"    {file}: windows {found['windows']}, false alarms {found['fp_alarms']}")


def leave_one_out(rule: Any, corpus: list[Any], name: str) -> None:
    table = {}
    for surge in SURGES:
        for unsettled in UNSETTLED:
            at = replace(BALANCED, surge=surge, unsettled=unsettled)
            table[surge, unsettled] = [raw(rule, one, judged(one, at)) for one in corpus]
    for at, raws in table.items():
        print(f"    surge {at[0]}, unsettled {at[1]}: {total(rule, corpus, raws):.1f}")
    left = []
    for index, one in enumerate(corpus):
        best = max(table, key=lambda at: sum(table[at]) - table[at][index])
        left.append(table[best][index])
        print(f"    {one.name}: judged with surge {best[0]}, unsettled {best[1]}")
    print(f"{name}: each brand with what is best for the others: {total(rule, corpus, left):.1f}")


MOVED: tuple[tuple[Any, str, tuple[Any, ...]], ...] = (
    (counts, "POWER", (0.6, 0.9)),
    (counts, "MEMORY", (5 * 24.0, 20 * 24.0)),
    (counts, "START", (24.0, 72.0)),
    (spans, "SPANS", ((15.0, 45.0, 135.0, 405.0), (10.0, 20.0, 40.0, 80.0, 160.0, 320.0))),
    (bar, "TIRED", (0.15, 0.35)),
    (bar, "RESTED", (3.5 * 24.0, 14 * 24.0)),
    (bar, "QUIET", (18.0, 30.0)),
    (bar, "BIG", (1.0, 60.0)),
    (counts, "FEW", (1.0, 8.0)),
    (bar, "GROWTH", (2.0, 4.0)),
    (baseline, "LEVEL", (84.0, 336.0)),
    (baseline, "DAILY", (5.0, 20.0)),
    (baseline, "CAP", (3.0, 10.0)),
)


def sweep(rule: Any, corpus: list[Any], name: str) -> None:
    def told(what: str, thresholds: Thresholds = BALANCED) -> None:
        raws = [raw(rule, one, judged(one, thresholds)) for one in corpus]
        print(f"{name}, {what}: {total(rule, corpus, raws):.1f}", flush=True)

    told("as shipped")
    for field, share in (
        ("surge", 0.9),
        ("surge", 1.1),
        ("chance", 0.7),
        ("chance", 1.4),
        ("unsettled", 0.9),
    ):
        value = getattr(BALANCED, field) * share
        told(f"{field} {value:.2f}", replace(BALANCED, **{field: value}))
    for module, figure, values in MOVED:
        was = getattr(module, figure)
        for value in values:
            setattr(module, figure, value)
            told(f"{figure} {value}")
        setattr(module, figure, was)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--leave-one-out", action="store_true")
    parser.add_argument("--sweep", action="store_true")
    parser.add_argument("--every", action="store_true")
    options = parser.parse_args()
    sys.path.insert(0, str(options.data))
    import score_bursts as rule

    data = options.data / "data"
    corpora = {
        "all brands": rule.load_corpus(str(data), str(data / "windows.json"), str(data / "labels.json"))
    }
    if options.every:
        corpora |= {f"thinned to {share}": thinned(corpora["all brands"], share) for share in (0.5, 0.2)}
    for name, corpus in corpora.items():
        shipped(rule, corpus, name)
        if options.leave_one_out:
            leave_one_out(rule, corpus, name)
        if options.sweep:
            sweep(rule, corpus, name)


if __name__ == "__main__":
    main()
