"""Words for incidents and stories: titles, names and reasons made harmless, figures as people write them.

Pure but for the colours in force.
"""

from __future__ import annotations

from datetime import UTC, datetime

from app.domain.platforms import platform_name
from app.domain.warning import Incident, IncidentPhase, Slot, Step, StoryHeat
from app.i18n import N_, _, clauses, listed, ngettext
from ui import theme
from ui.feed import plain

_PHASES = {
    IncidentPhase.OPENED: N_("Just opened"),
    IncidentPhase.GROWING: N_("Growing"),
    IncidentPhase.PEAKED: N_("At its peak"),
    IncidentPhase.EBBING: N_("Ebbing"),
    IncidentPhase.CLOSED: N_("Over"),
}

_CHANNELS = {
    "surge": N_("Surge"),
    "unsettled": N_("Unusual course"),
    "story": N_("One story spreads"),
    "share": N_("The tone turns"),
    "reach": N_("Large audience"),
    "words": N_("New words"),
}

_STEPS = {
    "opened": N_("It opened"),
    "growing": N_("It grows"),
    "peaked": N_("It has peaked"),
    "ebbing": N_("It ebbs"),
    "closed": N_("It is over"),
    "muted": N_("{name} muted it"),
    "unmuted": N_("{name} let it alarm again"),
    "closer": N_("{name} has it watched closely"),
    "escalated": N_("{name} escalated it"),
    "briefed": N_("{name} took a brief"),
}


SENSITIVITIES = {
    "sensitive": N_("Sensitive"),
    "balanced": N_("Balanced"),
    "quiet": N_("Quiet"),
}


def sensitivity_word(word: str) -> str:
    """The setting in a word for people."""
    return _(SENSITIVITIES.get(word, SENSITIVITIES["balanced"]))


def phase_word(phase: IncidentPhase) -> str:
    return _(_PHASES[phase])


def phase_colors(phase: IncidentPhase) -> tuple[str, str]:
    """Ink and ground of a phase's pill; its word says the same."""
    now = theme.colors()
    return {
        IncidentPhase.OPENED: (now.negative, now.negative_soft),
        IncidentPhase.GROWING: (now.negative, now.negative_soft),
        IncidentPhase.PEAKED: (now.warning, now.warning_soft),
        IncidentPhase.EBBING: (now.positive, now.positive_soft),
        IncidentPhase.CLOSED: (now.neutral, now.neutral_soft),
    }[phase]


def phase_tone(phase: IncidentPhase) -> str:
    """The tone of a pill that is a widget."""
    return {
        IncidentPhase.OPENED: "negative",
        IncidentPhase.GROWING: "negative",
        IncidentPhase.PEAKED: "warning",
        IncidentPhase.EBBING: "positive",
        IncidentPhase.CLOSED: "",
    }[phase]


def severity_words(incident: Incident) -> str:
    """P1 Critical"""
    return f"{incident.severity} {theme.severity_word(incident.severity)}"


def channel_word(channel: str) -> str:
    return _(_CHANNELS[channel]) if channel in _CHANNELS else plain.one_line(channel, 30)


def title(incident: Incident) -> str:
    return plain.squeezed(incident.title, 160) or plain.squeezed(incident.brand, 80)


def mentions_words(n: int) -> str:
    return ngettext("{n} negative mention", "{n} negative mentions", n).format(n=f"{n:,}")


def posts_words(n: int) -> str:
    return ngettext("{n} post", "{n} posts", n).format(n=f"{n:,}")


def spoken(incident: Incident) -> str:
    """A row of the list in a sentence."""
    parts = [
        severity_words(incident),
        title(incident),
        plain.squeezed(incident.brand, 60),
        phase_word(incident.phase),
        mentions_words(incident.mentions),
        plain.ago(incident.opened_at, datetime.now(UTC)),
    ]
    if incident.muted:
        parts.append(_("Muted"))
    return "; ".join([*parts, plain.squeezed(incident.reason, 200)])


def step_words(step: Step) -> str:
    """One line of the history."""
    name = plain.one_line(step.by, 40) or _("Somebody")
    words = _(_STEPS[step.what]).format(name=name) if step.what in _STEPS else plain.one_line(step.what, 40)
    detail = _hours(step.detail) if step.what == "closer" else plain.squeezed(step.detail, 240)
    return f"{words} · {detail}" if detail else words


def _hours(detail: str) -> str:
    """2 h, as the core writes it down, in words."""
    hours = detail.removesuffix(" h")
    if not hours.replace(".", "", 1).isdigit():
        return plain.squeezed(detail, 240)
    return hours_words(float(hours)) if float(hours) else _("No longer")


def hours_words(hours: float) -> str:
    return ngettext("For {n} hour", "For {n} hours", round(hours)).format(n=f"{hours:g}")


def until_words(until: datetime) -> str:
    """Local time of day; the date too where it is not today."""
    local, today = until.astimezone(), datetime.now().astimezone().date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"


def slot_words(slot: Slot) -> str:
    """One slot of the course, in a sentence."""
    told = _("{when}: {came} negative, {expected} expected ({low} to {high} is usual)")
    return told.format(
        when=f"{slot.at.astimezone():%m-%d %H:%M}",
        came=amount(slot.came),
        expected=amount(slot.expected),
        low=amount(slot.low),
        high=amount(slot.high),
    )


def amount(n: float) -> str:
    """A sum of chances: its tenths say something only where it is small."""
    return f"{n:.0f}" if n >= 10 else f"{n:.1f}"


def copies_words(n: int) -> str:
    """How many posts one story has."""
    return ngettext("{n} post tells this story", "{n} posts tell this story", n).format(n=f"{n:,}")


def heat(story: StoryHeat) -> list[str]:
    """How fast, by whom, how far."""
    parts = [_("{n} in the last hour").format(n=plain.figure(round(story.velocity)))]
    if story.peak > story.velocity:
        parts.append(_("{n} in its busiest hour").format(n=plain.figure(round(story.peak))))
    parts.append(ngettext("{n} author", "{n} authors", story.authors).format(n=plain.figure(story.authors)))
    if story.followers:
        parts.append(_("{n} followers").format(n=plain.figure(story.followers)))
    return parts


def heat_words(story: StoryHeat) -> str:
    """The same in one line."""
    return " · ".join(heat(story))


def story_title(story: StoryHeat) -> str:
    """The first post's beginning, or since when it is told."""
    if story.first is None:
        return _("The first post is not stored any more")
    return plain.squeezed(story.first.mention.title or story.first.text, 160)


def story_spoken(story: StoryHeat) -> str:
    platforms = listed(f"{platform_name(name)} {n}" for name, n in story.platforms)
    told = (story_title(story), copies_words(story.copies), heat_words(story), platforms)
    return clauses(one for one in told if one)
