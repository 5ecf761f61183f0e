"""`tingfeng source …`"""

from __future__ import annotations

import argparse
import sys
import webbrowser
from collections.abc import Mapping
from typing import Any

from app.cli.output import complain, emit, one_line, say, several, source_json
from app.cli.session import Session, brand_named
from app.core import Core, SignIn
from app.domain.watch import Source, SourceState
from app.errors import AppError, NotFound
from app.i18n import _
from app.settings.schema import Spec


def add(session: Session, options: argparse.Namespace) -> int:
    """Settings are checked for shape; `source check` asks the network."""
    with session.core() as core:
        specs = next(kind.specs for kind in core.kinds() if kind.info.id == options.kind)
        settings, secrets = given(options, specs)
        if options.kind == "feed" and options.preset:
            settings["url"] = _from_preset(core, options)
        brand = brand_named(core, options.brand).id if options.brand else None
        saved = core.save_source(
            Source(
                kind=options.kind,
                name=options.name or _name(options.kind, settings),
                settings=settings,
                brand_id=brand,
                every=options.every or 0,
                canary=options.canary or "",
            ),
            secrets,
        )
        state = core.storage.sources.get(saved.id)
    if session.json:
        emit(source_json(state))
    else:
        say(_("Reading “{name}” (number {id}).").format(name=one_line(saved.name), id=saved.id))
    return 0


def given(
    options: argparse.Namespace, specs: tuple[tuple[str, Spec], ...]
) -> tuple[dict[str, Any], dict[str, str]]:
    """(settings, secrets) as the options say; secrets are read from standard input, a line each."""
    settings: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    for name, spec in specs:
        value = getattr(options, f"field_{name}", None)
        if value is None or (spec.kind == "secret" and not value):
            continue
        if spec.kind == "secret":
            secrets[name] = sys.stdin.readline().rstrip("\r\n")
        else:
            settings[name] = value
    return settings, secrets


def _from_preset(core: Core, options: argparse.Namespace) -> str:
    values = dict(part.partition("=")[::2] for part in options.value)
    return core.preset_url(options.preset, options.base or "", values)


def _name(kind: str, settings: dict[str, Any]) -> str:
    for field in ("url", "app_id", "path"):
        if settings.get(field):
            return one_line(str(settings[field]), 80)
    return kind


def kinds(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    with session.core() as core:
        told = core.kinds()
    for one in told:
        fields = [
            {
                "name": name,
                "kind": spec.kind,
                "required": spec.required,
                "label": _(spec.label),
                "help": _(spec.help),
            }
            for name, spec in one.specs
        ]
        if session.json:
            emit(
                {
                    "id": one.info.id,
                    "name": one.info.name,
                    "about": one.info.about,
                    "basis": one.info.basis,
                    "every": one.info.every,
                    "fields": fields,
                }
            )
        else:
            say(f"{one.info.id}  {one.info.name}: {one.info.about} ({one.info.basis})")
            for field in fields:
                must = " *" if field["required"] else ""
                say(f"    {_option(field)}{must}  {field['label']}")
    return 0


def _option(field: Mapping[str, object]) -> str:
    """As `source add` takes it."""
    ending = "-stdin" if field["kind"] == "secret" else ""
    return f"--{str(field['name']).replace('_', '-')}{ending}"


def presets(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    with session.core() as core:
        told = core.presets()
    for one in told:
        if session.json:
            emit(
                {
                    "key": one.key,
                    "name": one.name,
                    "path": one.path,
                    "fields": [f[0] for f in one.fields],
                    "note": one.note,
                }
            )
        else:
            say(f"{one.key}  {one.name}  {one.path}")
    return 0


def list_(session: Session, options: argparse.Namespace) -> int:  # noqa: ARG001
    with session.core() as core:
        states = core.sources()
    for state in states:
        if session.json:
            emit(source_json(state))
        else:
            say(_words(state))
    if not states and not session.json:
        say(_("No source yet. Add one with: tingfeng source add feed --url URL"))
    return 0


def _words(state: SourceState) -> str:
    name = one_line(state.source.name, 60)
    line = f"{state.source.id:>3}  {state.source.kind:<9} {state.health.value:<12} {name}"
    return f"{line}\n     {one_line(state.error)}" if state.error else line


def check(session: Session, options: argparse.Namespace) -> int:
    """All sources, or one; exit 1 when one cannot be read."""
    with session.core(start=True) as core:
        wanted = [state for state in core.sources() if options.id in (None, state.source.id)]
        if options.id is not None and not wanted:
            raise NotFound(_("There is no source number {id}.").format(id=options.id))
        told = [(state.source.name, *_check(core, session, state)) for state in wanted]
    failed = [(name, problem) for name, good, problem in told if not good]
    if failed:
        complain(several(failed))
    return 1 if failed else 0


def _check(core: Core, session: Session, state: SourceState) -> tuple[bool, str]:
    try:
        told, good = core.check_saved(state.source.id), True
    except AppError as error:
        told, good = error.text, False
    if session.json:
        emit({"id": state.source.id, "name": state.source.name, "ok": good, "detail": told})
    else:
        mark = "✓" if good else "✗"
        say(f"{state.source.id:>3}  {mark} {one_line(state.source.name, 60)}  {one_line(told)}")
    return good, told


def sign_in(session: Session, options: argparse.Namespace) -> int:
    """In the person's browser. The tokens go to the keyring and are never printed."""
    with session.core(start=True) as core:
        state = core.storage.sources.get(options.id)
        begun = core.begin_sign_in(options.id)
        paste = options.code_stdin or not begun.listening
        _show_address(session, begun, browser=not options.no_browser, paste=paste)
        if paste:
            core.finish_sign_in(sys.stdin.readline())
        else:
            begun.done.result()
    if session.json:
        emit({"id": options.id, "name": state.source.name, "signed_in": True})
    else:
        say(_("Signed in; “{name}” is read from now on.").format(name=one_line(state.source.name, 60)))
    return 0


def _show_address(session: Session, begun: SignIn, *, browser: bool, paste: bool) -> None:
    if session.json:
        emit({"url": begun.url, "listening": begun.listening})
    else:
        say(_("Sign in at this address, in your browser:"))
        say(begun.url)
        if paste:
            say(_("Then paste the code, or the address the browser ends at, and press Enter:"))
    sys.stdout.flush()
    if browser:
        webbrowser.open(begun.url)


def remove(session: Session, options: argparse.Namespace) -> int:
    with session.core() as core:
        state = core.storage.sources.get(options.id)
        core.remove_source(options.id)
    if session.json:
        emit({"removed": options.id, "name": state.source.name})
    else:
        say(_("“{name}” is no longer read; its mentions stay.").format(name=one_line(state.source.name)))
    return 0
