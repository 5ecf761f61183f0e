"""E-mail over SMTP, by the standard library in a worker thread. Plain text: nothing in it is markup."""

from __future__ import annotations

import asyncio
import hashlib
import re
import smtplib
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from app.alerts.channels import words
from app.alerts.channels.base import Channel, Info
from app.domain.delivery import Notice
from app.domain.plain import one_line
from app.errors import AppError, AuthFailed, ConfigError, Refused, ReplyRejected, Transient, Unsure
from app.i18n import N_, _, listed
from app.settings.schema import choice, integer, lines, secret, text

PATIENCE = 15.0
"""Seconds for one step of the conversation with the server."""
SUBJECT, ROOM = 120, 60_000
"""Characters; bytes."""
_HELLO = "tingfeng.localhost"
_MAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")


@dataclass(frozen=True, repr=False)
class Settings:
    server: str = text(N_("SMTP server"), required=True, placeholder="smtp.example.com")
    port: int = integer(
        N_("Port"), default=465, low=1, high=65535, help=N_("465 for ssl, 587 for starttls.")
    )
    security: str = choice(N_("Encryption"), choices=("ssl", "starttls", "none"), default="ssl")
    user: str = text(N_("User name"), help=N_("Empty for a server that asks for none."))
    password: str = secret(
        N_("Password"),
        help=N_("QQ, 163 and others want an authorisation code (授权码) instead of the password."),
    )
    sender: str = text(N_("From"), required=True, placeholder="alerts@example.com")
    to: tuple[str, ...] = lines(
        N_("To"), help=N_("Whoever is to get every alert; people on duty are added by their own address.")
    )


class Email(Channel[Settings]):
    info = Info(
        id="email",
        name=N_("E-mail"),
        about=N_("Sends alerts by e-mail through your own SMTP server."),
        per_minute=6,
        contact="email",
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        told = _("“{address}” is no e-mail address.")
        for field, addresses in (("sender", (settings.sender,)), ("to", settings.to)):
            for one in addresses:
                if not _MAIL.fullmatch(one):
                    raise ConfigError(told.format(address=one_line(one, 80)), field=field)
        if not re.fullmatch(r"[\w.:-]{1,253}", settings.server):
            raise ConfigError(_("This is no name of a server."), field="server")
        if settings.security == "none" and settings.password and not _near(settings.server):
            told = _(
                "Without encryption the password would cross the network openly. Choose ssl or starttls."
            )
            raise ConfigError(told, field="security")

    async def send(self, notices: Sequence[Notice]) -> str:
        made, to, remark = message(notices, self.settings, self.now())
        if not to:
            told = _(
                "Nobody is named to send the e-mail to: enter an address here, or one for the colleague."
            )
            raise Refused(told)
        refused = await asyncio.to_thread(deliver, self.settings, made, to)
        if refused:
            told = _("The server did not take the address {addresses}; the others have got the e-mail.")
            remark = " ".join(filter(None, (remark, told.format(addresses=listed(refused)))))
        return remark


def _near(server: str) -> bool:
    return server in ("localhost", "127.0.0.1", "::1")


def message(
    notices: Sequence[Notice], settings: Settings, now: datetime
) -> tuple[EmailMessage, list[str], str]:
    """The e-mail, to whom, and a remark for the receipt. Headers have one line, whatever a post says."""
    whom, remark = words.contacts(notices, "email", _MAIL)
    to = list(dict.fromkeys([*settings.to, *(at for _name, at in whom)]))
    told = words.pack(
        notices,
        _block,
        fits=lambda text_: words.size(text_) <= ROOM,
        gap="\n\n----\n\n",
        lead=words.duty(notices, ()),
    )
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(_("Tingfeng"), addr_spec=settings.sender)
    if to:
        made["To"] = [Address(addr_spec=one) for one in to]
    made["Subject"] = _("[Tingfeng] {summary}").format(summary=words.summary(notices, SUBJECT))
    made["Date"] = format_datetime(now)
    name = hashlib.sha256(
        "\n".join(sorted(one.key for one in notices)).encode("utf-8", "replace")
    ).hexdigest()[:32]
    made["Message-ID"] = f"<{name}@{settings.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    if any(str(one.severity) == "P1" for one in notices):
        made["X-Priority"] = "1"
    made.set_content(told + "\n", cte="base64")
    return made, to, remark


def _block(one: words.Parts) -> str:
    return "\n".join(filter(None, (one.head, one.body, one.reason, one.facts, one.link)))


def deliver(settings: Settings, made: EmailMessage, to: Sequence[str]) -> list[str]:
    """Blocks; in a worker thread. Gives back the addresses that the server would not take."""
    try:
        server = _connect(settings)
    except AppError:
        raise
    except smtplib.SMTPException as error:
        raise _said(error) from None
    except (OSError, UnicodeError) as error:
        raise _unreachable(error, settings.server) from None
    try:
        return _hand_over(server, settings, made, to)
    finally:
        _leave(server)


def _connect(settings: Settings) -> smtplib.SMTP:
    """Signed in, and safe where that was asked for."""
    context = ssl.create_default_context()
    host, port = settings.server, settings.port
    if settings.security == "ssl":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, _HELLO, timeout=PATIENCE, context=context)
    else:
        server = smtplib.SMTP(host, port, _HELLO, timeout=PATIENCE)
    try:
        if settings.security == "starttls":
            server.starttls(context=context)
        if settings.user:
            _sign_in(server, settings)
        else:
            server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _sign_in(server: smtplib.SMTP, settings: Settings) -> None:
    try:
        server.login(settings.user, settings.password)
    except UnicodeError:
        told = _("The mail server takes user names and passwords in plain letters and digits only.")
        raise AuthFailed(told) from None


