"""`tingfeng eval`: how right the engines are on labelled texts of one's own, and how fast."""

from __future__ import annotations

import argparse
import heapq
import math
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.analysis.measures import TONES, Case, Figures, cases, figures
from app.analysis.ngram import NgramScorer
from app.analysis.scoring import UNJUDGED, InProcess, ScoringProcess, scoring
from app.analysis.speed import SECONDS, Speed, speed
from app.cli.labelled import NAMED, Labelled, read, told
from app.cli.output import complain, emit, one_line, say
from app.cli.session import Session
from app.cli.table import table
from app.domain.sentiment import Tone
from app.i18n import N_, _, clauses, listed, ngettext

BATCH = 64
TIMED = 3000
"""Texts the speed is measured on, at most."""

Probabilities = tuple[float, float, float]

_TONES = {
    Tone.NEGATIVE: N_("negative"),
    Tone.NEUTRAL: N_("neutral"),
    Tone.POSITIVE: N_("positive"),
}
_ROWS: tuple[tuple[str, Callable[[Figures], float]], ...] = (
    (N_("accuracy"), lambda one: one.accuracy),
    (N_("macro-F1"), lambda one: one.macro_f1),
    (N_("AUC, negative against positive"), lambda one: one.auc),
    (N_("negatives found at 90 % precision, equal weights"), lambda one: one.recall_balanced),
    (N_("negatives found at 90 % precision, as they are"), lambda one: one.recall_raw),
    (N_("calibration error of P(negative)"), lambda one: one.calibration),
)


@dataclass(frozen=True, slots=True)
class _Measured:
    """An engine on every file; `cases[i][j]` is text `j` of file `i`."""

    engine: str
    version: str
    cases: tuple[tuple[Case, ...], ...]

    def figures(self, at: int | None) -> Figures:
        """Of one file, or of all together."""
        if at is not None:
            return figures(self.cases[at])
        return figures([case for each in self.cases for case in each])


def eval_(session: Session, options: argparse.Namespace) -> int:
    """`options`: files, engine (several are shown side by side), against, sample, misses, no_speed."""
    sets = _read(session, options.files, options.sample)
    engines = list(dict.fromkeys(options.engine or ["ngram"]))
    measured = []
    misses: dict[str, list[dict[str, Any]]] = {}
    for name in engines:
        with_engine = _Engine(name, session)
        try:
            measured.append(with_engine.measured(sets))
            misses[name] = with_engine.misses(sets, measured[-1], options.misses)
        finally:
            with_engine.close()
    wanted = dict.fromkeys([*engines, *([options.against] if options.against else [])])
    speeds = {} if options.no_speed else _speeds(list(wanted), sets)
    show = _emit if session.json else _say
    show(sets, measured, speeds, misses)
    return 0


def _read(session: Session, paths: Sequence[str], sample: int | None) -> list[Labelled]:
    """Every file before any engine is started; what cannot be used is said, and left out."""
    sets = [read(Path(path).expanduser()) for path in paths]
    for each in sets:
        if not each.unusable:
            continue
        if session.json:
            lines = [{"line": one.line, "problem": _(one.about)} for one in each.problems]
            emit({"type": "unusable", "file": each.name, "n": each.unusable, "lines": lines})
        else:
            complain(_unusable(each))
    return [each.sample(sample) for each in sets] if sample else sets


def _unusable(one: Labelled) -> str:
    head = ngettext(
        "{file}: {n} line cannot be used and is left out",
        "{file}: {n} lines cannot be used and are left out",
        one.unusable,
    ).format(file=one.name, n=one.unusable)
    more = "" if one.unusable <= NAMED else " …"
    return f"{head} ({clauses(told(each) for each in one.problems)}{more})"


# judging ------------------------------------------------------------------------------------------


