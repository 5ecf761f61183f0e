"""The knowledge base: entries by how often they are asked for, gaps, and one to edit. GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.change import Change
from app.domain.knowledge import Asked, Entry, Fit, Gap, Imported
from app.domain.watch import Watch
from app.errors import ConfigError
from app.i18n import _, ngettext
from ui import theme, told
from ui.context import Context
from ui.dialogs.posts import Behind, PostsSheet
from ui.dialogs.sheet import Confirm
from ui.feed import plain
from ui.knowledge.editor import AHEAD, EntryEditor
from ui.knowledge.gap import GapView
from ui.knowledge.listing import EntryLine, EntryList, GapLine, GapList
from ui.knowledge.past import PastSheet
from ui.pages.page import Page, heading, two_panes
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, label, line, row, scrolled
from ui.widgets.segments import Segments

if TYPE_CHECKING:
    from app.core import Core, HelpPage

SETTLE_MS = 250
"""A search begins once a person has stopped typing."""
AGAIN_MS, OFTEN_MS = 200, 60_000
"""Until further mentions are held against the entries; and until news are, while the page is seen."""


class Read(NamedTuple):
    entries: tuple[Entry, ...]
    brands: tuple[Watch, ...]
    overdue: frozenset[int]
    me: str = ""
    today: date = date.min


def _read(core: Core) -> Read:
    entries = core.entries(archived=True)
    late = frozenset(entry.id for entry in entries if entry.active and core.overdue(entry))
    core.check_reply("")  # so that the word lists are read before a person types
    return Read(entries, core.brands(), late, core.me, core.clock.now().astimezone().date())


class KnowledgePage(Page):
    cares = Change.KNOWLEDGE | Change.WATCHES
    mention_opened = Signal(int)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._read = Read((), (), frozenset())
        self._asked: Asked | None = None
        self._found: tuple[Fit, ...] | None = None
        self._wanted = 0
        """The entry to be shown as soon as the list is there."""
        self._filling = False
        """Rows are being laid anew: what becomes current was not picked by a person."""
        self._path = Path()
        self._next: Callable[[], None] | None = None
        """What a person wants to do, once unsaved changes are settled."""
        self.search = QLineEdit()
        self.filter = Segments(
            [("all", _("Entries")), ("due", _("Review")), ("gaps", _("Gaps")), ("old", _("Out of use"))],
            _("Which entries"),
        )
        self.list, self.gaps = EntryList(), GapList()
        self.looking = label("", "small", wrap=True)
        self.editor = EntryEditor(context.core.check_reply)
        self.gap = GapView()
        self.save_button = button(_("Save"), self.save, kind="primary")
        self.archive_button = button(_("Put out of use"), self.archive, kind="quiet")
        self._settled = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settled.timeout.connect(self._search)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._ask_asked)
        self._often = QTimer(self, interval=OFTEN_MS)
        self._often.timeout.connect(self._ask_asked)
        self._often.start()
        self._lay()
        self._connect()

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    def refresh(self) -> None:
        self.states.show_loading()
        self.ask(partial(_read, self.context.core), self.show_entries, self.failed)

    def show_entries(self, read: Read) -> None:
        self._read = read
        self.editor.show_brands(read.brands)
        self._refill()
        self._settled.start()
        self._ask_asked()

    def failed(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def _ask_asked(self) -> None:
        if self.isVisible():
            self.ask(self.context.core.asked, self.show_asked, self.not_counted, slow=True)

    def show_asked(self, asked: Asked) -> None:
        self._asked = asked
        told_ = ngettext(
            "{n} post of this week is still to be looked at.",
            "{n} posts of this week are still to be looked at.",
            asked.left,
        )
        self.looking.setText(told_.format(n=f"{asked.left:,}"))
        self.looking.setVisible(bool(asked.left))
        self._refill()
        if asked.left and asked.looked:
            self._again.start()

    def not_counted(self, error: BaseException) -> None:
        self.looking.setText(told.explain(error))
        self.looking.show()

    def open_entry(self, id: int) -> None:
        """Show it, wherever it stands in the list."""
        self._wanted = id
        self.search.clear()
        self._found = None
        known = next((entry for entry in self._read.entries if entry.id == id), None)
        self.filter.choose("all" if known is None or known.active else "old")
        if known is not None:
            self._refill()
        else:
            self.refresh()

    # ── the lists ────────────────────────────────────────────────────────────────────────────

    def _refill(self) -> None:
        gaps = self._asked.gaps if self._asked is not None else ()
        self.filter.set_words("gaps", _("Gaps {n}").format(n=len(gaps)) if gaps else _("Gaps"))
        due = len(self._read.overdue)
        self.filter.set_words("due", _("Review {n}").format(n=due) if due else _("Review"))
        self._filling = True
        if self.filter.current == "gaps":
            self._fill_gaps(gaps)
        else:
            self._fill_entries()
        self._filling = False
        if self._wanted and self.list.go_to(self._wanted):
            self._wanted = 0
            self._pick_current()

    def _fill_gaps(self, gaps: tuple[Gap, ...]) -> None:
        most = max((gap.asked for gap in gaps), default=0)
        self.lists.setCurrentWidget(self.gaps)
        self.gaps.show_rows([GapLine(gap.mention_ids[0], gap, most) for gap in gaps])
        self._show_state(bool(gaps))

    def _fill_entries(self) -> None:
        lines = self._lines()
        self.lists.setCurrentWidget(self.list)
        self.list.show_rows(lines)
        self._show_state(bool(lines))

    def _lines(self) -> list[EntryLine]:
        asked = {one.entry.id: one.mention_ids for one in self._asked.heat} if self._asked else {}
        most = max(map(len, asked.values()), default=0)
        lines = [
            EntryLine(one.id, one, asked.get(one.id, ()), most, one.id in self._read.overdue)
            for one in self._read.entries
            if self._shown(one)
        ]
        if self._found is None:
            return sorted(lines, key=lambda one: (-one.asked, one.id))
        place = {fit.entry.id: number for number, fit in enumerate(self._found)}
        return sorted((one for one in lines if one.id in place), key=lambda one: place[one.id])

    def _shown(self, entry: Entry) -> bool:
        match self.filter.current:
            case "due":
                return entry.id in self._read.overdue
            case "old":
                return not entry.active
            case _:
                return entry.active

    def _show_state(self, full: bool) -> None:
        if full:
            self.states.show_full()
            return
        title, text = self._nothing()
        self.states.empty.say(title, text)
        self.states.show_empty()
        if self.filter.current == "gaps" or not self._read.entries:
            self.right.setCurrentWidget(self.blank)

    def _nothing(self) -> tuple[str, str]:
        if self._found is not None:
            return _("Nothing found"), _("No entry answers this. Try other words, or write one.")
        match self.filter.current:
            case "gaps":
                return _("No gaps"), _(
                    "Questions and complaints of this week that no entry answers stand here."
                )
            case "due":
                return _("Nothing to review"), _("Entries whose review date has come stand here.")
            case "old":
                return _("Nothing out of use"), _("Entries are never deleted; put aside, they stand here.")
            case _:
                return _("The knowledge base is empty"), _(
                    "Write down what people ask again and again, and the answer: drafts are made of it."
                    " Import a file, or keep an answer from the composer with one click."
                )

    def _filtered(self, _key: str) -> None:
        self._refill()
        self._pick_current()

    def _pick_current(self) -> None:
        if self.filter.current == "gaps":
            self._picked_gap(self.gaps.chosen)
        else:
            self._picked(self.list.chosen)

    def _clicked(self, _index: QModelIndex) -> None:
        """Also where the row was the current one already, as after writing a new entry."""
        self._pick_current()

    def _typed(self) -> None:
        self._settled.start()

    def _search(self) -> None:
        text = self.search.text().strip()
        if not text:
            if self._found is not None:
                self._found = None
                self._refill()
            return
        self.ask(partial(self.context.core.search_entries, text), self.show_found)

    def show_found(self, found: tuple[Fit, ...]) -> None:
        if self.search.text().strip():
            self._found = found
            if self.filter.current == "gaps":
                self.filter.choose("all")
            self._refill()

    # ── one of them ──────────────────────────────────────────────────────────────────────────

    def _picked(self, picked: EntryLine | None) -> None:
        if picked is None or self.filter.current == "gaps":
            return
        idle = self.right.currentWidget() is self.blank
        if self._filling and not idle and picked.id != self.editor.entry.id:
            return
        if picked.id == self.editor.entry.id:
            self.right.setCurrentWidget(self.sheet)
            self.editor.show_asked(picked.mention_ids)
            if picked.entry != self.editor.entry and not self.editor.edited:
                self._show(picked)
            return
        self._leave(partial(self._show, picked))

    def _show(self, picked: EntryLine) -> None:
        self.editor.show_entry(picked.entry, picked.mention_ids, overdue=picked.overdue)
        active = picked.entry.active
        self.archive_button.setText(_("Put out of use") if active else _("Use again"))
        self.archive_button.show()
        self.right.setCurrentWidget(self.sheet)
        self._allow()

    def _picked_gap(self, picked: GapLine | None) -> None:
        if picked is not None and self.filter.current == "gaps" and not self._filling:
            self._leave(partial(self._show_gap, picked))

    def _show_gap(self, picked: GapLine) -> None:
        self.gap.show_gap(picked.gap)
        self.right.setCurrentWidget(self.gap)

    def _leave(self, then: Callable[[], None]) -> None:
        """Do it, after a person has agreed to lose what was not saved."""
        if self.right.currentWidget() is not self.sheet or not self.editor.edited:
            then()
            return
        if self._next is not None:
            return
        self._next = then
        asked = Confirm(
            self, _("Leave this entry?"), _("What you wrote has not been saved."), _("Leave without saving")
        )
        asked.accepted.connect(self._go_on)
        asked.rejected.connect(self._stay)
        asked.open()

    def _go_on(self) -> None:
        then, self._next = self._next, None
        self.editor.show_entry(self.editor.entry)
        if then is not None:
            then()

    def _stay(self) -> None:
        self._next = None
        self.list.go_to(self.editor.entry.id)

    def add(self) -> None:
        """A new one."""
        self._leave(partial(self._new, Entry(title="")))

    def _new(self, entry: Entry) -> None:
        review = self._read.today + timedelta(days=AHEAD) if self._read.me else None
        made = replace(entry, owner=self._read.me, review_on=review)
        self.list.setCurrentIndex(QModelIndex())
        self.editor.show_entry(made)
        self.archive_button.hide()
        self.right.setCurrentWidget(self.sheet)
        self.editor.title.setFocus()
        self._allow()

    def _save_by_key(self) -> None:
        if self.save_button.isVisible() and self.save_button.isEnabled():
            self.save()

    def save(self) -> None:
        work = partial(self.context.core.save_entry, self.editor.made())
        self.ask(work, self.saved, self.not_saved)

    def saved(self, entry: Entry) -> None:
        self.editor.show_entry(entry)
        self.editor.notice.say(_("Saved."), "positive")
        self._wanted = entry.id
        if self.filter.current == "gaps":
            self.filter.choose("all")
        self.refresh()

    def not_saved(self, error: BaseException) -> None:
        self.editor.notice.say(told.explain(error), "negative")
        if isinstance(error, ConfigError):
            self.editor.point_at(error.field)

    def archive(self) -> None:
        entry = self.editor.entry
        work = partial(self.context.core.archive_entry, entry.id, active=not entry.active)
        self.ask(work, self.archived, self.not_saved)

    def archived(self, entry: Entry) -> None:
        self.say(_("In use again.") if entry.active else _("Out of use. Nothing of it is lost."))
        self.editor.show_entry(entry)
        self.archive_button.setText(_("Put out of use") if entry.active else _("Use again"))
        self.refresh()

    def _write_entry(self) -> None:
        text = plain.squeezed(self.gap.gap.text, 200)
        self.filter.choose("all")
        self._refill()
        self._new(Entry(title=text))

    def _see_gap(self) -> None:
        self._see(self.gap.gap.text, self.gap.gap.mention_ids)

    def _see_asked(self) -> None:
        current = self.list.chosen
        if isinstance(current, EntryLine):
            self._see(current.entry.title, current.mention_ids)

    def _see(self, title: str, ids: tuple[int, ...]) -> None:
        sheet = PostsSheet(self.context, Behind(title=title, ids=ids), self)
        sheet.opened.connect(self.mention_opened)
        sheet.open()

    def _see_past(self) -> None:
        sheet = PastSheet(self.context, self.editor.entry, self)
        sheet.taken.connect(self._take_back)
        sheet.open()

    def _take_back(self, earlier: Entry) -> None:
        """Into the fields; saving it is another matter."""
        kept = self.editor.entry
        self.editor.show_entry(replace(earlier, revision=kept.revision, active=kept.active))
        self.editor.entry = kept
        self.editor.notice.say(_("An earlier text. Save it to use it again."), "accent")
        self._allow()

    def _allow(self) -> None:
        made = self.editor.made()
        self.save_button.setEnabled(bool(made.title and made.answer) and made != self.editor.entry)

    # ── files ────────────────────────────────────────────────────────────────────────────────

    def choose_import(self) -> None:
        kinds = _("Knowledge base") + " (*.md *.csv)"
        chosen, _kind = QFileDialog.getOpenFileName(self, _("Choose a file"), "", kinds)
        if chosen:
            self.import_from(Path(chosen))

    def import_from(self, path: Path) -> None:
        self.ask(partial(self.context.core.import_entries, path), self.imported, slow=True)

    def imported(self, done: Imported) -> None:
        told_ = _("{new} new, {changed} changed, {same} as they were.")
        self.say(told_.format(new=done.new, changed=done.changed, same=done.same))
        self.refresh()

    def choose_export(self) -> None:
        kinds = "Markdown (*.md);;CSV (*.csv)"
        name = _("Knowledge base") + ".md"
        chosen, kind = QFileDialog.getSaveFileName(self, _("Where to"), name, kinds)
        if chosen:
            path = Path(chosen)
            if path.suffix.lower() not in (".md", ".csv"):
                path = path.with_name(path.name + (".csv" if "csv" in kind else ".md"))
            self.export_to(path)

    def export_to(self, path: Path) -> None:
        self._path = path
        self.ask(partial(self.context.core.export_entries, path), self.exported, slow=True)

    def exported(self, count: int) -> None:
        told_ = ngettext("{n} entry written to {path}.", "{n} entries written to {path}.", count)
        self.say(told_.format(n=count, path=plain.one_line(self._path.name, 80)))

    def choose_page(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, _("A folder for the help page"))
        if chosen:
            self.write_page(Path(chosen))

    def write_page(self, folder: Path) -> None:
        self.ask(partial(self.context.core.help_page, folder), self.page_written, slow=True)

    def page_written(self, page: HelpPage) -> None:
        told_ = ngettext("{n} entry written to {path}.", "{n} entries written to {path}.", page.entries)
        words = told_.format(n=page.entries, path=plain.one_line(str(page.path), 120))
        if page.left_out:
            n = len(page.left_out)
            left = ngettext(
                "{n} is left out, as it holds personal data.",
                "{n} are left out, as they hold personal data.",
                n,
            )
            words = f"{words} {left.format(n=n)}"
        self.say(words)

    # ── laying out ───────────────────────────────────────────────────────────────────────────

    def _connect(self) -> None:
        self.search.textChanged.connect(self._typed)
        self.filter.chosen.connect(self._filtered)
        self.list.picked.connect(self._picked)
        self.gaps.picked.connect(self._picked_gap)
        self.list.clicked.connect(self._clicked)
        self.gaps.clicked.connect(self._clicked)
        self.states.retry.connect(self.refresh)
        self.states.acted.connect(self.add)
        self.editor.touched.connect(self._allow)
        QShortcut(QKeySequence.StandardKey.Save, self).activated.connect(self._save_by_key)
        self.editor.asked_wanted.connect(self._see_asked)
        self.editor.past_wanted.connect(self._see_past)
        self.gap.posts_wanted.connect(self._see_gap)
        self.gap.entry_wanted.connect(self._write_entry)
        self.setFocusProxy(self.search)

    def _lay(self) -> None:
        about = _("What people ask, how often this week, and what to answer. Drafts are made of it.")
        title = heading(
            _("Knowledge base"),
            about,
            button(_("Import"), self.choose_import, icon="import"),
            button(_("Export"), self.choose_export, icon="export"),
            button(_("Help page"), self.choose_page, icon="globe"),
            button(_("New entry"), self.add, kind="primary", icon="plus"),
        )
        self.lists = QStackedWidget()
        self.lists.addWidget(self.list)
        self.lists.addWidget(self.gaps)
        empty = EmptyState("book", "", "", _("New entry"))
        self.states = StateStack(self.lists, empty)
        self.setLayout(two_panes(title, self._left(), self._right(), "panel", (400, 720)))

    def _left(self) -> QWidget:
        self.search.setPlaceholderText(_("Search, or paste a post"))
        self.search.setAccessibleName(_("Search the knowledge base"))
        self.search.setClearButtonEnabled(True)
        self.looking.hide()
        left = QWidget()
        left.setMinimumWidth(300)
        box = QVBoxLayout(left)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(theme.L, theme.M, theme.L, theme.M)
        head.setSpacing(theme.S)
        head.addWidget(self.search)
        head.addLayout(row(self.filter, None))
        head.addWidget(self.looking)
        box.addLayout(head)
        box.addWidget(line())
        box.addWidget(self.states, 1)
        return left

    def _right(self) -> QWidget:
        self.sheet = QWidget()
        box = QVBoxLayout(self.sheet)
        box.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        box.setSpacing(theme.M)
        box.addWidget(scrolled(self.editor), 1)
        box.addLayout(row(self.archive_button, None, self.save_button))
        self.blank = EmptyState(
            "book", _("Nothing chosen"), _("Choose an entry to read and change it, or a gap to fill it.")
        )
        self.right = QStackedWidget()
        self.right.setMinimumWidth(380)
        for one in (self.blank, self.sheet, self.gap):
            self.right.addWidget(one)
        return self.right
