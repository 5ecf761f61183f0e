"""What the desk says of an item, a note or a claim; safe to show, one line each. Pure; no Qt."""

from __future__ import annotations

from datetime import datetime

from app.domain.desk import Item, Stage
from app.domain.queue import AuthorCard, Entry, Note, Outcome, holder
from app.i18n import _, clauses, ngettext
from ui.feed import plain

NAME = 40


def name(said: str) -> str:
    return plain.one_line(said, NAME)


def owner_words(item: Item, me: str, now: datetime) -> str:
    """Whose it is, in a word for the list."""
    if item.stage is Stage.DONE:
        return ""
    if not item.owner:
        return _("Nobody's")
    if not holder(item, now):
        return _("{name}, ran out").format(name=_("Yours") if item.owner == me else name(item.owner))
    return _("Yours") if item.owner == me else name(item.owner)


def claim_words(item: Item | None, me: str, now: datetime) -> str:
    """Whose it is and until when, in a sentence for the pane."""
    if item is None or not item.owner:
        return _("Nobody has claimed this.")
    until = f"{item.lease_until.astimezone():%H:%M}" if item.lease_until is not None else "—"
    who = name(item.owner)
    if not holder(item, now):
        told = _("The claim of {name} ran out at {when}: anybody may take it.")
        return told.format(name=who, when=until)
    if item.owner == me:
        return _("Yours. Without a sign of you the claim runs out at {when}.").format(when=until)
    return _("{name} is working on this; the claim lives until {when}.").format(name=who, when=until)


def viewers_words(viewers: tuple[str, ...], me: str) -> str:
    """“小王 is looking”; nothing where nobody else is."""
    others = [name(one) for one in viewers if one != me]
    if not others:
        return ""
    return ngettext("{names} is looking", "{names} are looking", len(others)).format(
        names=clauses(others[:4])
    )


def notes_words(entry: Entry) -> str:
    """How many notes, and the last."""
    if entry.last_note is None:
        return ""
    told = ngettext("{n} note", "{n} notes", entry.notes).format(n=entry.notes)
    return f"{told} · {note_words(entry.last_note)}"


def note_words(note: Note) -> str:
    """Who says what."""
    return _("{name}: {text}").format(name=name(note.by), text=plain.squeezed(note.text, 120))


def outcome_words(done: str, outcome: Outcome) -> str:
    """What became of a bulk act: how many, and why the others not."""
    said = [done] if outcome.done else []
    reasons: dict[str, int] = {}
    for one in outcome.refused:
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    n = len(outcome.refused)
    if n:
        said.append(ngettext("{n} left alone", "{n} left alone", n).format(n=n))
        said += [plain.squeezed(reason, 120) for reason in list(reasons)[:2]]
    return clauses(said)


def card_words(card: AuthorCard) -> str:
    """Known since when, and how loud."""
    parts = []
    if card.followers is not None:
        parts.append(_("{n} followers").format(n=plain.figure(card.followers)))
    if card.first_at is not None:
        parts.append(_("first seen {when}").format(when=f"{card.first_at.astimezone():%Y-%m-%d}"))
    if card.last_at is not None and card.mentions.count > 1:
        parts.append(_("last {when}").format(when=f"{card.last_at.astimezone():%Y-%m-%d}"))
    return " · ".join(parts)