class _Engine:
    """An engine, asked for probabilities only where it can do that quicker."""

    def __init__(self, name: str, session: Session) -> None:
        self.name = name
        self._words = session.home.words
        self._quick = NgramScorer() if name == "ngram" else None
        self._process: InProcess | ScoringProcess | None = None

    def close(self) -> None:
        if self._process is not None:
            self._process.close()

    def measured(self, sets: Sequence[Labelled]) -> _Measured:
        version = ""
        done = []
        progress = _Progress(self.name, sum(len(each.texts) for each in sets))
        for one in sets:
            given: list[Probabilities] = []
            for at in range(0, len(one.texts), BATCH):
                answers, of = self._probabilities(one.texts[at : at + BATCH])
                version = version or of
                given += answers
                progress.more(len(answers))
            done.append(tuple(cases(one.labels, given)))
        progress.over()
        return _Measured(self.name, version, tuple(done))

    def _probabilities(self, texts: Sequence[str]) -> tuple[list[Probabilities], str]:
        if self._quick is not None:
            return self._quick.probabilities(texts), self._quick.version
        scores = self._asked().submit(texts).result()
        version = next((one.version for one in scores if one.version != UNJUDGED), "")
        return [(one.negative, one.neutral, one.positive) for one in scores], version

    def _asked(self) -> InProcess | ScoringProcess:
        if self._process is None:
            self._process = scoring(self.name, here=True, words=self._words)
        return self._process

    def misses(self, sets: Sequence[Labelled], measured: _Measured, n: int) -> list[dict[str, Any]]:
        """The surest of the wrong judgements, with the words that led there."""
        wrong = [
            (case.surprise, at, number)
            for at, each in enumerate(measured.cases)
            for number, case in enumerate(each)
            if not case.right
        ]
        worst = heapq.nlargest(n, wrong, key=lambda each: each[0])
        if not worst:
            return []
        scores = self._asked().submit([sets[at].texts[number] for _s, at, number in worst]).result()
        return [
            {
                "type": "miss",
                "engine": self.name,
                "file": sets[at].name,
                "line": sets[at].lines[number],
                "label": TONES[sets[at].labels[number]].value,
                "said": TONES[measured.cases[at][number].said].value,
                "chance": round(-surprise[0], 6),
                "text": sets[at].texts[number],
                "evidence": [asdict(each) for each in one.evidence],
            }
            for (surprise, at, number), one in zip(worst, scores, strict=True)
        ]


class _Progress:
    """On a terminal, how far a slow engine has come."""

    def __init__(self, engine: str, total: int) -> None:
        self._engine = engine
        self._total = total
        self._done = 0
        self._shown = time.monotonic()
        self._loud = sys.stderr is not None and sys.stderr.isatty()

    def more(self, n: int) -> None:
        self._done += n
        if self._loud and time.monotonic() - self._shown > 0.5:
            self._shown = time.monotonic()
            print(
                f"\r{self._engine}: {self._done:,} / {self._total:,} ", end="", file=sys.stderr, flush=True
            )

    def over(self) -> None:
        if self._loud:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _speeds(engines: Sequence[str], sets: Sequence[Labelled]) -> dict[str, Speed]:
    """Each alone, on the same texts in the same order."""
    texts = [text for each in sets for text in each.texts]
    random.Random(0).shuffle(texts)  # noqa: S311  # no secret: a mixture of all files
    return {name: speed(name, texts[:TIMED], SECONDS) for name in engines}


# showing ------------------------------------------------------------------------------------------


def _scopes(sets: Sequence[Labelled]) -> Iterator[tuple[int | None, str]]:
    """Each file, and all of them where there are several."""
    yield from enumerate(each.name for each in sets)
    if len(sets) > 1:
        yield None, ""


def _emit(
    sets: Sequence[Labelled],
    measured: Sequence[_Measured],
    speeds: dict[str, Speed],
    misses: dict[str, list[dict[str, Any]]],
) -> None:
    for at, name in _scopes(sets):
        for one in measured:
            emit(evaluation_json(name, one.engine, one.version, one.figures(at)))
    for engine, each in speeds.items():
        emit({"type": "speed", "engine": engine, **_speed_json(each)})
    for some in misses.values():
        for miss in some:
            emit(miss)


def evaluation_json(file: str, engine: str, version: str, one: Figures) -> dict[str, Any]:
    """Shares are 0 to 1, null where there is nothing to measure; `file` is empty for all together."""
    low, high = one.interval
    return {
        "type": "evaluation",
        "file": file,
        "engine": engine,
        "version": version,
        "n": one.n,
        "classes": one.classes,
        "labels": {_SHORT[at]: sum(row) for at, row in enumerate(one.confusion)},
        "accuracy": _number(one.accuracy),
        "accuracy_interval": [_number(low), _number(high)],
        "macro_f1": _number(one.macro_f1),
        "auc": _number(one.auc),
        "recall_at_90_balanced": _number(one.recall_balanced),
        "recall_at_90_raw": _number(one.recall_raw),
        "calibration_error": _number(one.calibration),
        "confusion": {
            label: dict(zip(_SHORT, row, strict=True))
            for label, row in zip(_SHORT, one.confusion, strict=True)
        },
    }


