"""Settings declared as dataclass fields that describe themselves.

A monitor's `Settings` is a frozen dataclass whose fields are made by `text()`, `secret()`,
`integer()`, `choice()`, `flag()`, `lines()` or `path()`. `ui/forms.py` turns the specs into widgets,
the command line into `--field` options, `read()` checks what a person gave.

Labels and help are English source strings marked with `N_`; whoever shows them translates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar

from app.errors import ConfigError
from app.i18n import _

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Spec:
    """`kind`: text | secret | integer | choice | flag | lines | path. `asked` False: a secret that the
    program gets and renews by itself (a token after signing in), so that no form asks for it."""

    kind: str
    label: str
    help: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None
    placeholder: str = ""
    asked: bool = True


def _make(spec: Spec, default: Any) -> Any:
    return field(default=default, metadata={"spec": spec})


def text(
    label: str, *, help: str = "", default: str = "", required: bool = False, placeholder: str = ""
) -> str:
    """One line of text."""
    return _make(Spec("text", label, help, required, placeholder=placeholder), default)  # type: ignore[no-any-return]  # a field stands for its value


def secret(label: str, *, help: str = "", required: bool = False) -> str:
    """Kept in the system keyring, shown as dots, never stored, logged or exported."""
    return _make(Spec("secret", label, help, required), "")  # type: ignore[no-any-return]  # a field stands for its value


def renewed(label: str) -> str:
    """A secret that signing in brings and that renews itself; in the keyring, never asked for."""
    return _make(Spec("secret", label, asked=False), "")  # type: ignore[no-any-return]  # a field stands for its value


def path(label: str, *, help: str = "", required: bool = False) -> str:
    """A file or folder of this machine."""
    return _make(Spec("path", label, help, required), "")  # type: ignore[no-any-return]  # a field stands for its value


def integer(label: str, *, default: int, low: int, high: int, help: str = "") -> int:
    """A whole number, `low` <= n <= `high`."""
    return _make(Spec("integer", label, help, low=low, high=high), default)  # type: ignore[no-any-return]  # a field stands for its value


def choice(label: str, *, choices: tuple[str, ...], default: str, help: str = "") -> str:
    """One of `choices`."""
    return _make(Spec("choice", label, help, choices=choices), default)  # type: ignore[no-any-return]  # a field stands for its value


def flag(label: str, *, default: bool = False, help: str = "") -> bool:
    """Yes or no."""
    return _make(Spec("flag", label, help), default)  # type: ignore[no-any-return]  # a field stands for its value


def lines(
    label: str, *, default: tuple[str, ...] = (), help: str = "", required: bool = False
) -> tuple[str, ...]:
    """Several short texts (written with commas or line breaks between them)."""
    return _make(Spec("lines", label, help, required), default)  # type: ignore[no-any-return]  # a field stands for its value


def specs(cls: type[Any]) -> Iterator[tuple[str, Spec]]:
    """Each field's name and spec, in the order of declaration."""
    one: Field[Any]
    for one in fields(cls):
        yield one.name, one.metadata["spec"]


def secret_names(cls: type[Any]) -> tuple[str, ...]:
    """The fields that belong in the keyring."""
    return tuple(name for name, spec in specs(cls) if spec.kind == "secret")


def read(cls: type[T], values: Mapping[str, Any]) -> T:
    """Check what a person (or a stored row) gave and make the settings value.

    Unknown names and unfit values raise ConfigError naming the field; missing ones take defaults.
    """
    known: dict[str, Field[Any]] = {one.name: one for one in fields(cls)}  # type: ignore[arg-type]  # T is a dataclass
    for name in values:
        if name not in known:
            raise ConfigError(_("There is no setting named “{name}”.").format(name=name), field=name)
    made: dict[str, Any] = {}
    for name, one in known.items():
        spec: Spec = one.metadata["spec"]
        if name in values:
            made[name] = _convert(name, spec, values[name])
        value = made.get(name, None if one.default is MISSING else one.default)
        if spec.required and value in ("", (), None):
            raise ConfigError(_("“{label}” must be filled in.").format(label=_(spec.label)), field=name)
    return cls(**made)


def _convert(name: str, spec: Spec, value: Any) -> Any:
    match spec.kind:
        case "integer":
            return _integer(name, spec, value)
        case "flag":
            return value if isinstance(value, bool) else str(value).strip().lower() in _YES
        case "lines":
            parts = str(value).replace("\n", ",").replace("，", ",").split(",")
            given = parts if isinstance(value, str) else [str(part) for part in value]
            return tuple(part.strip() for part in given if part.strip())
        case "choice":
            if value not in spec.choices:
                told = _("“{label}” must be one of: {choices}.")
                raise ConfigError(
                    told.format(label=_(spec.label), choices=", ".join(spec.choices)), field=name
                )
            return value
        case _:
            return str(value).strip() if spec.kind != "secret" else str(value)


_YES = {"1", "true", "yes", "on", "是"}


def _integer(name: str, spec: Spec, value: Any) -> int:
    told = _("“{label}” must be a whole number from {low} to {high}.")
    text_ = told.format(label=_(spec.label), low=spec.low, high=spec.high)
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise ConfigError(text_, field=name) from None
    if (spec.low is not None and number < spec.low) or (spec.high is not None and number > spec.high):
        raise ConfigError(text_, field=name)
    return number
