"""Early warning for the desk: incidents and what people do about them, stories, sensitivity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.alerts.rules import FAR
from app.analysis.bursts.growth import SMALL
from app.analysis.bursts.sensitivity import Sensitivity
from app.change import Change
from app.core.briefing import brief_of, needed
from app.core.heat import COMPARED, heat_of
from app.core.parts import Parts
from app.core.rehearsal import rehearsed
from app.domain.cues import URGENT, severity_label
from app.domain.mention import Stored
from app.domain.rule import AlertRule, RuleKind
from app.domain.warning import Brief, Carrier, Incident, IncidentCard, Rehearsal, Sign, Step, StoryHeat
from app.engine.telling import GRAVE, VERIFIED
from app.engine.watching import SETTING, sensitivities
from app.errors import ConfigError, NotFound
from app.i18n import _, ngettext

HOTTEST, FARTHEST, CARRIERS = 8, 10, 10
READ = 5000
"""Posts of a story that its heat is made of; it counts them all."""
LONGEST = 14 * 24.0
"""Hours a source may be watched closer at once."""
REHEARSED = 60
"""Days a rehearsal may look back."""


class Incidents(Parts):
    """Synchronous, any thread but a window's."""

    def incidents(self, *, open_only: bool = False, limit: int = 200) -> tuple[Incident, ...]:
        """Newest first."""
        return self.storage.warning.incidents(open_only=open_only, limit=limit)

    def incident(self, id: int) -> IncidentCard:
        """All an incident shows. NotFound."""
        warning, mentions = self.storage.warning, self.storage.mentions
        incident = warning.incident(id)
        signs, stories = warning.signs(id), self._stories_of(incident)
        return IncidentCard(
            incident=incident,
            signs=signs,
            steps=warning.steps(id),
            course=warning.course(id),
            first=self._began_with(incident, signs, stories),
            stories=tuple(sorted(stories, key=lambda one: (-one.velocity, -one.copies))),
            copies=mentions.many(warning.farthest_of(id, FARTHEST)),
            platforms=warning.platforms_of(id),
            carriers=_carriers(mentions.many(warning.farthest_of(id, 500))),
            words=warning.words(id),
            reasons=self._reasons(incident),
        )

    def _began_with(
        self, incident: Incident, signs: Sequence[Sign], stories: Sequence[StoryHeat]
    ) -> Stored | None:
        """Where it began: with its hottest story, if it has one. Of everything it rests on the earliest may
        be an everyday complaint that fell into the span of a surge."""
        heats = {one.id: one for one in stories if one.copies >= SMALL}
        for story in self.storage.stories.hottest(incident.id, HOTTEST):
            heat = heats.get(self.storage.stories.merged_into(story))
            if heat is not None and heat.first is not None:
                return heat.first
        resting = self.storage.mentions.many(signs[0].mention_ids if signs else ())
        return min(resting, key=lambda row: (row.published_at, row.id), default=None)

    def _stories_of(self, incident: Incident) -> list[StoryHeat]:
        ids = [*incident.stories, *self.storage.stories.hottest(incident.id, HOTTEST)]
        found = []
        for id_ in dict.fromkeys(self.storage.stories.merged_into(one) for one in ids):
            heat = self._heat(id_)
            if heat is not None:
                found.append(heat)
        return found[:HOTTEST]

    def _reasons(self, incident: Incident) -> tuple[tuple[str, tuple[int, ...]], ...]:
        ids = self.storage.warning.mentions_of(incident.id, 2000)
        by_cue: dict[str, list[int]] = {}
        heard: list[tuple[int, int]] = []
        far = FAR * self.rule_followers()
        for id_, cues, followers, verified in self.storage.warning.gravity(ids):
            for cue in cues:
                by_cue.setdefault(cue, []).append(id_)
            if followers * (VERIFIED if verified else 1) >= far:
                heard.append((id_, followers))
        told: list[tuple[str, tuple[int, ...]]] = []
        for cue in sorted(by_cue, key=lambda one: (one not in URGENT, -len(by_cue[one]), one)):
            n = len(by_cue[cue])
            said = ngettext("{n} post speaks of {cue}.", "{n} posts speak of {cue}.", n)
            told.append((said.format(n=n, cue=severity_label(cue)), tuple(by_cue[cue])))
        if heard:
            said = _("An account with {n} followers has joined.")
            told.append((said.format(n=f"{heard[0][1]:,}"), tuple(id_ for id_, _n in heard)))
        if incident.strength >= GRAVE:
            said = _("It is {times} times as strong as what alarms.")
            told.append((said.format(times=f"{incident.strength:.1f}"), ids[:20]))
        if not told:
            told.append((_("Nothing grave stands in it; it is the number that counts."), ids[:20]))
        return tuple(told)

    def rule_followers(self) -> int:
        """The reach from which a rule about single posts speaks, at least one."""
        rules = [one for one in self.storage.rules.all() if one.kind is RuleKind.MENTION]
        return max(1, min((one.followers for one in rules), default=AlertRule().followers))

    def incident_mentions(self, id: int, limit: int = 500) -> tuple[Stored, ...]:
        """The negative mentions it rests on, newest first."""
        return self.storage.mentions.many(self.storage.warning.mentions_of(id, limit))

    # ── what people do ───────────────────────────────────────────────────────────────────────

    def _act(self, id: int, what: str, detail: str = "", **columns: Any) -> None:
        step = Step(at=self.clock.now(), what=what, by=self.me, detail=detail)
        self.storage.warning.act(id, step, **columns)
        self.tell(Change.INCIDENTS)

    def mute_incident(self, id: int, reason: str) -> None:
        """It stays listed and goes on, and disturbs nobody. ConfigError at "reason" if there is none."""
        if not reason.strip():
            raise ConfigError(_("Say why, so that others know."), field="reason")
        self._act(id, "muted", reason.strip(), muted=reason.strip(), muted_by=self.me)
        alert = self.storage.alerts.of_incident(id)
        if alert is not None:  # whoever mutes it answers for it
            self.storage.alerts.acknowledge([alert.id], self.me, self.clock.now())
            self.tell(Change.ALERTS)

    def unmute_incident(self, id: int) -> None:
        self._act(id, "unmuted", muted="", muted_by="")

    def watch_closer(self, id: int, hours: float = 2.0) -> None:
        """The sources it came from are read more often until then; 0 ends that. ConfigError at "hours"."""
        if not 0.0 <= hours <= LONGEST:
            told = _("The hours must be a number from 0 to {n}.").format(n=round(LONGEST))
            raise ConfigError(told, field="hours")
        until = self.clock.now() + timedelta(hours=hours)
        self._act(id, "closer", f"{hours:g} h", closer_until=until if hours else None)
        self.engine.look_closer()

    def escalate_incident(self, id: int, to: str, note: str = "") -> None:
        """Passed on: it is written down, and its mentions that nobody has touched are escalated."""
        if not to.strip():
            raise ConfigError(_("Say to whom."), field="to")
        detail = f"{to.strip()}: {note.strip()}" if note.strip() else to.strip()
        self._act(id, "escalated", detail, escalated_to=to.strip())
        ids = self.storage.warning.mentions_of(id, 100_000)
        if self.storage.mentions.escalate_new(ids, self.me, self.clock.now()):
            self.tell(Change.STATUS)

    def incident_brief(self, id: int) -> Brief:
        """One page, with links; that it was made is written down."""
        card = self.incident(id)
        rows = self.storage.mentions.many(needed(card))
        made = brief_of(card, {one.id: one for one in rows})
        self._act(id, "briefed")
        return made

    # ── sensitivity ──────────────────────────────────────────────────────────────────────────

    def sensitivity(self, brand_id: int) -> str:
        """sensitive | balanced | quiet."""
        return str(sensitivities(self.storage).get(brand_id, Sensitivity.BALANCED))

    def set_sensitivity(self, brand_id: int, word: str) -> None:
        """Counts from the next five minutes on; what was learnt stays. ConfigError at "sensitivity"."""
        _known(word)
        kept = {str(id_): str(one) for id_, one in sensitivities(self.storage).items()}
        self.storage.settings.set(SETTING, {**kept, str(brand_id): word})
        self.tell(Change.SETTINGS | Change.INCIDENTS)

    def rehearse(self, brand_id: int, word: str, days: int = 30) -> Rehearsal:
        """How often it would have alarmed on what is stored; takes up to seconds. ConfigError."""
        _known(word)
        if not 1 <= days <= REHEARSED:
            raise ConfigError(
                _("The days must be a number from 1 to {n}.").format(n=REHEARSED), field="days"
            )
        return rehearsed(self.storage, brand_id, word, days, self.clock.now())

    # ── stories ──────────────────────────────────────────────────────────────────────────────

    def story_of(self, mention_id: int) -> StoryHeat | None:
        """None where it tells nothing by itself, or was not placed yet."""
        story = self.storage.stories.story_of(mention_id)
        return self._heat(story) if story else None

    def story(self, id: int) -> StoryHeat:
        """Also by the number it had before it was merged. NotFound."""
        heat = self._heat(self.storage.stories.merged_into(id))
        if heat is None:
            raise NotFound(_("There is no such story (any more)."))
        return heat

    def _heat(self, id: int) -> StoryHeat | None:
        parts = self.storage.stories.parts(id, READ)
        if not parts:
            return None
        copies = self.storage.stories.count(id) if len(parts) == READ else len(parts)
        first = self.storage.mentions.many([parts[0].mention_id])
        texts = self.storage.warning.texts([one.mention_id for one in parts[:COMPARED]])
        return heat_of(
            id,
            parts,
            copies=copies,
            texts=texts,
            first=first[0] if first else None,
            now=self.clock.now(),
        )

    def story_mentions(self, id: int, limit: int = 200) -> tuple[Stored, ...]:
        """Its posts, the earliest first."""
        story = self.storage.stories.merged_into(id)
        return self.storage.mentions.many(self.storage.stories.mentions_of(story, limit))

    def merge_stories(self, ids: Sequence[int]) -> int:
        """All become part of the first, with what follows them later; its number. NotFound, ConfigError."""
        stories = list(dict.fromkeys(self.storage.stories.merged_into(one) for one in ids))
        for one in stories:
            if not self.storage.stories.mentions_of(one, 1):
                raise NotFound(_("There is no such story (any more)."))
        if len(stories) < 2:
            raise ConfigError(_("Choose at least two stories."), field="ids")
        merged = self.storage.stories.merge(stories, self.me, self.clock.now())
        self.tell(Change.INCIDENTS | Change.MENTIONS)
        return merged

    def split_story(self, mention_ids: Sequence[int]) -> int:
        """These posts become a story of their own, with what follows them later; its number.

        ConfigError where they are not of one story, or all of it.
        """
        of = self.storage.stories.of_mentions(list(mention_ids))
        if len(set(of.values())) != 1 or len(of) != len(set(mention_ids)):
            raise ConfigError(_("Choose posts of one story."), field="mention_ids")
        made = self.storage.stories.split(
            next(iter(of.values())), list(mention_ids), self.me, self.clock.now()
        )
        if not made:
            raise ConfigError(_("At least one post must stay in the story."), field="mention_ids")
        self.tell(Change.INCIDENTS | Change.MENTIONS)
        return made


def _known(word: str) -> None:
    if word not in [str(one) for one in Sensitivity]:
        told = _("The sensitivity must be one of: {words}.")
        raise ConfigError(
            told.format(words=", ".join(str(one) for one in Sensitivity)), field="sensitivity"
        )


def _carriers(rows: Sequence[Stored]) -> tuple[Carrier, ...]:
    """The accounts with the largest audience; `rows` farthest first."""
    posts: dict[tuple[str, str], list[Stored]] = {}
    for row in rows:
        author = row.mention.author
        who = author.native_id or author.name
        if who:
            posts.setdefault((row.mention.platform, who), []).append(row)
    return tuple(
        Carrier(
            name=theirs[0].mention.author.name,
            platform=platform,
            followers=theirs[0].mention.author.followers,
            verified=theirs[0].mention.author.verified,
            posts=len(theirs),
            mention_id=theirs[0].id,
        )
        for (platform, _who), theirs in list(posts.items())[:CARRIERS]
    )
