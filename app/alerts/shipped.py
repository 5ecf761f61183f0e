"""The rules of a fresh home, and what is carried over from the one rule of earlier versions. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.domain.alert import Severity
from app.domain.delivery import DESKTOP, TOAST
from app.domain.rule import ROBOTS, AlertRule, RuleKind, Rung, Whom

ROBOT_AFTER, NEXT_AFTER, LEAD_AFTER = 5, 10, 20
"""Minutes without an answer."""

_FIGURES: dict[str, type] = {
    "negative": float,
    "followers": int,
    "engagement": int,
    "cooldown": int,
    "max_age": int,
    "quiet_from": str,
    "quiet_to": str,
    "sound": bool,
}


def shipped(kept: Any = None) -> tuple[AlertRule, ...]:
    """One rule for each kind that needs no words of a person. `kept`: the old setting "rule", if any."""
    base = AlertRule(ladder=ladder(desktop=_desktop(kept)), **_fit(kept))
    rules = [replace(base, kind=kind) for kind in (RuleKind.MENTION, RuleKind.SURGE, RuleKind.STORY)]
    # A deadline and a blind source have always been told whatever the hour, and not one for another.
    plain = replace(base, cooldown=0, quiet_from="", quiet_to="")
    rules.append(replace(plain, kind=RuleKind.DEADLINE))
    first = base.ladder[:1]
    rules.append(replace(plain, kind=RuleKind.BLIND, severity=Severity.P2, ladder=first))
    return tuple(rules)


def ladder(*, desktop: bool = True) -> tuple[Rung, ...]:
    """In the window, then the robots, then the next person, then the lead."""
    here = (TOAST, DESKTOP) if desktop else (TOAST,)
    return (
        Rung(channels=here),
        Rung(after=ROBOT_AFTER, channels=(ROBOTS,)),
        Rung(after=NEXT_AFTER, channels=(ROBOTS,), whom=Whom.NEXT),
        Rung(after=LEAD_AFTER, channels=(ROBOTS,), whom=Whom.LEAD),
    )


def _fit(kept: Any) -> dict[str, Any]:
    """Unknown and unfit values of other versions fall back to the defaults, one by one."""
    if not isinstance(kept, dict):
        return {}
    return {name: kept[name] for name, kind in _FIGURES.items() if name in kept and _is(kept[name], kind)}


def _is(value: object, kind: type) -> bool:
    """A float may be written without its point; a truth is no number."""
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _desktop(kept: Any) -> bool:
    return not (isinstance(kept, dict) and kept.get("desktop") is False)
