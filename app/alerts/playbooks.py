"""Playbooks: what to do about a fire, a leak, a regulator. The shipped ones, and finding the one that fits.

Pure after reading the resources; any thread. A team's own version takes the place of the shipped one with
the same id; it is a row of the team's settings, written by `core/rules.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from app.domain.cues import URGENT
from app.domain.plain import one_line
from app.domain.rule import Playbook
from app.errors import ConfigError
from app.i18n import N_, _

VARIABLES = {
    "brand": N_("our brand"),
    "product": N_("the product"),
    "channel": N_("our service channel"),
    "date": N_("the date"),
    "done": N_("what has been done already, as far as it is verified"),
}
"""What a holding statement may leave open."""

LONGEST, STEPS = 3000, 30
_VARIABLE = re.compile(r"\{(\w+)\}")
_ID = re.compile(r"[a-z0-9_-]{1,40}")


@cache
def shipped() -> tuple[Playbook, ...]:
    """In the order a desk would look them up."""
    folder = files("resources") / "playbooks"
    found = [json.loads(one.read_text("utf-8")) for one in folder.iterdir() if one.name.endswith(".json")]
    return tuple(read(said) for said in sorted(found, key=lambda said: int(said["order"])))


def read(said: Mapping[str, Any], *, changed: bool = False) -> Playbook:
    """From JSON; KeyError, TypeError where it is none."""
    return Playbook(
        id=str(said["id"]),
        name=str(said["name"]),
        cues=_texts(said.get("cues", ())),
        words=_texts(said.get("words", ())),
        incident=bool(said.get("incident", False)),
        call=_texts(said.get("call", ())),
        steps=_texts(said.get("steps", ())),
        statement=str(said.get("statement", "")),
        changed=changed,
    )


def write(book: Playbook) -> dict[str, Any]:
    """As JSON."""
    said = {name: getattr(book, name) for name in book.__slots__ if name != "changed"}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in said.items()}


def _texts(given: Sequence[Any]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise TypeError("a list of texts is wanted")
    return tuple(str(one) for one in given)


def check(book: Playbook) -> None:
    """ConfigError at the field."""
    if not _ID.fullmatch(book.id):
        raise ConfigError(_("Only a-z, 0-9, - and _ may stand in the key of a playbook."), field="id")
    if not book.name.strip():
        raise ConfigError(_("Give the playbook a name."), field="name")
    if not any(step.strip() for step in book.steps):
        raise ConfigError(_("Write down at least one step."), field="steps")
    if len(book.steps) > STEPS:
        raise ConfigError(_("More than {n} steps nobody takes in a hurry.").format(n=STEPS), field="steps")
    if len(book.statement) > LONGEST:
        raise ConfigError(_("The text is longer than {n} characters.").format(n=LONGEST), field="statement")
    for name in _VARIABLE.findall(book.statement):
        if name not in VARIABLES:
            known = ", ".join(f"{{{one}}}" for one in VARIABLES)
            said = _("There is no variable {name}. Known are: {known}.")
            raise ConfigError(said.format(name=f"{{{name[:40]}}}", known=known), field="statement")


def fitting(
    books: Sequence[Playbook], cues: Collection[str], text: str, *, incident: bool = False
) -> tuple[Playbook, ...]:
    """Best first: by cues of danger, other cues, words; an incident without any gets the general one."""
    ranked: list[tuple[int, int, Playbook]] = []
    for place, book in enumerate(books):
        hit = set(book.cues) & set(cues)
        if hit:
            ranked.append((0 if hit & URGENT else 1, place, book))
        elif any(word and word in text for word in book.words):
            ranked.append((2, place, book))
    if not ranked and incident:
        return tuple(book for book in books if book.incident)
    return tuple(book for _rank, _place, book in sorted(ranked, key=lambda one: one[:2]))


def filled(statement: str, known: Mapping[str, str]) -> str:
    """What is known in its place; what is not stays open where a person sees it: 【the product】."""

    def put(found: re.Match[str]) -> str:
        name = found[1]
        value = one_line(known.get(name, ""), 60)
        return value or f"【{_(VARIABLES.get(name, '')) or name}】"

    return _VARIABLE.sub(put, statement)
