"""The shipped reply library, and what makes a template sound.

Pure after reading one resource; any thread. A body is plain text with variables in braces,
`{author}`. A piece in [square brackets] that holds a variable is left out when nothing fills it;
other square brackets ([微笑]) are just text.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

from app.domain.draft import Manner, Template
from app.errors import ConfigError
from app.i18n import N_, _

VARIABLES: dict[str, str] = {
    "author": N_("the author's name"),
    "brand": N_("our brand"),
    "product": N_("the product, in the customer's words"),
    "issue": N_("the trouble, in the customer's words"),
    "channel": N_("our service channel"),
    "link": N_("a help page"),
    "agent": N_("who answers"),
}

VARIABLE = re.compile(r"\{([^{}\n]*)\}")
_LONGEST = 5_000


@cache
def shipped() -> tuple[Template, ...]:
    """One for each complaint kind, in three manners."""
    text = (files("resources") / "templates" / "replies.json").read_text("utf-8")
    return tuple(
        Template(
            name=each["name"],
            complaint=each["complaint"],
            bodies={Manner(manner): body for manner, body in each["bodies"].items()},
            builtin=True,
        )
        for each in json.loads(text)["templates"]
    )


@cache
def frames() -> dict[str, dict[Manner, str]]:
    """What stands around an entry's {answer}: for questions, complaints, and where somebody may be hurt."""
    text = (files("resources") / "templates" / "frames.json").read_text("utf-8")
    return {
        occasion: {Manner(manner): body for manner, body in bodies.items()}
        for occasion, bodies in json.loads(text)["frames"].items()
    }


def variables(body: str) -> tuple[str, ...]:
    """The names in braces, each once, in order; unknown ones too."""
    return tuple(dict.fromkeys(VARIABLE.findall(body)))


def check(template: Template) -> None:
    """ConfigError for what would go out wrong: no name, no text, an unknown variable, a stray brace."""
    if not template.name.strip():
        raise ConfigError(_("Give the template a name."), field="name")
    if not any(body.strip() for body in template.bodies.values()):
        raise ConfigError(_("Write the text of at least one manner."), field="bodies")
    for manner, body in template.bodies.items():
        _check_body(body, manner)


def _check_body(body: str, manner: Manner) -> None:
    if len(body) > _LONGEST:
        raise ConfigError(_("The text is longer than {n} characters.").format(n=_LONGEST), field=manner)
    for name in variables(body):
        if name not in VARIABLES:
            known = ", ".join(f"{{{variable}}}" for variable in VARIABLES)
            said = _("There is no variable {name}. Known are: {known}.")
            raise ConfigError(said.format(name=f"{{{name[:40]}}}", known=known), field=manner)
    if re.search(r"[{}]", VARIABLE.sub("", body)):
        raise ConfigError(_("A brace stands alone; a variable is written like {author}."), field=manner)
