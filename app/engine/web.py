"""How channels and trackers ask the web: by the monitors' careful client, in words of their own.

Runs in the engine's loop.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from app import log
from app.domain.web import Answer, host_of
from app.errors import BadResponse, Transient, Unsure
from app.i18n import _
from monitors.fetching import post, retry_after

PATIENCE = 25.0
"""Seconds for one whole answer: alerts are in a hurry, and a robot is quick."""
_KEYS = re.compile(r"[\w-]{12,}")


class Asking:
    """An `app.domain.web.Web` over a client of httpx."""

    def __init__(self, http: httpx.AsyncClient, patience: float = PATIENCE) -> None:
        self._http = http
        self._patience = patience

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
    ) -> Answer:
        host = host_of(url)
        try:
            got = await post(
                self._http,
                url,
                headers=headers,
                params=params,
                patience=self._patience,
                method=method,
                json=json,
                form=form,
                content=content,
            )
        except Unsure as error:
            if method == "GET":
                told = _("{host} did not answer in time.")
                raise Transient(told.format(host=host), details=error.details) from None
            told = _("{host} did not say whether it arrived.")
            raise Unsure(told.format(host=host), details=error.details) from None
        except BadResponse as error:
            raise Transient(error.text, details=error.details) from None
        return Answer(got.status, got.body, host, got.headers, retry_after(got.headers))


def hide(secret: str) -> None:
    """A pasted address is a secret as a whole, and so is the key inside it."""
    log.hide(secret)
    for part in _KEYS.findall(secret):
        if any(c.isdigit() for c in part):
            log.hide(part)
