"""Train the default judge of tone from a folder of labelled sets, and write its model file.

    OMP_NUM_THREADS=1 python tests/bench/train_ngram.py FOLDER [--out FILE] [--mit] [--without SET ...]

FOLDER has `train/` and `dev/` as tests/bench/labelled.py describes. Needs numpy; on one core some
ten minutes and 3 GB. Learns from every set whose terms allow it and from the posts in
tests/bench/lessons, which are our own; `--mit` from the MIT-licensed sets and our own alone. Prunes,
calibrates on a fifth of the training texts kept aside, prints figures for `dev/`, and writes the
model. The same folder gives the same file, byte for byte, on one machine.
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

import numpy as np
import numpy.typing as npt
from labelled import FORBIDDEN, GROUPS, MIT, THREE, TWINS, fold_of, load, names
from lessons import lessons
from ngram_learning import Doubles, Grams, Head, Recipe, calibrate, encode, fit, text_weights

from app.analysis.ngram.features import grams, read
from app.analysis.ngram.judge import STEEPNESS, lengths
from app.analysis.ngram.model import GATES, HEADS, LANES, written

MODEL = "1"
"""Raised when the recipe changes."""

LESSONS = "lessons"
OTHERS = 0.3
"""Weight in calibration of all two-class sets together, beside the three-class sets."""
OURS = 0.2
"""And of our lessons."""
REVIEWS = (*GROUPS["shops"], "auto_reviews", "absa_tech", "absa_shampoo")
"""Sets written as reviews; one gate learns to tell them from posts."""
PLAIN = ("bdci_car", "bdci16_brand")
"""Forum talk and news, seven in ten without a tone; the second gate learns to tell them."""
CLAUSES = ("nlpcc_weibo",)
"""Single sentences out of posts."""
YUE = ("cantonese",)


@dataclass(slots=True)
class Material:
    """Every training text as it is read, with its label and the number of its set."""

    sets: list[str]
    texts: list[str] = field(default_factory=list)
    folds: list[int] = field(default_factory=list)
    labels: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    origin: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def of(self, chosen: Iterable[str]) -> npt.NDArray[np.bool_]:
        numbers = [self.sets.index(name) for name in chosen if name in self.sets]
        return np.isin(self.origin, numbers)


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be varied from outside."""

    size: int = 130_000
    least: int = 3
    lessons: float = 1.0
    recipe: Recipe = field(default_factory=Recipe)


@dataclass(frozen=True, slots=True)
class Trained:
    known: list[str]
    gates: tuple[Head, ...]
    heads: tuple[Head, Head, Head]
    table: Doubles


def manner(gate: Head, texts: Grams) -> Doubles:
    return np.tanh(STEEPNESS * gate.decide(texts, np.zeros(len(texts))))


def inputs_of(gates: Sequence[Head], heads: Sequence[Head], texts: Grams) -> Doubles:
    """As app.analysis.ngram.judge lays them out."""
    manners = [manner(gate, texts) for gate in gates]
    style, plain = manners[:2]
    decisions = np.column_stack([head.decide(texts, style) for head in heads])
    ends = np.array([(*lengths(int(count)), 1.0) for count in np.diff(texts.starts)])
    by_style, by_plain = style[:, None] * decisions, plain[:, None] * decisions
    return np.column_stack([decisions, by_style, by_plain, *manners, ends])


def gather(folder: Path, chosen: Sequence[str]) -> Material:
    """The sets and our own lessons, read as the scorer will read them."""
    material = Material([*chosen, LESSONS])
    labels: list[int] = []
    origin: list[int] = []
    for number, name in enumerate(material.sets):
        found = lessons() if name == LESSONS else load(folder, "train", name)
        material.texts += [read(text, whole=True) for text in found.texts]
        material.folds += [fold_of(text) for text in found.texts]
        labels += found.labels
        origin += [number] * len(found.labels)
    material.labels = np.array(labels)
    material.origin = np.array(origin)
    return material


def vocabulary(texts: Iterable[str], settings: Settings) -> dict[str, int]:
    counts: collections.Counter[str] = collections.Counter()
    for text in texts:
        counts.update(grams(text))
    kept = sorted(gram for gram, count in counts.items() if count >= settings.least)
    return {gram: at for at, gram in enumerate(kept)}


def encoded(material: Material, settings: Settings) -> tuple[Grams, list[str]]:
    known = vocabulary(material.texts, settings)
    return encode((grams(text) for text in material.texts), known), list(known)


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
        [material.folds[at] for at in rows],
        material.labels[left],
        material.origin[left],
    )
    return less, texts.columns(kept), [known[at] for at in kept]


