"""Train snownlp's Bayes model on labelled sets: the engine `snownlp-retrained`.

    python tests/bench/train_snow.py FOLDER [--out FILE] [--mit] [--without SET ...] [--least N]

FOLDER holds `train/*.tsv`, `label<TAB>text`; neutral texts are left out, as the model has two classes.
snownlp's own class counts; its segmenter is replaced by rjieba, each word of a text is given to it once
and stop words stay in. Words met in fewer than `--least` texts are dropped before it counts. Needs half
a minute and one core; the same folder and the same rjieba give the same file, byte for byte.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parent)]

from labelled import FORBIDDEN, MIT, load, names

from app.analysis.snow import NAME, part, words, written

MODEL = "1"
OUT = Path(__file__).parents[2] / "resources" / "models" / NAME
COPIES = frozenset({"weibo_senti_noemo"})
"""Texts of another set again, without their emoticons."""
LEAST = 2
CLASSES = {0: "neg", 2: "pos"}


def chosen_sets(folder: Path, *, mit: bool, without: frozenset[str]) -> list[str]:
    left_out = FORBIDDEN | COPIES | without
    return [name for name in names(folder, "train") if name not in left_out and (not mit or name in MIT)]


def examples(folder: Path, sets: list[str]) -> Iterator[tuple[list[str], str]]:
    """(its words, class) of each text that is not neutral."""
    for name in sets:
        found = load(folder, "train", name)
        for text, label in zip(found.texts, found.labels, strict=True):
            if label in CLASSES:
                yield words(text), CLASSES[label]


def trained(folder: Path, sets: list[str], least: int) -> bytes:
    """The model file."""
    texts = list(examples(folder, sets))
    met = Counter(word for some, _kind in texts for word in some)
    bayes = part("classification.bayes").Bayes()
    bayes.train([([word for word in some if met[word] >= least], kind) for some, kind in texts])
    counts = {kind: {word: n - 1 for word, n in bayes.d[kind].d.items()} for kind in ("neg", "pos")}
    about = {
        "model": MODEL,
        "sets": sets,
        "texts": len(texts),
        "least": least,
        "segmenter": f"rjieba {version('rjieba')}",
        "bayes": f"snownlp {version('snownlp')}",
    }
    return written(counts["neg"], counts["pos"], about)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the retrained snownlp engine.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--mit", action="store_true", help="only sets whose licence is stated as MIT")
    parser.add_argument("--without", action="append", default=[], metavar="SET")
    parser.add_argument("--least", type=int, default=LEAST, metavar="N")
    given = parser.parse_args()
    sets = chosen_sets(given.folder, mit=given.mit, without=frozenset(given.without))
    data = trained(given.folder, sets, given.least)
    given.out.write_bytes(data)
    print(f"{given.out}: {len(data):,} bytes, {len(sets)} sets")


if __name__ == "__main__":
    main()
