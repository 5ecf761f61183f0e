"""`tingfeng draft` and `kb`: what the team knows, what is asked of it, and a reply to start from."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from app.cli import modelling
from app.cli.output import block, complain, emit, one_line, say
from app.cli.session import Session, brand_named
from app.core import Core
from app.domain.draft import Draft, Manner
from app.domain.knowledge import Asked, Entry, Finding
from app.errors import ConfigError
from app.i18n import _, ngettext


def draft(session: Session, options: argparse.Namespace) -> int:
    """A reply to start from; nothing is sent or kept."""
    if options.model:
        options.manner = options.tone
        return modelling.draft(session, options)
    with session.core() as core:
        made = core.draft(options.id, Manner(options.tone), entry_id=options.entry)
        findings = core.check_reply(made.text)
    if session.json:
        emit(_draft_json(made, findings))
        return 0
    say(block(made.text))
    _say_rest(made)
    for finding in findings:
        words = one_line(finding.words, 60)
        complain(_("“{words}”: {reason} {instead}").format(
            words=words, reason=finding.reason, instead=finding.suggestion
        ).strip())  # fmt: skip
    return 0


def _say_rest(made: Draft) -> None:
    chosen = [fit.entry.title for fit in made.choices if fit.entry.id == made.entry_id]
    if made.entry_id:
        title = chosen[0] if chosen else made.rests[0].title
        say(_("From entry {id}: {title}").format(id=made.entry_id, title=one_line(title, 80)))
    else:
        say(_("From the template “{name}”; no entry was taken.").format(name=one_line(made.template, 60)))
    if made.overdue:
        complain(_("This entry is past its review date."))
    for fit in made.choices:
        if fit.entry.id != made.entry_id:
            say(_("or: --entry {id}  {title}").format(id=fit.entry.id, title=one_line(fit.entry.title, 80)))


def _draft_json(made: Draft, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The shape documented in docs/command-line.md."""
    return {
        "mention_id": made.mention_id,
        "tone": made.manner.value,
        "text": made.text,
        "entry_id": made.entry_id or None,
        "template": made.template or None,
        "missing": list(made.missing),
        "overdue": made.overdue,
        "rests": [asdict(rest) for rest in made.rests],
        "choices": [
            {
                "id": fit.entry.id,
                "title": fit.entry.title,
                "score": round(fit.score, 3),
                "fits": fit.fits,
            }
            for fit in made.choices
        ],
        "findings": [asdict(finding) for finding in findings],
    }


def add(session: Session, options: argparse.Namespace) -> int:
    """Exit 1 where the question is there already."""
    answer = sys.stdin.read() if options.answer == "-" else options.answer
    with session.core() as core:
        brand = brand_named(core, options.brand).id if options.brand else None
        saved = core.save_entry(
            Entry(
                title=options.question,
                patterns=tuple(options.ask),
                answer=answer,
                link=options.link or "",
                product=options.product or "",
                brand_id=brand,
                owner=options.owner or core.me,
                review_on=_day(options.review),
                tags=tuple(options.tag),
                public=options.public,
            )
        )
        names = _brands(core)
    if session.json:
        emit(entry_json(saved, names))
    else:
        say(_("Entry {id} is kept.").format(id=saved.id))
    return 0


def _day(said: str | None) -> date | None:
    if not said:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        told = _("“{said}” is no day; write it like 2026-12-31.").format(said=one_line(said, 40))
        raise ConfigError(told, field="review") from None


def list_(session: Session, options: argparse.Namespace) -> int:
    """By number; --heat: by how often they were asked for, --due: those to be looked at again."""
    with session.core() as core:
        names = _brands(core)
        asked: dict[int, tuple[int, ...]] = {}
        if options.heat:
            heat = _asked(core, options.days).heat
            entries = tuple(one.entry for one in heat)
            asked = {one.entry.id: one.mention_ids for one in heat}
        elif options.due:
            entries = core.due_entries()
        else:
            entries = core.entries(archived=options.archived)
        late = {entry.id for entry in entries if core.overdue(entry)}
    for entry in entries:
        if session.json:
            more = (
                {"asked": len(asked[entry.id]), "mention_ids": list(asked[entry.id])}
                if options.heat
                else {}
            )
            emit(entry_json(entry, names) | more)
        else:
            count = f"{len(asked[entry.id]):>5}×  " if options.heat else ""
            say(count + _line(entry, late=entry.id in late))
    if not entries and not session.json:
        say(_("The knowledge base is empty.") if not options.due else _("No entry waits for a review."))
    return 0


