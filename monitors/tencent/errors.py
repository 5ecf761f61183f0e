"""What the numbers of api.weixin.qq.com and qyapi.weixin.qq.com mean for a person. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

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
from monitors.reading import CHINA, clean

STALE = frozenset({40001, 40014, 42001})
"""The token is over: it is renewed once, and the question asked again."""
GONE = frozenset({88004, 88008})
"""The comment is there no more."""
ANSWERED = 88005
MINUTE = 60.0

Rows = Mapping[int, tuple[type[AppError], str]]

SHARED: Rows = {
    -1: (Transient, N_("{host} is busy just now; it is asked again.")),
    40001: (AuthFailed, N_("The secret is wrong or was reset. Copy it anew from the console of {host}.")),
    40013: (AuthFailed, N_("{host} does not know this account number. Copy it anew from the console.")),
    40014: (AuthFailed, N_("{host} does not accept the token, nor a fresh one. Check number and secret.")),
    42001: (
        AuthFailed,
        N_("{host} calls the token expired, and a fresh one too. Check this machine's clock."),
    ),
    40058: (BadResponse, N_("{host} did not accept a parameter of ours (40058).")),
    41001: (BadResponse, N_("{host} missed the token in our request (41001).")),
    45009: (
        RateLimited,
        N_("Today's quota of {host} for this question is used up; it goes on at midnight."),
    ),
}

WECHAT: Rows = {
    **SHARED,
    40002: (AuthFailed, N_("{host} does not accept this way to get a token (40002).")),
    40003: (BadResponse, N_("WeChat does not know this reader (any more).")),
    40033: (BadResponse, N_("WeChat does not accept some characters of this text.")),
    40125: (AuthFailed, N_("The app secret is wrong. Reset it in the console and enter it again.")),
    40164: (
        AuthFailed,
        N_(
            "WeChat does not let this machine in: add the address {ip} to the IP allow list (Settings and "
            "development → Basic configuration → IP allow list), then check again. If your line changes "
            "its address, go through a proxy with a fixed one."
        ),
    ),
    41002: (BadResponse, N_("WeChat missed the app id in our request (41002).")),
    41004: (BadResponse, N_("WeChat missed the app secret in our request (41004).")),
    42007: (
        AuthFailed,
        N_("The account's password was changed, so its grant is over. Enter the secret again."),
    ),
    43002: (BadResponse, N_("WeChat wants this request posted (43002).")),
    43003: (BadResponse, N_("WeChat wants https: check the server's address (43003).")),
    43004: (
        ReplyRejected,
        N_("The reader does not follow the account (any more), so it cannot write to them."),
    ),
    44002: (BadResponse, N_("WeChat got an empty request (44002).")),
    44004: (ReplyRejected, N_("WeChat does not take an empty text.")),
    45002: (ReplyRejected, N_("The text is too long for WeChat. Shorten it.")),
    45011: (RateLimited, N_("WeChat was asked too often in this minute.")),
    45015: (
        ReplyRejected,
        N_("More than 48 hours have passed since the reader wrote; WeChat takes no message after that."),
    ),
    45047: (ReplyRejected, N_("WeChat takes no more messages to this reader until they write again.")),
    47001: (BadResponse, N_("WeChat could not read our request (47001).")),
    48001: (
        AuthFailed,
        N_("This account may not use the interface: WeChat grants it to verified accounts only (48001)."),
    ),
    48002: (ReplyRejected, N_("The reader has turned messages of this account off.")),
    48004: (Refused, N_("WeChat has banned this account from the interface. The console says why.")),
    48006: (BadResponse, N_("The resets of the quota are used up for this month (48006).")),
    50002: (Refused, N_("WeChat has restricted this account. The console says why.")),
    88000: (
        AuthFailed,
        N_("This account has no comments. Turn them on in the console (Interaction → Comments)."),
    ),
    88001: (BadResponse, N_("WeChat knows no such article, or its comments are not open.")),
    88002: (BadResponse, N_("WeChat has limited this article for safety; its comments cannot be used.")),
    88003: (ReplyRejected, N_("The article has as many featured comments as WeChat allows.")),
    88004: (ReplyRejected, N_("The reader has deleted this comment.")),
    88005: (
        ReplyRejected,
        N_("This comment has its answer already, and WeChat takes one only. Delete it there first."),
    ),
    88007: (ReplyRejected, N_("The answer is empty or too long for WeChat.")),
    88008: (ReplyRejected, N_("This comment is not there any more.")),
    88009: (ReplyRejected, N_("This answer is not there any more.")),
    88010: (BadResponse, N_("WeChat was asked for too many comments at once (88010).")),
    88011: (BadResponse, N_("WeChat has limited this article for safety; its comments cannot be used.")),
    89503: (
        AuthFailed,
        N_("The account's administrator must confirm this machine's address {ip} in WeChat."),
    ),
    89506: (Refused, N_("The administrator refused this machine's address {ip}; ask again in 24 hours.")),
    89507: (Refused, N_("The administrator refused this machine's address {ip}; ask again in an hour.")),
}

WECOM: Rows = {
    **SHARED,
    40013: (AuthFailed, N_("WeCom does not know this corporation id. Copy it anew from the console.")),
    40096: (ReplyRejected, N_("WeCom does not know this customer (any more).")),
    48002: (AuthFailed, N_("This app may not use customer service. Grant it in WeCom's console.")),
    60020: (
        AuthFailed,
        N_(
            "WeCom does not let this machine in: add the address {ip} to the app's trusted IPs in the "
            "console, then check again."
        ),
    ),
    45009: (RateLimited, N_("WeCom was asked too often for messages.")),
    95000: (AuthFailed, N_("WeCom knows no such customer service account. Check its id.")),
    95004: (BadResponse, N_("WeCom missed the customer service account in our request (95004).")),
    95007: (BadResponse, N_("WeCom did not accept the callback's token: it lasts ten minutes.")),
    95011: (AuthFailed, N_("Customer service is managed elsewhere, not in WeCom. Move it in the console.")),
    95012: (AuthFailed, N_("Customer service is not used in WeCom. Turn it on in the console.")),
    95017: (
        AuthFailed,
        N_("The interface is not enabled. Enable it in WeCom's console (Customer service → API)."),
    ),
    95018: (
        ReplyRejected,
        N_(
            "WeCom takes no answer from here: a colleague has the conversation in WeCom, it has ended, or "
            "48 hours or five messages are over."
        ),
    ),
}


def error(
    code: int,
    said: str,
    rows: Rows,
    *,
    host: str,
    now: datetime,
    sending: bool = False,
) -> AppError:
    """The number as what happens next. `sending`: an answer was to be posted, so what concerns this
    text or this reader is ReplyRejected, and what says nothing about whether it went out is Unsure."""
    details = f"errcode {code}: {clean(said, limit=200)}"
    kind, told = rows.get(code, (BadResponse, ""))
    if not told and 61451 <= code <= 61457:
        told = N_("WeChat did not accept a parameter or the staff account ({code}).")
    words = _(told or N_("{host} answered with error {code}; the log has its words.")).format(
        host=host, ip=_address(said), code=code
    )
    if kind is RateLimited:
        return RateLimited(words, retry_after=_rest(code, rows, now), details=details)
    if sending and kind is Transient:
        return Unsure(words, details=details)
    if sending and kind is BadResponse:
        return ReplyRejected(words, details=details)
    if not sending and kind is ReplyRejected:
        return BadResponse(words, details=details)
    return kind(words, details=details)


def _rest(code: int, rows: Rows, now: datetime) -> float:
    """Seconds. WeChat's daily quota comes back at midnight in China; WeCom counts by the minute."""
    if code != 45009 or rows is WECOM:
        return MINUTE
    there = now.astimezone(CHINA)
    midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - there).total_seconds() + MINUTE


_IP = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b(?:[0-9a-f]{1,4}:){2,7}[0-9a-f]{1,4}\b", re.IGNORECASE)


def _address(said: str) -> str:
    """The machine's address as the platform saw it; words where it named none."""
    found = _IP.search(said[:500])
    return found[0] if found else _("of this machine")
