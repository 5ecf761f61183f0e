"""A robot's address as people paste it: the whole of it, or its key alone. Pure; any thread."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qs, urlsplit

from app.errors import ConfigError
from app.i18n import _

_KEY = re.compile(r"[\w-]{1,256}", re.ASCII)


def key_of(pasted: str, *, query: str = "", field: str) -> str:
    """The key in an address's `query` parameter, or (without `query`) its last part. ConfigError, at
    `field`, where there is none."""
    text = pasted.strip()
    key = text
    if "://" in text:
        try:
            parts = urlsplit(text)
        except ValueError:
            key = ""
        else:
            named = parse_qs(parts.query).get(query, [""])[0]
            key = named if query else parts.path.rstrip("/").rpartition("/")[2]
    if not _KEY.fullmatch(key):
        told = _("There is no robot's key in this. Copy the whole address that the robot's page shows.")
        raise ConfigError(told, field=field)
    return key


def signed(key: bytes, message: bytes) -> str:
    """HMAC-SHA256, Base64."""
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode("ascii")
