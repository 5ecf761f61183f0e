"""`tingfeng model`: the endpoint that may draft answers, and its drafts. Nothing here sends an answer."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict, replace
from typing import Any

from app.cli.output import block, complain, emit, one_line, say
from app.cli.session import Session
from app.domain.draft import Manner
from app.domain.modelling import DOUBTS, Drafted, ModelDraft, Prepared
from app.i18n import _
from app.settings import model as settings
from app.settings.model import Model


def show(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    with session.core() as core:
        model, has_key = core.model(), core.model_has_key
    return _shown(session, model, has_key=has_key)


def set_(session: Session, options: argparse.Namespace) -> int:
    """What is given is changed. `--on` alone says what leaves and to whom, and exits 2; with `--agree` it
    is on."""
    with session.core() as core:
        model = core.model()
        if options.preset:
            model = settings.applied(model, settings.preset(options.preset))
        model = replace(model, **_given(options))
        key = sys.stdin.readline().strip() if options.key_stdin else None
        model = core.save_model(model, "" if options.forget_key else key)
        if options.off:
            model = core.model_off()
        elif options.on and not options.agree:
            complain(f"{core.model_told(model)} {_('To switch it on, knowing that: --on --agree')}")
            return 2
        elif options.on:
            model = core.agree_to_model(model.host)
        has_key = core.model_has_key
    return _shown(session, model, has_key=has_key)


def _given(options: argparse.Namespace) -> dict[str, Any]:
    names = ("base", "model", "temperature", "max_tokens", "first_seconds", "thinking", "mask", "stream")
    said = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    return {name: value == "on" if name in ("mask", "stream") else value for name, value in said.items()}


def _shown(session: Session, model: Model, *, has_key: bool) -> int:
    told = {
        name: value for name, value in asdict(model).items() if name not in ("key", "agreed", "preview")
    }
    told = {**told, "host": model.host, "on": model.on, "has_key": has_key}
    if session.json:
        emit(told)
        return 0
    for name, value in told.items():
        say(f"{name:>14}  {one_line(str(value), 200)}")
    say(settings.told_of(model) if model.on else _("The model is off: nothing leaves this machine."))
    return 0


def check(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    with session.core() as core:
        told = core.check_model()
    if session.json:
        emit({"ok": True, "told": told})
    else:
        say(told)
    return 0


def draft(session: Session, options: argparse.Namespace) -> int:
    """A draft by the model, or the template's and why. `--show`: exactly what would leave, and nothing
    leaves."""
    with session.core() as core:
        prepared = core.prepare_model(options.id, Manner(getattr(options, "manner", None) or Manner.WARM))
        if options.show:
            return _leaving(session, prepared)
        made = core.model_draft(prepared)
    return _drafted(session, made)


def _leaving(session: Session, prepared: Prepared) -> int:
    if session.json:
        emit({"url": prepared.url, "host": prepared.host, "body": prepared.body})
    else:
        say(_("This is what would leave this machine, to {url}:").format(url=prepared.url))
        say(block(prepared.readable))
    return 0


def _drafted(session: Session, made: Drafted) -> int:
    if session.json:
        emit(drafted_json(made))
        return 0
    if made.draft is None:
        complain(_("{why} This is the template's draft:").format(why=made.why))
        say(made.fallback.text if made.fallback is not None else "")
        return 0
    say(block(made.draft.text))
    for one in made.draft.sentences:
        doubts = "; ".join(_(DOUBTS[doubt]) for doubt in one.doubts)
        mark = f"! {doubts}" if doubts else ", ".join(one.sources)
        say(f"  {one_line(one.text, 60)}  [{mark}]")
    if made.draft.note:
        complain(made.draft.note)
    if made.draft.marked:
        complain(_("Look at each sentence with a “!” before you approve an answer that contains it."))
    return 0


def drafted_json(made: Drafted) -> dict[str, Any]:
    """The shape documented in docs/command-line.md."""
    if made.draft is None:
        text = made.fallback.text if made.fallback is not None else ""
        return {"by": "template", "why": made.why, "text": text, "sentences": [], "sources": []}
    return {
        "by": made.draft.model,
        "host": made.draft.host,
        "why": made.draft.note,
        "text": made.draft.text,
        "sentences": _sentences(made.draft),
        "sources": [
            {"id": one.id, "ref": one.ref, "title": one.title, "text": one.text}
            for one in made.draft.sources
        ],
    }


def _sentences(draft_: ModelDraft) -> list[dict[str, Any]]:
    return [
        {
            "text": one.text,
            "sources": list(one.sources),
            "ok": one.ok,
            "doubts": [str(d) for d in one.doubts],
        }
        for one in draft_.sentences
    ]
