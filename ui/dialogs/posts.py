"""The posts a figure or a sentence rests on, as a list; each opens in the feed. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QWidget

from app.domain.mention import Stored
from app.domain.platforms import platform_name
from app.i18n import _, ngettext
from ui import theme, told
from ui.context import Context
from ui.dialogs.sheet import AskingSheet
from ui.feed import plain
from ui.widgets.empty_state import EmptyState, StateStack
from ui.widgets.parts import button, label
from ui.widgets.table import Column, Table

if TYPE_CHECKING:
    from app.core import Core

MOST = 500
"""Posts listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What a figure rests on: these posts, those of stories or of an incident; of them, those that fit.

    `title` is shown as it is. `splits`: posts may be taken out of the one story.
    """

    title: str
    ids: tuple[int, ...] = ()
    stories: tuple[int, ...] = ()
    incident: int = 0
    platform: str = ""
    author: str = ""
    splits: bool = False

    def read(self, core: Core) -> tuple[Stored, ...]:
        """Newest first, at most MOST; any thread but the window's."""
        found = {one.id: one for one in self._all(core) if self._fits(one)}
        return tuple(sorted(found.values(), key=lambda one: (one.published_at, one.id), reverse=True))[
            :MOST
        ]

    def _all(self, core: Core) -> tuple[Stored, ...]:
        if self.ids:
            return core.mentions_of(self.ids[:MOST])
        if self.stories:
            return tuple(one for story in self.stories for one in core.story_mentions(story, MOST))
        return core.incident_mentions(self.incident, MOST)

    def _fits(self, stored: Stored) -> bool:
        mention = stored.mention
        return (not self.platform or mention.platform == self.platform) and (
            not self.author or mention.author.name == self.author
        )


class PostsSheet(AskingSheet):
    """`opened` carries the id of the post a person wants to see in the feed."""

    opened = Signal(int)
    split = Signal()
    """The chosen posts are a story of their own now."""

    def __init__(self, context: Context, behind: Behind, parent: QWidget | None = None) -> None:
        super().__init__(context, _("Posts"), parent, about=plain.squeezed(behind.title, 240))
        self.behind = behind
        self.resize(860, 560)
        self.count = label("", "muted")
        self.table = Table(_columns(), _("Posts"), _key)
        self.whole = label("", "", wrap=True, selectable=True)
        self.whole.setFixedHeight(76)
        self.whole.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        empty = EmptyState("feed", _("None of these posts is stored any more"), "")
        self.states = StateStack(self.table, empty)
        self.body.addWidget(self.count)
        self.body.addWidget(self.states, 1)
        self.body.addWidget(self.whole)
        self.split_button = button(_("Make these a story of their own"), self.split_off)
        self.split_button.setVisible(behind.splits)
        self.chief = self.buttons(_("Open in the feed"), self.see, self.split_button, cancel=_("Close"))
        self._connect()
        self.read()

    def read(self) -> None:
        self.states.show_loading()
        self.ask(partial(self.behind.read, self.context.core), self.show_posts, self.not_read)

    def show_posts(self, posts: tuple[Stored, ...]) -> None:
        n = len(posts)
        said = ngettext("{n} post, the newest first", "{n} posts, the newest first", n).format(n=f"{n:,}")
        more = _("{n} posts; there are more that are not listed").format(n=f"{n:,}")
        self.count.setText(more if n >= MOST else said)
        self.table.show_rows(posts)
        if posts:
            self.states.show_full()
            self.table.setFocus()
        else:
            self.states.show_empty()

    def not_read(self, error: BaseException) -> None:
        self.states.show_failed(told.explain(error))

    def see(self) -> None:
        """Go to the current post in the feed."""
        stored = self.table.current
        if stored is not None:
            self.opened.emit(stored.id)
            self.accept()

    def split_off(self) -> None:
        """The chosen posts leave the story."""
        ids = self.chosen()
        self.problem.quiet()
        self.split_button.setEnabled(False)
        self.ask(partial(self.context.core.split_story, ids), self.was_split, self.not_split)

    def was_split(self, _made: object) -> None:
        self.split.emit()
        self.accept()

    def not_split(self, error: BaseException) -> None:
        self._picked(None)
        self.complain(error)

    def chosen(self) -> tuple[int, ...]:
        """Ids of the selected rows."""
        rows = self.table.selectionModel().selectedRows()
        return tuple(self.table.values.rows[index.row()].id for index in rows)

    def _picked(self, _value: object) -> None:
        stored = self.table.current
        self.chief.setEnabled(stored is not None)
        self.whole.setText(plain.squeezed(stored.text, 400) if stored is not None else "")
        self._selected()

    def _selected(self) -> None:
        n = len(self.chosen())
        self.split_button.setEnabled(0 < n < len(self.table.values.rows))

    def _activated(self, _value: object) -> None:
        self.see()

    def _connect(self) -> None:
        if self.behind.splits:
            self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
            self.split_button.setToolTip(_("Choose several with Shift or Ctrl."))
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.table.picked.connect(self._picked)
        self.table.activated_row.connect(self._activated)
        self.states.retry.connect(self.read)
        self._picked(None)


def _key(stored: Stored) -> int:
    return stored.id


def _columns() -> list[Column[Stored]]:
    return [
        Column(
            _("Tone"), lambda one: theme.tone_word(one.tone), 110,
            icon=lambda one: (theme.tone_icon(one.tone), theme.tone_color(one.tone)),
        ),
        Column(
            _("When"), lambda one: plain.ago(one.published_at, datetime.now(UTC)), 110, tip=plain.published
        ),
        Column(_("Platform"), lambda one: platform_name(one.mention.platform), 100),
        Column(_("Author"), plain.author_name, 140),
        Column(_("Post"), lambda one: plain.squeezed(one.mention.title or one.text, 200)),
    ]  # fmt: skip
