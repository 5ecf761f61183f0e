"""Our own posts by phenomenon: `tone<TAB>wording<TAB>post`.

`tone` is what the post says; `wording` is what its words say one by one, by rule: the tone of the
polar words in it, `mixed` when both sides have one, `none` when there is none. Where the two differ
(negation, sarcasm, complaints without an angry word) a word list is wrong.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from app.analysis.ngram import NgramScorer

FOLDER = Path(__file__).parents[1] / "challenge"
FILES = sorted(FOLDER.glob("*.tsv"))
TONES = {"neg": "negative", "neu": "neutral", "pos": "positive"}
WORDINGS = {"neg", "pos", "mixed", "none"}


def rows(path: Path) -> list[tuple[str, str, str]]:
    lines = path.read_text("utf-8").splitlines()
    return [(tone, wording, post) for tone, wording, post in (line.split("\t") for line in lines)]


def test_the_set_is_whole() -> None:
    everything = [row for path in FILES for row in rows(path)]
    assert len(everything) >= 600
    assert len({post for _tone, _wording, post in everything}) == len(everything)
    assert {tone for tone, _wording, _post in everything} == set(TONES)
    assert {wording for _tone, wording, _post in everything} <= WORDINGS


def _right(scorer: NgramScorer, here: list[tuple[str, str, str]]) -> float:
    scores = scorer.score([post for _tone, _wording, post in here])
    return sum(score.tone == TONES[row[0]] for score, row in zip(scores, here, strict=True)) / len(here)


def test_most_are_judged_right(scorer: NgramScorer) -> None:
    assert _right(scorer, [row for path in FILES for row in rows(path)]) >= 0.85


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_phenomenon_is_lost(scorer: NgramScorer, path: Path) -> None:
    assert _right(scorer, rows(path)) >= 0.69


def test_it_beats_the_words_alone(scorer: NgramScorer) -> None:
    """Where words and meaning differ, a list of words is never right; we are more often than not."""
    differing = [
        row
        for path in FILES
        for row in rows(path)
        if row[0] != "neu" and row[1] in {"neg", "pos"} - {row[0]}
    ]
    assert len(differing) > 100
    assert _right(scorer, differing) > 0.7
