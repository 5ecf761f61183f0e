"""What the deep judge of tone adds to the n-gram model, with what `train_deep.py` left in DIR.

    python tests/bench/eval_deep.py FOLDER DIR --blind NGRAM_MODEL [--each] [--speed] [--save FILE]

An experiment; see docs/adr/0016-the-deep-engine.md. Needs onnxruntime. NGRAM_MODEL is an n-gram model
that has not seen the tenth of `train/` kept aside (`--blind-folder NEW` writes the folder to train it
from): on that tenth the mixture is learnt, and from which doubt on the encoder is asked. The shipped
n-gram model, mixed so, is then judged on `dev/`, `stress/` and our challenge posts, beside the n-gram
model alone and the encoder alone, with the measures of eval_sentiment.py.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

import numpy as np
import numpy.typing as npt
from eval_sentiment import CHALLENGE, COMPLAINTS, TONES, macro_f1, two_class
from eval_sentiment import calibration_error as error_of
from labelled import FORBIDDEN, GROUPS, THREE, Labelled, fold_of, load, names
from ngram_learning import calibrate, softmax
from train_deep import FOLDS, PAD, Pieces, framed, read

from app.analysis.ngram import NgramScorer
from app.analysis.ngram import load as load_model

Doubles = npt.NDArray[np.float64]

BATCH = 16
SURER = (0.80, 0.90, 0.95, 0.98, 1.01)
"""Doubt thresholds that are tried: the encoder judges what the n-gram model is less sure of."""
OTHERS = 0.3
"""Weight of all two-class sets together beside the three-class sets, as in train_ngram.py."""


class Encoder:
    """The onnx file and its vocabulary; `threads` of the processor."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        import onnxruntime

        words = json.loads((folder / "pieces.json").read_text("utf-8"))
        self._pieces = Pieces(words["pieces"], words["scores"], words["floor"])
        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = threads
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            (folder / "deep.onnx").read_bytes(), settings, providers=["CPUExecutionProvider"]
        )

    def decisions(self, texts: Sequence[str]) -> Doubles:
        """Three decisions a text, as log-probabilities; neighbours in length go together."""
        rows = [framed(self._pieces.cut(read(text[:4000])), 96, 64) for text in texts]
        found = np.zeros((len(texts), 3))
        order = sorted(range(len(rows)), key=lambda at: len(rows[at]))
        for at in range(0, len(order), BATCH):
            chosen = order[at : at + BATCH]
            found[chosen] = self._run([rows[each] for each in chosen])
        return np.log(softmax(found) + 1e-9)

    def _run(self, rows: Sequence[list[int]]) -> Any:
        long = max(map(len, rows))
        ids = np.array([row + [PAD] * (long - len(row)) for row in rows], np.int64)
        mask = np.array([[1] * len(row) + [0] * (long - len(row)) for row in rows], np.int32)
        share = (mask / mask.sum(1, keepdims=True)).astype(np.float32)[:, None]
        given = {"ids": ids, "places": np.arange(long), "mask": mask, "share": share}
        return self._session.run(None, given)[0]


def inputs_of(ngram: Doubles, deep: Doubles) -> Doubles:
    """What the mixture looks at."""
    return np.column_stack([np.log(ngram + 1e-6), deep, np.ones(len(deep))])


def doubtful(ngram: Doubles, sure: float) -> npt.NDArray[np.bool_]:
    """Not sure of the tone, or not sure between negative and positive."""
    sided = ngram[:, [0, 2]].max(1) / np.maximum(ngram[:, 0] + ngram[:, 2], 1e-9)
    found: npt.NDArray[np.bool_] = (ngram.max(1) < sure) | (sided < sure)
    return found


def mixed(table: Doubles, ngram: Doubles, deep: Doubles, sure: float) -> Doubles:
    found = ngram.copy()
    asked = doubtful(ngram, sure)
    found[asked] = softmax(inputs_of(ngram[asked], deep[asked]) @ table.T)
    return found


def kept_aside(folder: Path) -> list[Labelled]:
    found = []
    for name in names(folder, "train"):
        if name not in FORBIDDEN:
            here = load(folder, "train", name)
            rows = [at for at, text in enumerate(here.texts) if fold_of(text, FOLDS) == 0]
            found.append(Labelled(name, [here.texts[at] for at in rows], [here.labels[at] for at in rows]))
    return found


