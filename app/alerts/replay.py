"""What a rule would have raised from mentions of the past: the same questions, asked of memory instead of
the database. Pure; any thread. Mentions come oldest first, and "now" is when each was published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from app.alerts.rules import Disturb, Verdict, crossing, disturb, fold_key, judge, told_of_search
from app.domain.alert import Severity
from app.domain.mention import Stored
from app.domain.rule import AlertRule, RuleCase

FOLD_WITHIN = timedelta(hours=24)
"""A text, or a saved search, raises one alert in this time, which grows."""
STORY_WITHIN = timedelta(hours=72)
"""The same for a story; its incident tells when that is not enough."""
NAMED = 50


@dataclass(slots=True)
class _Open:
    """A case that still grows."""

    verdict: Verdict
    at: datetime
    case: RuleCase
    ids: list[int] = field(default_factory=list)
    copies: int = 1

    def grow(self, id_: int) -> None:
        self.copies += 1
        if len(self.ids) < NAMED:
            self.ids.append(id_)

    def told(self) -> RuleCase:
        return replace(self.case, mention_ids=tuple(self.ids), copies=self.copies)


class Replay:
    """Of one rule."""

    def __init__(self, rule: AlertRule, zone: tzinfo | None = None) -> None:
        self._rule = rule
        self._zone = zone
        self._cases: list[_Open] = []
        self._texts: dict[tuple[int | None, str], _Open] = {}
        self._stories: dict[tuple[int | None, int], _Open] = {}
        self._shown: dict[int | None, datetime] = {}
        self._urgent: dict[int | None, datetime] = {}
        self._waiting: list[tuple[datetime, int, Stored]] = []
        self._search: _Open | None = None

    def mentions(self, rows: Sequence[Stored], stories: Mapping[int, int]) -> None:
        """For a rule about single posts; `stories`: mention -> story."""
        for stored in rows:
            verdict = judge(stored, self._rule)
            if verdict is not None:
                self._one(stored, verdict, stories.get(stored.id))

    def _one(self, stored: Stored, verdict: Verdict, story: int | None) -> None:
        brand, key, at = verdict.brand_id, fold_key(stored.text), stored.published_at
        same = self._texts.get((brand, key)) if key else None
        if same is not None and at - same.at < FOLD_WITHIN:
            same.grow(stored.id)
            return
        told = self._stories.get((brand, story)) if story is not None else None
        if told is not None and at - told.at < STORY_WITHIN:
            told.grow(stored.id)
            if verdict.severity < told.verdict.severity:
                told.verdict = verdict
                may = self._may(verdict, at)
                told.case = self._case(verdict, told.at, may if told.case.held else Disturb(toast=True))
            return
        made = _Open(verdict, at, self._case(verdict, at, self._may(verdict, at)), [stored.id])
        self._cases.append(made)
        if key:
            self._texts[brand, key] = made
        if story is not None:
            self._stories[brand, story] = made

    def search(self, rows: Sequence[Stored]) -> None:
        """For a saved search: what it holds."""
        for stored in rows:
            at = stored.published_at
            if self._search is not None and at - self._search.at < FOLD_WITHIN:
                self._search.grow(stored.id)
                continue
            self._search = None
            first = at - timedelta(minutes=self._rule.minutes)
            self._waiting = [one for one in self._waiting if one[0] >= first]
            self._waiting.append((at, stored.id, stored))
            ids = crossing([(when, id_) for when, id_, _stored in self._waiting], self._rule)
            if ids:
                verdict = told_of_search(self._rule, stored, len(ids))
                case = self._case(verdict, at, self._may(verdict, at))
                self._search = _Open(verdict, at, case, list(ids[-NAMED:]), len(ids))
                self._cases.append(self._search)
                self._waiting.clear()

    def event(
        self,
        at: datetime,
        severity: Severity,
        title: str,
        *,
        brand: int | None,
        mention: int | None = None,
        incident: int | None = None,
        listed: str = "",
    ) -> None:
        """Something that is an alert by itself: an incident, a clock. `listed`: why it disturbs nobody."""
        severity = self._rule.severity or severity
        verdict = Verdict(severity=severity, reason="", title=title, body="", brand_id=brand, brand="")
        may = Disturb(toast=False, held=listed) if listed else self._may(verdict, at)
        case = replace(self._case(verdict, at, may), incident_id=incident)
        self._cases.append(_Open(verdict, at, case, [mention] if mention is not None else []))

    def cases(self) -> tuple[RuleCase, ...]:
        """The newest first."""
        return tuple(one.told() for one in sorted(self._cases, key=lambda one: one.at, reverse=True))

    def _case(self, verdict: Verdict, at: datetime, may: Disturb) -> RuleCase:
        return RuleCase(at=at, severity=verdict.severity, title=verdict.title, held=may.held)

    def _may(self, verdict: Verdict, at: datetime) -> Disturb:
        brand = verdict.brand_id
        local = at.astimezone(self._zone)
        may = disturb(self._rule, local, verdict, at, self._shown.get(brand), self._urgent.get(brand))
        if may.toast:
            self._shown[brand] = at
            if verdict.severity is Severity.P1:
                self._urgent[brand] = at
        return may
