"""`tingfeng brand …`"""

from __future__ import annotations

import argparse

from app.cli.output import brand_json, emit, one_line, say
from app.cli.session import Session, brand_named
from app.domain.watch import Watch
from app.i18n import _


def add(session: Session, options: argparse.Namespace) -> int:
    """QueryError points at the character."""
    watch = Watch(
        name=options.name.strip(),
        query=(options.query or "").strip() or options.name,
        competitor=options.competitor,
        aliases=tuple(one for one in options.alias if one.strip()),
        exclusions=tuple(one for one in options.exclude if one.strip()),
    )
    with session.core() as core:
        saved = core.save_brand(watch, wait=True)
    if session.json:
        emit(brand_json(saved))
    else:
        say(_("Watching “{name}” (number {id}).").format(name=one_line(saved.name), id=saved.id))
    return 0


def list_(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    with session.core() as core:
        brands = core.brands()
    for one in brands:
        if session.json:
            emit(brand_json(one))
        else:
            kind = _("competitor") if one.competitor else _("our own")
            say(f"{one.id:>3}  {one_line(one.name, 40)}  ({kind})  {one_line(one.query)}")
    if not brands and not session.json:
        say(_("No brand yet. Add one with: tingfeng brand add NAME --query QUERY"))
    return 0


def remove(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        watch = brand_named(core, options.name)
        core.remove_brand(watch.id, wait=True)
    if session.json:
        emit({"removed": watch.id, "name": watch.name})
    else:
        say(_("“{name}” is no longer watched; its mentions stay.").format(name=one_line(watch.name)))
    return 0
