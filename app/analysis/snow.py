"""snownlp as an engine: as it is shipped, and its Bayes model trained anew on our sets.

`snownlp` imports the package itself (2 s, 420 MB), so it runs in the scoring process only. Of it we
take the segmenter, the stop words and the word counts of the shipped model. Only the author's own
words are judged, and of a long post its first 400 and last 200 characters (`app.analysis.text.judged`):
snownlp needs 68 ms for 550 characters.

`snownlp-retrained` is the same Bayes model with counts from other texts (`resources/models/snow.model`,
made by tests/bench/train_snow.py with snownlp's own class) over the words of rjieba, a segmenter some
two hundred times as fast. Each word of a text counts once and stop words stay in, since both were more
often right; of a repost the chain is read too where the author's own words leave it unsure. It never
imports the package.

In both, the sum over the words is ours, so that we can say which words decided. It differs from
`SnowNLP(text).sentiments` in one thing: a word that neither class has ever seen says nothing here,
where snownlp lets it pull a little to one side (so that fifty English words decide a text).
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import math
import re
import sys
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from app.analysis.ngram.features import Traced, read, repeats, trace
from app.analysis.scorer import BAND, banded, judgement
from app.analysis.text import has_han, judged
from app.domain.sentiment import NOT_CHINESE, Evidence, Score
from app.errors import Broken, ConfigError
from app.i18n import _

EVIDENCE = 8
"""At most so many words are named as having decided."""
BANDED = "band1"
"""Which neutral band (app.analysis.scorer.BAND) a version was judged with."""

SURE = 2.0
"""With fewer log-odds from the author's own words in a repost, the retrained model reads the chain too."""

MAGIC = b"tingfeng-snow 1\n"
NAME = "snow.model"
_LARGEST_FILE = 4_000_000
_LARGEST_PAYLOAD = 32_000_000

_JUDGED = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff]"
)

Weight = tuple[int, int, float]
"""Start and end in the text as given, and how far the word speaks for positive (log-odds)."""
Probabilities = tuple[float, float, float]


class _Words(Protocol):
    """A two-class model of words; `prior` is the log-odds of positive before any word."""

    engine: str
    version: str
    prior: float

    def weights(self, text: str) -> list[Weight]: ...
    def total(self, text: str) -> float | None: ...


class SnowScorer:
    """A Bayes model of words under our neutral band; the one snownlp ships, or ours."""

    def __init__(self, *, retrained: bool = False, counts: Counts | None = None) -> None:
        """`counts`: a model to use instead of the retrained one that comes with the program."""
        self._words: _Words = _Retrained(counts or shipped()) if retrained or counts else _Shipped()
        self.engine = self._words.engine
        self.version = f"{self._words.version}+{BANDED}"

    def score(self, texts: Sequence[str]) -> list[Score]:
        """One score a text, in order, whatever the text."""
        return [self._one(text) for text in texts]

    def probabilities(self, texts: Iterable[str]) -> list[Probabilities]:
        """P(negative), P(neutral), P(positive) a text, without evidence."""
        totals = map(self._words.total, texts)
        return [
            (0.0, 1.0, 0.0) if total is None else banded(_probability(self._words.prior + total))
            for total in totals
        ]

    def positive(self, text: str) -> float:
        """P(positive) before the band; one half where no word is known."""
        total = self._words.total(text)
        return 0.5 if total is None else _probability(self._words.prior + total)

    def _one(self, text: str) -> Score:
        weights = self._words.weights(text)
        if not weights:  # nothing said, or not in Chinese: the model would judge by `a` and `I`
            silent = judgement(sum(BAND) / 2, self.engine, self.version)
            return silent if _JUDGED.search(text) else replace(silent, note=NOT_CHINESE)
        total = self._words.prior + sum(weight for _, _, weight in weights)
        return judgement(_probability(total), self.engine, self.version, _top(text, weights))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, log_odds))))


def _top(text: str, weights: list[Weight]) -> tuple[Evidence, ...]:
    strongest = sorted(weights, key=lambda each: -abs(each[2]))[:EVIDENCE]
    return tuple(
        Evidence(text[start:end], start, end, round(weight, 4)) for start, end, weight in sorted(strongest)
    )


# as shipped ---------------------------------------------------------------------------------------

_Segment = Callable[[str], list[str]]
_Keep = Callable[[list[str]], list[str]]
_Simplify = Callable[[str], str]


