"""How long an answer may take, by platform and severity, and whose it is. GUI thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QSpinBox, QVBoxLayout, QWidget

from app.domain.alert import Severity
from app.domain.desk import Limit, Policy, Start
from app.domain.people import Team
from app.domain.platforms import PLATFORMS
from app.domain.roster import where_words
from app.i18n import _, ngettext
from ui import theme
from ui.context import Context
from ui.feed import plain
from ui.pages.panel import Panel
from ui.widgets.parts import boxed, button, card, clear, icon_button, label, roomy, row
from ui.widgets.segments import Segments

if TYPE_CHECKING:
    from app.core import Core

MOST_MINUTES = 30 * 24 * 60
MOST_HOURS = 24 * 365
_WIDE = 190
"""Pixels for what a row is about."""


class Terms(NamedTuple):
    """What the panel shows; brands and sources by number."""

    policy: Policy
    teams: tuple[Team, ...]
    brands: dict[int, str]
    sources: dict[int, str]


class DeadlinesPanel(Panel):
    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.terms = Terms(Policy(), (), {}, {})
        self.changed = False
        """By a person, and not saved yet."""
        self.limits = Limits()
        self.start = Segments(
            [
                (Start.SEEN.value, _("When we first see it")),
                (Start.PUBLISHED.value, _("When it is published")),
            ],
            _("The clock begins"),
        )
        self.max_age = QSpinBox()
        self.max_age.setRange(0, MOST_HOURS)
        self.max_age.setFixedWidth(110)
        roomy(self.max_age)
        self.owners = Owners()
        self.chief = button(_("Save"), self.save, kind="primary")
        self._lay()
        for signal in (
            self.limits.edited,
            self.start.chosen,
            self.max_age.valueChanged,
            self.owners.edited,
        ):
            signal.connect(self._edited)

    def refresh(self) -> None:
        """What a person has begun to change stays."""
        if not self.changed:
            self.ask(partial(_terms, self.context.core), self.show_terms)

    def show_terms(self, terms: Terms) -> None:
        if self.changed:
            return
        self.terms = terms
        self.limits.show_limits(terms.policy.limits, terms.sources)
        self.start.choose(terms.policy.start.value)
        with QSignalBlocker(self.max_age):
            self.max_age.setValue(terms.policy.max_age // 3600)
        self.owners.show_terms(terms)
        self.chief.setEnabled(False)

    def policy(self) -> Policy:
        """As it stands in the fields."""
        return replace(
            self.owners.policy(self.terms.policy),
            limits=self.limits.limits(),
            start=Start(self.start.current),
            max_age=self.max_age.value() * 3600,
        )

    def save(self) -> None:
        self.chief.setEnabled(False)
        work = partial(self.context.core.save_deadline_policy, self.policy())
        self.ask(work, self.saved, self.not_saved)

    def saved(self, moved: int) -> None:
        self.changed = False
        more = ngettext("{n} deadline that runs was moved.", "{n} deadlines that run were moved.", moved)
        self.notice.say(" ".join([_("Saved."), *([more.format(n=moved)] if moved else [])]), "positive")
        self.refresh()

    def not_saved(self, error: BaseException) -> None:
        self.chief.setEnabled(True)
        self.complain(error)

    def _edited(self, _what: object = None) -> None:
        self.changed = True
        self.notice.quiet()
        self.chief.setEnabled(True)

    def _lay(self) -> None:
        about = _(
            "Minutes of work time to the first answer. It warns when half of it, four fifths and all of it "
            "are over. The narrowest line holds; 0 is no deadline."
        )
        older = label(_("Comes by itself only if published within (hours)"), wrap=True)
        self.max_age.setAccessibleName(older.text())
        left_out = _("Older posts, of a back-fill or an import, are put on the desk by hand.")
        whose = _("What comes belongs to a team, whose work time counts. A source is asked before a brand.")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.L)
        parts = (
            card(
                label(_("First answer within"), "heading"),
                label(about, "muted", wrap=True),
                self.limits,
                spacing=theme.M,
            ),
            card(
                label(_("The clock"), "heading"),
                row(label(_("It begins")), None, self.start),
                row(older, None, self.max_age),
                label(left_out, "small", wrap=True),
                spacing=theme.M,
            ),
            card(
                label(_("Whose it is"), "heading"),
                label(whose, "muted", wrap=True),
                self.owners,
                spacing=theme.M,
            ),
        )
        for part in parts:
            part.setMaximumWidth(760)
            layout.addWidget(part)
        layout.addWidget(self.notice)
        layout.addLayout(row(self.chief, None))


class Lines(QWidget):
    """A grid of lines, and a box to add another."""

    edited = Signal()

    def __init__(self, more: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(theme.M)
        self.grid.setVerticalSpacing(theme.S)
        self.grid.setColumnStretch(5, 1)
        self.more = QComboBox()
        self.more.setMinimumWidth(_WIDE)
        self._more = more
        self.more.setAccessibleName(more)
        self.more.activated.connect(self._picked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.M)
        layout.addLayout(self.grid)
        layout.addWidget(boxed(row(self.more, None)))

    def name_line(self, number: int, key: str, words: str, column: int) -> str:
        """Its name before it, and the way out behind it; the last line has no way out."""
        shown = label(plain.one_line(words, 60), "strong" if key else "")
        shown.setMinimumWidth(_WIDE)
        self.grid.addWidget(shown, number, 0)
        if key:
            gone = icon_button("close", _("Remove this line"), self._remove)
            gone.setObjectName(key)
            self.grid.addWidget(gone, number, column)
        return shown.text()

    def offer(self, choices: Iterable[tuple[str, str]]) -> None:
        """What may be added: (key, words)."""
        self.more.clear()
        self.more.addItem(f"{self._more}…", "")
        for key, words in choices:
            self.more.addItem(plain.one_line(words, 60), key)

    def add(self, key: str) -> None:
        """A person wants another line."""

    def drop(self, key: str) -> None:
        """A person wants it no more."""

    def _picked(self, index: int) -> None:
        if key := self.more.itemData(index):
            self.add(key)
            self.changed()

    def _remove(self) -> None:
        self.drop(self.sender().objectName())
        self.changed()

    def changed(self, _value: object = None) -> None:
        self.edited.emit()


class Limits(Lines):
    """A line for each platform or source, three numbers in it; the last is for everything else."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Add a platform or a source"), parent)
        self._sources: dict[int, str] = {}
        self.rows: dict[str, tuple[QSpinBox, QSpinBox, QSpinBox]] = {}

    def show_limits(self, limits: tuple[Limit, ...], sources: dict[int, str]) -> None:
        """In the place of what was there; telling nobody."""
        self._sources = sources
        clear(self.grid)
        self.rows = {}
        for column, severity in enumerate(Severity, 1):
            words = label(f"{severity.value}  {theme.severity_word(severity)}", "small")
            self.grid.addWidget(words, 0, column)
        for number, limit in enumerate(sorted(limits, key=lambda one: one.where == ""), 1):
            self._put(number, limit)
        wheres = ("@forums", *PLATFORMS, *(f"source:{id_}" for id_ in sources))
        self.offer((one, where_words(Limit(where=one), sources)) for one in wheres if one not in self.rows)

    def limits(self) -> tuple[Limit, ...]:
        return tuple(
            Limit(where=where, p1=p1.value(), p2=p2.value(), p3=p3.value())
            for where, (p1, p2, p3) in self.rows.items()
        )

    def add(self, key: str) -> None:
        usual = next(one for one in self.limits() if not one.where)
        self.show_limits((*self.limits(), replace(usual, where=key)), self._sources)
        self.rows[key][0].setFocus()

    def drop(self, key: str) -> None:
        kept = tuple(one for one in self.limits() if one.where != key)
        self.show_limits(kept, self._sources)

    def _put(self, number: int, limit: Limit) -> None:
        words = self.name_line(number, limit.where, where_words(limit, self._sources), 4)
        made = []
        for column, severity in enumerate(Severity, 1):
            box = _minutes(limit.minutes(severity))
            box.setAccessibleName(f"{words} {severity.value}")
            box.valueChanged.connect(self.changed)
            self.grid.addWidget(box, number, column)
            made.append(box)
        self.rows[limit.where] = (made[0], made[1], made[2])


