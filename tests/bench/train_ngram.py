"""Train the default judge of tone from a folder of labelled sets, and write its model file.

    OMP_NUM_THREADS=1 python tests/bench/train_ngram.py FOLDER [--out FILE] [--mit] [--without SET ...]

FOLDER has `train/` and `dev/` as tests/bench/labelled.py describes. Needs numpy, one core and 5 GB;
with scipy some six minutes, without it some twenty. Learns from every set whose terms allow it and from
the posts in tests/bench/lessons, which are our own; `--mit` from the MIT-licensed sets and our own alone.

A whole first model (pruning, gates, heads) is made from four fifths of the sets, without the fifth
aside and without our lessons. What it says of the fifth, and of lessons it never saw, fits the
calibration and finds from which P(negative) on a post is clearly negative. The second model, from
everything, is the one written. The same folder gives the same file, byte for byte, on one machine.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import ahocorasick
import numpy as np
import numpy.typing as npt
from labelled import FORBIDDEN, GROUPS, MIT, THREE, TWINS, fold_of, load, names
from lessons import groups as lesson_groups
from ngram_learning import (
    Doubles,
    Grams,
    Head,
    Recipe,
    calibrate,
    encode,
    fit,
    softmax,
    tempered,
    text_weights,
)

from app.analysis.ngram.cues import of_kinds
from app.analysis.ngram.features import all_grams, read
from app.analysis.ngram.judge import STEEPNESS, beyond, drawn, lengths
from app.analysis.ngram.model import CROSSED, CUES, DRAWN, GATES, HEADS, LANES, SURENESS, written

MODEL = "3"
"""Raised when the recipe changes."""

STYLE = 3 * (1 + len(CROSSED)) + GATES.index("style")
"""Where it stands among the inputs."""

LESSONS = "lessons"
CUE_LISTS = Path(__file__).parent / "lessons" / "cues"
"""A file a kind; what a cue is, says app.analysis.ngram.judge."""
OTHERS = 0.02
"""Weight in calibration of all two-class sets together, beside the three-class sets: that their posts
have a tone at all."""
SIDES = 6.0
"""And which of the two tones they have."""
OURS = 0.2
"""And of our lessons, without the letters of complaint."""
LETTERS = f"{LESSONS} letters2"
MANY_LETTERS = 30.0
"""How often those count when the cues are weighed, and nothing else is."""
BALANCE = 0.33
"""The share in them of letters that are no complaint, though full of the same words."""
CLEAR = 0.952
"""Of the posts called clearly negative so many are to be negative, on the mean of the sets with a third or
more negatives, in the fifth aside."""
LEAST_CLEAR = 100
"""So many posts there must be from the threshold on."""
REVIEWS = (*GROUPS["shops"], "auto_reviews", "absa_tech", "absa_shampoo")
"""What each gate learns to tell from all else; sets written as reviews."""
PLAIN = ("bdci_car", "bdci16_brand")
"""Forum talk and news, seven in ten without a tone."""
MANNERS = {
    "style": REVIEWS,
    "plain": PLAIN,
    "clause": ("nlpcc_weibo",),
    "yue": ("cantonese",),
    "forum": ("bdci_car",),
    "mixed": ("codeswitch",),
}


@dataclass(slots=True)
class Material:
    """Every training text as it is read, with its label and the number of its set.

    Our lessons are as many sets as they have files of their own weight (`lessons.groups`).
    """

    sets: list[str]
    texts: list[str] = field(default_factory=list)
    folds: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    cues: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    """How many cues count in each text."""
    labels: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    origin: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def of(self, chosen: Iterable[str]) -> npt.NDArray[np.bool_]:
        numbers = [self.sets.index(name) for name in chosen if name in self.sets]
        return np.isin(self.origin, numbers)

    def ours(self) -> npt.NDArray[np.bool_]:
        return self.of(name for name in self.sets if name.startswith(LESSONS))


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be varied from outside."""

    size: int = 160_000
    least: int = 3
    lessons: float = 0.7
    recipe: Recipe = field(default_factory=Recipe)


QUICK = Settings(size=100_000, recipe=Recipe(tolerance=2e-2))
"""For figures of many trainings: fewer n-grams, and the heads stop earlier."""


@dataclass(frozen=True, slots=True)
class Stage:
    gates: tuple[Head, ...]
    heads: tuple[Head, Head, Head]


@dataclass(frozen=True, slots=True)
class Trained:
    known: list[str]
    stage: Stage
    table: Doubles
    sureness: Doubles
    clear: float


def manner(gate: Head, texts: Grams) -> Doubles:
    return np.tanh(STEEPNESS * gate.decide(texts, np.zeros(len(texts))))