def _line(entry: Entry, *, late: bool) -> str:
    marks = [one_line(entry.product, 30), one_line(entry.owner, 30)]
    marks += [_("public")] if entry.public else []
    marks += [_("out of use")] if not entry.active else []
    marks += [_("review was due {day}").format(day=entry.review_on)] if late else []
    about = " · ".join(mark for mark in marks if mark)
    return f"{entry.id:>4}  {one_line(entry.title, 80)}" + (f"  ({about})" if about else "")


def search(session: Session, options: argparse.Namespace) -> int:
    """Best first. Exit 1 where nothing is found."""
    with session.core() as core:
        names = _brands(core)
        found = core.search_entries(options.text, options.limit)
    for fit in found:
        if session.json:
            emit(entry_json(fit.entry, names) | {"score": round(fit.score, 3), "fits": fit.fits})
        else:
            say(f"{fit.score:>4.0%}  {_line(fit.entry, late=False)}")
            say(block(one_line(fit.entry.answer, 200)))
    if not found:
        complain(_("No entry fits."))
    return 0 if found else 1


def gaps(session: Session, options: argparse.Namespace) -> int:
    """What was asked and found no entry, the most asked first."""
    with session.core() as core:
        asked = _asked(core, options.days)
    for gap in asked.gaps:
        if session.json:
            emit({"asked": gap.asked, "text": gap.text, "mention_ids": list(gap.mention_ids)})
        else:
            told = ngettext("asked {n} time", "asked {n} times", gap.asked).format(n=gap.asked)
            ids = " ".join(f"#{id_}" for id_ in gap.mention_ids[:5])
            say(f"{told}  {one_line(gap.text, 100)}  {ids}")
    if not asked.gaps and not session.json:
        say(_("Nothing was asked in vain."))
    return 0


def _asked(core: Core, days: int) -> Asked:
    asked = core.asked(days)
    while asked.left and asked.looked:
        asked = core.asked(days)
    return asked


def archive(session: Session, options: argparse.Namespace) -> int:
    """Out of use, or with --back in use again; nothing is deleted."""
    with session.core() as core:
        entry = core.archive_entry(options.id, active=options.back)
        names = _brands(core)
    if session.json:
        emit(entry_json(entry, names))
    else:
        told = _("Entry {id} is in use again.") if options.back else _("Entry {id} is out of use.")
        say(told.format(id=entry.id))
    return 0


def import_(session: Session, options: argparse.Namespace) -> int:
    """All of the file or nothing."""
    with session.core() as core:
        done = core.import_entries(Path(options.path).expanduser())
    if session.json:
        emit(asdict(done))
    else:
        told = _("{new} new, {changed} changed, {same} as they were.")
        say(told.format(new=done.new, changed=done.changed, same=done.same))
    return 0


def export(session: Session, options: argparse.Namespace) -> int:
    """The suffix chooses: .md or .csv."""
    out = Path(options.out).expanduser()
    with session.core() as core:
        count = core.export_entries(out)
    if session.json:
        emit({"path": out, "entries": count})
    else:
        say(
            ngettext("{n} entry written to {path}.", "{n} entries written to {path}.", count).format(
                n=count, path=out
            )
        )
    return 0


def page(session: Session, options: argparse.Namespace) -> int:
    """The public entries as one page."""
    with session.core() as core:
        made = core.help_page(Path(options.out).expanduser(), options.title or "")
    for entry in made.left_out:
        told = _("Left out, as it holds personal data: entry {id}, “{title}”.")
        complain(told.format(id=entry.id, title=one_line(entry.title, 80)))
    if session.json:
        emit(
            {"path": made.path, "entries": made.entries, "left_out": [entry.id for entry in made.left_out]}
        )
    else:
        told = ngettext("{n} entry written to {path}.", "{n} entries written to {path}.", made.entries)
        say(told.format(n=made.entries, path=made.path))
    return 0


def _brands(core: Core) -> dict[int, str]:
    return {watch.id: watch.name for watch in core.brands()}


def entry_json(entry: Entry, brands: dict[int, str]) -> dict[str, Any]:
    """The shape documented in docs/command-line.md."""
    fields = asdict(entry)
    brand_id = fields.pop("brand_id")
    return {**fields, "brand": brands.get(brand_id) if brand_id else None}
