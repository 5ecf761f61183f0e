"""What a mention is about, and towards whom: aspects, brands, and its gist on demand. GUI thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.domain.aspects import aspect_label
from app.domain.mention import Stored
from app.domain.sentiment import NOT_CHINESE, AspectTone
from app.i18n import _, clauses, listed
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.feed.card_delegate import Pill
from ui.feed.post import PillRow
from ui.widgets.parts import clear, column, label

if TYPE_CHECKING:
    from app.core import Core
    from app.domain.gist import Gist

MOST_WORDS = 8


def aspect_pills(stored: Stored) -> list[Pill]:
    """One an aspect, in the colour of its tone; the tone's sign says it without colour too."""
    found: tuple[AspectTone, ...] = stored.score.aspects if stored.score is not None else ()
    return [
        Pill(
            plain.one_line(aspect_label(one.aspect), 40),
            theme.tone_color(one.tone),
            theme.tone_soft(one.tone),
            theme.tone_icon(one.tone),
        )
        for one in found
    ]


def aspects_spoken(stored: Stored) -> str:
    """The same for a screen reader."""
    found: tuple[AspectTone, ...] = stored.score.aspects if stored.score is not None else ()
    told = _("{aspect} ({tone})")
    return listed(
        told.format(aspect=plain.one_line(aspect_label(one.aspect), 40), tone=theme.tone_word(one.tone))
        for one in found
    )


def towards_words(stored: Stored) -> str:
    """How it speaks of each watched brand, where it speaks of several or not of ours as of the whole."""
    score = stored.score
    if score is None or not (len(score.towards) > 1 or any(one.spans for one in score.towards)):
        return ""
    names = {hit.brand_id: hit.brand for hit in stored.hits}
    told = _("Towards {brand}: {tone}")
    return clauses(
        told.format(brand=plain.one_line(names[one.brand_id], 30), tone=theme.tone_word(one.tone))
        for one in score.towards
        if one.brand_id in names
    )


def note_words(stored: Stored) -> str:
    """What the judge has to say besides."""
    if stored.score is not None and stored.score.note == NOT_CHINESE:
        return _("Not Chinese: the judge has nothing to say about it.")
    return ""


class GistBox(QWidget):
    """Key words and telling sentences of one mention, read when somebody wants them."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._id = 0
        self._gist: Gist | None = None
        self.words = PillRow()
        self.lines = column(spacing=theme.XS)
        layout = column(self.words, self.lines, spacing=theme.XS)
        layout.setContentsMargins(0, 0, 0, 0)
        self.setLayout(layout)
        theme.notifier().changed.connect(self._redo)

    def read(self, id: int) -> None:
        self._id = id
        self._say(_("Reading…"))
        self._context.asker.ask(
            self, partial(_gist, self._context.core, id), self._show, self._failed, slow=True
        )

    def _show(self, told: tuple[int, Gist]) -> None:
        whose, gist = told
        if whose != self._id:
            return
        if not gist.keywords and not gist.lines:
            self._say(_("There is nothing to put shorter."))
            return
        self._gist = gist
        self._redo()
        clear(self.lines)
        for line in gist.lines:
            self.lines.addWidget(label(plain.visible(line.text), "small", wrap=True, selectable=True))

    def _redo(self) -> None:
        """In the colours of now."""
        if self._gist is not None:
            now = theme.colors()
            words = [plain.one_line(word, 20) for word in self._gist.keywords[:MOST_WORDS]]
            self.words.show_pills([Pill(word, now.text, now.hover) for word in words])
            self.words.setVisible(bool(words))

    def _failed(self, error: BaseException) -> None:
        self._say(plain.problem(error))

    def _say(self, words: str) -> None:
        self._gist = None
        self.words.hide()
        clear(self.lines)
        self.lines.addWidget(label(words, "small", wrap=True))


def _gist(core: Core, id: int) -> tuple[int, Gist]:
    return id, core.gist([id])
