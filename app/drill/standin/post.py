"""A small SMTP server on loopback: greets, asks for a password, takes mails, and refuses them by switch.

One thread a connection; `close` ends them. What it took is in `mails`.
"""

from __future__ import annotations

import base64
import contextlib
import socket
import socketserver
import threading
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mail:
    """As it came over the line, dots undone."""

    sender: str
    to: tuple[str, ...]
    data: bytes = field(repr=False)


class PostOffice:
    """`user`, `password`: asked for where there is a user. `refuse`: what a verb (AUTH, MAIL, RCPT, DATA,
    or END for the text) is answered with, one after the other. `unknown`: addresses it has no box for.
    `vanish`: breaks the line after so many texts without a word (they are taken)."""

    def __init__(self, user: str = "", password: str = "") -> None:
        self.user, self.password = user, password
        self.refuse: dict[str, deque[str]] = {}
        self.unknown: set[str] = set()
        self.vanish = 0
        self.mails: list[Mail] = []
        self.lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="post-office")

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> PostOffice:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def said(self, verb: str) -> str:
        """A refusal that waits for this verb; "" for none."""
        with self.lock:
            waiting = self.refuse.get(verb)
            return waiting.popleft() if waiting else ""

    def let_in(self, given: str) -> bool:
        """AUTH PLAIN: identity, user, password, between NULs."""
        try:
            parts = base64.b64decode(given).decode().split("\0")
        except (ValueError, UnicodeDecodeError):
            return False
        return parts[1:] == [self.user, self.password]


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def _handler(office: PostOffice) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        timeout = 30

        def handle(self) -> None:
            with contextlib.suppress(OSError):
                self._talk()

        def _talk(self) -> None:
            self._inside, self._sender, self._to = not office.user, "", list[str]()
            self._say("220 post.example ESMTP")
            while line := self.rfile.readline(2000):
                verb, _blank, rest = line.decode("utf-8", "replace").strip().partition(" ")
                if not self._one(verb.upper(), rest):
                    return

        def _one(self, verb: str, rest: str) -> bool:
            """Does the conversation go on?"""
            refused = office.said(verb)
            if refused:
                self._say(refused)
                return not refused.startswith("421")
            match verb:
                case "EHLO" | "HELO":
                    self._say("250-post.example")
                    self._say("250-AUTH PLAIN")
                    self._say("250 SIZE 10000000")
                case "AUTH":
                    self._inside = office.let_in(rest.partition(" ")[2])
                    good = "235 2.7.0 Authentication successful"
                    self._say(good if self._inside else "535 5.7.8 Error: authentication failed")
                case "MAIL":
                    self._sender = _address(rest)
                    self._say("250 OK" if self._inside else "530 5.7.0 Authentication required")
                case "RCPT":
                    self._recipient(_address(rest))
                case "DATA":
                    return self._data()
                case "RSET" | "NOOP":
                    self._say("250 OK")
                case "QUIT":
                    self._say("221 Bye")
                    return False
                case _:
                    self._say("502 5.5.2 Error: command not recognised")
            return True

        def _recipient(self, address: str) -> None:
            if address in office.unknown:
                self._say("550 5.1.1 No such user here")
            else:
                self._to.append(address)
                self._say("250 OK")

        def _data(self) -> bool:
            self._say("354 End data with <CR><LF>.<CR><LF>")
            got = bytearray()
            while (line := self.rfile.readline(4000)) not in (b".\r\n", b""):
                got += line[1:] if line.startswith(b"..") else line
            refused = office.said("END")
            if refused:
                self._say(refused)
                return True
            with office.lock:
                office.mails.append(Mail(self._sender, tuple(self._to), bytes(got)))
                vanishing, office.vanish = office.vanish > 0, max(0, office.vanish - 1)
            if vanishing:
                self.connection.shutdown(socket.SHUT_RDWR)
                return False
            self._say("250 2.0.0 Ok: queued")
            self._to = []
            return True

        def _say(self, line: str) -> None:
            self.wfile.write(line.encode() + b"\r\n")

    return Handler


def _address(said: str) -> str:
    return said.partition("<")[2].partition(">")[0]