class _Shipped:
    """What snownlp brings."""

    engine = "snownlp"

    def __init__(self) -> None:
        self._segment, self._keep, self._simplify, classes = _snownlp()
        self._positive, self._negative = classes["pos"], classes["neg"]
        self.prior = math.log(self._positive.getsum()) - math.log(self._negative.getsum())
        self.version = _version("snownlp")

    def total(self, text: str) -> float | None:
        weights = self.weights(text)
        return sum(weight for _, _, weight in weights) if weights else None

    def weights(self, text: str) -> list[Weight]:
        part = judged(text)
        if not has_han(part.text):
            return []
        simple = self._simplify(part.text)
        if len(simple) != len(part.text):
            simple = part.text
        return [
            (*part.original(start, end), weight)
            for start, end in self._spans(simple)
            if (weight := self._weight(simple[start:end])) is not None
        ]

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        words = self._segment(text)
        kept = set(self._keep(words))
        at = 0
        for word in words:
            start = text.find(word, at)
            if start < 0:
                continue
            at = start + len(word)
            if word in kept:
                yield start, at

    def _weight(self, word: str) -> float | None:
        if not (self._positive.exists(word) or self._negative.exists(word)):
            return None
        return math.log(self._positive.freq(word)) - math.log(self._negative.freq(word))


def _snownlp() -> tuple[_Segment, _Keep, _Simplify, Mapping[str, Any]]:
    """Segmenter, stop-word filter, traditional to simplified, and the classes of the Bayes model."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from snownlp import normal, seg, sentiment  # noqa: PLC0415  # 2 s and 420 MB: in the child only
    return seg.seg, normal.filter_stop, normal.zh2hans, sentiment.classifier.classifier.d


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # a frozen program may carry no metadata
        return "unknown"


# parts of snownlp by themselves -------------------------------------------------------------------

_ALONE = "_snownlp_alone"


def part(name: str) -> ModuleType:
    """A module of snownlp (`summary.textrank`, `classification.bayes`) without the package's own import.

    The package loads its segmenter and tagger when it is imported. Under another parent, which has the
    same folder and nothing of its own, a small module loads alone. Raises ImportError.
    """
    if _ALONE not in sys.modules:
        parent = ModuleType(_ALONE)
        parent.__path__ = [str(folder())]
        sys.modules[_ALONE] = parent
    return importlib.import_module(f"{_ALONE}.{name}")


def stop_words() -> frozenset[str]:
    """snownlp's own list: what is no keyword."""
    lines = (folder() / "normal" / "stopwords.txt").read_text("utf-8").splitlines()
    return frozenset(line.strip() for line in lines)


def folder() -> Path:
    """Where the package lies, without importing it; ImportError when it is not installed."""
    found = importlib.util.find_spec("snownlp")
    if found is None or not found.submodule_search_locations:
        raise ImportError("snownlp")
    return Path(next(iter(found.submodule_search_locations)))


# retrained ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """How often each word was met in positive and in negative texts, as snownlp's Bayes class counts."""

    negative: Mapping[str, int]
    positive: Mapping[str, int]
    version: str
    about: Mapping[str, Any]


class _Retrained:
    """Counts of our own over rjieba's words."""

    engine = "snownlp-retrained"

    def __init__(self, counts: Counts) -> None:
        import rjieba  # noqa: PLC0415  # 35 MB, and only for this engine

        self._cut: Callable[[str], list[str]] = rjieba.cut
        self._tokenize: Callable[[str], list[tuple[str, int, int]]] = rjieba.tokenize
        self._weights = log_odds(counts)
        self._weight = self._weights.get
        self.prior = math.log(_size(counts.positive)) - math.log(_size(counts.negative))
        self.version = counts.version

    def total(self, text: str) -> float | None:
        total = self._sum(read(text))
        if self._unsure(total) and repeats(text):
            return self._sum(read(text, whole=True))
        return total

    def weights(self, text: str) -> list[Weight]:
        found = self._spans(trace(text))
        total = sum(weight for _, _, weight in found) if found else None
        if self._unsure(total) and repeats(text):
            return self._spans(trace(text, whole=True))
        return found

    def _unsure(self, total: float | None) -> bool:
        return total is None or abs(self.prior + total) < SURE

    def _sum(self, flat: str) -> float | None:
        if _JUDGED.search(flat) is None:
            return None
        known = [weight for weight in map(self._weight, set(self._cut(flat))) if weight is not None]
        return math.fsum(known) if known else None  # exact, so the order of a set is no matter

    def _spans(self, flat: Traced) -> list[Weight]:
        """Each word counts once, where it stands first."""
        if _JUDGED.search(flat.text) is None:
            return []
        first = {word: (start, end) for word, start, end in reversed(self._tokenize(flat.text))}
        return sorted(
            (flat.starts[start], flat.ends[end - 1], weight)
            for word, (start, end) in first.items()
            if (weight := self._weights.get(word)) is not None
        )


