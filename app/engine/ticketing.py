"""Mentions become issues in a bug tracker, each once, and what becomes of those comes back. Engine's loop.

Never twice: an issue is reserved in the database by its key (the identity of the story's oldest post), then
looked up on the tracker by that key, and made only where it is not there. Where no answer came to the
making, it is looked up at once; if it is not seen yet, the ticket stays unsure, and the next attempt begins
with looking again. Copies of the same story refer to the issue that there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app import log
from app.change import Change
from app.domain.alert import Severity
from app.domain.clock import Clock
from app.domain.mention import Stored
from app.domain.outlet import Outlet
from app.domain.platforms import platform_name
from app.domain.ticket import Issue, Ref, Ticket, TicketState, key_of
from app.domain.web import Web
from app.engine.outlets import Makers
from app.errors import AppError, ConfigError, NotFound, RateLimited, StorageError, Unsure
from app.i18n import _
from app.storage.store import Storage
from app.trackers.base import Tracker

_log = log.topic("tickets")

LEASE = timedelta(minutes=3)
"""For making one; past it another program may look what became of it."""
EVERY = 60.0
"""Seconds between two rounds."""
ROUND = 20
"""Issues a round: a tracker is asked modestly."""
PACE = ((timedelta(days=1), timedelta(minutes=5)), (timedelta(days=7), timedelta(minutes=30)))
"""How often one is looked at, by its age; older ones every six hours."""
SELDOM = timedelta(hours=6)
COPIES = 20
"""Addresses of copies that an issue shows."""
KIN = 2000
"""Posts of a story that are looked at."""


class Ticketing:
    """One a program; `web` is there once the engine runs."""

    def __init__(
        self,
        *,
        storage: Storage,
        makers: Makers[Tracker[Any]],
        clock: Clock,
        tell: Callable[[Change], None],
    ) -> None:
        self._storage = storage
        self._makers = makers
        self._clock = clock
        self._tell = tell
        self._resting: dict[int, datetime] = {}
        self._ailing = False
        self.web: Web | None = None

    # ── a person's acts ──────────────────────────────────────────────────────────────────────

    async def escalate(
        self, mention_id: int, tracker_id: int, severity: Severity, by: str, note: str = ""
    ) -> Ticket:
        """The issue of this mention there, made now where there is none. Raises what the tracker says; what
        happened is written down either way."""
        outlet, tracker = await asyncio.to_thread(self._tracker, tracker_id)
        issue, kin = await asyncio.to_thread(self._issue, mention_id, severity, by, note)
        reserved = await asyncio.to_thread(
            self._storage.tickets.reserve, issue, tracker_id, mention_id, kin, self._clock.now(), LEASE
        )
        if not reserved.mine:
            self._tell(Change.TRACKERS)
            return reserved.ticket
        ticket = reserved.ticket
        try:
            ref = await _once(tracker, replace(issue, key=ticket.key))
        except BaseException as error:
            await asyncio.to_thread(self._stuck, ticket, outlet, error, mention_id, by)
            raise
        made = await asyncio.to_thread(self._made, ticket, outlet, ref, mention_id, by)
        self._tell(Change.TRACKERS | Change.MENTIONS)
        return made

    async def check(self, kind: str, values: Mapping[str, Any]) -> str:
        """One sentence of what was found there; makes nothing."""
        if self.web is None:
            raise ConfigError(_("The engine is not running."))
        tracker = await asyncio.to_thread(self._makers.of, kind, values, self.web)
        return await tracker.check()

    async def look(self, ticket_id: int) -> Ticket:
        """How an issue stands, now."""
        ticket = await asyncio.to_thread(self._storage.tickets.get, ticket_id)
        _outlet, tracker = await asyncio.to_thread(self._tracker, ticket.tracker_id)
        await self._look_up(tracker, ticket)
        return await asyncio.to_thread(self._storage.tickets.get, ticket_id)

    def _made(self, ticket: Ticket, outlet: Outlet, ref: Ref, mention_id: int, by: str) -> Ticket:
        now = self._clock.now()
        made = self._storage.tickets.made(ticket.id, ref, mention_id, by, now)
        self._storage.trackers.fared(outlet.id, "", now)
        return made

    def _stuck(
        self, ticket: Ticket, outlet: Outlet, error: BaseException, mention_id: int, by: str
    ) -> None:
        """A cancelled or broken attempt is as unclear as an unanswered one."""
        unsure = isinstance(error, Unsure) or not isinstance(error, AppError)
        state = TicketState.UNSURE if unsure else TicketState.FAILED
        words = error.text if isinstance(error, AppError) else type(error).__name__
        now = self._clock.now()
        self._storage.tickets.stuck(ticket.id, state, words, mention_id, by, now)
        self._storage.trackers.fared(outlet.id, words, now)
        self._tell(Change.TRACKERS)

    def _tracker(self, id_: int) -> tuple[Outlet, Tracker[Any]]:
        if self.web is None:
            raise ConfigError(_("The engine is not running."))
        outlet = self._storage.trackers.get(id_)
        if outlet.paused:
            raise ConfigError(_("The tracker “{name}” is paused.").format(name=outlet.name))
        kept = self._makers.kept(outlet)
        if self._makers.absent(outlet, kept):
            told = _("The key of “{name}” is not kept on this computer. Enter it here.")
            raise ConfigError(told.format(name=outlet.name))
        return outlet, self._makers.of(outlet.kind, {**outlet.settings, **kept}, self.web)

    def _issue(
        self, mention_id: int, severity: Severity, by: str, note: str
    ) -> tuple[Issue, tuple[int, ...]]:
        """What is written down, and the mentions of the same story."""
        stored = self._storage.mentions.get(mention_id)
        if stored.forgotten:
            raise NotFound(_("This post was deleted by its author, and its words are forgotten."))
        story = self._storage.stories.story_of(mention_id)
        kin = self._storage.stories.mentions_of(story, KIN) if story else ()
        count = self._storage.stories.count(story) if story else 1
        others = [one for one in kin if one != mention_id]
        copies = self._storage.mentions.many(others[:COPIES]) if others else ()
        first = self._storage.mentions.get(kin[0]) if kin else stored
        mention = stored.mention
        issue = Issue(
            key=key_of(first.mention),
            severity=severity,
            title=mention.title or mention.text,
            text=mention.text,
            url=mention.url,
            platform=platform_name(mention.platform),
            author=mention.author.name,
            brand=_brand(stored),
            published_at=stored.published_at,
            copies=tuple(one.mention.url for one in copies),
            count=max(count, 1),
            note=note,
            by=by,
        )
        return issue, tuple(others)

    # ── what comes back ──────────────────────────────────────────────────────────────────────

    async def run(self, stop: asyncio.Event) -> None:
        """Open issues are looked at now and then, until `stop`."""
        while not stop.is_set():
            try:
                await self.follow()
            except StorageError as error:
                if not self._ailing:  # one line on breaking, silence until it heals
                    _log.warning("issues are not looked at, the database does not answer: %s", error)
                self._ailing = True
            except Exception as error:  # noqa: BLE001  # one bad issue must not stop the others for ever
                _log.error("issues are not looked at", exc_info=error)
            else:
                self._ailing = False
            try:
                await asyncio.wait_for(stop.wait(), EVERY)
            except TimeoutError:
                continue

    async def follow(self) -> int:
        """One round; how many were asked about."""
        now = self._clock.now()
        trackers = await asyncio.to_thread(self._followed, now)
        due = await asyncio.to_thread(
            self._storage.tickets.due, now, tuple(trackers), PACE, SELDOM, limit=ROUND
        )
        asked = 0
        for ticket in due:
            tracker = trackers.get(ticket.tracker_id)
            if tracker is None or not await asyncio.to_thread(self._storage.tickets.looking, ticket, now):
                continue
            asked += 1
            try:
                await self._look_up(tracker, ticket)
            except AppError as error:
                if isinstance(error, StorageError):
                    raise
                trackers.pop(ticket.tracker_id)
                await asyncio.to_thread(self._trouble, ticket.tracker_id, error, now)
        return asked

    async def _look_up(self, tracker: Tracker[Any], ticket: Ticket) -> None:
        try:
            ref: Ref | None = await tracker.state(ticket.ref)
        except NotFound:
            ref = None
        if await asyncio.to_thread(self._storage.tickets.seen, ticket, ref, self._clock.now()):
            self._tell(Change.TRACKERS | Change.MENTIONS)

    def _followed(self, now: datetime) -> dict[int, Tracker[Any]]:
        """Those that can be asked at present, and know how an issue stands."""
        found = {}
        for outlet in self._storage.trackers.all():
            if self._resting.get(outlet.id, now) > now:
                continue
            try:
                _outlet, tracker = self._tracker(outlet.id)
            except StorageError:
                raise
            except AppError:
                continue
            if tracker.info.follows:
                found[outlet.id] = tracker
        return found

    def _trouble(self, id_: int, error: AppError, now: datetime) -> None:
        wait = error.retry_after if isinstance(error, RateLimited) else 600.0
        self._resting[id_] = now + timedelta(seconds=wait)
        self._storage.trackers.fared(id_, error.text, now)
        self._tell(Change.TRACKERS)


async def _once(tracker: Tracker[Any], issue: Issue) -> Ref:
    """Looked up, and made only where it is not there; an unanswered making is looked up once more."""
    found = await tracker.find(issue.key)
    if found is not None:
        return found
    try:
        return await tracker.create(issue)
    except Unsure as error:
        try:
            found = await tracker.find(issue.key)
        except AppError:
            found = None
        if found is None:
            raise error from None
        return found


def _brand(stored: Stored) -> str:
    own: Sequence[str] = [hit.brand for hit in stored.hits if not hit.competitor]
    return own[0] if own else ""
