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
    "desk": N_("put on the desk"),
    "team": N_("passed to another team"),
    "reopened": N_("the author wrote again"),
    "approve_first": N_("answer approved, a second yes is needed"),
    "take_back": N_("answer taken back"),
    "drop": N_("answer dropped"),
    "copied": N_("answer copied"),
    "posted": N_("answer posted by hand"),
    "model_draft": N_("drafted by the model"),
    "model_seen": N_("sentences looked at"),
    "ticket": N_("issue made"),
    "ticket_joined": N_("put to the issue of its story"),
    "ticket_failed": N_("issue not made"),
    "ticket_unsure": N_("issue perhaps made"),
    "ticket_closed": N_("issue fixed or closed"),
    "ticket_open": N_("issue opened again"),
    "ticket_gone": N_("issue deleted in the tracker"),
    "acknowledged": N_("alert acknowledged"),
    "rule added": N_("rule added"),
    "rule changed": N_("rule changed"),
    "rule removed": N_("rule removed"),
    "playbook step": N_("step of a playbook"),
    "playbook changed": N_("playbook changed"),
    "playbook reset": N_("playbook as it was shipped"),
    "entry added": N_("knowledge entry added"),
    "entry changed": N_("knowledge entry changed"),
    "person": N_("colleague saved"),
    "person removed": N_("colleague removed"),
    "deadlines": N_("deadlines changed"),
    "team removed": N_("team removed"),
    "team saved": N_("team saved"),
    "channel": N_("channel saved"),
    "channel_removed": N_("channel removed"),
    "channel_paused": N_("channel paused"),
    "channel_resumed": N_("channel goes on"),
    "tracker": N_("tracker saved"),
    "tracker_removed": N_("tracker removed"),
    "tracker_paused": N_("tracker paused"),
    "tracker_resumed": N_("tracker goes on"),
    "model_on": N_("model switched on"),
    "model_off": N_("model switched off"),
    "second_pair_on": N_("two people must approve"),
    "second_pair_off": N_("one person approves"),
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
