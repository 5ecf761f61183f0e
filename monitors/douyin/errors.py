"""What Douyin's error codes mean, row by row. Pure: an answer in, its data or an error of ours out.

A code may stand in `data` or in `extra`; each answer has a `logid` that Douyin's support asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    RateLimited,
    Refused,
    ReplyRejected,
    Transient,
    Unsure,
)
from app.i18n import N_, _
from monitors.reading import Fetched, checked, clean, from_json, is_html, maybe

MIDNIGHT = -1.0
"""In place of seconds: until midnight in Beijing."""


@dataclass(frozen=True, slots=True)
class Row:
    """`reading` and `writing`: what it means there. `wait`: seconds, of a limit."""

    reading: type[AppError]
    writing: type[AppError]
    words: str
    wait: float = 0.0


def _both(kind: type[AppError], words: str, wait: float = 0.0) -> Row:
    return Row(kind, kind, words, wait)


_BUSY = Row(Transient, Unsure, N_("Douyin is busy ({code})."))
_WRONG = Row(BadResponse, ReplyRejected, N_("Douyin did not accept the request ({code}: {said})."))
_SIGN_IN = _both(AuthFailed, N_("The sign-in to Douyin is no longer valid ({code}). Sign in again."))
_SCOPE = _both(
    AuthFailed, N_("The account has not granted this to your app ({code}). Sign in again and agree.")
)
_APP = _both(AuthFailed, N_("Douyin does not grant this to your app ({code}: {said}). See its console."))
_BANNED = _both(
    Refused, N_("Douyin has banned this app or account ({code}: {said}). See the app's console.")
)
_USER = _both(AuthFailed, N_("This Douyin account is closed, banned or private ({code})."))
_QUOTA = _both(RateLimited, N_("Douyin's calls for today are used up ({code})."), MIDNIGHT)

TABLE: dict[int, Row] = {
    **dict.fromkeys((28001005, 28001006, 2100004), _BUSY),
    **dict.fromkeys((28001007, 2100005), _WRONG),
    **dict.fromkeys((28001008, 28001015, 2190002, 2190008, 2190015), _SIGN_IN),
    **dict.fromkeys((28001012, 2190003), _SCOPE),
    **dict.fromkeys((28001014, 28001018, 28001019, 2100007, 2190004), _APP),
    **dict.fromkeys((28001016, 2100009, 2190016), _BANNED),
    **dict.fromkeys((28001045, 28001046, 28001047), _USER),
    28001052: _both(RateLimited, N_("Douyin sees a risk and asks to slow down ({code})."), 600.0),
    28001056: Row(
        BadResponse, ReplyRejected, N_("Douyin has retired this interface ({code}). Update Tingfeng.")
    ),
    **dict.fromkeys((28003017, 2190001), _QUOTA),
    28003018: _both(RateLimited, N_("Douyin asks us to come less often ({code})."), 60.0),
}
OVER = (28001008, 2190008)
"""The access token has expired: it is renewed."""
THIS_ONE = (28001007, 2100005)
"""Of one video or comment: it is gone or not ours; the others may go on."""
NOT_GRANTED = (28001012, 28001014, 28001018, 28001019, 28001056, 2100007, 2190003, 2190004)
"""Of an extra such as the keyword search: that part rests, the others may go on."""


class Said(Exception):
    """An error code of Douyin's, with what it means. Never leaves the monitor."""

    def __init__(self, code: int, error: AppError) -> None:
        super().__init__(str(error))
        self.code = code
        self.error = error


@dataclass(frozen=True, slots=True)
class Answer:
    """A good one: its `data`, and the number of this very answer ("" where it has none)."""

    data: Any
    logid: str = ""


def answer(got: Fetched, until_midnight: float, kind_of: Callable[[Row], type[AppError]]) -> Answer:
    """Said, where a code stands in it, whatever the HTTP status."""
    told = None if is_html(got.body) or not got.body else _json(got)
    logid = _logid(told)
    for part in ("data", "extra"):
        code = _code(maybe(told, part))
        if code:
            raise Said(code, _error(code, maybe(told, part), logid, until_midnight, kind_of))
    told = from_json(checked(got).body)
    data = maybe(told, "data")
    if not isinstance(data, dict):
        raise BadResponse(_("This is not what Douyin answers."), details=f"logid {logid}")
    return Answer(data, logid)


def _json(got: Fetched) -> Any:
    try:
        return from_json(got.body)
    except BadResponse:
        return None  # `checked` has the better words for a bad status


def _code(part: Any) -> int:
    given = maybe(part, "error_code")
    if isinstance(given, bool) or not isinstance(given, int | str):
        return 0
    return int(given) if re.fullmatch(r"\d{1,12}", str(given), re.ASCII) else 0


def _logid(told: Any) -> str:
    given = maybe(maybe(told, "extra"), "logid")
    return given if isinstance(given, str) and re.fullmatch(r"[\w-]{1,80}", given, re.ASCII) else ""


def _error(
    code: int, part: Any, logid: str, until_midnight: float, kind_of: Callable[[Row], type[AppError]]
) -> AppError:
    row = TABLE.get(code, _WRONG)
    said = clean(str(maybe(part, "description") or ""), limit=200)
    told, details = _(row.words).format(code=code, said=said), f"error_code {code}, logid {logid or '?'}"
    kind = kind_of(row)
    if kind is RateLimited:
        wait = until_midnight if row.wait == MIDNIGHT else row.wait
        return RateLimited(told, retry_after=wait, details=details)
    return kind(told, details=details)
