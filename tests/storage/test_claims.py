"""A claim is a lock, also between programs: small here, in full in tests/bench/claims.py."""

from __future__ import annotations

from tests.storage.claiming import race


def test_six_processes_and_sixty_mentions(url: str) -> None:
    told = race(url, processes=6, items=60)
    assert told.fair, told
    assert told.attempts == 360
    assert told.owners > 1  # they did run side by side
