"""The figures of the default judge of tone, beside snownlp if asked.

    python tests/bench/eval_sentiment.py FOLDER [--model FILE] [--speed] [--sets]
    python tests/bench/eval_sentiment.py FOLDER --leave-out weibo2018 --leave-out ewect_usual
    python tests/bench/eval_sentiment.py FOLDER --leave-out all-weibo

Prints, for the `dev/` parts in FOLDER: two-class accuracy and AUC a group; macro-F1, calibration and
"clearly negative" on the three-class sets; complaints and praise from `stress/`; what Traditional
script costs; our own challenge posts by phenomenon; with `--speed` the throughput of this machine
beside snownlp, and how long a fresh process takes to load the model, both in time of the processor.
`--leave-out SET` trains without that set and says how the set is judged then; `all-weibo` does so for
every social set, one after the other, and prints their mean. It trains less finely than train_ngram.py
does (`QUICK`), which costs a few tenths of a point.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import numpy as np
import numpy.typing as npt
import opencc
from labelled import GROUPS, THREE, TWINS, load

from app.analysis.ngram import NgramScorer
from app.analysis.ngram import load as load_model

CHALLENGE = Path(__file__).parents[1] / "unit" / "analysis" / "challenge"
COMPLAINTS = ("complaints_car", "complaints_heimao")
CLEARLY = (0.8, 0.9, 0.95)
"""From these P(negative) on a post may be called clearly negative."""
ALL_WEIBO = "all-weibo"
TONES = {"neg": 0, "neu": 1, "pos": 2}

Doubles = npt.NDArray[np.float64]
Judged = tuple[Doubles, npt.NDArray[np.int64]]
Scorer = Callable[[Sequence[str]], Doubles]


def judged(folder: Path, part: str, name: str, scorer: Scorer) -> Judged:
    found = load(folder, part, name)
    return scorer(found.texts), np.array(found.labels)


def two_class(judgements: Judged) -> tuple[float, float]:
    """Accuracy and AUC of positive against negative, neutral posts left out."""
    chances, labels = judgements
    sided = labels != 1
    lead = (chances[:, 2] - chances[:, 0])[sided]
    positive = labels[sided] == 2
    return float(((lead > 0) == positive).mean()), auc(lead, positive)


def auc(scores: Doubles, yes: npt.NDArray[np.bool_]) -> float:
    if yes.all() or not yes.any():
        return float("nan")
    _values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    above = ranks[yes].sum() - yes.sum() * (yes.sum() + 1) / 2
    return float(above / (yes.sum() * (~yes).sum()))


def macro_f1(judgements: Judged) -> float:
    chances, labels = judgements
    said = chances.argmax(1)
    each = [
        2
        * ((said == tone) & (labels == tone)).sum()
        / max(1, (said == tone).sum() + (labels == tone).sum())
        for tone in range(3)
    ]
    return float(np.mean(each))


def calibration_error(judgements: Judged) -> float:
    """Expected error of P(negative), ten bins."""
    chances, labels = judgements
    bins = np.minimum((chances[:, 0] * 10).astype(int), 9)
    gaps = [
        (bins == each).mean() * abs(chances[bins == each, 0].mean() - (labels[bins == each] == 0).mean())
        for each in np.unique(bins)
    ]
    return float(sum(gaps))


def clearly(judgements: Judged, least: float) -> tuple[float, float]:
    """Precision and recall of negative from this P(negative) on."""
    chances, labels = judgements
    called = chances[:, 0] >= least
    right = (called & (labels == 0)).sum()
    return float(right / max(1, called.sum())), float(right / max(1, (labels == 0).sum()))


def groups(folder: Path, scorer: Scorer, *, each_set: bool) -> dict[str, Judged]:
    everything: dict[str, Judged] = {}
    print("two classes: accuracy / AUC")
    for group, members in GROUPS.items():
        figures = []
        for name in members:
            everything[name] = judged(folder, "dev", name, scorer)
            figures.append(two_class(everything[name]))
            if each_set:
                print(f"    {name:20} {100 * figures[-1][0]:6.2f} / {100 * figures[-1][1]:5.1f}")
        means = 100 * np.nanmean(np.array(figures), axis=0)
        print(f"  {group:18} {means[0]:6.2f} / {means[1]:5.1f}")
    return everything


def three_classes(everything: dict[str, Judged], clear: float, *, each_set: bool) -> None:
    rows = []
    for name in THREE:
        here = everything[name]
        accuracy = float((here[0].argmax(1) == here[1]).mean())
        rows.append((accuracy, macro_f1(here), calibration_error(here)))
        if each_set:
            print("   ", f"{name:20}", *(f"{100 * each:6.2f}" for each in rows[-1]))
    means = 100 * np.mean(np.array(rows), axis=0)
    print("three classes, mean of the sets: accuracy, macro-F1, calibration error of P(negative)")
    print(f"  {means[0]:.2f}, {means[1]:.2f}, {means[2]:.2f}")
    many = [everything[name] for name in THREE if (everything[name][1] == 0).mean() >= 1 / 3]
    print("clearly negative, on the sets with a third or more negatives: precision, recall")
    for least in (*CLEARLY, clear):
        means = 100 * np.mean(np.array([clearly(each, least) for each in many]), axis=0)
        shipped = ", as shipped" if least == clear else ""
        print(f"  P >= {least:.2f}: {means[0]:.1f}, {means[1]:.1f}{shipped}")


def stress(folder: Path, scorer: Scorer) -> None:
    for name in (*COMPLAINTS, "jd_phone_pos"):
        chances, _labels = judged(folder, "stress", name, scorer)
        called = 100 * (chances.argmax(1) == 0).mean()
        sided = 100 * (chances[:, 0] > chances[:, 2]).mean()
        print(f"{name}: called negative {called:.1f} %, of two classes {sided:.1f} %")


def traditional(folder: Path, scorer: Scorer) -> None:
    """The same texts in both scripts."""
    convert = opencc.OpenCC("s2twp").convert
    losses = []
    for name in ("ewect_usual", "weibo2018", "waimai", "shop_phone", "auto_reviews"):
        found = load(folder, "dev", name)
        texts, labels = found.texts[:1500], np.array(found.labels[:1500])
        before = two_class((scorer(texts), labels))[0]
        after = two_class((scorer([convert(text) for text in texts]), labels))[0]
        losses.append(100 * (before - after))
    print(f"Traditional script: {np.mean(losses):.2f} points lost (worst {max(losses):.2f})")


def challenge(scorer: Scorer, folder: Path = CHALLENGE, *, misses: bool = False) -> None:
    """Share right of our own posts, by phenomenon."""
    right: list[bool] = []
    for path in sorted(folder.glob("*.tsv")):
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
        chances = scorer([row[2] for row in rows])
        said = chances.argmax(1)
        hits = [bool(said[at] == TONES[row[0]]) for at, row in enumerate(rows)]
        right += hits
        print(f"    {path.stem:20} {100 * np.mean(hits):5.1f} % of {len(hits)}")
        for row, hit, chance in zip(rows, hits, chances, strict=True):
            if misses and not hit:
                print("       ", row[0], " ".join(f"{each:.2f}" for each in chance), row[2])
    print(f"challenge: {100 * np.mean(right):.1f} % of {len(right)} right in three classes")


def speed(folder: Path, scorer: NgramScorer) -> None:
    """Texts a second of CPU time, the same posts of about 50 characters for all."""
    from app.analysis.snow import SnowScorer  # slow to load, and only for this

    found = load(folder, "dev", "ewect_usual").texts + load(folder, "dev", "weibo_senti").texts
    texts = [text for text in found if 40 <= len(text) <= 60][:3000]
    snow, retrained = SnowScorer(), SnowScorer(retrained=True)
    for words, count, work in (
        ("snownlp, with evidence", 200, snow.score),
        ("snownlp, probability", 200, lambda some: [snow.positive(text) for text in some]),
        ("snownlp-retrained, probabilities", 3000, retrained.probabilities),
        ("ngram, probabilities", 3000, scorer.probabilities),
        ("ngram, with evidence", 1500, scorer.score),
    ):
        work(texts[:20])
        start = time.process_time()
        work(texts[:count])
        taken = time.process_time() - start
        size = sum(map(len, texts)) / len(texts)
        print(f"{words}: {count / taken:.0f} texts a second of {size:.0f} characters")


_LOAD = """
import time
start = time.process_time()
from app.analysis.ngram import NgramScorer
NgramScorer()
print(time.process_time() - start)
"""


def load_time(times: int = 7) -> None:
    """Of a fresh process, its own start left out: the imports, and `NgramScorer()`."""
    root = Path(__file__).parents[2]
    taken = sorted(
        float(
            subprocess.run([sys.executable, "-c", _LOAD], cwd=root, capture_output=True, check=True).stdout
        )
        for _again in range(times)
    )
    print(f"ngram, load: {1e3 * taken[0]:.0f} ms at best, {1e3 * taken[times // 2]:.0f} ms in the middle")


def left_out(folder: Path, chosen: Sequence[str]) -> None:
    """Train without a set (and its twin) and judge it: what to expect of a new source."""
    from train_ngram import QUICK, chosen_sets, encoded, gather, model_file, train, without

    from app.analysis.ngram.model import read

    everything = gather(folder, chosen_sets(folder, mit=False, without=()))
    texts, known = encoded(everything, QUICK)
    figures = []
    for name in _named(chosen):
        less = without(everything, texts, known, (name, *TWINS.get(name, ())))
        data = model_file(train(*less, QUICK, lambda _words: None), {"sets": [], "texts": 0})
        scorer = NgramScorer(read(data, name))
        here = judged(folder, "dev", name, lambda some, by=scorer: np.array(by.probabilities(some)))
        figures.append(two_class(here))
        three = f", macro-F1 {100 * macro_f1(here):.2f}" if name in THREE else ""
        print(f"never seen: {name} {_percent(figures[-1])}{three}", flush=True)
    if len(figures) > 1:
        means = np.mean(np.array(figures), axis=0)
        print(f"never seen, mean of {len(figures)} sets: {_percent((means[0], means[1]))}")


def _named(chosen: Sequence[str]) -> list[str]:
    weibo = [*GROUPS["social"]]
    return list(dict.fromkeys(name for each in chosen for name in (weibo if each == ALL_WEIBO else [each])))


def _percent(figures: tuple[float, float]) -> str:
    return f"{100 * figures[0]:.2f} / {100 * figures[1]:.1f}"


def figures(folder: Path, model: Path | None, *, each_set: bool = False, misses: bool = False) -> None:
    scorer = NgramScorer(load_model(model)) if model else NgramScorer()

    def chances(texts: Sequence[str]) -> Doubles:
        return np.array(scorer.probabilities(texts)).reshape(-1, 3)

    print(f"model {scorer.version}")
    everything = groups(folder, chances, each_set=each_set)
    three_classes(everything, scorer.clear, each_set=each_set)
    stress(folder, chances)
    traditional(folder, chances)
    challenge(chances, misses=misses)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the judge of tone.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--sets", action="store_true", help="a line for every set")
    parser.add_argument("--misses", action="store_true", help="print the challenge posts judged wrongly")
    parser.add_argument("--speed", action="store_true", help="only the throughput, beside snownlp")
    parser.add_argument(
        "--leave-out", action="append", default=[], metavar="SET", help=f"or {ALL_WEIBO}; may be repeated"
    )
    given = parser.parse_args()
    if given.speed:
        load_time()
        speed(given.folder, NgramScorer(load_model(given.model)) if given.model else NgramScorer())
    elif given.leave_out:
        left_out(given.folder, given.leave_out)
    else:
        figures(given.folder, given.model, each_set=given.sets, misses=given.misses)


if __name__ == "__main__":
    main()