def inputs_of(trained: Stage, texts: Grams, cues: npt.NDArray[np.int64]) -> Doubles:
    """As app.analysis.ngram.judge lays them out."""
    gates = dict(zip(GATES, (manner(gate, texts) for gate in trained.gates), strict=True))
    decisions = np.column_stack([head.decide(texts, gates["style"]) for head in trained.heads])
    far = np.array([drawn(int(count)) for count in cues])
    for name in DRAWN:
        gates[name] = gates[name] - far * (1 + gates[name])
    crossed = [gates[name][:, None] * decisions for name in CROSSED]
    counts = np.diff(texts.starts)
    ends = np.array([(*lengths(int(n)), beyond(int(c)), 1.0) for n, c in zip(counts, cues, strict=True)])
    return np.column_stack([decisions, *crossed, *gates.values(), ends])


def cue_kinds() -> dict[str, list[str]]:
    """Kind to phrases; a phrase of two kinds belongs to the later one."""
    found = {path.stem: path.read_text("utf-8").split() for path in sorted(CUE_LISTS.glob("*.txt"))}
    last = {phrase: kind for kind, phrases in found.items() for phrase in phrases}
    return {
        kind: sorted({each for each in phrases if last[each] == kind}) for kind, phrases in found.items()
    }


def cue_counts(texts: Iterable[str]) -> list[int]:
    """As app.analysis.ngram.cues counts them."""
    finder = ahocorasick.Automaton()
    for kind, phrases in cue_kinds().items():
        for phrase in phrases:
            finder.add_word(phrase, (phrase, kind))
    finder.make_automaton()
    return [of_kinds(kind for _, kind in {found for _end, found in finder.iter(text)}) for text in texts]


def gather(folder: Path, chosen: Sequence[str]) -> Material:
    """The sets and our own lessons, read as the scorer will read them."""
    ours = lesson_groups()
    material = Material([*chosen, *(f"{LESSONS} {name}" for name in ours)])
    labels: list[int] = []
    origin: list[int] = []
    folds: list[int] = []
    for number, found in enumerate([*(load(folder, "train", name) for name in chosen), *ours.values()]):
        material.texts += [read(text, whole=True) for text in found.texts]
        folds += [fold_of(text) for text in found.texts]
        labels += found.labels
        origin += [number] * len(found.labels)
    material.folds, material.labels, material.origin = map(np.array, (folds, labels, origin))
    material.cues = np.array(cue_counts(material.texts))
    return material


def vocabulary(texts: Iterable[str], settings: Settings) -> dict[str, int]:
    counts: collections.Counter[str] = collections.Counter()
    for text in texts:
        counts.update(all_grams(text))
    kept = sorted(gram for gram, count in counts.items() if count >= settings.least)
    return {gram: at for at, gram in enumerate(kept)}


def encoded(material: Material, settings: Settings) -> tuple[Grams, list[str]]:
    known = vocabulary(material.texts, settings)
    return encode(map(all_grams, material.texts), known), list(known)


def without(material: Material, texts: Grams, known: list[str], out: Iterable[str]) -> Any:
    """The same without some sets, as if they had never been read: (material, texts, n-grams)."""
    left = ~material.of(out)
    texts = texts.rows(left)
    often = np.bincount(texts.index, minlength=texts.width)
    kept = np.flatnonzero(often >= Settings().least)
    rows = np.flatnonzero(left)
    less = Material(
        material.sets,
        [material.texts[at] for at in rows],
        material.folds[left],
        material.cues[left],
        material.labels[left],
        material.origin[left],
    )
    return less, texts.columns(kept), [known[at] for at in kept]


def train(material: Material, texts: Grams, known: list[str], settings: Settings, said: Any) -> Trained:
    """From the texts of `encoded` to heads and calibration."""
    said(f"{len(material.texts)} texts, {len(known)} n-grams")
    aside = material.folds == 0
    first, kept = stage(material, texts, ~aside & ~material.ours(), settings)
    said(f"the first model, {len(kept)} n-grams")
    inputs = inputs_of(first, texts.columns(kept).rows(aside), material.cues[aside])
    table, sureness, clear = _calibration(material, inputs, aside)
    said(f"clearly negative from {clear:.2f}")
    last, kept = stage(material, texts, np.ones(len(texts), bool), settings)
    said("the model")
    return Trained([known[at] for at in kept], last, table, sureness, clear)


