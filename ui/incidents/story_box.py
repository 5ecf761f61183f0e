"""In the pane of one mention: how many tell the same, how hot it is, and the way to them. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.domain.warning import StoryHeat
from app.i18n import _, ngettext
from ui import icons, theme
from ui.dialogs.posts import Behind
from ui.incidents import words
from ui.widgets.parts import button, label


class StoryBox(QFrame):
    """`wanted` carries a Behind. Hidden where nobody else tells the same."""

    wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self.setProperty("tone", "accent")
        self._story: StoryHeat | None = None
        self.count = label("", "strong")
        self.heat = label("", "", wrap=True)
        self.hint = label("", "", wrap=True)
        self.list_button = button(_("List them"), self._press, kind="quiet", icon="feed")
        said = QVBoxLayout()
        said.setSpacing(0)
        for one in (self.count, self.heat, self.hint):
            said.addWidget(one)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        layout.setSpacing(theme.S)
        layout.addWidget(icons.picture("copy", 18, "accent"))
        layout.addLayout(said, 1)
        layout.addWidget(self.list_button)
        self.hide()

    def show_story(self, story: StoryHeat | None) -> None:
        """None: it stands alone."""
        self._story = story
        self.setVisible(story is not None)
        if story is None:
            return
        more = story.copies - 1
        self.count.setText(
            ngettext("+{n} copy of this story", "+{n} copies of this story", more).format(n=f"{more:,}")
        )
        self.heat.setText(words.heat_words(story))
        self.hint.setText(_("Perhaps a campaign of copies") if story.campaign else "")
        self.hint.setVisible(bool(story.campaign))
        self.setAccessibleName(words.story_spoken(story))

    def _press(self) -> None:
        if self._story is not None:
            title = _("The story: {title}").format(title=words.story_title(self._story))
            self.wanted.emit(Behind(title=title, stories=(self._story.id,)))
