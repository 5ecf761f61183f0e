"""What to tell a person whose source has gone blind: in words, and what to do about it. Pure."""

from __future__ import annotations

from app.domain.seeing import Cause
from app.engine.sight import Sign
from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    Refused,
    Transient,
)
from app.i18n import N_, _, ngettext

_CAUSES: tuple[tuple[type[AppError], Cause], ...] = (
    (AuthFailed, Cause.SIGN_IN),
    (Refused, Cause.REFUSED),
    (ConfigError, Cause.SETTINGS),
    (BadResponse, Cause.SCHEMA),
    (RateLimited, Cause.LIMITED),
    (Transient, Cause.UNREACHABLE),
)

_ADVICE = {
    Cause.SIGN_IN: N_("Sign in again, or put in a new key, under Sources → Edit."),
    Cause.REFUSED: N_("Open the site in a browser and see why. It is asked again only after hours."),
    Cause.SETTINGS: N_("Correct the settings under Sources → Edit."),
    Cause.SCHEMA: N_(
        "Look at the address in a browser. If all is well there, the platform has changed: get an update."
    ),
    Cause.LIMITED: N_("It comes back by itself. If this happens often, read it less often."),
    Cause.UNREACHABLE: N_("It is tried again by itself. Check the network, and whether the site is up."),
    Cause.SKIPPED: N_("The platform has probably changed: get an update."),
    Cause.EMPTY: N_("Look at the address in a browser: is it signed in, are there posts?"),
    Cause.SILENT: N_("Check the source, and look at the platform itself: are there newer posts?"),
    Cause.CANARY: N_(
        "Look the post up on the platform. If it is there, this source no longer finds everything."
    ),
}

HARD = frozenset({Cause.SIGN_IN, Cause.REFUSED, Cause.SETTINGS})
"""Nothing heals these but a person."""


def cause_of(error: AppError) -> Cause:
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), Cause.OTHER)


def advice(cause: Cause) -> str:
    """One sentence, what to do; empty where there is nothing to do."""
    return _(_ADVICE[cause]) if cause in _ADVICE else ""


def sign_words(sign: Sign) -> str:
    """What was noticed, for a source that answers and yet is blind."""
    match sign.cause:
        case Cause.EMPTY:
            return _("It answers with an empty page, where it always showed posts before.")
        case Cause.SKIPPED:
            return _("Half of what it shows can no longer be read.")
        case Cause.CANARY:
            return _("The post that must be findable there is not found any more.")
    n = max(1, round(sign.expected))
    if sign.came:
        told = ngettext(
            "It brought {came} mention in a day that usually brings {n}.",
            "It brought {came} mentions in a day that usually brings {n}.",
            sign.came,
        )
        return told.format(came=sign.came, n=n)
    told = ngettext(
        "Nothing new has come, where {n} mention was to be expected by now.",
        "Nothing new has come, where {n} mentions were to be expected by now.",
        n,
    )
    return told.format(n=n)
