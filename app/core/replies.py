"""Templates and one-click drafts. Nothing here sends anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from app.analysis.lists import Phrases, load
from app.change import Change
from app.core.knowledge import Knowledge
from app.domain.cues import COMPLAINTS, complaint_label
from app.domain.draft import Draft, Manner, Template
from app.domain.knowledge import Entry, Finding, Fit
from app.domain.mention import Stored
from app.replies import compose, forbidden, templates
from app.replies.retrieval import fitting

LONGEST = 20_000
"""Characters of a reply that are looked at; no platform takes more."""


@cache
def _forbidden(folder: Path) -> Phrases:
    """The shipped lists, and a team's own in place of the same names."""
    return Phrases.of(*load("forbidden", folder))


class Replies(Knowledge):
    def templates(self) -> tuple[Template, ...]:
        """The team's own first, then shipped ones that were not changed."""
        own = self.storage.templates.all()
        changed = {one.complaint for one in own if one.builtin}
        return (*own, *(one for one in templates.shipped() if one.complaint not in changed))

    def save_template(self, template: Template) -> Template:
        """ConfigError names an unknown {variable}."""
        templates.check(template)
        saved = self.storage.templates.save(template)
        self.tell(Change.TEMPLATES)
        return saved

    def remove_template(self, id: int) -> None:
        """A changed shipped template comes back as it was shipped."""
        self.storage.templates.remove(id)
        self.tell(Change.TEMPLATES)

    def draft(
        self,
        mention_id: int,
        manner: Manner = Manner.WARM,
        template_id: int | None = None,
        complaint: str = "",
        entry_id: int | None = None,
    ) -> Draft:
        """From the entry that answers the mention, else from a fitting template; a person edits and sends.

        `entry_id` names another entry; 0: a template alone. A template that is named stands alone, too.
        Shipped templates have no id of their own (0): `complaint` says which of them is meant.
        """
        stored = self.storage.mentions.get(mention_id)
        choices = self.answers_to(stored)
        context = self._context(stored)
        entry = self._entry_for(entry_id, choices) if template_id is None else None
        if entry is not None:
            made = compose.from_entry(stored, entry, manner, context)
            return replace(made, choices=choices, overdue=self.overdue(entry))
        library = self.templates()
        chosen = tuple(one for one in library if one.id == template_id) if template_id is not None else ()
        if complaint:
            chosen = tuple(one for one in chosen if one.complaint == complaint)
        return replace(compose.draft(stored, chosen or library, manner, context), choices=choices)

    def _entry_for(self, entry_id: int | None, choices: Sequence[Fit]) -> Entry | None:
        if entry_id is None:
            best = fitting(choices)
            return best.entry if best is not None else None
        return self.entry(entry_id) if entry_id else None

    def check_reply(self, text: str) -> tuple[Finding, ...]:
        """What should not go out unseen: absolute claims, promises, personal data. Quick and pure after the
        first time: a window may call it while a person types."""
        return forbidden.check(text[:LONGEST], _forbidden(self.home.words).find, self.our_own())

    def _context(self, stored: Stored) -> compose.Context:
        own = next((hit.brand for hit in stored.hits if not hit.competitor), "")
        return compose.Context(
            complaint=self.complaints.kind_of(stored.text),
            issue=self.complaints.issue_of(stored.text),
            product=self.complaints.product_of(stored.text, own),
            brand=own,
            channel=self.local.service_channel,
            link=self.local.knowledge_link,
            agent=self.local.agent,
        )

    def complaint_kinds(self) -> tuple[tuple[str, str], ...]:
        return tuple((key, complaint_label(key)) for key in COMPLAINTS)