def stage(
    material: Material, texts: Grams, rows: npt.NDArray[np.bool_], settings: Settings
) -> tuple[Stage, npt.NDArray[np.int64]]:
    """Gates and heads from some of the texts, and the n-grams they use."""
    kept = pruned(material, texts, rows, settings)
    texts = texts.columns(kept)
    gates = tuple(gate_of(material, texts, rows, MANNERS[name]) for name in GATES)
    style = manner(gates[0], texts)
    three = rows & (material.of(THREE) | material.ours())
    negative, neutral, positive = (
        _head(material, texts, chosen, label, settings, recipe=settings.recipe, style=style)
        for label, chosen in ((0, rows), (1, three), (2, rows))
    )
    return Stage(gates, (negative, neutral, positive)), kept


def pruned(
    material: Material, texts: Grams, rows: npt.NDArray[np.bool_], settings: Settings
) -> npt.NDArray[np.int64]:
    """The n-grams that move most texts most."""
    plain = Recipe(settings.recipe.cost, 0.0, 2e-2)
    three = rows & (material.of(THREE) | material.ours())
    often = np.sqrt(texts.back(rows.astype(float)))
    tone = _head(material, texts, rows & (material.labels != 1), 2, settings, recipe=plain)
    neutral = _head(material, texts, three, 1, settings, recipe=plain)
    rank = np.maximum(np.abs(tone.weight), 0.5 * np.abs(neutral.weight)) * often
    chosen = np.argsort(-rank, kind="stable")[: settings.size]
    chosen = chosen[often[chosen] > 0]
    # frequent ones side by side: quicker to look up
    return np.asarray(chosen[np.lexsort((chosen, -often[chosen]))])


def _head(
    material: Material,
    texts: Grams,
    rows: npt.NDArray[np.bool_],
    label: int,
    settings: Settings,
    *,
    recipe: Recipe,
    style: Doubles | None = None,
) -> Head:
    yes = material.labels[rows] == label
    weights = text_weights(yes.astype(int), material.origin[rows])
    weights[material.ours()[rows]] *= settings.lessons
    manner = np.zeros(int(rows.sum())) if style is None else style[rows]
    return fit(texts.rows(rows), yes, weights, manner, recipe)


def gate_of(material: Material, texts: Grams, rows: npt.NDArray[np.bool_], sets: Sequence[str]) -> Head:
    """Tells the texts of some sets from all others; our lessons belong to no manner."""
    inside = material.of(sets)[rows]
    weights = text_weights(inside.astype(int), np.zeros(len(inside), int))
    weights[material.ours()[rows]] = 0.0
    return fit(texts.rows(rows), inside, weights, np.zeros(len(inside)), Recipe(0.2, 0.0, 2e-2, False))


def _calibration(
    material: Material, inputs: Doubles, aside: npt.NDArray[np.bool_]
) -> tuple[Doubles, Doubles, float]:
    """The table, how sure to be, and from which P(negative) on a post is clearly negative.

    All three-class sets weigh alike. Of the others we believe which side a post is on, and only a
    little that every post is on a side. The letters of complaint say what cues are worth, and only
    that: they are all negative, which no stream of posts is. How sure to be is learnt from the posts of
    the three-class sets alone.
    """
    labels, origin = material.labels[aside], material.origin[aside]
    three, ours = material.of(THREE)[aside], material.ours()[aside]
    letters = material.of([LETTERS])[aside]
    even = np.zeros(len(origin))
    for number in np.unique(origin):
        here = origin == number
        even[here] = 1 / here.sum()
    whole = even[three].sum()
    weights = even.copy()
    two = ~three & ~ours
    weights[two] *= OTHERS * whole / max(weights[two].sum(), 1e-9)
    weights[ours] *= OURS * whole / max(weights[ours].sum(), 1e-9)
    sided = ~ours & (labels != 1)
    sides = even[sided] * SIDES * whole / max(even[sided].sum(), 1e-9)
    believed = inputs[sided], labels[sided], sides

    rest = np.flatnonzero(np.arange(inputs.shape[1]) != CUES)
    without, many = weights.copy(), weights.copy()
    without[letters] = 0.0
    many[letters] *= MANY_LETTERS
    whole_letters = many[letters].sum()
    for some, share in ((letters & (labels == 0), 1 - BALANCE), (letters & (labels != 0), BALANCE)):
        many[some] *= share * whole_letters / max(many[some].sum(), 1e-9)
    table = calibrate(inputs, labels, without, believed)
    for free, each in (([CUES], many), (rest, without), ([CUES], many)):
        table = calibrate(inputs, labels, each, believed, table, np.asarray(free))
    logits, features = inputs[three] @ table.T, sureness_features(inputs[three])
    sureness = tempered(logits, labels[three], even[three], features)
    judged = softmax(logits * np.exp(features @ sureness)[:, None])[:, 0]
    return table, sureness, clear_from(judged, labels[three] == 0, origin[three])


