"""The words and figures of a report, from values to values; it queries nothing and draws nothing.

Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo

from app.domain.platforms import platform_name
from app.domain.query import MentionQuery
from app.domain.report import ReportData
from app.domain.seeing import GapLine
from app.domain.telling import fate_words
from app.i18n import N_, _, ngettext
from app.reports.columns import STATUSES, local, tone_word

NamesById = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number a boss reads first. `better` is +1 when more is good, -1 when less is, else 0."""

    label: str
    value: float | None
    form: str
    """int | percent | minutes."""
    previous: float | None = None
    better: int = 0

    @property
    def shown(self) -> str:
        if self.value is None:
            return "–"
        if self.form == "percent":
            return f"{self.value:.1%}"
        return _minutes(self.value) if self.form == "minutes" else f"{self.value:,.0f}"

    @property
    def change(self) -> str:
        """Against the range of the same length before; in words where a percentage would mislead."""
        if self.previous is None or self.value is None:
            return ""
        delta = self.value - self.previous
        if self.form == "percent":
            return _("{change} points").format(change=f"{delta * 100:+.1f}")
        if not self.previous:
            return _("before: 0") if delta else _("no change")
        return f"{delta / self.previous:+.0%}" if delta else _("no change")

    @property
    def verdict(self) -> int:
        """+1 better than before, -1 worse, 0 neither."""
        if self.previous is None or self.value is None or self.value == self.previous:
            return 0
        return self.better if self.value > self.previous else -self.better


def _minutes(value: float) -> str:
    if value < 120:
        return _("{n} min").format(n=f"{value:.0f}")
    return _("{n} h").format(n=f"{value / 60:.1f}")


def _part(some: int, all_: int) -> float:
    return some / all_ if all_ else 0.0


def figures(data: ReportData) -> tuple[Figure, ...]:
    """The key figures in reading order; no comparison where the range before holds nothing."""
    now, before = data.tally, data.previous
    known = before.total > 0

    def then(value: float) -> float | None:
        return value if known else None

    return (
        Figure(_("Mentions"), now.total, "int", then(before.total)),
        Figure(_("Negative"), now.negative, "int", then(before.negative), -1),
        Figure(
            _("Negative share"),
            _part(now.negative, now.total),
            "percent",
            then(_part(before.negative, before.total)),
            -1,
        ),
        Figure(_("Positive"), now.positive, "int", then(before.positive), 1),
        Figure(_("Alerts"), data.alerts, "int"),
        Figure(_("Answered"), data.answered, "int"),
        Figure(_("Median time to answer"), data.median_answer_minutes, "minutes"),
    )


def title(data: ReportData) -> str:
    """Own brands first; “all brands” where there is none."""
    own = [line.brand for line in data.brands if not line.competitor]
    names = own or [line.brand for line in data.brands]
    if not names:
        return _("Social listening report")
    return _("Social listening report: {brands}").format(brands=_(", ").join(names))


def range_words(data: ReportData, tz: tzinfo) -> str:
    """Days where both ends are midnights, else to the minute; the end as a person counts it."""
    since, until = data.since.astimezone(tz), data.until.astimezone(tz)
    if not (since.hour or since.minute or until.hour or until.minute) and until > since:
        first, last = since.date(), (until - timedelta(seconds=1)).date()
        if first == last:
            return first.isoformat()
        return _("{since} to {until}").format(since=first.isoformat(), until=last.isoformat())
    return _("{since} to {until}").format(since=f"{since:%Y-%m-%d %H:%M}", until=f"{until:%Y-%m-%d %H:%M}")


def filter_words(query: MentionQuery, brands: NamesById, sources: NamesById) -> str:
    """The filter that made these rows, in words; the range is told elsewhere."""
    said = [*_who(query, brands, sources), *_how(query)]
    return _("; ").join(said) if said else _("no filter: everything in the range")


def _named(ids: tuple[int, ...], names: NamesById) -> str:
    return _(", ").join(names.get(one) or _("no. {id}").format(id=one) for one in ids)


