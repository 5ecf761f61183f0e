"""The whole judgement of a text: its tone, towards whom, about what, how grave, and why.

A scorer says the tone of words; here it is asked the right questions: with the watched names masked
and what a team taught laid over it (`dressed`), of the parts of the text that speak of a brand
(`app.analysis.targets`), of the clauses that name an aspect (`app.analysis.aspects`). Runs in the
scoring process, or right here for a command; holds what it was told of the brands, and no other state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app import log
from app.analysis.aspects import Aspects, load_aspects
from app.analysis.learning import model_of, unpacked
from app.analysis.ngram import NgramScorer
from app.analysis.scorer import Scorer
from app.analysis.severity import Cues, load_cues
from app.analysis.targets import Targets, Words, load_words
from app.domain.judging import Ask, Panel
from app.domain.sentiment import Score, Towards
from app.errors import ConfigError

_log = log.topic("score")

_NOWHERE: tuple[tuple[int, int], ...] = ()
"""The spans of a tone that is the whole text's."""

Probabilities = Callable[[Sequence[str]], list[tuple[float, float, float]]]


@dataclass(frozen=True, slots=True)
class Lists:
    """What is read from word lists, the team's own in place of the shipped ones."""

    aspects: Aspects
    cues: Cues
    words: Words
    """Of comparison, and brands nobody here watches."""

    @classmethod
    def load(cls, folder: Path | None = None) -> Lists:
        return cls(load_aspects(folder), load_cues(folder), load_words(folder))


class Judge:
    """`told` anew whenever the watched brands, or what was taught about them, change."""

    def __init__(self, scorer: Scorer, lists: Lists | None) -> None:
        """Without lists: the tone of the whole text, and nothing else."""
        self.engine = scorer.engine
        self._scorer = scorer
        self._lists = lists
        self._panel = Panel()
        self._targets = self._separating({})
        self._plain = scorer
        self._dressed: dict[int, Scorer] = {}

    def told(self, panel: Panel) -> None:
        """A layer that is damaged, or was learnt on another model, is left out: `versions` shows which."""
        names = [name for voice in panel.voices for name in voice.names]
        layers = {voice.brand_id: voice.layer for voice in panel.voices if voice.layer}
        self._plain = dressed(self._scorer, names, "")
        self._dressed = {}
        for id_, layer in layers.items():
            try:
                self._dressed[id_] = dressed(self._scorer, names, layer)
            except ConfigError as error:
                _log.warning("what was learnt for brand %s is left out: %s %s", id_, error, error.details)
        self._targets = self._separating({voice.brand_id: voice.names for voice in panel.voices})
        self._panel = panel

    def _separating(self, names: Mapping[int, Sequence[str]]) -> Targets | None:
        return Targets(names, self._lists.words) if self._lists is not None else None

    def versions(self) -> dict[int | None, str]:
        """The version a score has now: for a text whose first brand is the key, or (None) any other."""
        found: dict[int | None, str] = {id_: scorer.version for id_, scorer in self._dressed.items()}
        found[None] = self._plain.version
        return found

    def judge(self, asks: Iterable[Ask]) -> list[Score]:
        """One score an ask, in order; towards the first known brand of the ask where it names one."""
        return [self._one(ask) for ask in asks]

    def _one(self, ask: Ask) -> Score:
        brands = [id_ for id_ in ask.brands if self._panel.voice(id_) is not None]
        scorer = self._for(brands)
        whole = scorer.score([ask.text])[0]
        views = [self._towards(scorer, ask.text, id_, whole) for id_ in brands]
        main = views[0][0] if views else whole
        if whole.note or self._lists is None:
            return replace(main, towards=tuple(view for _score, view in views), note=whole.note)
        return replace(
            main,
            aspects=self._lists.aspects.read(ask.text, _known(whole, probabilities(scorer))),
            severity=self._lists.cues.cues(ask.text),
            towards=tuple(view for _score, view in views),
        )

    def _for(self, brands: Sequence[int]) -> Scorer:
        return next((self._dressed[id_] for id_ in brands if id_ in self._dressed), self._plain)

    def _towards(self, scorer: Scorer, text: str, brand_id: int, whole: Score) -> tuple[Score, Towards]:
        parts = self._targets.parts(text, brand_id) if self._targets is not None else None
        score, spans = whole, _NOWHERE
        if parts is not None and self._targets is not None:
            score, spans = self._targets.judged(scorer, text, parts, whole), parts.read_from
        return score, Towards(brand_id, score.tone, score.negative, score.neutral, score.positive, spans)


def dressed(scorer: Scorer, names: Iterable[str], layer: str) -> Scorer:
    """The same engine with names masked and a layer over it, where the engine can; else itself."""
    if not isinstance(scorer, NgramScorer):
        return scorer
    return scorer.dressed(names, unpacked(layer, model_of(scorer)))


def probabilities(scorer: Scorer) -> Probabilities:
    """P(negative), P(neutral), P(positive) of texts, the quick way where there is one."""
    quick: Probabilities | None = getattr(scorer, "probabilities", None)
    if quick is not None:
        return quick

    def slowly(texts: Sequence[str]) -> list[tuple[float, float, float]]:
        return [(one.negative, one.neutral, one.positive) for one in scorer.score(texts)]

    return slowly


def _known(whole: Score, quick: Probabilities) -> Probabilities:
    """The whole text comes first, and has been judged."""

    def ask(texts: Sequence[str]) -> list[tuple[float, float, float]]:
        rest = texts[1:]
        return [(whole.negative, whole.neutral, whole.positive), *(quick(rest) if rest else ())]

    return ask
