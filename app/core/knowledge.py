"""What the team knows: questions, answers, what is asked of them, and what to answer a mention with."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from app.change import Change
from app.core.mentions import here
from app.core.parts import Parts
from app.core.values import HelpPage
from app.domain.knowledge import Asked, Entry, Fit, Heat, Imported
from app.domain.mention import Stored
from app.domain.watch import Watch
from app.errors import ConfigError, ExportFailed, NotFound
from app.i18n import _
from app.matching.fold import folded
from app.replies import forbidden
from app.replies.entries import check, from_answer, tidy
from app.replies.gaps import Asking, gaps
from app.replies.retrieval import VERSION, Index, asks, fitting
from app.reports import entries as files
from app.reports import help_page
from app.storage.knowledge import NOBODY, Answered, Post

DAYS = 7
"""What was asked this week."""
AT_ONCE, MOST = 500, 4_000
"""Mentions held against the entries in one transaction, and in one call."""
COUNTED, OPEN = 50_000, 5_000
"""Mentions that are counted, and looked through for gaps, newest first."""
GAPS, REMEMBERED = 60, 31
"""Gaps that are shown, and days for which it is remembered what a mention asked for."""
WORTH = 0.15
"""Under this score a search does not list what it found."""


class Knowledge(Parts):
    """Synchronous, any thread but a window's."""

    def __init__(self) -> None:
        super().__init__()
        self._indexing = threading.Lock()
        self._indexed: tuple[str, Index] | None = None

    # ── entries ──────────────────────────────────────────────────────────────────────────────

    def entries(self, *, archived: bool = False) -> tuple[Entry, ...]:
        """By number; `archived`: also those that are out of use."""
        return self.storage.knowledge.all(archived=archived)

    def entry(self, id: int) -> Entry:
        return self.storage.knowledge.get(id)

    def entry_past(self, id: int) -> tuple[Entry, ...]:
        """The entry as it was before each change, newest first."""
        return self.storage.knowledge.past(id)

    def save_entry(self, entry: Entry) -> Entry:
        """Id 0 makes a new one. ConfigError names the field; Conflict where another asks the same, or where
        somebody has changed it since it was read."""
        whole = tidy(entry)
        check(whole)
        saved = self.storage.knowledge.save(whole, self.me, self.clock.now())
        self.tell(Change.KNOWLEDGE)
        return saved

    def archive_entry(self, id: int, *, active: bool = False) -> Entry:
        """Out of use, or back: it answers nothing any more, and nothing of it is lost."""
        return self.save_entry(replace(self.storage.knowledge.get(id), active=active))

    def due_entries(self) -> tuple[Entry, ...]:
        """Those that somebody should look at again, the longest overdue first."""
        today = self._today()
        due = [entry for entry in self.storage.knowledge.all() if entry.due(today)]
        return tuple(sorted(due, key=lambda one: (one.review_on or today, one.id)))

    def overdue(self, entry: Entry) -> bool:
        """Quick and pure."""
        return entry.due(self._today())

    def keep_answer(self, mention_id: int, answer: str) -> Entry:
        """An answered mention becomes an entry: its question without personal data, and the answer.

        An entry that asks the very same takes this answer; what it said before is kept."""
        stored = self.storage.mentions.get(mention_id)
        made = tidy(from_answer(_words(stored), answer, self.me, self._today()))
        made = replace(made, brand_id=self._one_brand(stored), product=self._product(stored))
        for known in self.storage.knowledge.all(archived=True):
            if known.brand_id == made.brand_id and folded(known.title) == folded(made.title):
                return self.save_entry(replace(known, answer=made.answer, active=True))
        return self.save_entry(made)

    def add_wording(self, id: int, mention_id: int) -> Entry:
        """How a mention put the question, without personal data, is one more wording of an entry."""
        entry = self.storage.knowledge.get(id)
        asked = from_answer(_words(self.storage.mentions.get(mention_id)), "", "", self._today())
        return self.save_entry(replace(entry, patterns=(*entry.patterns, asked.title)))

    def _one_brand(self, stored: Stored) -> int | None:
        """The own brand a post is about, where the team has several; else it holds for all."""
        own = [hit.brand_id for hit in stored.hits if not hit.competitor]
        several = sum(not watch.competitor for watch in self.storage.brands.all()) > 1
        return own[0] if several and len(own) == 1 else None

    def _product(self, stored: Stored) -> str:
        brand = next((hit.brand for hit in stored.hits if not hit.competitor), "")
        return self.complaints.product_of(stored.text, brand)

    def _today(self) -> date:
        return self.clock.now().astimezone(here()).date()

    # ── search ───────────────────────────────────────────────────────────────────────────────

    def search_entries(self, text: str, limit: int = 50) -> tuple[Fit, ...]:
        """The likeliest first, then those that hold the very words."""
        found = [fit for fit in self._index()[0].best(text, limit=limit) if fit.score >= WORTH]
        known = {fit.entry.id for fit in found}
        wanted = folded(text).strip()
        for entry in self.storage.knowledge.all() if wanted else ():
            said = folded(
                "\n".join((entry.title, *entry.patterns, entry.answer, entry.product, *entry.tags))
            )
            if entry.id not in known and wanted in said:
                found.append(Fit(entry, 0.0))
        return tuple(found[:limit])

    def answers_to(self, stored: Stored, limit: int = 3) -> tuple[Fit, ...]:
        """The likeliest entries for a mention, best first, also those that hardly fit."""
        own = [hit.brand_id for hit in stored.hits if not hit.competitor]
        return self._index()[0].best(_words(stored), own or None, limit)

    def _index(self) -> tuple[Index, str]:
        """The entries of now, made ready for searching, and a name for them."""
        brands = self.storage.brands.all()
        state = f"{VERSION}.{self.storage.knowledge.count()}.{_digest(_names(brands))}"
        with self._indexing:
            if self._indexed is None or self._indexed[0] != state:
                self._indexed = (state, Index(self.storage.knowledge.all(), _names(brands)))
            return self._indexed[1], state

    # ── what is asked ────────────────────────────────────────────────────────────────────────

    def asked(self, days: int = DAYS) -> Asked:
        """How often each entry was asked for lately, and what was asked in vain.

        Some thousand mentions are looked at in a call, newest first, and remembered; while `left` is not 0,
        a further call looks at more.
        """
        since = self.clock.now() - timedelta(days=days)
        looked = self._look(since)
        if looked:
            self.storage.knowledge.forget_asked(min(since, self.clock.now() - timedelta(days=REMEMBERED)))
        entries = {entry.id: entry for entry in self.storage.knowledge.all()}
        by_entry: dict[int, list[int]] = defaultdict(list)
        for entry_id, mention_id in self.storage.knowledge.asked(since, COUNTED):
            by_entry[entry_id].append(mention_id)
        heat = [Heat(entry, tuple(by_entry.get(entry.id, ()))) for entry in entries.values()]
        heat.sort(key=lambda one: (-one.asked, one.entry.id))
        rows = self.storage.knowledge.open(since, OPEN)
        asking = [Asking(row.mention_id, f"{row.title}\n{row.text}".strip(), row.story_id) for row in rows]
        names = _names(self.storage.brands.all())
        left = self.storage.knowledge.waiting(since, self._index()[1])
        return Asked(since, tuple(heat), gaps(asking, names)[:GAPS], looked, left)

    def _look(self, since: datetime) -> int:
        index, generation = self._index()
        own = frozenset(watch.id for watch in self.storage.brands.all() if not watch.competitor)
        looked = 0
        while looked < MOST:
            posts = self.storage.knowledge.unasked(since, generation, AT_ONCE)
            found = [_held(post, index, own) for post in posts]
            self.storage.knowledge.keep(found, generation)
            looked += len(posts)
            if len(posts) < AT_ONCE:
                break
        return looked

    # ── files ────────────────────────────────────────────────────────────────────────────────

    def import_entries(self, path: Path) -> Imported:
        """A Markdown or CSV file, all of it or nothing. ImportFailed names the line."""
        brands = {folded(watch.name): watch.id for watch in self.storage.brands.all()}
        entries: dict[tuple[int | None, str], Entry] = {}
        lines: dict[tuple[int | None, str], int] = {}
        for written in files.read(path):
            brand = brands.get(folded(written.brand)) if written.brand else None
            if written.brand and brand is None:
                raise files.wrong(written, _("there is no brand named “{name}”").format(name=written.brand))
            entry = tidy(replace(written.entry, brand_id=brand))
            try:
                check(entry)
            except ConfigError as error:
                raise files.wrong(written, error.text) from error
            key = (brand, folded(entry.title))
            if key in entries:
                told = _("the same question stands in line {line} already")
                raise files.wrong(written, told.format(line=lines[key]))
            entries[key], lines[key] = entry, written.line
        done = self.storage.knowledge.take_in(tuple(entries.values()), self.me, self.clock.now())
        self.tell(Change.KNOWLEDGE)
        return done

    def export_entries(self, out: Path, *, archived: bool = True) -> int:
        """How many entries the file holds now; .md or .csv. Raises ExportFailed, ConfigError."""
        if out.suffix.lower() not in files.FORMATS:
            raise ConfigError(_("“{name}” must end in .csv or .md.").format(name=out.name), field="out")
        names = {watch.id: watch.name for watch in self.storage.brands.all()}
        return files.write(out, self.storage.knowledge.all(archived=archived), names)

    def help_page(self, folder: Path, title: str = "") -> HelpPage:
        """The public entries as `folder`/index.html. What holds personal data is left out, and named."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportFailed(
                _("The folder {folder} cannot be used: {reason}").format(
                    folder=folder, reason=error.strerror or error
                )
            ) from error
        public = [entry for entry in self.storage.knowledge.all() if entry.public]
        if not public:
            raise NotFound(_("No entry is public. Tick “Public” in those that anybody may read."))
        kept = [entry for entry in public if not self._private(entry)]
        left = tuple(entry for entry in public if entry not in kept)
        own = [watch.name for watch in self.storage.brands.all() if not watch.competitor]
        name = title or (_("{brand} help").format(brand=own[0]) if len(own) == 1 else _("Help"))
        path = help_page.write(folder, kept, name, self.clock.now().astimezone(here()))
        return HelpPage(path, len(kept), left)

    def _private(self, entry: Entry) -> bool:
        return bool(forbidden.personal_data(f"{entry.title}\n{entry.answer}", self.our_own()))

    def our_own(self) -> tuple[str, ...]:
        """Our hotline and pages, in which nothing is a customer's; quick and pure."""
        return tuple(one for one in (self.local.service_channel, self.local.knowledge_link) if one.strip())


def _held(post: Post, index: Index, own: frozenset[int]) -> Answered:
    """A post that names none of our brands asks us nothing."""
    text = f"{post.title}\n{post.text}".strip()
    brands = own.intersection(post.brands)
    if not brands or not text:
        return Answered(post.id, post.at, NOBODY, 0.0, question=False, revision=post.revision)
    best = fitting(index.best(text, brands, 2))
    entry_id, score = (best.entry.id, best.score) if best else (0, 0.0)
    return Answered(post.id, post.at, entry_id, score, question=asks(text), revision=post.revision)


def _words(stored: Stored) -> str:
    return f"{stored.mention.title}\n{stored.text}".strip()


def _names(brands: Iterable[Watch]) -> tuple[str, ...]:
    return tuple(name for watch in brands if not watch.competitor for name in (watch.name, *watch.aliases))


def _digest(names: Sequence[str]) -> str:
    return sha256("\n".join(names).encode("utf-8", "replace")).hexdigest()[:12]