def _who(query: MentionQuery, brands: NamesById, sources: NamesById) -> list[str]:
    said = []
    if query.brands:
        said.append(_("brands: {names}").format(names=_named(query.brands, brands)))
    if query.sources:
        said.append(_("sources: {names}").format(names=_named(query.sources, sources)))
    if query.platforms:
        names = _(", ").join(platform_name(name) for name in query.platforms)
        said.append(_("platforms: {names}").format(names=names))
    if query.author:
        said.append(_("author: {name}").format(name=query.author))
    if query.matched is not None:
        said.append(
            _("only posts that name a brand") if query.matched else _("only posts that name no brand")
        )
    if query.competitor is not None:
        said.append(_("only competitors") if query.competitor else _("only our own brands"))
    return said


def _how(query: MentionQuery) -> list[str]:
    said = []
    tones = [tone_word(tone) for tone in query.tones] + ([tone_word(None)] if query.unscored else [])
    if tones:
        said.append(_("tone: {names}").format(names=_(", ").join(tones)))
    if query.statuses:
        names = _(", ").join(_(STATUSES[status]) for status in query.statuses)
        said.append(_("status: {names}").format(names=names))
    if query.severe:
        said.append(_("only with severity cues"))
    if query.text:
        said.append(_("text: {query}").format(query=query.text))
    return said


def gap_length(gap: GapLine, data: ReportData) -> str:
    """How long a source was blind within the range."""
    since, until = max(gap.since, data.since), min(gap.until or data.until, data.until)
    minutes = max(1, round((until - since).total_seconds() / 60))
    if minutes < 120:
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    return _("{n} h").format(n=f"{minutes / 60:.1f}")


def gap_words(gap: GapLine, data: ReportData, tz: tzinfo) -> tuple[str, str, str, str, str, str]:
    """Source, from, to, how long, why, what became of it."""
    until = local(gap.until, tz)[:16] if gap.until else _("still unreadable")
    start = local(gap.since, tz)[:16]
    return gap.source, start, until, gap_length(gap, data), gap.reason, fate_words(gap, tz)


DEFINITIONS: tuple[tuple[str, str], ...] = (
    (
        N_("Mention"),
        N_("A post, comment, article or review that names a watched brand or passes the filter."),
    ),
    (N_("Time"), N_("When the platform says it was published; when we read it, if it does not say.")),
    (
        N_("Tone"),
        N_("Negative, neutral or positive, judged by the program; by a person where “Corrected” says yes."),
    ),
    (N_("Score"), N_("From 0 (negative) over 0.5 (neutral) to 1 (positive), as the program judged it.")),
    (N_("Negative share"), N_("Negative mentions divided by all mentions of the range.")),
    (
        N_("Not judged yet"),
        N_("Stored, but the program had not judged the tone when this report was made."),
    ),
    (
        N_("Change"),
        N_("Against the range of the same length just before. Shares change in percentage points."),
    ),
    (
        N_("Share of voice"),
        N_("A brand's mentions divided by the mentions of all watched brands in the range."),
    ),
    (N_("Alerts"), N_("Mentions that met the standing alert rule; copies of one text count once.")),
    (N_("Answered"), N_("Mentions a person marked as answered.")),
    (
        N_("Median time to answer"),
        N_("Half of the answered mentions were answered sooner, from publication to being marked."),
    ),
    (
        N_("First responses"),
        N_(
            "What came on the desk to be answered, by publication. In time: the first answer came within"
            " the work time allowed. The share is of what was answered or is overdue."
        ),
    ),
    (
        N_("Severity cues"),
        N_("Kinds of words found in the text that make it urgent, such as fire, injury or fraud."),
    ),
    (
        N_("Blind windows"),
        N_(
            "Times in which a source could not be read, and whether what was posted then was read later."
            " What is called unseen may be missing from every figure of this report."
        ),
    ),
    (N_("Likes, comments, shares, views"), N_("As last seen; empty where the platform does not say.")),
    (N_("Followers"), N_("Of the author, when the post was read; empty where the platform does not say.")),
)


def definitions() -> list[tuple[str, str]]:
    """What each figure means, in the program's language."""
    return [(_(name), _(meaning)) for name, meaning in DEFINITIONS]
