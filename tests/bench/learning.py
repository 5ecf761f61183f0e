"""What learning from people is worth: a simulated team corrects posts of a kind the model never saw.

    python tests/bench/learning.py FOLDER [--model FILE] [SET ...] [--speed]

FOLDER as tests/bench/labelled.py describes. The shipped model never saw osm2022, the default set; for
others, train a model without them first and name it:

    python tests/bench/train_ngram.py FOLDER --without guba --without weibo2018 --no-figures --out F
    python tests/bench/learning.py FOLDER --model F guba weibo2018

The team sees N posts of the set's training part. Where the tone shown is not the label it corrects.
Then the set's dev part is judged. Ways to learn:

    all        every label at full weight, as if each post had been labelled by hand
    corrected  the corrections alone
    both       corrections, and the posts seen and left at half weight: what the program does
    careless   the same, but every second wrong tone is overlooked and left
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from labelled import TONES, load

from app.analysis.learning import build, learn, packed, recalibrate
from app.analysis.ngram import Layer, Model, NgramScorer, shipped
from app.analysis.ngram import load as load_model
from app.domain.learning import CORRECTED, SEEN, Lesson
from app.domain.sentiment import Tone

SIZES = (50, 100, 300, 1000)
WAYS = ("all", "corrected", "both", "careless")
SEED = 5
POSTS = 1500
"""At most so many of the dev part."""


@dataclass(frozen=True, slots=True)
class Part:
    texts: list[str]
    labels: list[int]


def part(folder: Path, name: str, which: str, most: int) -> Part:
    whole = load(folder, which, name)
    order = list(range(len(whole.texts)))
    random.Random(SEED).shuffle(order)
    kept = order[:most]
    return Part([whole.texts[at] for at in kept], [whole.labels[at] for at in kept])


def lessons(scorer: NgramScorer, posts: Part, way: str) -> list[Lesson]:
    dice = random.Random(SEED)
    found: list[Lesson] = []
    for text, label, score in zip(posts.texts, posts.labels, scorer.score(posts.texts), strict=True):
        wrong = score.tone != TONES[label]
        overlooked = wrong and way == "careless" and dice.random() < 0.5
        if wrong and not overlooked:
            found.append(Lesson(text=text, tone=Tone(TONES[label]), weight=CORRECTED))
        elif way == "all":
            found.append(Lesson(text=text, tone=score.tone, weight=CORRECTED))
        elif way != "corrected":
            found.append(Lesson(text=text, tone=score.tone, weight=SEEN))
    return found


@dataclass(frozen=True, slots=True)
class Figures:
    """Percent, but for the log-loss."""

    two: float
    three: float
    loss: float
    gap: float

    def __str__(self) -> str:
        return f"{self.two:5.1f} {self.three:5.1f}  {self.loss:.3f} {self.gap:4.1f}"


def figures(scorer: NgramScorer, posts: Part) -> Figures:
    chances = scorer.probabilities(posts.texts)
    sided = [(each, label) for each, label in zip(chances, posts.labels, strict=True) if label != 1]
    two = sum((each[2] > each[0]) == (label == 2) for each, label in sided) / len(sided)
    three = sum(
        max(range(3), key=each.__getitem__) == y for each, y in zip(chances, posts.labels, strict=True)
    )
    loss = -sum(log(max(each[y], 1e-3)) for each, y in zip(chances, posts.labels, strict=True))
    count = len(posts.labels)
    return Figures(100 * two, 100 * three / count, loss / count, 100 * gap(chances, posts.labels))


def gap(chances: Sequence[Sequence[float]], labels: Sequence[int]) -> float:
    """Expected calibration error of P(negative), ten bins."""
    sums = [0.0] * 10
    for each, label in zip(chances, labels, strict=True):
        sums[min(9, int(each[0] * 10))] += each[0] - (label == 0)
    return sum(map(abs, sums)) / len(labels)


def table(folder: Path, name: str, model: Model) -> None:
    scorer = NgramScorer(model)
    pool, posts = part(folder, name, "train", max(SIZES)), part(folder, name, "dev", POSTS)
    print(f"{name}: two-class %, three-class %, log-loss, calibration error of P(negative) %")
    print(f"  {'the model alone':32s} {figures(scorer, posts)}", flush=True)
    for size in SIZES:
        if size > len(pool.texts):
            break
        seen = Part(pool.texts[:size], pool.labels[:size])
        for way in WAYS:
            row(model, scorer, f"N={size} {way}", lessons(scorer, seen, way), posts)


def row(model: Model, scorer: NgramScorer, title: str, given: list[Lesson], posts: Part) -> None:
    plain = build(scorer, given, name="bench")
    learnt = learn(scorer, given, name="bench")
    said = f"{title} ({sum(one.corrected for one in given)}+{sum(not one.corrected for one in given)})"
    print(f"  {said:32s} {figures(NgramScorer(model, layer=plain), posts)}", end="")
    measured = learnt.measured
    if learnt.layer is not None and learnt.layer.calibration is not None:
        print(f" | recalibrated {figures(NgramScorer(model, layer=learnt.layer), posts)}", end="")
    if measured is not None:
        before, after = (100 * each.right for each in (measured.before, measured.after))
        print(
            f" | told the team {before:.0f} -> {after:.0f}{'' if learnt.adopted else ', NOT USED'}", end=""
        )
    print(flush=True)


def speed(folder: Path, name: str, model: Model) -> None:
    scorer = NgramScorer(model)
    pool, posts = part(folder, name, "train", 1000), part(folder, name, "dev", POSTS)
    given = lessons(scorer, pool, "both")
    layer = build(scorer, given, name="bench") or Layer()
    size = sum(map(len, pool.texts)) / len(pool.texts)
    print(f"{name}: {len(given)} lessons of {size:.0f} characters")
    print(f"  build {clock(lambda: build(scorer, given, name='bench')):.2f} s", end="")
    print(f", recalibrate {clock(lambda: recalibrate(scorer, given)):.2f} s", end="")
    print(f", learn (measured, decided, built) {clock(lambda: learn(scorer, given, name='bench')):.2f} s")
    told = packed(layer, scorer.version)
    print(f"  a layer of {len(layer.shifts)} n-grams, {len(told.encode()) / 1e3:.0f} kB of text")
    layered = NgramScorer(model, layer=layer)
    plain, with_layer = (clock(lambda one=one: one.probabilities(posts.texts)) for one in (scorer, layered))
    count = len(posts.texts)
    print(f"  judging {count / plain:.0f}/s, with the layer {count / with_layer:.0f}/s", end="")
    print(f" ({1e6 * (with_layer - plain) / count:.0f} microseconds a post more)")


def clock(work: object) -> float:
    """The best of three, in seconds of this process."""
    best = float("inf")
    for _again in range(3):
        start = time.process_time()
        work()  # type: ignore[operator]
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description="What learning from people is worth.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("sets", nargs="*", default=["osm2022"], metavar="SET")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--speed", action="store_true")
    given = parser.parse_intermixed_args()
    model = load_model(given.model) if given.model else shipped()
    for name in given.sets:
        (speed if given.speed else table)(given.folder, name, model)


if __name__ == "__main__":
    main()
