"""What people do, in a word: for the books, on every surface."""

from __future__ import annotations

from app.domain.queue import BookLine
from app.i18n import N_, _

DEEDS = {
    "seen": N_("looked at"),
    "claim": N_("claimed"),
    "lapse": N_("claim ran out"),
    "release": N_("released"),
    "take_over": N_("taken over"),
    "assign": N_("assigned"),
    "hand_over": N_("handed over"),
    "note": N_("note"),
    "pause": N_("set waiting"),
    "resume": N_("waits no longer"),
    "reopen": N_("reopened"),
    "tone": N_("tone corrected"),
    "answer": N_("answered"),
    "write": N_("answer written"),
    "approve": N_("answer approved"),
    "send": N_("answer being sent"),
    "sent": N_("answer sent"),
    "failed": N_("answer not sent"),
    "unsure": N_("answer perhaps sent"),
    "settle_sent": N_("answer seen there"),
    "settle_failed": N_("answer not there"),
    "mark": N_("featured"),
    "unmark": N_("featured no more"),
    "gone": N_("deleted on its platform"),
    "export": N_("books exported"),
    "setting": N_("setting changed"),
}
STATUSES = {
    "new": N_("put back to new"),
    "claimed": N_("claimed"),
    "escalated": N_("escalated"),
    "answered": N_("answered"),
    "ignored": N_("ignored"),
}
"""Of lines whose `what` is "status"."""


def deed(line: BookLine) -> str:
    """For a person; what is not known here is said as it stands in the books."""
    if line.what == "status" and line.detail in STATUSES:
        return _(STATUSES[line.detail])
    return _(DEEDS[line.what]) if line.what in DEEDS else line.what
