"""What Weibo's error codes mean, row by row. Pure: an answer in, an error of ours out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.errors import (
    AppError,
    AuthFailed,
    BadResponse,
    ConfigError,
    RateLimited,
    Refused,
    ReplyRejected,
    Transient,
    Unsure,
)
from app.i18n import N_, _
from monitors.reading import Fetched, checked, clean, from_json, is_html, maybe

HOUR = 3600.0
OK_BUT_LATE = 20032
"""Accepted, and shown in a minute or two."""


@dataclass(frozen=True, slots=True)
class Row:
    """`reading` and `writing`: what it means there. `wait`: seconds, of a limit."""

    reading: type[AppError]
    writing: type[AppError]
    words: str
    wait: float = 0.0
    field: str = ""


def _busy(words: str, writing: type[AppError] = Unsure) -> Row:
    return Row(Transient, writing, words)


def _person(words: str, kind: type[AppError] = AuthFailed) -> Row:
    return Row(kind, kind, words)


def _never(words: str) -> Row:
    return Row(BadResponse, ReplyRejected, words)


def _setting(words: str, field: str = "") -> Row:
    return Row(ConfigError, ConfigError, words, field=field)


_TROUBLE = _busy(N_("Weibo has trouble of its own ({code})."))
_QUEUE = _busy(N_("Weibo is busy ({code})."), Transient)
_ASKED_WRONG = _never(N_("Weibo did not accept the request ({code}: {said})."))
_SIGN_IN = _person(N_("The sign-in to Weibo is no longer valid ({code}). Sign in again."))
_NO_POST = _never(N_("This post is not on Weibo any more, or may not be seen ({code})."))
_NO_COMMENT = _never(N_("This comment is not on Weibo any more ({code})."))
_TEXT = _never(N_("Weibo refuses this text ({code}: {said}). Change it."))
_LONG = _never(N_("Weibo takes 140 characters at most ({code}). Shorten the text."))
_REPEATED = _never(N_("Weibo has had this text from you already ({code}). Say it in other words."))
_NOT_ALLOWED = _never(N_("The author does not let you comment here ({code})."))
_APP = _person(
    N_("Weibo does not grant this to your app ({code}: {said}). See its page at open.weibo.com.")
)
_BLOCKED = _person(
    N_("Weibo distrusts this account or address ({code}). Open Weibo in a browser."), Refused
)
_REDIRECT = _setting(
    N_("Weibo knows another address to come back to ({code}). Set the one registered for your app."),
    "redirect",
)
_CODE = _person(N_("The code is wrong, used or too old ({code}). Sign in again."))

TABLE: dict[int, Row] = {
    **dict.fromkeys((10001, 10002, 10003, 10011, 23201), _TROUBLE),
    **dict.fromkeys((10009, 10010), _QUEUE),
    20014: _busy(N_("Weibo asks for the same once more ({code})."), Transient),
    21331: _QUEUE,
    10004: _person(N_("Weibo does not let this computer's address in ({code})."), Refused),
    **dict.fromkeys((10005, 10014), _APP),
    **dict.fromkeys((10006, 21301, 21314, 21315, 21316, 21317, 21319, 21327, 21332), _SIGN_IN),
    **dict.fromkeys((10007, 10008, 10012, 10016, 10017, 10018, 10020, 10021, 20003, 21335), _ASKED_WRONG),
    10013: _person(N_("Weibo does not know this account any more ({code})."), AuthFailed),
    10022: Row(
        RateLimited, RateLimited, N_("Too many requests from this computer's address ({code})."), HOUR
    ),
    10023: Row(RateLimited, RateLimited, N_("Weibo's calls for this account are used up ({code})."), HOUR),
    10024: Row(RateLimited, RateLimited, N_("Weibo's calls of this kind are used up ({code})."), HOUR),
    20008: _never(N_("There is no text to send ({code}).")),
    **dict.fromkeys((20012, 20013), _LONG),
    **dict.fromkeys((20015, 20022), _BLOCKED),
    20016: Row(
        RateLimited, RateLimited, N_("You post too often for Weibo ({code}). Wait some minutes."), 600.0
    ),
    **dict.fromkeys((20017, 20019), _REPEATED),
    **dict.fromkeys((20018, 20020, 20021, 21602), _TEXT),
    20031: _person(
        N_("Weibo asks for a captcha ({code}). Open Weibo in a browser; we do not step past it."), Refused
    ),
    **dict.fromkeys((20101, 20104, 20109), _NO_POST),
    **dict.fromkeys((20201, 20202, 20203, 20204), _NO_COMMENT),
    **dict.fromkeys((20206, 20508), _NOT_ALLOWED),
    **dict.fromkeys(
        (21305, 21306, 21323, 21328, 21329), _setting(N_("Weibo did not accept the sign-in ({code})."))
    ),
    21320: _setting(N_("Weibo wants https ({code}). Check the server's address."), "server"),
    21321: _person(
        N_("Your app is not reviewed and may not serve this account ({code}). See open.weibo.com.")
    ),
    21322: _REDIRECT,
    21324: _setting(N_("Weibo does not know this app key with this secret ({code})."), "app_key"),
    21325: _CODE,
    21326: _APP,
    21330: _person(N_("The sign-in was declined ({code})."), AuthFailed),
}
GONE = (20101, 20104)
"""Read of a post: it was deleted."""
ONE_KIND = (10005, 10014, 10024)
"""Only this interface is closed to us; the others may go on."""
_NAMES = {
    "redirect_uri_mismatch": 21322, "invalid_request": 21323, "invalid_client": 21324,
    "invalid_grant": 21325, "unauthorized_client": 21326, "expired_token": 21327,
    "unsupported_grant_type": 21328, "unsupported_response_type": 21329,
    "access_denied": 21330, "temporarily_unavailable": 21331,
}  # fmt: skip


class Closed(Exception):
    """One interface is closed to us; `error` says how. Never leaves the monitor."""

    def __init__(self, code: int, error: AppError) -> None:
        super().__init__(str(error))
        self.code = code
        self.error = error


def code_of(got: Fetched) -> int:
    """Weibo's error code in an answer of whatever status, 0 where there is none."""
    if is_html(got.body) or not got.body:
        return 0
    try:
        told = from_json(got.body)
    except BadResponse:
        return 0
    given = maybe(told, "error_code")
    if isinstance(given, int | str) and not isinstance(given, bool):
        return int(given) if re.fullmatch(r"\d{1,9}", str(given), re.ASCII) else 0
    return _NAMES.get(str(maybe(told, "error")), 0)


def answer(got: Fetched, special: Sequence[int] = ()) -> Any:
    """The JSON of a good answer to a question; raises what a code means, Closed for those in `special`."""
    if code := code_of(got):
        error = error_of(code, got, lambda row: row.reading)
        raise Closed(code, error) if code in special else error
    return from_json(checked(got).body)


def error_of(code: int, got: Fetched, kind_of: Callable[[Row], type[AppError]]) -> AppError:
    row = TABLE.get(code, _ASKED_WRONG)
    said = clean(str(maybe(from_json(got.body), "error") or ""), limit=200)
    told, details = _(row.words).format(code=code, said=said), f"HTTP {got.status}, error_code {code}"
    kind = kind_of(row)
    if kind is RateLimited:
        return RateLimited(told, retry_after=row.wait, details=details)
    if kind is ConfigError:
        return ConfigError(told, field=row.field, details=details)
    return kind(told, details=details)
