"""What signing in with OAuth needs on every platform: the address to send the browser to, and PKCE.

Pure; runs wherever its caller runs. Knows no platform and keeps nothing.
"""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlencode, urlsplit

from app.errors import ConfigError
from app.i18n import _
from monitors.markup import safe_url

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def authorise_url(address: str, **query: str) -> str:
    """`address` with `query`, each value encoded once; empty ones are left out."""
    return f"{address}?{urlencode({name: value for name, value in query.items() if value})}"


def challenge(verifier: str) -> str:
    """The S256 code challenge (RFC 7636) of a verifier; "" of none."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii") if verifier else ""


def on_loopback(address: str) -> bool:
    try:
        return (urlsplit(address).hostname or "") in LOOPBACK
    except ValueError:
        return False


def safe_server(address: str) -> str:
    """A server that tokens may travel to, without a slash at the end: https, or on this machine.
    ConfigError at the field `server` otherwise."""
    server = safe_url(address).rstrip("/")
    if not server or not (server.startswith("https://") or on_loopback(server)):
        told = _("The server's address must begin with https://, since your token travels there.")
        raise ConfigError(told, field="server")
    return server


def safe_redirect(address: str) -> None:
    """ConfigError at the field `redirect` for what can be no address to come back to."""
    if address and not safe_url(address):
        raise ConfigError(
            _("The address to come back to must begin with http:// or https://."), field="redirect"
        )
