"""An alert on its way to people: who is called over what, what is shown on this machine, and the receipts.

Rows of `delivery` come first, what is shown here after: a program killed in between leaves a row that
says so. Cards and desktop notifications of colleagues are rows that their own programs pick up; channels
(robots, mail) are rows that the dispatch sends. Worker threads only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from app import log
from app.alerts.deliver import SHOWN, Desktop
from app.alerts.ladders import HERE, Staff, Target, climbs, climbs_at, targets
from app.change import Change
from app.domain.alert import Alert, Severity
from app.domain.clock import Clock
from app.domain.delivery import DESKTOP, TOAST, Delivery
from app.domain.people import Person
from app.domain.rule import AlertRule
from app.errors import StorageError
from app.i18n import _, listed, ngettext
from app.storage.edge import micros
from app.storage.store import Storage

_log = log.topic("alert")

OnDuty = Callable[[int, datetime], Sequence[Person]]
"""(team, moment) -> who is on duty there then."""

HOUR = timedelta(hours=1)
WAITS = timedelta(minutes=30)
"""A card waits so long for its person's window."""
REMEMBERED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whom a new alert goes to. `over`: people whose budget is used up, and when there is room again."""

    targets: tuple[Target, ...] = ()
    over: tuple[tuple[str, datetime], ...] = ()

    @property
    def held(self) -> str:
        """Why nobody is disturbed; "" when somebody is."""
        if self.targets or not self.over:
            return ""
        return _("the hour's budget of {names} is used up").format(names=listed(n for n, _at in self.over))


class Notifier:
    """`toast` shows a card in the windows of this program, `windows` says whether there are any."""

    def __init__(
        self,
        *,
        storage: Storage,
        desktop: Desktop | None,
        clock: Clock,
        tell: Callable[[Change], None],
        toast: Callable[[Alert], None],
        windows: Callable[[], bool],
        me: Callable[[], str],
        channels: Callable[[], Mapping[str, str]],
        on_duty: OnDuty,
        scheduled: Callable[[], None],
        failed: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._desktop = desktop
        self._clock = clock
        self._tell = tell
        self._toast = toast
        self._windows = windows
        self._me = me
        self.channels = channels
        self._on_duty = on_duty
        self._scheduled = scheduled
        self._failed = failed
        self._guard = threading.Lock()
        self._here: dict[int, None] = {}
        """Alerts that were shown on this machine."""
        self._taken: dict[str, None] = {}
        """Keys of deliveries that this program has shown, or is showing."""
        self._errands = ThreadPoolExecutor(1, thread_name_prefix="notify")

    # ── whom ─────────────────────────────────────────────────────────────────────────────────

    def staff(self, rule: AlertRule, now: datetime, owner: str = "") -> Staff:
        """`owner`: who has the matter in hand already is on duty for it."""
        people = tuple(one for one in self._storage.people.all() if not one.away)
        if not people:
            return Staff()
        named = [one for one in people if one.name == owner]
        if rule.on_duty and not named:
            named = [one for name in rule.on_duty for one in people if one.name == name]
        return Staff(people=people, duty=tuple(named or self._duty(rule, people, now)))

    def _duty(self, rule: AlertRule, people: Sequence[Person], now: datetime) -> tuple[Person, ...]:
        teams = (
            [rule.team_id]
            if rule.team_id is not None
            else [team.id for team in self._storage.people.teams()]
        )
        found = [one for team in teams for one in self._on_duty(team, now) if not one.away]
        if rule.team_id is None:
            found += [one for one in people if one.team_id is None]
        # Nobody is on duty at this hour: an alert goes to everybody rather than to nobody.
        return tuple({one.name: one for one in found}.values()) or tuple(people)

    def plan(self, rule: AlertRule, severity: Severity, now: datetime, owner: str = "") -> Plan:
        staff = self.staff(rule, now, owner)
        wanted = targets(rule, 0, staff, self.channels())
        if severity is Severity.P1:
            return Plan(targets=wanted)
        over = self._over(wanted, staff, now)
        names = {name for name, _at in over}
        return Plan(targets=tuple(one for one in wanted if one.person not in names), over=over)

    def _over(
        self, wanted: Iterable[Target], staff: Staff, now: datetime
    ) -> tuple[tuple[str, datetime], ...]:
        called = {one.person for one in wanted}
        made = []
        for person in staff.people:
            if person.budget > 0 and person.name in called:
                n, first = self._storage.alerts.load(person.name, now - HOUR)
                if n >= person.budget and first is not None and first <= now:
                    made.append((person.name, first + HOUR))
        return tuple(made)

    # ── what goes out ────────────────────────────────────────────────────────────────────────

    def hold(self, plan: Plan, now: datetime) -> None:
        """Those whose budget is used up are told of it in one line when their hour is over."""
        for name, until in plan.over:
            self._storage.alerts.hold(name, now, until)
        if plan.over:
            self._scheduled()

    def begin(self, alert: Alert, rule: AlertRule, plan: Plan) -> None:
        """An alert that may disturb has been raised, or has become graver: the first rung."""
        now = self._clock.now()
        self.send(alert, 0, plan.targets, now, now)
        self.hold(plan, now)
        self.schedule(alert, rule)

    def schedule(self, alert: Alert, rule: AlertRule) -> None:
        """Where nobody acknowledges it, it climbs."""
        now = self._clock.now()
        at = climbs_at(rule, 0, now, self.channels()) if climbs(rule, alert.severity) else None
        if at is not None:
            self._storage.alerts.set_climb(alert.id, at)
            self._scheduled()

    def send(
        self, alert: Alert, rung: int, wanted: Sequence[Target], now: datetime, scheduled: datetime
    ) -> None:
        """`scheduled` is when the rung was due: with it the keys are the same for whoever climbs it."""
        self.write(alert, rung, wanted, now, scheduled)
        self.show(alert, rung, wanted, scheduled)

    def write(
        self, alert: Alert, rung: int, wanted: Sequence[Target], now: datetime, scheduled: datetime
    ) -> None:
        """The rows."""
        rows = [
            Delivery(
                alert_id=alert.id,
                channel=one.channel,
                person=one.person,
                rung=rung,
                key=_key(alert.id, rung, scheduled, one),
                due_at=now + WAITS if one.channel in HERE else now,
                created_at=now,
                changed_at=now,
            )
            for one in wanted
            if one.person or one.channel not in HERE or self._can(one.channel)
        ]
        if self._storage.deliveries.add(rows):
            self._tell(Change.DELIVERIES)

    def _can(self, channel: str) -> bool:
        return self._windows() if channel == TOAST else self._desktop is not None

    def show(self, alert: Alert, rung: int, wanted: Sequence[Target], scheduled: datetime) -> None:
        """What of it is meant for whoever sits here."""
        keys = [_key(alert.id, rung, scheduled, one) for one in wanted if one.channel in HERE]
        if self._meant(wanted, TOAST):
            self._show_card(alert, keys)
        if self._desktop is not None and self._meant(wanted, DESKTOP):
            self._show_on_desktop(self._desktop, alert, keys)

    def _meant(self, wanted: Sequence[Target], channel: str) -> bool:
        """A window whose person nobody knows as a colleague shows everything: better twice than never."""
        names = {one.person for one in wanted if one.channel == channel}
        me = self._me()
        return bool(names) and (bool(names & {"", me}) or self._storage.people.named(me) is None)

    def _show_card(self, alert: Alert, keys: Iterable[str] = ()) -> None:
        self._note(alert.id, TOAST, keys)
        self._toast(alert)

    def _show_on_desktop(self, desktop: Desktop, alert: Alert, keys: Iterable[str]) -> None:
        self._note(alert.id, DESKTOP, keys)
        self._errands.submit(self._deliver, desktop, alert)

    def _note(self, id_: int, channel: str, keys: Iterable[str]) -> None:
        with self._guard:
            self._taken.update((key, None) for key in keys if f"/{channel}/" in key)
            if channel == TOAST:
                self._here[id_] = None
                while len(self._here) > REMEMBERED:
                    self._here.pop(next(iter(self._here)))
            while len(self._taken) > REMEMBERED:
                self._taken.pop(next(iter(self._taken)))

    def grown(self, alert: Alert) -> None:
        """Copies came: the card that is shown here counts up."""
        with self._guard:
            here = alert.id in self._here
        if here:
            self._toast(alert)

    def card(self, alert: Alert, *, first: bool) -> None:
        """For whoever sits here, without a receipt; later only where it was shown already."""
        if first:
            self._show_card(alert)
        else:
            self.grown(alert)

    def pick_up(self) -> None:
        """What another program has raised for whoever sits here."""
        me = self._me()
        for id_, channel, key in self._storage.alerts.waiting_for(me):
            with self._guard:
                if key in self._taken:
                    continue
            if not self._can(channel):
                continue
            alert = self._storage.alerts.get(id_)
            if channel == TOAST:
                self._show_card(alert, [key])
            elif self._desktop is not None:
                self._show_on_desktop(self._desktop, alert, [key])

    def _deliver(self, desktop: Desktop, alert: Alert) -> None:
        """A desktop may take seconds to answer; judging goes on meanwhile."""
        outcome = desktop.send(alert.title, alert.body)
        names = ("", self._me())
        try:
            self._storage.alerts.set_delivered(alert.id, outcome)
            if outcome == SHOWN:
                self._storage.alerts.shown(alert.id, names, self._clock.now(), DESKTOP)
            else:
                why = outcome.partition(":")[2].strip() or outcome
                self._storage.alerts.lost(alert.id, names, why, self._clock.now())
        except StorageError as error:
            _log.warning("the delivery of alert %s is not written down: %s", alert.id, error)
        self._tell(Change.ALERTS | Change.DELIVERIES)
        if outcome != SHOWN:
            _log.warning("alert %s was not shown on the desktop: %s", alert.id, outcome)
            self._failed()

    def tell_held(self, alert: Alert, now: datetime) -> None:
        """One line for a whole hour's alerts, to the person they were held for."""
        n = alert.copies
        title = ngettext(
            "P2 {n} alert was held back in the last hour",
            "P2 {n} alerts were held back in the last hour",
            n,
        ).format(n=n)
        body = _("Your budget of alerts an hour was used up. The list has them all.")
        if not self._storage.alerts.tell_held(alert, title, body):
            return
        told = self._storage.alerts.get(alert.id)
        wanted = tuple(Target(channel, alert.whom) for channel in HERE)
        self.send(told, 0, wanted, now, now)

    def close(self) -> None:
        """Notifications still waiting are dropped; the alerts themselves are stored."""
        self._errands.shutdown(wait=True, cancel_futures=True)


def _key(alert_id: int, rung: int, scheduled: datetime, target: Target) -> str:
    """The same for whoever climbs this rung."""
    return f"{alert_id}/{rung}/{micros(scheduled)}/{target.channel}/{target.person}"