def words(text: str) -> list[str]:
    """What the retrained model learns from: each word of the folded text once, a repost's chain too."""
    import rjieba  # noqa: PLC0415  # see _Retrained

    found: list[str] = rjieba.cut(read(text, whole=True))
    return [word for word in dict.fromkeys(found) if word.strip()]


def log_odds(counts: Counts) -> dict[str, float]:
    """What snownlp's Bayes class makes of the counts: ln P(word | positive) - ln P(word | negative).

    One is added to each word, also to one that a class has never seen.
    """
    least, most = math.log(_size(counts.negative)), math.log(_size(counts.positive))
    return {
        word: math.log(counts.positive.get(word, 0) + 1)
        - most
        - math.log(counts.negative.get(word, 0) + 1)
        + least
        for word in counts.negative.keys() | counts.positive.keys()
    }


def _size(counts: Mapping[str, int]) -> int:
    """A class's words and one more for each word it knows; never 0."""
    return max(1, sum(counts.values()) + len(counts))


# the model file -----------------------------------------------------------------------------------
#
#     tingfeng-snow 1\n   what this is, and of which format
#     {...}\n             one line of JSON: sources, how many texts and words, the payload's digest
#     payload             zlib: a word, its count in negative and in positive texts, a line each
#
# Nothing in it is executable: a hostile file can give wrong numbers, never run code.


def shipped() -> Counts:
    """The model that comes with the program."""
    return parsed(files("resources").joinpath("models", NAME).read_bytes(), NAME)


def load(path: Path) -> Counts:
    """A model from a file; ConfigError when it is none of ours, Broken when it is damaged."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise _foreign(path.name)
        data = path.read_bytes()
    except OSError as error:
        said = _("The judgement model {file} cannot be read. Choose another file.")
        raise ConfigError(said.format(file=path.name), details=str(error)) from error
    return parsed(data, path.name)


def parsed(data: bytes, name: str) -> Counts:
    """A model from the bytes of its file; `name` is for the sentence when something is wrong."""
    if not data.startswith(MAGIC):
        raise _foreign(name)
    line, _newline, payload = data[len(MAGIC) :].partition(b"\n")
    try:
        about = json.loads(line)
        digest = hashlib.sha256(payload).hexdigest()
        if about["digest"] != digest:
            raise _damaged(name, "digest")
        rows = _rows(payload)
        return Counts(
            negative={word: negative for word, negative, _positive in rows if negative},
            positive={word: positive for word, _negative, positive in rows if positive},
            version=f"{about['model']}.{digest[:8]}",
            about=about,
        )
    except (ValueError, KeyError, TypeError, RecursionError, zlib.error) as error:
        raise _damaged(name, repr(error)) from error


def _rows(payload: bytes) -> list[tuple[str, int, int]]:
    reader = zlib.decompressobj()
    raw = reader.decompress(payload, _LARGEST_PAYLOAD)
    if reader.unconsumed_tail or not reader.eof:
        raise ValueError("payload")
    rows = []
    for line in raw.decode("utf-8").split("\n"):
        word, negative, positive = line.split("\t")
        rows.append((word, _count(negative), _count(positive)))
    return rows


def _count(digits: str) -> int:
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
        raise ValueError(digits[:20])
    return int(digits)


def written(negative: Mapping[str, int], positive: Mapping[str, int], about: Mapping[str, Any]) -> bytes:
    """The bytes of a model file; the same counts give the same bytes."""
    known = sorted(negative.keys() | positive.keys())
    rows = "\n".join(f"{word}\t{negative.get(word, 0)}\t{positive.get(word, 0)}" for word in known)
    payload = zlib.compress(rows.encode("utf-8"), 9)
    head = {**about, "words": len(known), "digest": hashlib.sha256(payload).hexdigest()}
    line = json.dumps(head, ensure_ascii=False, sort_keys=True).encode("utf-8")
    return MAGIC + line + b"\n" + payload


def _foreign(name: str) -> ConfigError:
    return ConfigError(_("The file {file} is not a judgement model of Tingfeng.").format(file=name))


def _damaged(name: str, details: str) -> Broken:
    said = _("The judgement model {file} is damaged. Install Tingfeng again, or choose another file.")
    return Broken(said.format(file=name), details=details)
