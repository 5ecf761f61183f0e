"""The stories of an incident, the hottest first; merged and taken apart by hand. GUI thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.warning import StoryHeat
from app.i18n import _
from ui import theme
from ui.dialogs.posts import Behind
from ui.feed import plain
from ui.incidents import words
from ui.incidents.block import Block
from ui.incidents.chip import Chip
from ui.incidents.entry import PAD, Entry
from ui.widgets.flow import Flow
from ui.widgets.parts import boxed, button, column, label, pill, row

FIRST = 5
"""Shown before somebody asks for the rest."""
SHOWN = 20
"""Stories listed; what is colder than these says little."""


class StoriesBlock(Block):
    """`merge_wanted` carries the ids a person chose."""

    wanted = Signal(object)
    mention_opened = Signal(int)
    merge_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.merge = button(_("Merge the chosen"), kind="quiet", icon="link")
        super().__init__(
            _("Stories"),
            _("Near-copies, reposts and answers of one text. Those that are the same can be merged."),
            self.merge,
            parent=parent,
        )
        self.merge.setEnabled(False)
        self.merge.clicked.connect(self._merge)

    def show_stories(self, stories: Sequence[StoryHeat]) -> None:
        # What nobody repeats stands below: it can be merged into a story, and says little by itself.
        shown = tuple(sorted(stories[:SHOWN], key=lambda story: story.copies < 2))
        kept = set(self.chosen())
        self._shown = shown
        told = sum(story.copies > 1 for story in shown)
        count = str(len(stories)) if len(stories) > 1 else ""
        self.fill(shown, self._made, count=count, most=max(1, min(told, FIRST)))
        for one in self.stories():
            one.check.setChecked(one.story.id in kept)
        self.merge.setVisible(len(shown) > 1)

    def stories(self) -> tuple[StoryRow, ...]:
        return tuple(one for one in self.rows if isinstance(one, StoryRow))

    def chosen(self) -> tuple[int, ...]:
        return tuple(one.story.id for one in self.stories() if one.check.isChecked())

    def _made(self) -> list[StoryRow]:
        made = [StoryRow(story, many=len(self._shown) > 1) for story in self._shown]
        for one in made:
            one.wanted.connect(self.wanted)
            one.mention_opened.connect(self.mention_opened)
            one.check.toggled.connect(self._toggled)
        return made

    def _toggled(self, _on: bool) -> None:
        self.merge.setEnabled(len(self.chosen()) > 1)

    def _merge(self) -> None:
        self.merge_wanted.emit(self.chosen())


class StoryRow(QWidget):
    wanted = Signal(object)
    mention_opened = Signal(int)

    def __init__(self, story: StoryHeat, *, many: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.story = story
        self.setAccessibleName(words.story_spoken(story))
        self.check = QCheckBox()
        self.check.setVisible(many)
        self.check.setAccessibleName(_("Choose “{title}”").format(title=words.story_title(story)))
        self.first = Entry(story.first.id if story.first is not None else 0, lines=2)
        self.first.setEnabled(story.first is not None)
        self.first.say(
            words.story_title(story),
            icon=("feed", "muted"),
            trail=f"{story.first_at.astimezone():%m-%d %H:%M}",
            tip=f"{_('The first post')} · {plain.clock_time(story.first_at)}",
        )
        self.first.pressed_for.connect(self._open)
        title = _("The story: {title}").format(title=words.story_title(story))
        behind = Behind(title=title, stories=(story.id,), splits=True)
        self.copies = Chip(words.copies_words(story.copies), behind)
        self.copies.wanted.connect(self.wanted)
        self._lay()

    def _lay(self) -> None:
        facts = Flow(theme.S)
        facts.addWidget(self.copies)
        for fact in words.heat(self.story):
            facts.addWidget(label(fact, "small"))
        low = QVBoxLayout()
        low.setContentsMargins(30, 0, 0, theme.XS)
        low.setSpacing(theme.XS)
        low.addWidget(boxed(facts))
        if self.story.campaign:
            low.addWidget(_campaign(self.story))
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.first)
        right.addLayout(low)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(PAD, 0, 0, theme.XS)
        layout.setSpacing(theme.XS)
        checks = column(self.check, None)
        checks.setContentsMargins(0, PAD + 1, 0, 0)
        layout.addLayout(checks)
        layout.addLayout(right, 1)

    def _open(self, id: int) -> None:
        if id:
            self.mention_opened.emit(id)


def _campaign(story: StoryHeat) -> QWidget:
    """A hint, never a verdict: the signs stand beside it."""
    signs = (plain.squeezed(sign.told, 120) for sign in story.campaign[:4])
    hint = row(pill(_("Perhaps a campaign of copies"), "warning"), None)
    return boxed(column(hint, label(" · ".join(signs), "small", wrap=True), spacing=2))
