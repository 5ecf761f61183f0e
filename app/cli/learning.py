"""`tingfeng correct`, `learn`, `word …`, `engine`, `rescore`: what people teach the judge."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.cli.output import complain, emit, one_line, say
from app.cli.session import Session, brand_named
from app.core import Core, Learning, TaughtWord
from app.domain.sentiment import Tone
from app.errors import ConfigError
from app.i18n import _, clauses, ngettext


def correct(session: Session, options: argparse.Namespace) -> int:
    """A person's word on the tone of a mention, or taking it back."""
    if (options.tone is None) is not options.undo:
        raise ConfigError(_("Say a tone, or --undo to take the correction back."))
    with session.core() as core:
        stored = core.correct(options.id, None if options.undo else Tone(options.tone))
    if session.json:
        tone = stored.tone.value if stored.tone else None
        emit({"type": "correction", "id": stored.id, "tone": tone, "corrected": stored.corrected})
    elif stored.corrected:
        say(
            _("Mention {id} is {tone} now, whatever the judge says.").format(
                id=stored.id, tone=options.tone
            )
        )
    else:
        say(_("The correction of mention {id} is taken back.").format(id=stored.id))
    return 0


def learn(session: Session, options: argparse.Namespace) -> int:
    """Build what was taught anew; or set it aside, take it up again, save or fetch it."""
    with session.core(polls=True, start=True) as core:
        brand = _brand(core, options.brand)
        if options.export:
            written = core.export_learning(Path(options.export).expanduser(), brand, options.texts)
            complain(_("Written to {path}.").format(path=written))
            state = core.learning(brand)
        elif options.take:
            state = core.import_learning(Path(options.take).expanduser(), brand)
        elif options.on or options.off:
            state = core.set_layer(brand, options.on)
        elif options.show:
            state = core.learning(brand)
        else:
            state = core.learn(brand)
    _told(session, state)
    return 0


def _told(session: Session, state: Learning) -> None:
    layer = state.layer
    if session.json:
        emit(
            {
                "type": "learning",
                "brand_id": state.brand_id,
                "corrections": state.corrections,
                "seen": state.seen,
                "words": state.words,
                "waiting": state.waiting,
                "note": state.note,
                "layer": layer and layer.name,
                "active": bool(layer and layer.active),
                "before": layer and layer.before,
                "after": layer and layer.after,
            }
        )
        return
    n = state.corrections
    told = [
        ngettext("{n} correction", "{n} corrections", n).format(n=n),
        ngettext("{n} mention read and left", "{n} mentions read and left", state.seen).format(
            n=state.seen
        ),
        ngettext("{n} word", "{n} words", state.words).format(n=state.words),
    ]
    say(clauses(told))
    if layer is None:
        say(state.note or _("Nothing is laid over the model."))
        return
    in_force = _("in force") if layer.active else _("set aside")
    say(_("Layer {name}: {state}").format(name=one_line(layer.name, 40), state=in_force))
    if layer.before is not None and layer.after is not None:
        better = _("Right on labels held back: {before} before, {after} after.")
        say(better.format(before=f"{layer.before:.1%}", after=f"{layer.after:.1%}"))
    if state.note:
        say(state.note)


def words(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        found = core.taught_words(_brand(core, options.brand))
    for one in found:
        if session.json:
            emit(_word_json(one))
        else:
            say(f"{one.id:>4}  {one.weight:+.1f}  {one_line(one.phrase, 40)}  ({one_line(one.by, 20)})")
    if not found and not session.json:
        say(_("No word has a weight of its own yet. Add one with: tingfeng word add WORD -3…3"))
    return 0


def put_word(session: Session, options: argparse.Namespace) -> int:
    with session.core(polls=True, start=True) as core:
        one = core.put_word(_brand(core, options.brand), options.phrase, options.weight)
    if session.json:
        emit(_word_json(one))
    else:
        say(
            _("“{phrase}” weighs {weight} from now on (number {id}).").format(
                phrase=one_line(one.phrase, 40), weight=f"{one.weight:+.1f}", id=one.id
            )
        )
    return 0


def remove_word(session: Session, options: argparse.Namespace) -> int:
    with session.core(polls=True, start=True) as core:
        core.remove_word(options.id)
    if session.json:
        emit({"removed": options.id})
    else:
        say(_("Word {id} has no weight of its own any more.").format(id=options.id))
    return 0


def _word_json(one: TaughtWord) -> dict[str, object]:
    return {
        "type": "word",
        "id": one.id,
        "brand_id": one.brand_id,
        "phrase": one.phrase,
        "weight": one.weight,
        "by": one.by,
        "at": one.at,
    }


def engine(session: Session, options: argparse.Namespace) -> int:
    """Which engines there are; or put another one in office."""
    with session.core() as core:
        if options.name:
            core.choose_engine(options.name)
        for one in core.engines():
            if session.json:
                emit({"id": one.id, "name": one.name, "chosen": one.chosen, "missing": one.missing})
            else:
                mark = "✓" if one.chosen else " "
                say(f"{mark} {one.id:<18} {one.name}  {one.missing or one.about}")
    return 0


def rescore(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    """Everything that carries an older judgement, now; an open window does it by itself, slowly."""
    with session.core(polls=True, start=True) as core:
        core.engine.drain().result()
        n = core.engine.rejudge().result()
    if session.json:
        emit({"type": "rescore", "mentions": n})
    else:
        say(ngettext("{n} mention judged again.", "{n} mentions judged again.", n).format(n=n))
    return 0


def _brand(core: Core, name: str | None) -> int | None:
    return brand_named(core, name).id if name else None
