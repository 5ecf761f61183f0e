"""Sending one approved answer, once: looked at again, marked, sent, and written down what became of it.

Synchronous; any thread but a window's or the engine's: the platform is asked in the engine's loop, the
database here. Whatever happens between marking and hearing back ends as "perhaps sent", and is never sent
again unasked: not after a kill, not after a broken line, not by another program.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as TooSlow
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from app import log
from app.change import Change
from app.domain.clock import Clock
from app.domain.mention import Kind, Mention, Status, Stored
from app.domain.outbox import UNKNOWN, Allow, Basis, Moved, Outgoing, Posting, Proposal, fit, same_person
from app.domain.platforms import platform_name
from app.domain.watch import Source
from app.errors import (
    AppError,
    Conflict,
    NotFound,
    ReplyRejected,
    StorageError,
    Transient,
    Unavailable,
    Unsure,
)
from app.i18n import N_, _, ngettext
from app.storage.store import Storage
from monitors.base import CanReply, Info

_log = log.topic("send")

PATIENCE = 180.0
"""Seconds for the platform's answer, politeness and a fresh token included."""
LEASE = timedelta(minutes=15)
"""After so long nobody is still sending, whatever another machine may say."""

SECOND_KEY = "outbox.second"
"""The team's setting: an answer wants the yes of somebody else than its writer."""

OLD = 2 * 86400.0
"""Seconds."""

DIED = N_("The program ended in the middle of sending. Look at the post whether the answer is there.")

Ask = Callable[[Source, Mention, str, str], Future[str]]
Look = Callable[[Source, Mention], Future[None]]


