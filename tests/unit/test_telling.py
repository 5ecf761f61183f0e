"""Freshness in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.seeing import GapLine, Life, Outcome
from app.domain.telling import (
    age_words,
    fate_words,
    gap_length,
    gap_span,
    length_words,
    life_words,
    volume_words,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"),
        (89, "89 s"),
        (90, "2 minutes"),
        (7100, "118 minutes"),
        (7200, "2 h"),
        (9000, "2.5 h"),
        (3 * 86_400, "3 days"),
    ],
)
def test_lengths(seconds: float, words: str) -> None:
    assert length_words(seconds) == words


def test_ages_and_volumes() -> None:
    assert age_words(None) == "never"
    assert age_words(60) == "60 s ago"
    assert volume_words(1, None) == "1 mention"
    assert volume_words(3, 1.25) == "3 came, 1.2 expected"
    assert volume_words(1300, 2000.4) == "1,300 came, 2,000 expected"


def test_what_lasts_how_long() -> None:
    assert life_words(Life("x", NOW + timedelta(days=3)), NOW) == "3 days left"
    assert life_words(Life("x", NOW), NOW) == "expired"
    assert life_words(Life("x", None, 5, 100), NOW) == "5 of 100 left"
    assert life_words(Life("x", None, 5), NOW) == "5 left"
    assert life_words(Life("x"), NOW) == "not known yet"


def test_gaps() -> None:
    gap = GapLine(source="x", since=NOW, until=NOW + timedelta(hours=3), reason="503")
    assert gap_span(gap, UTC) == "03-02 12:00 – 03-02 15:00"
    assert gap_length(gap) == "3 h"
    still = GapLine(source="x", since=NOW, until=None, reason="503")
    assert gap_span(still, UTC) == "03-02 12:00 – still unreadable"
    assert gap_length(still, NOW + timedelta(minutes=30)) == "30 minutes"
    assert fate_words(still, UTC) == "not known yet"
    filled = GapLine(source="x", since=NOW, until=NOW, reason="", outcome=Outcome.FILLED)
    assert fate_words(filled, UTC) == "nothing was missed"