def train(material: Material, texts: Grams, known: list[str], settings: Settings, said: Any) -> Trained:
    """From the texts of `encoded` to heads and calibration."""
    said(f"{len(material.texts)} texts, {len(known)} n-grams")
    texts, kept = pruned(material, texts, known, settings)
    said(f"pruned to {len(kept)}")
    return learnt(material, texts, kept, settings, said)


def pruned(
    material: Material, texts: Grams, known: list[str], settings: Settings
) -> tuple[Grams, list[str]]:
    """The n-grams that move most texts most."""
    plain = Recipe(settings.recipe.cost, 0.0, 2e-2)
    two = material.labels != 1
    three = material.of((*THREE, LESSONS))
    often = np.sqrt(np.bincount(texts.index, minlength=texts.width))
    tone = _head(material, texts, two, 2, settings, recipe=plain)
    neutral = _head(material, texts, three, 1, settings, recipe=plain)
    rank = np.maximum(np.abs(tone.weight), 0.5 * np.abs(neutral.weight)) * often
    chosen = np.argsort(-rank, kind="stable")[: settings.size]
    chosen = chosen[np.lexsort((chosen, -often[chosen]))]  # frequent ones side by side: quicker to look up
    return texts.columns(chosen), [known[at] for at in chosen]


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
    weights[material.of([LESSONS])[rows]] *= settings.lessons
    manner = np.zeros(int(rows.sum())) if style is None else style[rows]
    return fit(texts.rows(rows), yes, weights, manner, recipe)


def learnt(material: Material, texts: Grams, known: list[str], settings: Settings, said: Any) -> Trained:
    gates = tuple(gate_of(material, texts, sets) for sets in (REVIEWS, PLAIN, CLAUSES, YUE))
    style = manner(gates[0], texts)
    said("the gates are learnt")
    aside = np.array(material.folds) == 0
    trial = _heads(material, texts, ~aside, style, settings)
    said("the trial heads are learnt")
    table = _calibration(material, inputs_of(gates, trial, texts.rows(aside)), aside)
    heads = _heads(material, texts, np.ones(len(texts), bool), style, settings)
    return Trained(known, gates, heads, table)


def gate_of(material: Material, texts: Grams, sets: Sequence[str]) -> Head:
    """Tells the texts of some sets from all others; our lessons are neither reviews nor posts."""
    inside = material.of(sets)
    weights = text_weights(inside.astype(int), np.zeros(len(inside), int))
    if sets is REVIEWS:
        weights[material.of([LESSONS])] = 0.0
    return fit(texts, inside, weights, np.zeros(len(texts)), Recipe(0.2, 0.0, 2e-2))


def _heads(
    material: Material, texts: Grams, rows: npt.NDArray[np.bool_], style: Doubles, settings: Settings
) -> tuple[Head, Head, Head]:
    three = material.of((*THREE, LESSONS))
    negative, neutral, positive = (
        _head(material, texts, chosen & rows, label, settings, recipe=settings.recipe, style=style)
        for label, chosen in ((0, rows), (1, three), (2, rows))
    )
    return negative, neutral, positive


def _calibration(material: Material, inputs: Doubles, aside: npt.NDArray[np.bool_]) -> Doubles:
    """All three-class sets weigh alike; the others, which say that not every post of their kind is
    neutral, and our lessons weigh less."""
    origin = material.origin[aside]
    three, ours = material.of(THREE)[aside], material.of([LESSONS])[aside]
    weights = np.zeros(len(origin))
    for number in np.unique(origin):
        here = origin == number
        weights[here] = 1 / here.sum()
    whole = weights[three].sum()
    two = ~three & ~ours
    weights[two] *= OTHERS * whole / max(weights[two].sum(), 1e-9)
    weights[ours] *= OURS * whole / max(weights[ours].sum(), 1e-9)
    return calibrate(inputs, material.labels[aside], weights)


def model_file(trained: Trained, about: Mapping[str, Any]) -> bytes:
    """Whole numbers of one byte, the rarest extremes clipped."""
    columns: dict[str, Doubles] = {}
    biases: dict[str, float] = {}
    for name, gate in zip(GATES, trained.gates, strict=True):
        columns[name] = gate.weight.astype(float)
        columns[f"{name}_size"] = gate.size.astype(float)
        biases[name] = gate.bias
    for name, head in zip(HEADS, trained.heads, strict=True):
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
        "scales": {lane: round(scale, 9) for lane, scale in scales.items()},
        "biases": {key: round(bias, 6) for key, bias in biases.items()},
        "calibration": [[round(float(each), 6) for each in row] for row in trained.table],
    }
    return written(trained.known, lanes, fields)


def _bytes(values: Doubles, *, signed: bool) -> tuple[float, bytes]:
    if signed:
        scale = max(float(np.quantile(np.abs(values), 0.9995)), 1e-9) / 127
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