class Owners(Lines):
    """The team of everything, and of brands and sources that have one of their own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Add a brand or a source"), parent)
        self._terms = Terms(Policy(), (), {}, {})
        self.rows: dict[str, QComboBox] = {}
        """Key → team: "" for everything else, "brand:3", "source:5"."""

    def show_terms(self, terms: Terms) -> None:
        self._terms = terms
        policy = terms.policy
        given: dict[str, int | None] = {f"source:{id_}": team for id_, team in policy.by_source.items()}
        given |= {f"brand:{id_}": team for id_, team in policy.by_brand.items()}
        self._show({**given, "": policy.team_id})

    def policy(self, before: Policy) -> Policy:
        """Lines without a team are dropped."""
        chosen = self._chosen()
        return replace(
            before,
            team_id=chosen.get(""),
            by_source=_of("source:", chosen),
            by_brand=_of("brand:", chosen),
        )

    def add(self, key: str) -> None:
        usual = self._chosen().get("") or self._terms.teams[0].id
        self._show({key: usual, **self._chosen()})

    def drop(self, key: str) -> None:
        self._show({one: team for one, team in self._chosen().items() if one != key})

    def _show(self, given: dict[str, int | None]) -> None:
        clear(self.grid)
        self.rows = {}
        for number, (key, team) in enumerate(given.items()):
            box = QComboBox()
            box.setAccessibleName(self.name_line(number, key, self._name(key), 2))
            box.setMinimumWidth(180)
            box.addItem(_("no team"), None)
            for one in self._terms.teams:
                box.addItem(plain.one_line(one.name, 60), one.id)
            box.setCurrentIndex(max(0, box.findData(team)))
            box.activated.connect(self.changed)
            self.grid.addWidget(box, number, 1)
            self.rows[key] = box
        brands = [f"brand:{id_}" for id_ in self._terms.brands]
        keys = (*brands, *(f"source:{id_}" for id_ in self._terms.sources))
        self.offer((key, self._name(key)) for key in keys if key not in self.rows)
        self.more.setVisible(bool(self._terms.teams))

    def _name(self, key: str) -> str:
        kind, _colon, number = key.partition(":")
        if kind == "brand":
            return _("Brand “{name}”").format(name=self._terms.brands.get(int(number), number))
        return where_words(Limit(where=key), self._terms.sources)

    def _chosen(self) -> dict[str, int | None]:
        return {key: box.currentData() for key, box in self.rows.items()}


def _of(kind: str, chosen: dict[str, int | None]) -> dict[int, int]:
    return {
        int(key.removeprefix(kind)): team
        for key, team in chosen.items()
        if key.startswith(kind) and team is not None
    }


def _minutes(value: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(0, MOST_MINUTES)
    made.setSingleStep(5)
    made.setSpecialValueText(_("none"))
    made.setValue(value)
    made.setFixedWidth(96)
    roomy(made)
    return made


def _terms(core: Core) -> Terms:
    return Terms(
        core.deadline_policy(),
        core.teams(),
        {brand.id: brand.name for brand in core.brands() if not brand.competitor},
        {state.source.id: state.source.name for state in core.sources()},
    )
