"""`tingfeng gaps`, `tingfeng source show`, and what `doctor` says of each source."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.cli.output import emit, one_line, say
from app.cli.session import Session
from app.cli.table import table
from app.core.mentions import here
from app.domain.seeing import Freshness, GapLine
from app.domain.telling import (
    age_words,
    fate_words,
    gap_length,
    gap_span,
    length_words,
    life_words,
    volume_words,
)
from app.domain.watch import Health
from app.i18n import _, clauses, ngettext
from app.reports import ranges


def show(session: Session, options: argparse.Namespace) -> int:
    """All that is known of one source."""
    with session.core() as core:
        told = core.freshness_of(options.id)
    if session.json:
        emit(freshness_json(told))
        return 0
    say(one_line(f"{told.source} ({told.kind})"))
    for name, words in _lines(told):
        say(f"  {name}: {one_line(words, 400)}")
    if told.gaps:
        say(_("  Not read:"))
        for line in table([_gap_row(gap) for gap in told.gaps[:10]], "    "):
            say(line)
    return 0


def gaps(session: Session, options: argparse.Namespace) -> int:
    """Times in which sources were not read, and what became of them."""
    since, until = ranges.span(options.since, options.until)
    with session.core() as core:
        told = core.gaps(since, until, options.source)
    for gap in told:
        if session.json:
            emit(gap_json(gap))
        else:
            say("  ".join(one_line(cell, 200) for cell in (gap.source, *_gap_row(gap))))
    if not told and not session.json:
        say(_("No source was ever unread in this time."))
    return 0


def freshness_words(one: Freshness) -> str:
    """One line for the doctor."""
    return clauses([words for _name, words in _lines(one)][:4])


def _lines(one: Freshness) -> list[tuple[str, str]]:
    made = [(_("Last good answer"), age_words(one.age))]
    if one.blind is not None:
        made.append((_("Not seen"), " ".join(filter(None, (one.error, one.advice)))))
    elif one.error:
        made.append((_("Trouble"), one.error))
    made.append((_("Last 24 hours"), volume_words(one.came_day, one.expected_day)))
    made += [(_(life.name), life_words(life, datetime.now(UTC))) for life in one.lives]
    if one.patience is not None:
        told = _("silence is strange after another {length}")
        made.append((_("Alarm"), told.format(length=length_words(one.patience))))
    if one.threads:
        n = one.threads
        made.append(
            (_("Threads"), ngettext("{n} is read again", "{n} are read again", n).format(n=f"{n:,}"))
        )
    if one.canary:
        seen = one.canary_seen_at.astimezone() if one.canary_seen_at else None
        words = _("found {when}").format(when=f"{seen:%Y-%m-%d %H:%M}") if seen else _("never found yet")
        made.append((_("Post that must be findable"), words))
    made += [
        (name, words)
        for name, words in (
            (_("Read by"), one.basis),
            (_("Terms"), one.terms),
            (_("Personal data kept"), one.personal),
        )
        if words
    ]
    return made


def _gap_row(gap: GapLine) -> tuple[str, str, str, str]:
    zone = here()
    return gap_span(gap, zone), gap_length(gap), fate_words(gap, zone), gap.reason


def gap_json(gap: GapLine) -> Mapping[str, Any]:
    return {
        "type": "gap",
        "id": gap.id,
        "source_id": gap.source_id,
        "source": gap.source,
        "since": gap.since,
        "until": gap.until,
        "cause": gap.cause,
        "reason": gap.reason,
        "outcome": gap.outcome.value if gap.outcome else None,
        "found": gap.found,
        "unseen_until": gap.unseen_until,
    }


def freshness_json(one: Freshness) -> Mapping[str, Any]:
    """The shape documented in docs/command-line.md."""
    return {
        "type": "freshness",
        "id": one.source_id,
        "name": one.source,
        "kind": one.kind,
        "ok": one.blind is None and one.health in (Health.OK, Health.NEW, Health.PAUSED),
        "health": one.health.value,
        "error": one.error,
        "every": one.every,
        "last_good_at": one.last_good_at,
        "age_seconds": None if one.age is None else round(one.age),
        "blind": one.blind.value if one.blind else None,
        "blind_since": one.blind_since,
        "advice": one.advice,
        "came_hour": one.came_hour,
        "expected_hour": _rounded(one.expected_hour),
        "came_day": one.came_day,
        "expected_day": _rounded(one.expected_day),
        "patience_seconds": None if one.patience is None else round(one.patience),
        "lives": [
            {"name": _(life.name), "until": life.until, "left": life.left, "limit": life.limit}
            for life in one.lives
        ],
        "gaps": [gap_json(gap) for gap in one.gaps],
        "threads": one.threads,
        "canary": one.canary,
        "canary_seen_at": one.canary_seen_at,
        "basis": one.basis,
        "terms": one.terms,
        "personal": one.personal,
    }


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 2)
