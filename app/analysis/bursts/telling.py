"""What a detector found, as a sentence: what was expected, what came, since when. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.analysis.bursts.counts import Reading
from app.analysis.bursts.growth import MILD, Story
from app.analysis.bursts.novel import Word
from app.analysis.bursts.series import Answer, Note
from app.analysis.bursts.share import SPAN, Tone
from app.i18n import _, listed, ngettext

_DAY = 86400.0
BIG = 1.25
"""So many times an ordinary story's posts make the size of one worth telling."""


def told(reading: Reading, begins: datetime, step: float) -> str:
    """For a reading that alarms or would; `begins` and `step` (seconds) are those of its slot."""
    if reading.kind == "surge":
        text = _(
            "Since {since}: {came} mentions within {span} where {usual} were expected, {times} times the"
            " usual surge; chance alone brings that {odds}."
        )
        return text.format(
            since=moment(begins + timedelta(seconds=step - reading.since), begins),
            came=amount(reading.came),
            span=duration(reading.span),
            usual=amount(reading.usual),
            times=amount(reading.times),
            odds=odds(reading.chance),
        )
    if reading.kind == "unsettled":
        text = _(
            "Since {since} the mentions have not followed their usual course, up and down:"
            " {came} came where {usual} were expected."
        )
        return text.format(
            since=moment(begins + timedelta(seconds=step - reading.since), begins),
            came=amount(reading.came),
            usual=amount(reading.usual),
        )
    return ""


def explanation(answer: Answer) -> str:
    """For a row of a series: what alarmed, or what was peculiar; mostly empty."""
    if answer.reading.alarm:
        text = told(answer.reading, answer.wall, answer.step)
        if answer.note is Note.GAP:
            text += " " + _("Some of it may have gathered while nothing was counted.")
        return text
    if answer.note is Note.GAP:
        return _("Nothing was counted for {span} before this.").format(span=duration(answer.missing))
    if answer.note is Note.EMPTY:
        return _("No value: taken for a gap.")
    if answer.note is Note.AGAIN:
        return _("The same time again: not counted.")
    if answer.note is Note.EARLIER:
        return _("Earlier than a row before it: not counted.")
    return ""


def told_story(story: Story, second: float, began: datetime) -> str:
    """For a story that grows or turns as ordinary ones do not; `began` is its first post, local time.

    It says what is unusual: the size, or where that is not, how many are negative.
    """
    usual = story.ordinary(second)
    if story.copies >= BIG * usual:
        text = _(
            "Since {since} one story has gathered {copies} posts, {heat} of them negative;"
            " an ordinary one has {usual} posts at this age, {calm} of them negative."
        )
    elif story.heat >= story.copies:
        text = _(
            "Since {since} one story has gathered {copies} posts, all of them negative; in an ordinary"
            " one about {percent}% are."
        )
    else:
        text = _(
            "Since {since} one story has gathered {copies} posts, {heat} of them negative; in an ordinary"
            " one about {few} of so many would be."
        )
    return text.format(
        since=moment(began, began),
        copies=amount(story.copies),
        heat=amount(story.heat),
        usual=amount(usual),
        calm=amount(story.usual_heat(second)),
        percent=round(100.0 * MILD),
        few=amount(max(1.0, round(story.copies * MILD))),
    )


def told_share(tone: Tone) -> str:
    text = _("Of {total} mentions within {span}, {percent}% are negative; {usual}% were expected.")
    return text.format(
        total=amount(tone.total),
        span=duration(SPAN),
        percent=round(100.0 * tone.negative / tone.total) if tone.total else 0,
        usual=round(100.0 * tone.usual),
    )


def told_reach(tone: Tone) -> str:
    text = _("Negative posts of the last {span} may reach {heard} people; on a usual day it is {usual}.")
    return text.format(span=duration(SPAN), heard=amount(tone.heard), usual=amount(tone.usual_heard))


def told_words(words: tuple[Word, ...]) -> str:
    """For words that have come up, at least one."""
    text = _(
        "Words that were not there before: {words}. The first is in {came} posts; {usual} were expected."
    )
    return text.format(
        words=listed(one.word for one in words), came=words[0].came, usual=amount(words[0].usual)
    )


def amount(value: float) -> str:
    """Few with a decimal, many without and with separators."""
    if value >= 10.0 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 0.1 else f"{value:.2f}"


def duration(seconds: float) -> str:
    if seconds >= 2.0 * _DAY:
        days = round(seconds / _DAY)
        return ngettext("{n} day", "{n} days", days).format(n=days)
    if seconds >= 2.0 * 3600.0:
        hours = round(seconds / 3600.0)
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    minutes = max(1, round(seconds / 60.0))
    return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)


def odds(chance: float) -> str:
    """-log10 P as words."""
    if chance >= 6.0:
        return _("less than once in a million")
    return _("once in {n}").format(n=amount(10.0**chance))


def moment(then: datetime, now: datetime) -> str:
    """The time of day, with the date where it is another day's."""
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%Y-%m-%d %H:%M}"
