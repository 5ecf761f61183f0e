"""What channels and trackers know of the web: one request, its answer, and what a bad one means.

Pure values; the engine does the asking. No sentence carries a path or query, where keys travel.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlsplit

from app.domain.plain import one_line
from app.errors import (
    AppError,
    AuthFailed,
    ConfigError,
    RateLimited,
    Refused,
    ReplyRejected,
    Transient,
    Unsure,
)
from app.i18n import _

PATIENCE = 60.0
"""Seconds to leave somebody alone who says "too often" and not for how long."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whole. Header names are in lower case; `wait` is Retry-After in seconds, where it was given."""

    status: int
    body: bytes = field(repr=False)
    host: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    wait: float | None = None

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def html(self) -> bool:
        return self.body[:512].lstrip().lower().startswith((b"<!doctype", b"<html"))

    def json(self) -> dict[str, Any]:
        """The object it is; an empty one where it is something else."""
        made = self.any_json()
        return made if isinstance(made, dict) else {}

    def any_json(self) -> Any:
        """None where it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def words(self, limit: int = 160) -> str:
        """What the server says in its body, as one harmless line; empty for a web page."""
        if self.html:
            return ""
        said = _said(self.any_json())
        return one_line(said or self.body[:4000].decode("utf-8", "replace"), limit)


_SAYING = ("message", "error", "errorMessages", "errors", "errmsg", "msg", "error_description", "code")


def _said(told: Any, depth: int = 4) -> str:
    """The words in an error's JSON, wherever it keeps them; {"title": ["empty"]} as "title: empty"."""
    if isinstance(told, str):
        return told
    if depth == 0:
        return ""
    if isinstance(told, list):
        return "; ".join(filter(None, (_said(one, depth - 1) for one in told[:3])))
    if not isinstance(told, dict):
        return ""
    known = next(filter(None, (_said(told.get(name), depth - 1) for name in _SAYING)), "")
    if known or depth == 4:
        return known
    parts = [f"{name}: {said}" for name, one in told.items() if (said := _said(one, depth - 1))]
    return "; ".join(parts[:3])


class Web(Protocol):
    """One request, no redirect followed.

    Raises Transient where it surely did not arrive, ConfigError for an address that can never work, and
    Unsure where no answer came and `method` is not GET (Transient for GET).
    """

    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer: ...


def wrong(answer: Answer, said: str = "") -> AppError:
    """The error of a bad status, or of a web page where data was expected; `said`: the server's words."""
    said = one_line(said, 200)
    host, status = answer.host, answer.status
    details = f"HTTP {status}"
    if answer.good or answer.html:
        return _odd(answer, details)
    if status == 429:
        told = _("{host} asks us to come less often.").format(host=host)
        return RateLimited(told, retry_after=answer.wait or PATIENCE, details=details)
    if status in (502, 504):
        told = _("{host} did not say whether it arrived ({status}).")
        return Unsure(told.format(host=host, status=status), details=details)
    if status >= 500 or status in (408, 425):
        told = _("{host} has trouble of its own ({status}).").format(host=host, status=status)
        return Transient(told, retry_after=answer.wait, details=details)
    return _no(status, host, said, details)


def _no(status: int, host: str, said: str, details: str) -> AppError:
    """It was understood and refused."""
    if 300 <= status < 400:
        told = _("{host} sends us elsewhere ({status}), where the key is not sent. Check the address.")
        return Refused(told.format(host=host, status=status), details=details)
    if status in (401, 403, 407):
        told = _("{host} does not accept the key ({status}). Enter it anew. {said}")
        return AuthFailed(told.format(host=host, status=status, said=said).strip(), details=details)
    if status == 404:
        told = _("{host} has nothing at this address (404). Copy the address again. {said}")
        return AuthFailed(told.format(host=host, said=said).strip(), details=details)
    if status == 410:
        told = _("{host} says this address is gone for good (410). Replace or remove it.")
        return ConfigError(told.format(host=host), field="url", details=details)
    if status == 413:
        return ReplyRejected(_("{host} finds the text too long.").format(host=host), details=details)
    told = _("{host} did not accept what was sent ({status}). {said}")
    return Refused(told.format(host=host, status=status, said=said).strip(), details=details)


def _odd(answer: Answer, details: str) -> AppError:
    if answer.html and answer.status < 500:
        told = _(
            "{host} answered with a web page where data was expected: a proxy or a sign-in page may stand "
            "between. Check the address."
        )
        return Transient(told.format(host=answer.host), details=details)
    if answer.html:
        told = _("{host} has trouble of its own ({status}).")
        return Transient(told.format(host=answer.host, status=answer.status), details=details)
    told = _("{host} answered in a way we do not understand: whether it arrived is not known.")
    return Unsure(told.format(host=answer.host), details=details)


def signature(key: str, body: bytes) -> str:
    """The header X-Signature of our webhooks: of the very bytes that are sent."""
    return "sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


def base_of(address: str, field: str = "server") -> str:
    """An address without a slash at its end; ConfigError unless it is http(s), with a host and no more."""
    told = _("This address cannot be used: it must begin with http:// or https:// and name a host.")
    try:
        parts = urlsplit(address.strip())
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or any(c.isspace() for c in address.strip()):
        raise ConfigError(told, field=field)
    return address.strip().rstrip("/")


def host_of(address: str) -> str:
    """For sentences: never the path or the query."""
    try:
        return one_line(urlsplit(address).hostname or "", 100)
    except ValueError:
        return ""


def link_of(address: str) -> str:
    """A post's own address, fit for any format's link: http(s), with every character that could end the
    link or begin something else percent-encoded; "" where it is none, or longer than 1000."""
    try:
        parts = urlsplit(address)
        fit = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    except ValueError:
        return ""
    if not fit or len(address) > 1000 or not all(c.isalnum() or c in ".-:[]" for c in parts.netloc):
        return ""
    made = quote(address, safe="/:?&=%#+,;~.-_$", encoding="utf-8", errors="replace")
    return made if len(made) <= 1000 else ""
