"""Templates and one-click drafts. Nothing here sends anything."""

from __future__ import annotations

from app.change import Change
from app.core.parts import Parts
from app.domain.cues import COMPLAINTS, complaint_label
from app.domain.draft import Draft, Manner, Template
from app.domain.mention import Stored
from app.replies import compose, templates


class Replies(Parts):
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
    ) -> Draft:
        """Filled from the fitting template; the person edits and sends.

        Shipped templates have no id of their own (0): `complaint` says which of them is meant.
        """
        stored = self.storage.mentions.get(mention_id)
        library = self.templates()
        chosen = tuple(one for one in library if one.id == template_id) if template_id is not None else ()
        if complaint:
            chosen = tuple(one for one in chosen if one.complaint == complaint)
        context = self._context(stored)
        return compose.draft(stored, chosen or library, manner, context)

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