class Sending:
    """`ask` sends, `look` asks the platform whether the post still takes an answer; both in the engine."""

    def __init__(
        self,
        *,
        storage: Storage,
        infos: Mapping[str, type[object]],
        clock: Clock,
        ask: Ask,
        look: Look,
        tell: Callable[[Change], None],
        folder: Path,
    ) -> None:
        self._storage = storage
        self._kinds = infos
        self._clock = clock
        self._ask = ask
        self._look = look
        self._tell = tell
        self._folder = folder
        self._token = uuid4().hex
        self._machine = f"{socket.gethostname()}:{folder.resolve()}"
        self._lock: FileLock | None = None
        self._guard = threading.Lock()

    @property
    def sender(self) -> str:
        """This program, in the database that several machines may share."""
        return f"{self._machine}|{self._token}"

    # ── before ───────────────────────────────────────────────────────────────────────────────────

    @property
    def wants_two(self) -> bool:
        return self._storage.settings.get(SECOND_KEY) is True

    def propose(self, stored: Stored, text: str, approved_by: str = "", basis: Basis = UNKNOWN) -> Proposal:
        """What would be sent, where, as whom, and why it cannot be, if so. Asks nobody."""
        source = self._source(stored)
        info = self._info(source)
        account = "" if source is None or info is None else source.settings.get(info.account, "")
        said = fit(text)
        problem, needs = _no_way(stored), frozenset[Allow]()
        if info is not None:
            problem, needs = self._problem(info, stored, said, (approved_by,), basis)
        return Proposal(
            mention_id=stored.id,
            text=said,
            platform=platform_name(stored.mention.platform),
            source=stored.source,
            account=str(account or ""),
            to=stored.mention.author.name,
            url=stored.mention.url,
            limit=0 if info is None else info.reply_limit,
            problem=problem,
            surmountable=bool(needs),
            needs=needs,
            possible=info is not None,
            second=self.wants_two,
        )

    def _problem(
        self, info: Info, stored: Stored, text: str, names: Sequence[str], basis: Basis
    ) -> tuple[str, frozenset[Allow]]:
        """(why not, what a person may say "all the same" to)."""
        try:
            self._check_hard(info, stored, text)
        except AppError as error:
            return error.text, frozenset()
        found = self._obstacles(stored, names, basis)
        return " ".join(found.values()), frozenset(found)

    def check(self, row: Outgoing, allowed: Collection[Allow] = ()) -> None:
        """Everything that can be looked at without asking the platform; raises as `send` does."""
        stored = self._storage.mentions.get(row.mention_id)
        info = self._info(self._source(stored))
        if info is None:
            raise ReplyRejected(_no_way(stored))
        names = (row.by, row.approved_by, row.second_by)
        self._check(info, stored, row.text, names, row.basis, row.allowed | set(allowed))

    def _check(
        self,
        info: Info,
        stored: Stored,
        text: str,
        names: Sequence[str],
        basis: Basis,
        allowed: Collection[Allow] = (),
    ) -> None:
        self._check_hard(info, stored, text)
        for obstacle, words in self._obstacles(stored, names, basis).items():
            if obstacle not in allowed:
                raise Conflict(words)

    def _check_hard(self, info: Info, stored: Stored, text: str) -> None:
        """What no yes gets over."""
        self._check_text(info, text)
        if stored.gone_at is not None:
            raise ReplyRejected(_("This post is not there any more."))
        self._check_window(info, stored.mention)

    def _obstacles(self, stored: Stored, names: Sequence[str], basis: Basis) -> dict[Allow, str]:
        """What a person may say "all the same" to, in words. `names`: who wrote and approved the answer."""
        found: dict[Allow, str] = {}
        mine = not stored.status_by or any(same_person(stored.status_by, name) for name in names)
        if stored.status is Status.ANSWERED:
            told = _("{name} has already answered this.")
            found[Allow.ANSWERED] = told.format(name=stored.status_by or _("Somebody"))
        elif stored.status is Status.CLAIMED and not mine and self._still_claimed(stored):
            found[Allow.CLAIMED] = _("{owner} is working on this already.").format(owner=stored.status_by)
        moved = self._storage.outbox.moved(stored.id, basis)
        if moved:
            found[Allow.MOVED] = _moved(moved)
        return found

    def _still_claimed(self, stored: Stored) -> bool:
        """A claim whose holder has given no sign for too long is nobody's."""
        item = self._storage.queue.get(stored.id)
        return item is None or item.lease_until is None or item.lease_until > self._clock.now()

    def _check_text(self, info: Info, text: str) -> None:
        if not text:
            raise ReplyRejected(_("There is no text to send."))
        if info.reply_limit and len(text) > info.reply_limit:
            told = _("The text has {n} characters; {platform} takes {limit} at the most.")
            raise ReplyRejected(told.format(n=len(text), platform=_(info.name), limit=info.reply_limit))

    def _check_window(self, info: Info, to: Mention) -> None:
        """Platforms whose chats take answers for a while only, and only so many."""
        if to.kind is not Kind.MESSAGE or not (info.reply_hours or info.reply_most):
            return
        last, went = self._storage.outbox.conversation(to)
        if info.reply_hours and last and self._clock.now() - last > timedelta(hours=info.reply_hours):
            told = _("{platform} takes answers for {hours} hours after the author wrote; they are over.")
            raise ReplyRejected(told.format(platform=_(info.name), hours=info.reply_hours))
        if info.reply_most and went >= info.reply_most:
            told = _("{platform} takes {n} answers until the author writes again, and they are sent.")
            raise ReplyRejected(told.format(platform=_(info.name), n=info.reply_most))

    # ── sending ──────────────────────────────────────────────────────────────────────────────────

    def send(self, id: int, allowed: Collection[Allow] = (), *, due: datetime | None = None) -> Outgoing:
        """An approved answer. What it became is in the row, whose state is SENT, FAILED or UNSURE; raises
        Conflict or ReplyRejected, with the row as it was, where it may not be sent now. `allowed`: what a
        person says "all the same" to, besides what stands in the row. `due`: only if it still leaves
        then."""
        row = self._storage.outbox.get(id)
        if row.state is not Posting.APPROVED:
            raise Conflict(_("Only an approved answer can be sent."))
        if self.wants_two and not row.seen_by_two:
            raise Conflict(_("Somebody else must approve this answer, too."))
        self.check(row, allowed)
        stored = self._storage.mentions.get(row.mention_id)
        source = self._source(stored)
        if source is None:
            raise ReplyRejected(_no_way(stored))
        again = Allow.ANSWERED in row.allowed | set(allowed)
        self._looked(source, stored.mention, again=again)
        self.be_alive()
        self._storage.outbox.begin(id, self.sender, self._clock.now(), again=again, due=due)
        return self._through(row, source, stored.mention)

    def _through(self, row: Outgoing, source: Source, to: Mention) -> Outgoing:
        """From here on only the platform's own word makes it sent or not sent."""
        try:
            native_id = self._asked(source, to, row)
        except Unsure as error:
            ended = self._storage.outbox.unsure(row.id, error.text, self._clock.now())
        except AppError as error:
            ended = self._storage.outbox.failed(row.id, error.text, self._clock.now())
        except BaseException as error:
            _log.error("answer %s ended in the middle of sending", row.id, exc_info=error)
            with suppress(StorageError):
                self._storage.outbox.unsure(row.id, _(DIED), self._clock.now())
            self._tell(Change.OUTBOX)
            raise
        else:
            ended = self._storage.outbox.sent(row.id, native_id, self._clock.now())
        _log.info("answer %s: %s", ended.id, ended.state)
        self._tell(Change.OUTBOX | (Change.STATUS if ended.state is Posting.SENT else Change.NONE))
        return ended

    def _looked(self, source: Source, to: Mention, *, again: bool) -> None:
        try:
            self.wait(self._look(source, to))
        except Conflict:
            if not again:
                raise

    @staticmethod
    def wait(job: Future[None]) -> None:
        """For something that may safely be done again; Transient where the platform does not answer."""
        try:
            job.result(PATIENCE)
        except (TooSlow, CancelledError):
            job.cancel()
            raise Transient(_("The platform did not answer in time; nothing was sent.")) from None

    def _asked(self, source: Source, to: Mention, row: Outgoing) -> str:
        job = self._ask(source, to, row.text, row.key)
        try:
            return job.result(PATIENCE)
        except (TooSlow, CancelledError):
            job.cancel()
            told = _("The platform did not say whether the answer arrived. Look there first.")
            raise Unsure(told) from None

    def _source(self, stored: Stored) -> Source | None:
        try:
            return self._storage.sources.get(stored.source_id).source
        except NotFound:
            return None

    def _info(self, source: Source | None) -> Info | None:
        """None where this source takes no answers."""
        kind = self._kinds.get(source.kind) if source is not None else None
        if kind is None or not issubclass(kind, CanReply):
            return None
        info: Info = kind.info  # type: ignore[attr-defined]  # every monitor has one
        return info

    # ── after a crash ────────────────────────────────────────────────────────────────────────────

    def recover(self) -> tuple[Outgoing, ...]:
        """What was being sent by a program that is no more is "perhaps sent" from now on."""
        ended = self._storage.outbox.give_up(self.alive, self._clock.now(), LEASE, _(DIED))
        self._tidy()
        if ended:
            _log.warning("answers perhaps sent: %s", [one.id for one in ended])
            self._tell(Change.OUTBOX)
        return ended

    def alive(self, sender: str) -> bool:
        """May this sender still be at work? One of another machine may, until its lease is over."""
        machine, _bar, token = sender.rpartition("|")
        if machine != self._machine:
            return True
        if token == self._token:
            return True
        file = self._folder / f"{token}.lock"
        if not token.isalnum() or not file.exists():
            return False
        held = FileLock(file)
        try:
            held.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:
            return False
        held.release()
        with suppress(OSError):
            file.unlink()
        return False

    def _tidy(self) -> None:
        """Files of programs that were killed: old ones only, as a young one may be about to be locked."""
        with suppress(OSError):
            for file in self._folder.glob("*.lock"):
                if time.time() - file.stat().st_mtime > OLD and file.stem != self._token:
                    self.alive(f"{self._machine}|{file.stem}")

    def be_alive(self) -> None:
        """Hold our own file, so that others see that we live."""
        with self._guard:
            if self._lock is not None:
                return
            lock = FileLock(self._folder / f"{self._token}.lock")
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                lock.acquire(timeout=5)
            except (OSError, Timeout) as error:
                told = _("The folder {folder} cannot be used: {reason}")
                raise Unavailable(told.format(folder=self._folder, reason=error)) from error
            self._lock = lock

    def close(self) -> None:
        with self._guard:
            if self._lock is not None:
                self._lock.release()
                with suppress(OSError):
                    (self._folder / f"{self._token}.lock").unlink()
                self._lock = None


def _moved(moved: Moved) -> str:
    """The answer may not fit any more what it answers."""
    if moved.author:
        told = ngettext(
            "The author has written again since this text was made ({n} post).",
            "The author has written again since this text was made ({n} posts).",
            moved.author,
        )
        return told.format(n=moved.author)
    if moved.others:
        told = ngettext(
            "{n} person has answered the post since this text was made.",
            "{n} people have answered the post since this text was made.",
            moved.others,
        )
        return told.format(n=moved.others)
    return _("The author has changed the post since this text was made.")


def _no_way(stored: Stored) -> str:
    told = _("“{source}” takes no answers from here: copy the text and open the post.")
    return told.format(source=stored.source)