def sureness_features(inputs: Doubles) -> Doubles:
    """What app.analysis.ngram.judge makes its factor of, in the order of SURENESS."""
    style, cues = inputs[:, STYLE], inputs[:, CUES]
    by_cues = [cues == beyond(count) for count in range(3, 1 + len(SURENESS))]
    return np.column_stack([np.ones(len(inputs)), style, *by_cues])


def clear_from(judged: Doubles, negative: npt.NDArray[np.bool_], origin: npt.NDArray[np.int64]) -> float:
    """The least P(negative), in hundredths, from which on CLEAR of the posts are negative."""
    sets = [origin == number for number in np.unique(origin)]
    many = [here for here in sets if negative[here].mean() >= 1 / 3]
    for least in np.arange(0.5, 0.991, 0.01):
        called = [here & (judged >= least) for here in many]
        if sum(each.sum() for each in called) < LEAST_CLEAR:
            break
        if np.mean([negative[each].mean() if each.any() else 1.0 for each in called]) >= CLEAR:
            return round(float(least), 2)
    return 0.99


def model_file(trained: Trained, about: Mapping[str, Any]) -> bytes:
    """Whole numbers of one byte, only a few extremes clipped."""
    columns: dict[str, Doubles] = {}
    biases: dict[str, float] = {}
    for name, gate in zip(GATES, trained.stage.gates, strict=True):
        columns[name] = gate.weight.astype(float)
        biases[name] = gate.bias
    for name, head in zip(HEADS, trained.stage.heads, strict=True):
        columns[name] = head.weight.astype(float)
        columns[f"{name}_turn"] = head.turn.astype(float)
        columns[f"{name}_size"] = head.size.astype(float)
        biases[name], biases[f"{name}_turn"] = head.bias, head.bias_turn
    scales, lanes = {}, []
    for lane in LANES[1:]:
        scales[lane], column = _bytes(columns[lane], signed=not lane.endswith("_size"))
        lanes.append(column)
    fields = {
        **about,
        "model": MODEL,
        "cues": cue_kinds(),
        "clear": trained.clear,
        "scales": {lane: round(scale, 9) for lane, scale in scales.items()},
        "biases": {key: round(bias, 6) for key, bias in biases.items()},
        "sureness": [round(float(each), 6) for each in trained.sureness],
        "calibration": [[round(float(each), 6) for each in row] for row in trained.table],
    }
    return written(trained.known, lanes, fields)


def _bytes(values: Doubles, *, signed: bool) -> tuple[float, bytes]:
    if signed:
        scale = max(float(np.quantile(np.abs(values), 0.99999)), 1e-9) / 127
        return scale, (np.clip(np.rint(values / scale), -127, 127) + 128).astype(np.uint8).tobytes()
    scale = float(values.max()) / 255
    return scale, np.clip(np.rint(values / scale), 1, 255).astype(np.uint8).tobytes()


def chosen_sets(folder: Path, *, mit: bool, without: Sequence[str]) -> list[str]:
    out = {*without, *(twin for name in without for twin in TWINS.get(name, ()))}
    have = [name for name in names(folder, "train") if name not in FORBIDDEN and name not in out]
    return [name for name in have if name in MIT] if mit else have


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the judge of tone.")
    parser.add_argument("folder", type=Path)
    here = Path(__file__).parents[2] / "resources" / "models" / "ngram.model"
    parser.add_argument("--out", type=Path, default=here)
    parser.add_argument("--mit", action="store_true", help="only sets under the MIT licence")
    parser.add_argument("--without", action="append", default=[], metavar="SET")
    parser.add_argument("--size", type=int, default=Settings().size)
    parser.add_argument("--lessons", type=float, default=Settings().lessons, help="weight of our lessons")
    parser.add_argument("--no-figures", action="store_true")
    given = parser.parse_args()
    start = time.monotonic()

    def said(words: str) -> None:
        print(f"{time.monotonic() - start:6.0f} s  {words}", flush=True)

    chosen = chosen_sets(given.folder, mit=given.mit, without=given.without)
    settings = Settings(size=given.size, lessons=given.lessons)
    material = gather(given.folder, chosen)
    trained = train(material, *encoded(material, settings), settings, said)
    about = {"sets": chosen, "texts": len(material.texts)}
    data = model_file(trained, about)
    given.out.write_bytes(data)
    said(f"{given.out}: {len(data) / 1e6:.2f} MB")
    if not given.no_figures:
        from eval_sentiment import figures

        figures(given.folder, given.out)


if __name__ == "__main__":
    main()