def mixture(sets: Sequence[Labelled], judged: Sequence[tuple[Doubles, Doubles]]) -> Doubles:
    """The table from both judges' words to probabilities, learnt where both are unsure of nothing seen."""
    inputs, labels, weights = [], [], []
    two = sum(each.name not in THREE for each in sets)
    for here, (ngram, deep) in zip(sets, judged, strict=True):
        asked = doubtful(ngram, SURER[-2])
        weight = 1.0 if here.name in THREE else OTHERS * len(THREE) / two
        inputs.append(inputs_of(ngram[asked], deep[asked]))
        labels.append(np.array(here.labels)[asked])
        weights.append(np.full(int(asked.sum()), weight / max(1, int(asked.sum()))))
    return calibrate(np.concatenate(inputs), np.concatenate(labels), np.concatenate(weights))


def threshold(sets: Sequence[Labelled], judged: Sequence[tuple[Doubles, Doubles]], table: Doubles) -> float:
    """From which doubt on asking costs at most a tenth of a point of what was kept aside."""
    means = []
    for sure in SURER:
        rows = [
            two_class((mixed(table, *pair, sure), np.array(here.labels)))[0]
            for here, pair in zip(sets, judged, strict=True)
            if len(set(here.labels) - {1}) == 2
        ]
        asked = np.mean([doubtful(pair[0], sure).mean() for pair in judged])
        means.append(100 * float(np.mean(rows)))
        print(f"  asked when less sure than {sure:.2f}: {100 * asked:.0f} % of posts, {means[-1]:.2f}")
    return next(sure for sure, mean in zip(SURER, means, strict=True) if mean >= max(means) - 0.1)


def everything(folder: Path) -> dict[str, Labelled]:
    found = {name: load(folder, "dev", name) for name in names(folder, "dev")}
    for name in (*COMPLAINTS, "jd_phone_pos"):
        found[f"stress {name}"] = load(folder, "stress", name)
    lines = (folder / "stress" / "sarcasm_bili.tsv").read_text("utf-8").split("\n")
    sarcasm = [line.split("\t")[1] for line in lines if "\t" in line]
    found["stress sarcasm_bili"] = Labelled("sarcasm_bili", sarcasm, [0] * len(sarcasm))
    for path in sorted(CHALLENGE.glob("*.tsv")):
        rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
        labels = [TONES[row[0]] for row in rows]
        found[f"challenge {path.stem}"] = Labelled(path.stem, [row[2] for row in rows], labels)
    return found


def figures(title: str, sets: dict[str, Labelled], chances: dict[str, Doubles], *, each: bool) -> None:
    """The measures of eval_sentiment.py from probabilities already at hand."""
    judged = {name: (chances[name], np.array(here.labels)) for name, here in sets.items()}
    print(f"== {title}: two classes, accuracy / AUC")
    whole = []
    for group, members in GROUPS.items():
        rows = [two_class(judged[name]) for name in members]
        whole += rows
        for name, row in zip(members, rows, strict=True):
            if each:
                print(f"    {name:20} {100 * row[0]:6.2f} / {100 * row[1]:5.1f}")
        means = 100 * np.nanmean(np.array(rows), axis=0)
        print(f"  {group:18} {means[0]:6.2f} / {means[1]:5.1f}")
    print(f"  {'mean of all sets':18} {100 * np.nanmean(np.array(whole), axis=0)[0]:6.2f}")
    three = [(macro_f1(judged[name]), error_of(judged[name])) for name in THREE]
    means = 100 * np.mean(np.array(three), axis=0)
    print(f"  macro-F1 {means[0]:.2f}, calibration error of P(negative) {means[1]:.2f}")
    for name, (found, _labels) in judged.items():
        if name.startswith("stress"):
            called = 100 * (found.argmax(1) == 0).mean()
            sided = 100 * (found[:, 0] > found[:, 2]).mean()
            print(f"  {name}: called negative {called:.1f} %, of two classes {sided:.1f} %")
    tried = {name: pair for name, pair in judged.items() if name.startswith("challenge")}
    right = {name: pair[0].argmax(1) == pair[1] for name, pair in tried.items()}
    if each:
        print("   ", ", ".join(f"{name[10:]} {100 * hits.mean():.0f}" for name, hits in right.items()))
    print(f"  challenge: {100 * np.concatenate(list(right.values())).mean():.1f} % right in three classes")