_SHORT = ("neg", "neu", "pos")


def _speed_json(one: Speed) -> dict[str, Any]:
    return {
        "posts_per_second": round(one.quick, 1),
        "with_evidence": round(one.explained, 1),
        "texts": one.texts,
        "characters": round(one.characters, 1),
    }


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)


def _say(
    sets: Sequence[Labelled],
    measured: Sequence[_Measured],
    speeds: dict[str, Speed],
    misses: dict[str, list[dict[str, Any]]],
) -> None:
    for at, name in _scopes(sets):
        shown = [(one, one.figures(at)) for one in measured]
        say(_heading(one_line(name) or _("all files"), shown[0][1]))
        rows = [["", *(one.engine for one, _f in shown)]]
        rows += [[_(row), *(_percent(value(each)) for _o, each in shown)] for row, value in _ROWS]
        rows.insert(2, ["  " + _("19 times out of 20 between"), *(_interval(each) for _o, each in shown)])
        _print(rows)
        for one, each in shown:
            _print(_confusion(one.engine, each))
        say("")
    if speeds:
        _say_speeds(speeds)
    for engine, some in misses.items():
        _say_misses(engine, some)


def _print(rows: Sequence[Sequence[str]]) -> None:
    for line in table(rows):
        say(line)


def _heading(name: str, one: Figures) -> str:
    posts = ngettext("{n} post", "{n} posts", one.n).format(n=one.n)
    kinds = {
        2: _("two classes, since no label is neutral"),
        3: _("three classes"),
        0: _("each file in its own classes"),
    }
    counts = listed(
        f"{_(_TONES[tone])} {sum(row)}" for tone, row in zip(TONES, one.confusion, strict=True) if sum(row)
    )
    return f"{name} · {posts} · {kinds[one.classes]} · {counts}"


def _percent(value: float) -> str:
    return "—" if math.isnan(value) else f"{100 * value:.1f} %"


def _interval(one: Figures) -> str:
    low, high = one.interval
    return f"{100 * low:.1f}–{100 * high:.1f} %"


def _confusion(engine: str, one: Figures) -> list[list[str]]:
    """A row a label, a column a tone that was said; what never occurs is left out."""
    rows = [at for at in range(3) if sum(one.confusion[at])]
    columns = [at for at in range(3) if any(row[at] for row in one.confusion) or at in rows]
    head = [
        _("{engine}: label, and what was said").format(engine=engine),
        *(_(_TONES[TONES[at]]) for at in columns),
    ]
    return [
        head,
        *([f"  {_(_TONES[TONES[at]])}", *(str(one.confusion[at][to]) for to in columns)] for at in rows),
    ]


def _say_speeds(speeds: dict[str, Speed]) -> None:
    """The ratio is to the last one: what `--against` names."""
    last = list(speeds.values())[-1]
    rows = [[_("posts a second of one processor"), _("tone only"), _("with evidence"), _("times")]]
    rows += [
        [
            _("{engine} ({n} posts of {size} characters)").format(
                engine=engine, n=one.texts, size=round(one.characters)
            ),
            f"{one.quick:,.0f}",
            f"{one.explained:,.0f}",
            f"{one.quick / last.quick:.1f}" if len(speeds) > 1 and last.quick else "",
        ]
        for engine, one in speeds.items()
    ]
    _print([row if len(speeds) > 1 else row[:3] for row in rows])
    say("")


def _say_misses(engine: str, some: Sequence[dict[str, Any]]) -> None:
    for miss in some:
        tones = {tone.value: _(word) for tone, word in _TONES.items()}
        told_ = _("{engine}: {file}, line {line}: {label}, said {said} ({chance} for {label})").format(
            engine=engine,
            file=one_line(miss["file"]),
            line=miss["line"],
            label=tones[miss["label"]],
            said=tones[miss["said"]],
            chance=_percent(miss["chance"]),
        )
        say(told_)
        say(f"    {one_line(miss['text'], 160)}")
        moved = sorted(miss["evidence"], key=lambda each: -abs(each["weight"]))
        if moved:
            say("    " + "  ".join(f"{one_line(each['span'], 20)} {each['weight']:+.2f}" for each in moved))