def _hand_over(
    server: smtplib.SMTP, settings: Settings, made: EmailMessage, to: Sequence[str]
) -> list[str]:
    """Step by step rather than by `sendmail`, to know whether the text had gone out when the line broke."""
    refused = []
    worst: tuple[int, bytes] | None = None
    try:
        code, said = server.mail(settings.sender)
        if code != 250:
            raise smtplib.SMTPResponseException(code, said)
        for one in to:
            code, said = server.rcpt(one)
            if code not in (250, 251):
                refused.append(one)
                worst = worst if worst and worst[0] < code else (code, said)
        if len(refused) == len(to) and worst is not None:
            raise smtplib.SMTPResponseException(*worst)
    except smtplib.SMTPException as error:
        raise _said(error) from None
    except OSError as error:
        raise _unreachable(error, settings.server) from None
    _data(server, settings, made)
    return refused


def _data(server: smtplib.SMTP, settings: Settings, made: EmailMessage) -> None:
    try:
        code, said = server.data(made.as_bytes())
    except smtplib.SMTPDataError as error:
        raise _said(error) from None
    except (smtplib.SMTPServerDisconnected, OSError) as error:
        told = _("{host} did not say whether it has taken the e-mail.")
        raise Unsure(told.format(host=settings.server), details=type(error).__name__) from None
    if code != 250:
        raise _said(smtplib.SMTPResponseException(code, said))


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _said(error: smtplib.SMTPException) -> AppError:
    """What the server's answer means; its own words follow, made harmless."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Refused(
            _("The server offers no such encryption or sign-in. Choose another one, or another port.")
        )
    if not isinstance(error, smtplib.SMTPResponseException):
        return Transient(_("The mail server broke off."), details=type(error).__name__)
    code, raw = error.smtp_code, error.smtp_error
    said = words.inert(raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw), 160)
    details = f"SMTP {code}"
    if code in (530, 534, 535, 538):
        told = _(
            "The mail server does not accept user name and password. Many want an authorisation code "
            "(授权码) instead. {said}"
        )
        return AuthFailed(told.format(said=said).strip(), details=details)
    if 400 <= code < 500 or code == -1:
        told = _("The mail server puts us off ({code}): {said}")
        return Transient(told.format(code=code, said=said), details=details)
    if code in (552, 554):
        told = _("The mail server refused this text ({code}): {said}")
        return ReplyRejected(told.format(code=code, said=said), details=details)
    told = _("The mail server refused the e-mail ({code}): {said}")
    return Refused(told.format(code=code, said=said), details=details)


def _unreachable(error: Exception, host: str) -> AppError:
    details = type(error).__name__
    if isinstance(error, ssl.SSLCertVerificationError):
        told = _("No safe connection to {host}: its certificate could not be verified.")
        return Refused(told.format(host=host), details=details)
    if isinstance(error, ssl.SSLError):
        told = _("{host} does not speak this encryption at this port. Choose another encryption or port.")
        return Refused(told.format(host=host), details=details)
    if isinstance(error, socket.gaierror | UnicodeError):
        return Transient(_("There is no mail server named {host}.").format(host=host), details=details)
    return Transient(_("{host} could not be reached.").format(host=host), details=details)
