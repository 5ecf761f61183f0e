"""What a person reads when something failed. Pure words; showing them is the widgets' affair.

An AppError brings its own sentence. Anything else is a mistake of ours: it goes to the log with its
traceback, and the person is told where to look.
"""

from __future__ import annotations

from app import errors, log
from app.i18n import N_, _

_TITLES: tuple[tuple[type[errors.AppError], str], ...] = (
    (errors.QueryError, N_("The query cannot be read")),
    (errors.ConfigError, N_("A setting must be changed")),
    (errors.AuthFailed, N_("The key or token is not accepted")),
    (errors.RateLimited, N_("Asked too often")),
    (errors.Refused, N_("The platform refuses")),
    (errors.BadResponse, N_("The answer cannot be read")),
    (errors.Unsure, N_("Perhaps sent")),
    (errors.ReplyRejected, N_("The answer was not accepted")),
    (errors.Transient, N_("Not reachable right now")),
    (errors.MonitorError, N_("The source could not be read")),
    (errors.TooNew, N_("Written by a newer version")),
    (errors.Unavailable, N_("The data cannot be reached")),
    (errors.Broken, N_("The data is damaged")),
    (errors.StorageError, N_("The data could not be read")),
    (errors.ScoringError, N_("Judging failed")),
    (errors.ImportFailed, N_("The file could not be imported")),
    (errors.ExportFailed, N_("The sheet could not be written")),
    (errors.Conflict, N_("Somebody else was first")),
    (errors.NotFound, N_("It is not there any more")),
    (errors.AppError, N_("That did not work")),
)


def explain(error: BaseException) -> str:
    """One sentence."""
    if isinstance(error, errors.AppError):
        return error.text or title(error)
    log.topic("window").error("unexpected", exc_info=error)
    return _("Something went wrong inside the program. The log page has the details.")


def title(error: BaseException) -> str:
    """A few words, by what happens next."""
    for kind, words in _TITLES:
        if isinstance(error, kind):
            return _(words)
    return _("A mistake in the program")