def speed(sets: dict[str, Labelled], folder: Path, ngram: NgramScorer, sure: float) -> None:
    """Posts a second of wall clock and of processor, on a shuffled sample of `dev/`."""
    texts = [text for name, here in sets.items() if " " not in name for text in here.texts]
    texts = [texts[at] for at in np.random.default_rng(0).permutation(len(texts))[:1500]]
    for threads in (1, 2):
        encoder = Encoder(folder, threads)
        encoder.decisions(texts[:32])
        for title, least in (("cascade", sure), ("encoder for every post", 2.0)):
            wall, processor = time.monotonic(), time.process_time()
            chances = np.array(ngram.probabilities(texts))
            asked = [text for text, ask in zip(texts, doubtful(chances, least), strict=True) if ask]
            encoder.decisions(asked)
            wall, processor = time.monotonic() - wall, time.process_time() - processor
            print(
                f"{title}, {threads} threads: {len(texts) / wall:.0f} posts a second,"
                f" {len(texts) / processor:.0f} a second of processor ({len(asked)} of {len(texts)} asked)"
            )


def blind_folder(folder: Path, new: Path) -> None:
    """The training texts without the tenth kept aside, for train_ngram.py."""
    (new / "train").mkdir(parents=True, exist_ok=True)
    for path in (folder / "train").glob("*.tsv"):
        lines = [line for line in path.read_text("utf-8").split("\n") if "\t" in line]
        kept = [line for line in lines if fold_of(line.split("\t")[1], FOLDS) != 0]
        (new / "train" / path.name).write_text("\n".join(kept) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the deep judge of tone.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("deep", type=Path, nargs="?", help="where deep.onnx and pieces.json are")
    parser.add_argument("--blind", type=Path, metavar="NGRAM_MODEL")
    parser.add_argument("--blind-folder", type=Path, metavar="NEW")
    parser.add_argument("--each", action="store_true", help="a line for every set")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="at most N posts a set")
    parser.add_argument("--save", type=Path, help="keep the mixture, as JSON")
    given = parser.parse_args()
    if given.blind_folder:
        blind_folder(given.folder, given.blind_folder)
        return
    encoder = Encoder(given.deep, given.threads)
    sets = everything(given.folder)
    aside = kept_aside(given.folder)
    if given.sample:
        sets = {name: _some(here, given.sample) for name, here in sets.items()}
        aside = [_some(here, given.sample) for here in aside]
    blind, ngram = NgramScorer(load_model(given.blind)), NgramScorer()
    judged = [
        (np.array(blind.probabilities(here.texts)).reshape(-1, 3), encoder.decisions(here.texts))
        for here in aside
    ]
    table = mixture(aside, judged)
    sure = threshold(aside, judged, table)
    if given.save:
        given.save.write_text(json.dumps({"table": table.round(6).tolist(), "sure": sure}), "utf-8")
    alone = {name: np.array(ngram.probabilities(here.texts)) for name, here in sets.items()}
    deep = {name: encoder.decisions(here.texts) for name, here in sets.items()}
    figures(f"n-gram {ngram.version}", sets, alone, each=given.each)
    figures("encoder alone", sets, {name: np.exp(each) for name, each in deep.items()}, each=given.each)
    for least in dict.fromkeys((sure, SURER[-1])):
        both = {name: mixed(table, alone[name], deep[name], least) for name in sets}
        figures(f"cascade, asked under {least:.2f}", sets, both, each=given.each)
    if given.speed:
        speed(sets, given.deep, ngram, sure)


def _some(here: Labelled, most: int) -> Labelled:
    rows = np.random.default_rng(0).permutation(len(here.texts))[:most]
    return Labelled(here.name, [here.texts[at] for at in rows], [here.labels[at] for at in rows])


if __name__ == "__main__":
    main()
