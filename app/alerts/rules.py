"""Is this mention worth disturbing somebody, how much, and may it be disturbed now?

Pure functions of values; any thread. `docs/alerts.md` says the same for people: keep both in step.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from app.domain.alert import Severity
from app.domain.cues import URGENT, severity_label
from app.domain.mention import Hit, Stored
from app.domain.plain import one_line, own_part
from app.domain.rule import KINDS, AlertRule
from app.domain.sentiment import Tone
from app.i18n import _, clauses, listed, ngettext
from app.matching.fold import folded

AWAKE = timedelta(minutes=2)
"""Between two P1 notifications of one brand; those between are listed and counted."""

FAR = 10
"""So many times the rule's reach is a matter for everybody."""

_TITLE, _BODY, _REASON = 60, 200, 300
_NOISE = re.compile(r"https?://\S+|www\.\S+|回复\s*@[^\s:：@]{1,40}\s*[:：]|@[\w\-·]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What an alert will say; plain text on one line each, safe to show, not escaped for any format."""

    severity: Severity
    reason: str
    title: str
    body: str
    brand_id: int | None
    brand: str


@dataclass(frozen=True, slots=True)
class Disturb:
    """May a person be disturbed now? `held` says in a sentence why not; empty when they may."""

    toast: bool
    held: str = ""
    climbs: bool = False
    """Held only because of the moment: where nobody acknowledges it, it climbs all the same."""


def judge(stored: Stored, rule: AlertRule) -> Verdict | None:
    """An alert for a mention of an own brand that is clearly negative and reaches far, or is grave.

    Of a brand the rule watches; the rule may say how grave. A person's correction settles the
    tone. One star is negative evidence, four and five are against
    it. A danger (`URGENT` cue) in a post that is neither clearly negative nor clearly positive still
    asks for a look: the scorer is not trusted to read past a fire.
    """
    own = next((hit for hit in stored.hits if not hit.competitor and watches(rule, hit.brand_id)), None)
    if own is None or (stored.corrected and stored.tone is not Tone.NEGATIVE):
        return None
    clear = _clearly_negative(stored, rule)
    severity = _grade(stored, rule) if clear else _doubtful(stored)
    return _verdict(stored, rule, own, rule.severity or severity, clear=clear) if severity else None


def watches(rule: AlertRule, brand_id: int | None) -> bool:
    """Does the rule care for this brand?"""
    return not rule.brands or brand_id in rule.brands


def gravest(matches: Sequence[tuple[AlertRule, Verdict]]) -> tuple[AlertRule, Verdict]:
    """Several rules make one alert: the gravest (of two alike the first); it names the others."""
    rule, verdict = min(matches, key=lambda match: match[1].severity)
    others = [rule_name(one) for one, _verdict in matches if one.id != rule.id]
    if not others:
        return rule, verdict
    also = _("other rules say so, too: {rules}").format(rules=listed(others))
    return rule, replace(verdict, reason=one_line(clauses([verdict.reason.rstrip("。."), also]), _REASON))


def rule_name(rule: AlertRule) -> str:
    """As it was named, or what it looks at."""
    return one_line(rule.name, 60) or _(KINDS[rule.kind])


def told_of_search(rule: AlertRule, newest: Stored, n: int) -> Verdict:
    """For a saved search of which `n` posts came close enough to one another."""
    severity = rule.severity or Severity.P2
    what = ngettext("{n} post", "{n} posts", n).format(n=n)
    title = _("{severity} {rule}: {what}").format(severity=severity, rule=rule_name(rule), what=what)
    said = ngettext("{n} post within {minutes} minutes", "{n} posts within {minutes} minutes", n)
    first = next(iter(newest.hits), None)
    return Verdict(
        severity=severity,
        reason=one_line(said.format(n=n, minutes=rule.minutes), _REASON),
        title=one_line(title, _TITLE),
        body=one_line(_body(newest), _BODY),
        brand_id=first.brand_id if first else None,
        brand=first.brand if first else "",
    )


def crossing(posts: Sequence[tuple[datetime, int]], rule: AlertRule) -> tuple[int, ...]:
    """The first posts (ids) that are enough within the rule's minutes; `posts` by time. Empty: none."""
    span, n = timedelta(minutes=rule.minutes), max(1, rule.times)
    for end in range(n - 1, len(posts)):
        first = posts[end - n + 1][0]
        if posts[end][0] - first <= span:
            return tuple(id_ for _at, id_ in posts[end - n + 1 : end + 1])
    return ()


def _clearly_negative(stored: Stored, rule: AlertRule) -> bool:
    if stored.corrected:
        return True
    rating = stored.mention.rating
    if rating is not None and (rating <= 1 or rating >= 4):
        return rating <= 1
    return (
        stored.score is not None and stored.tone is Tone.NEGATIVE and stored.score.negative >= rule.negative
    )


def _grade(stored: Stored, rule: AlertRule) -> Severity | None:
    """For a clearly negative mention."""
    followers, engagement = stored.mention.author.followers or 0, stored.mention.counts.total
    heard = stored.mention.author.verified and followers >= rule.followers
    if URGENT.intersection(stored.severity) or heard or _far(followers, engagement, rule):
        return Severity.P1
    if stored.severity or followers >= rule.followers or engagement >= rule.engagement:
        return Severity.P2
    return None


def _far(followers: int, engagement: int, rule: AlertRule) -> bool:
    return followers >= FAR * max(rule.followers, 1) or engagement >= FAR * max(rule.engagement, 1)


def _doubtful(stored: Stored) -> Severity | None:
    """For one that is not clearly negative."""
    if URGENT.intersection(stored.severity) and not _clearly_positive(stored):
        return Severity.P2
    if stored.severity and stored.tone is Tone.NEGATIVE:
        return Severity.P3
    return None


def _clearly_positive(stored: Stored) -> bool:
    if stored.mention.rating is not None and stored.mention.rating <= 2:
        return False
    return stored.tone is Tone.POSITIVE and stored.score is not None and stored.score.positive >= 0.8


def _verdict(stored: Stored, rule: AlertRule, own: Hit, severity: Severity, *, clear: bool) -> Verdict:
    cues = listed(severity_label(key) for key in stored.severity[:3])
    what = cues or _("negative, far-reaching")
    return Verdict(
        severity=severity,
        reason=one_line(_reason(stored, rule, cues, clear=clear), _REASON),
        title=one_line(
            _("{severity} {brand}: {what}").format(severity=severity, brand=own.brand, what=what), _TITLE
        ),
        body=one_line(_body(stored), _BODY),
        brand_id=own.brand_id,
        brand=own.brand,
    )


def _reason(stored: Stored, rule: AlertRule, cues: str, *, clear: bool) -> str:
    parts = [_tone_reason(stored, clear=clear)]
    if cues:
        parts.append(_("it speaks of {cues}").format(cues=cues))
    followers, engagement = stored.mention.author.followers or 0, stored.mention.counts.total
    if followers >= rule.followers:
        verified = stored.mention.author.verified
        said = _("a verified author with {n} followers") if verified else _("an author with {n} followers")
        parts.append(said.format(n=followers))
    if engagement >= rule.engagement:
        parts.append(_("{n} reactions").format(n=engagement))
    return clauses(parts)


def _tone_reason(stored: Stored, *, clear: bool) -> str:
    if stored.corrected:
        return _("A colleague marked it negative")
    if clear and stored.mention.rating is not None and stored.mention.rating <= 1:
        return _("One star")
    if clear and stored.score is not None:
        return _("Clearly negative ({percent}%)").format(percent=round(stored.score.negative * 100))
    return _("The tone is not clear, so please look")


def _body(stored: Stored) -> str:
    author = one_line(stored.mention.author.name, 20)
    start, end = own_part(stored.text)
    words = stored.text[start:end] if stored.text.strip() else stored.mention.title
    return _("{author}: {text}").format(author=author, text=words) if author else words


def fold_key(text: str) -> str:
    """The same for copies of one text; empty (never fold) where nothing but emoji or links is left.

    Width, case, script, links, @names, punctuation, blanks and emoji make no difference, nor does
    what a repost puts before the text it repeats when it adds nothing of its own.
    """
    start, end = own_part(text)
    letters = "".join(filter(str.isalnum, folded(_NOISE.sub(" ", text[start:end]))))
    if not letters:
        return ""
    return hashlib.blake2b(letters.encode("utf-8", "replace"), digest_size=16).hexdigest()


def disturb(
    rule: AlertRule,
    now_local: datetime,
    verdict: Verdict,
    published_at: datetime,
    last_toast_at: datetime | None,
    last_urgent_at: datetime | None = None,
) -> Disturb:
    """Old news and P3 never disturb; quiet hours and the cool-down hold back all but P1 (a rule may say
    that quiet hours are for P1, too).

    In a crisis one P1 follows the other: who was woken two minutes ago (`last_urgent_at`) is awake.
    """
    if verdict.severity is Severity.P3:
        return Disturb(toast=False, held=_("for the list only"))
    if now_local - published_at > timedelta(seconds=rule.max_age):
        return Disturb(toast=False, held=_("published too long ago"))
    quiet = is_quiet(rule, now_local.time())
    if verdict.severity is Severity.P1 and not (quiet and not rule.urgent):
        awake = _within(last_urgent_at, now_local, min(AWAKE, timedelta(seconds=rule.cooldown)))
        held = _("another P1 was shown a moment ago")
        return Disturb(toast=False, held=held, climbs=True) if awake else Disturb(toast=True)
    if quiet:
        return Disturb(toast=False, held=_("quiet hours"))
    if _within(last_toast_at, now_local, timedelta(seconds=rule.cooldown)):
        return Disturb(toast=False, held=_("this brand was notified a moment ago"))
    return Disturb(toast=True)


def _within(earlier: datetime | None, now: datetime, span: timedelta) -> bool:
    """A clock that went back holds nothing."""
    return earlier is not None and timedelta() <= now - earlier < span


def is_quiet(rule: AlertRule, now: time) -> bool:
    """From quiet_from up to quiet_to, across midnight if need be; never when one is unreadable."""
    start, end = _clock(rule.quiet_from), _clock(rule.quiet_to)
    if start is None or end is None or start == end:
        return False
    moment = now.replace(tzinfo=None)
    if start < end:
        return start <= moment < end
    return moment >= start or moment < end


def _clock(text: str) -> time | None:
    found = re.fullmatch(r"\s*([01]?\d|2[0-3])[:：]([0-5]\d)\s*", text)
    return time(int(found[1]), int(found[2])) if found else None
