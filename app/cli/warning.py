"""`tingfeng incidents`, `incident` and `sensitivity`: early warning on the command line."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.cli.output import complain, emit, mention_json, one_line, say
from app.cli.session import Session, brand_named
from app.core import Core
from app.core.briefing import step_label
from app.domain.warning import Incident, IncidentCard, Rehearsal, StoryHeat
from app.i18n import _, ngettext

DAYS = 30


def incidents(session: Session, options: argparse.Namespace) -> int:
    with session.core(polls=False) as core:
        found = core.incidents(open_only=options.open, limit=options.limit)
    for one in found:
        if session.json:
            emit(incident_json(one))
        else:
            say(_words(one))
    if not found and not session.json:
        say(_("No incident."))
    return 0


def incident(session: Session, options: argparse.Namespace) -> int:
    """Shows one; or does what is asked and then shows it."""
    with session.core(polls=False) as core:
        _do(core, options)
        if options.brief:
            brief = core.incident_brief(options.id)
            if session.json:
                emit({"type": "brief", **asdict(brief)})
            else:
                say(brief.markdown)
            return 0
        card = core.incident(options.id)
    if session.json:
        emit(card_json(card))
    else:
        _say_card(card)
    return 0


def _do(core: Core, options: argparse.Namespace) -> None:
    if options.mute is not None:
        core.mute_incident(options.id, options.mute)
    if options.unmute:
        core.unmute_incident(options.id)
    if options.closer is not None:
        core.watch_closer(options.id, options.closer)
    if options.escalate is not None:
        core.escalate_incident(options.id, options.escalate, options.note or "")


def sensitivity(session: Session, options: argparse.Namespace) -> int:
    """Says it, or sets it; with --rehearse how often it would have alarmed instead."""
    with session.core(polls=False) as core:
        brand = brand_named(core, options.brand)
        word = options.word or core.sensitivity(brand.id)
        if options.rehearse:
            found = core.rehearse(brand.id, word, options.days)
        elif options.word:
            core.set_sensitivity(brand.id, word)
    if options.rehearse:
        _say_rehearsal(session, brand.name, found)
    elif session.json:
        emit({"brand_id": brand.id, "brand": brand.name, "sensitivity": word})
    else:
        say(_("{brand}: {word}").format(brand=one_line(brand.name, 60), word=word))
    return 0


def incident_json(one: Incident) -> dict[str, Any]:
    """Moments as they are; `emit` writes them in ISO 8601."""
    return {"type": "incident", **asdict(one)}


def card_json(card: IncidentCard) -> dict[str, Any]:
    return {
        **incident_json(card.incident),
        "signs": [asdict(one) for one in card.signs],
        "steps": [asdict(one) for one in card.steps],
        "course": [asdict(one) for one in card.course],
        "first": mention_json(card.first) if card.first else None,
        "hottest": [story_json(one) for one in card.stories],
        "farthest": [mention_json(one) for one in card.copies],
        "platforms": dict(card.platforms),
        "carriers": [asdict(one) for one in card.carriers],
        "words": [asdict(one) for one in card.words],
        "reasons": [{"told": told, "mention_ids": list(ids)} for told, ids in card.reasons],
    }


def story_json(story: StoryHeat) -> dict[str, Any]:
    return {
        "id": story.id,
        "first_id": story.first.id if story.first else None,
        "first_at": story.first_at,
        "last_at": story.last_at,
        "copies": story.copies,
        "negative": story.negative,
        "velocity": story.velocity,
        "peak": story.peak,
        "authors": story.authors,
        "followers": story.followers,
        "platforms": dict(story.platforms),
        "path": [asdict(one) for one in story.path],
        "campaign": [asdict(one) for one in story.campaign],
    }


def _words(one: Incident) -> str:
    n = one.mentions
    counted = ngettext("{n} mention", "{n} mentions", n).format(n=n)
    muted = "  " + _("muted: {reason}").format(reason=one_line(one.muted, 60)) if one.muted else ""
    head = f"#{one.id}  {_clock(one.opened_at)}  {one.severity}  {step_label(one.phase)}  {counted}"
    return f"{head}  {one_line(one.title, 100)}{muted}\n    {one_line(one.reason, 200)}"


def _say_card(card: IncidentCard) -> None:
    say(_words(card.incident))
    for told, ids in card.reasons:
        say(f"  · {one_line(told, 200)}  {_refs(ids)}")
    for sign in card.signs:
        say(f"  {_clock(sign.at)}  {sign.channel}  {one_line(sign.told, 200)}")
    for story in card.stories:
        first = one_line(story.first.text, 80) if story.first else ""
        told = ngettext("story {id}: {n} post", "story {id}: {n} posts", story.copies)
        say("  " + told.format(id=story.id, n=story.copies) + f"  {first}")
    for step in card.steps:
        by = f" ({one_line(step.by, 30)})" if step.by else ""
        say(f"  {_clock(step.at)}  {step_label(step.what)}{by}  {one_line(step.detail, 160)}")


def _refs(ids: tuple[int, ...]) -> str:
    return " ".join(f"#{id_}" for id_ in ids[:5]) + ("…" if len(ids) > 5 else "")


def _say_rehearsal(session: Session, brand: str, found: Rehearsal) -> None:
    if session.json:
        for case in found.cases:
            emit({"type": "case", **asdict(case)})
        emit(
            {
                "type": "rehearsal",
                "brand": brand,
                "sensitivity": found.sensitivity,
                "days": found.days,
                "known": found.known,
                "alarms": len(found.cases),
            }
        )
        return
    for case in found.cases:
        say(f"{_clock(case.at)}  {one_line(case.told, 200)}  {_refs(case.mention_ids)}")
    n = len(found.cases)
    told = ngettext(
        "{word}: over the last {days} days this would have alarmed {n} time.",
        "{word}: over the last {days} days this would have alarmed {n} times.",
        n,
    )
    say(told.format(word=found.sensitivity, days=found.days, n=n))
    if found.known < found.days:
        complain(_("Only {days} of these days have mentions to judge by.").format(days=found.known))


def _clock(at: datetime) -> str:
    return f"{at.astimezone():%m-%d %H:%M}"
