"""What the list shows: search, brand, source, tone, status, time, and filters kept under a name.

GUI thread. The bar holds a MentionQuery and says `changed` when the person changes it; brands,
sources and views are read through the asker.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from app.change import Change
from app.domain.aspects import ASPECTS, aspect_label
from app.domain.mention import Status
from app.domain.platforms import PLATFORMS, platform_name
from app.domain.query import MentionQuery, Tally, View
from app.domain.sentiment import Tone
from app.domain.watch import SourceState, Watch
from app.i18n import N_, _, listed
from ui import icons, theme
from ui.context import Context
from ui.feed import plain
from ui.feed.search_field import Fault, SearchField
from ui.widgets.parts import boxed, button, column, icon_button, label, row

if TYPE_CHECKING:
    from app.core import Core


T = TypeVar("T")
LONGEST = 22
"""Characters of what is chosen, in a wide window."""


class Choices(NamedTuple):
    """What there is to choose from."""

    brands: tuple[Watch, ...]
    sources: tuple[SourceState, ...]
    views: tuple[View, ...]


def read_choices(core: Core) -> Choices:
    return Choices(core.brands(), core.sources(), core.views())


def _save_view(core: Core, name: str, query: MentionQuery) -> tuple[View, ...]:
    core.save_view(name, query)
    return core.views()


def _remove_view(core: Core, id: int) -> tuple[View, ...]:
    core.remove_view(id)
    return core.views()


def usual(brands: Iterable[Watch]) -> MentionQuery:
    """What is shown when nothing is filtered: what names a brand, or all while there is none."""
    return MentionQuery(matched=True if tuple(brands) else None)


# one criterion


class Criterion(QPushButton):
    """A button that says what is chosen and opens a menu of choices; several may be ticked."""

    picked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._chosen = ""
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self.setMenu(self._menu)
        # Named, so that its style stays out of what stands in its menu.
        self.setObjectName("criterion")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.notifier().changed.connect(self._dress)
        self.say("")

    @property
    def menu_(self) -> QMenu:
        return self._menu

    def say(self, chosen: str) -> None:
        """Empty: nothing chosen, anything goes."""
        self._chosen = chosen
        self._on = bool(chosen)
        self.setToolTip(chosen.replace("<", "‹"))
        self.setAccessibleName(self._words(len(chosen)))
        self.shorten(LONGEST)
        self._dress()

    @property
    def long(self) -> int:
        """Characters of the choice that could be left out."""
        return min(len(self._chosen), LONGEST)

    def shorten(self, most: int) -> None:
        """So many characters of what is chosen; the whole of it stays in the tool tip."""
        self.setText(self._words(most).replace("&", "&&"))

    def _words(self, most: int) -> str:
        if not self._chosen or most <= 0:
            return self._name
        short = self._chosen if len(self._chosen) <= most else self._chosen[: most - 1] + "…"
        return _("{criterion}: {choice}").format(criterion=self._name, choice=short)

    def _dress(self) -> None:
        now = theme.colors()
        ground, ink, edge = now.surface, now.text, now.line
        if self._on:
            ground, ink, edge = now.accent_soft, now.accent, now.accent
        arrow = (
            f"image: url(themes:down-{now.name}.svg); width: 12px; height: 12px;"
            " subcontrol-origin: padding; subcontrol-position: center right; right: 7px;"
        )
        self.setStyleSheet(
            f"QPushButton#criterion {{ background: {ground}; color: {ink}; border: 1px solid {edge};"
            " border-radius: 13px; padding: 3px 24px 3px 7px; }"
            f"QPushButton#criterion:hover, QPushButton#criterion:focus {{ border-color: {now.accent}; }}"
            f"QPushButton#criterion::menu-indicator {{ {arrow} }}"
        )


def _entry(text: str) -> str:
    """A name as a menu shows it: no mnemonic, however it is written."""
    return plain.one_line(text, 60).replace("&", "&&")


def _tick(menu: QMenu, text: str, data: object, checked: bool) -> QAction:
    action = menu.addAction(_entry(text))
    action.setCheckable(True)
    action.setData(data)
    action.setChecked(checked)
    return action


@dataclass(frozen=True)
class _Range:
    key: str
    name: str
    days: int


_RANGES = (
    _Range("today", N_("Today"), 0),
    _Range("2d", N_("Since yesterday"), 1),
    _Range("7d", N_("Last 7 days"), 6),
    _Range("30d", N_("Last 30 days"), 29),
)


class ToneTabs(QFrame):
    """The tally, and by it the choice of tone."""

    picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "segments")
        self._tally = Tally()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3, 3, 3, 3)
        layout.setSpacing(2)
        self._buttons: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        group.setExclusive(True)
        for key in ("all", *(tone.value for tone in Tone), "unscored"):
            one = QPushButton()
            one.setProperty("kind", "segment")
            one.setCheckable(True)
            one.setCursor(Qt.CursorShape.PointingHandCursor)
            group.addButton(one)
            layout.addWidget(one)
            self._buttons[key] = one
        layout.addStretch(1)
        for tone in Tone:
            icons.dress(self._buttons[tone.value], theme.tone_icon(tone), tone.value)
        self._buttons["all"].setChecked(True)
        group.buttonClicked.connect(self._on_click)
        self.show_tally(Tally())

    @property
    def tones(self) -> tuple[Tone, ...]:
        return tuple(tone for tone in Tone if self._buttons[tone.value].isChecked())

    @property
    def unscored(self) -> bool:
        return self._buttons["unscored"].isChecked()

    @property
    def tally(self) -> Tally:
        return self._tally

    def show_tally(self, tally: Tally) -> None:
        self._tally = tally
        told = {
            "all": (_("All"), tally.total),
            Tone.NEGATIVE.value: (theme.tone_word(Tone.NEGATIVE), tally.negative),
            Tone.NEUTRAL.value: (theme.tone_word(Tone.NEUTRAL), tally.neutral),
            Tone.POSITIVE.value: (theme.tone_word(Tone.POSITIVE), tally.positive),
            "unscored": (theme.tone_word(None), tally.unscored),
        }
        for key, (word, n) in told.items():
            self._buttons[key].setText(f"{word} {n:,}")
        self._buttons["unscored"].setVisible(tally.unscored > 0 or self.unscored)

    def choose(self, query: MentionQuery) -> None:
        """Show what a query holds; several tones at once (from a report) show as their first."""
        key = "all"
        if query.tones:
            key = query.tones[0].value
        elif query.unscored:
            key = "unscored"
        self._buttons[key].setChecked(True)
        self.show_tally(self._tally)

    def _on_click(self) -> None:
        self.picked.emit()


class FilterBar(QWidget):
    """`query` is what is asked for now."""

    changed = Signal(object)
    """MentionQuery"""
    add_brand = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._choices = Choices((), (), ())
        self._known = False
        self._query = MentionQuery()
        self.search = SearchField(self)
        self.fault = Fault(self.search, self)
        self.brand = Criterion(_("Brand"), self)
        self.source = Criterion(_("Source"), self)
        self.status = Criterion(_("Status"), self)
        self.aspect = Criterion(_("About"), self)
        self.time = Criterion(_("Time"), self)
        self.views = Criterion(_("Saved views"), self)
        self.clear_button = button(_("Clear filters"), self.clear, kind="quiet", icon="close")
        self.tones = ToneTabs(self)
        self._naming = self._name_row()
        self._said = label("", "error", wrap=True)
        self._said.hide()
        self._build()
        self.search.asked.connect(self._on_search)
        self.tones.picked.connect(self._on_tone)
        theme.notifier().changed.connect(self.fit)
        for one in (self.brand, self.source, self.status, self.aspect, self.time):
            one.menu_.triggered.connect(self._on_pick)
        self.views.menu_.triggered.connect(self._on_view)
        self._removing = QMenu(_("Delete a view"), self)
        self._removing.triggered.connect(self._on_remove)
        self.brand.menu_.aboutToShow.connect(self._fill_brands)
        self.source.menu_.aboutToShow.connect(self._fill_sources)
        self.status.menu_.aboutToShow.connect(self._fill_statuses)
        self.aspect.menu_.aboutToShow.connect(self._fill_aspects)
        self.time.menu_.aboutToShow.connect(self._fill_times)
        self.views.menu_.aboutToShow.connect(self._fill_views)
        context.bridge.changed.connect(self._on_change)
        self._show()

    def _build(self) -> None:
        layout = self._rows = QVBoxLayout(self)
        layout.setContentsMargins(theme.L, theme.M, theme.L, theme.S)
        layout.setSpacing(theme.S)
        layout.addWidget(boxed(column(self.search, self.fault, spacing=0)))
        self.clear_button.setAccessibleName(_("Clear filters"))
        self.clear_button.setToolTip(_("Clear filters"))
        layout.addLayout(row(*self._criteria, self.clear_button, None, self.views))
        layout.addWidget(self._naming)
        layout.addWidget(self._said)
        layout.addWidget(self.tones)

    def _name_row(self) -> QWidget:
        self._name = QLineEdit()
        self._name.setPlaceholderText(_("A name for this view"))
        self._name.setMaxLength(60)
        self._name.returnPressed.connect(self._save_named)
        save = button(_("Save view"), self._save_named, kind="primary")
        close = icon_button("close", _("Close"), self._stop_naming)
        made = boxed(row(self._name, save, close))
        made.hide()
        return made

    # room

    @property
    def _criteria(self) -> tuple[Criterion, ...]:
        return (self.brand, self.source, self.status, self.aspect, self.time)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

    def fit(self) -> None:
        """Where the row is too long, first the button loses its word, then the longest choice its end."""
        all_of_them = (*self._criteria, self.views)
        for one in all_of_them:
            one.shorten(LONGEST)
        self.clear_button.setText(_("Clear filters"))
        if self._too_long():
            self.clear_button.setText("")
        for most in range(LONGEST - 1, -1, -1):
            if not self._too_long():
                return
            for one in all_of_them:
                if one.long > most:
                    one.shorten(most)

    def _too_long(self) -> bool:
        shown = [one for one in (*self._criteria, self.clear_button, self.views) if not one.isHidden()]
        margins = self._rows.contentsMargins()
        room = self.width() - margins.left() - margins.right() - theme.S * (len(shown) + 1)
        return sum(one.sizeHint().width() for one in shown) > room

    # the query

    @property
    def query(self) -> MentionQuery:
        return self._query

    @property
    def filtered(self) -> bool:
        """Is anything filtered beyond the usual?"""
        return self._query != self.usual

    @property
    def usual(self) -> MentionQuery:
        return usual(self._choices.brands)

    @property
    def has_brands(self) -> bool:
        return bool(self._choices.brands)

    @property
    def has_sources(self) -> bool:
        return bool(self._choices.sources)

    def start(self) -> None:
        """Read what there is to choose from; the first answer decides the usual query."""
        self._context.asker.ask(
            self, partial(read_choices, self._context.core), self._take_choices, self._failed
        )

    def show_query(self, query: MentionQuery) -> None:
        """Show a filter that came from elsewhere, without saying that it changed."""
        self._query = query
        self._known = True
        if self.search.text().strip() != query.text:
            self.search.blockSignals(True)
            self.search.setText(query.text)
            self.search.blockSignals(False)
        self._check(query.text)
        self.tones.choose(query)
        self._show()

    def clear(self) -> None:
        self.show_query(self.usual)
        self.changed.emit(self._query)

    def _set(self, query: MentionQuery) -> None:
        if query != self._query:
            self._query = query
            self._show()
            self.changed.emit(query)

    def _on_search(self, text: str) -> None:
        if self._check(text):
            self._set(replace(self._query, text=text))

    def _check(self, text: str) -> bool:
        error = self._context.core.check_text_query(text) if text.strip() else None
        self.search.blame(error)
        self.fault.tell(error)
        return error is None

    def _on_tone(self) -> None:
        self._set(replace(self._query, tones=self.tones.tones, unscored=self.tones.unscored))

    def _on_pick(self, action: QAction) -> None:
        key, value = action.data()
        query = self._query
        match key:
            case "brand":
                brands = _toggled(query.brands, value)
                self._set(replace(query, brands=brands, matched=self.usual.matched, competitor=None))
            case "matched":
                self._set(replace(query, brands=(), matched=value, competitor=None))
            case "ours":
                self._set(replace(query, brands=(), matched=True, competitor=False))
            case "source":
                self._set(replace(query, sources=_toggled(query.sources, value)))
            case "platform":
                self._set(replace(query, platforms=_toggled(query.platforms, value)))
            case "status":
                self._set(replace(query, statuses=_toggled(query.statuses, value)))
            case "aspect":
                self._set(replace(query, aspects=_toggled(query.aspects, value)))
            case "any":
                self._set(_without(query, value))
            case "range":
                self._set(replace(query, since=_since(value), until=None))
            case "time":
                self._set(replace(query, since=None, until=None))
            case "severe":
                self._set(replace(query, severe=not query.severe))
            case "order":
                self._set(replace(query, oldest_first=value))

    # what there is

    def _on_change(self, change: Change) -> None:
        if change & (Change.WATCHES | Change.SOURCES | Change.VIEWS):
            self.start()

    def _take_choices(self, choices: Choices) -> None:
        before = self.usual
        self._choices = choices
        if not self._known or (self._query == before and before != self.usual):
            self._known = True
            self.show_query(self.usual)
            self.changed.emit(self._query)
        else:
            self._show()

    def _failed(self, error: BaseException) -> None:
        self._said.setText(plain.problem(error))
        self._said.show()
        if not self._known:
            # The list asks too, and says what is wrong in its own place.
            self._known = True
            self.changed.emit(self._query)

    # menus: filled when they open, so that nothing is taken away under an action that is running

    def _show(self) -> None:
        self.brand.say(self._brands_said())
        self.source.say(self._sources_said())
        self.status.say(self._statuses_said())
        self.aspect.say(listed(aspect_words(key) for key in self._query.aspects))
        self.time.say(self._times_said())
        self._say_view()
        self.clear_button.setVisible(self.filtered)
        self.fit()

    def _brands_said(self) -> str:
        query = self._query
        names = [plain.one_line(one.name, 40) for one in self._choices.brands if one.id in query.brands]
        if not names and query.competitor is not None:
            return _("competitors") if query.competitor else _("our own")
        if not names and query.matched is False:
            return _("none named")
        if not names and query.matched is None and self._choices.brands:
            return _("everything")
        return listed(names)

    def _fill_brands(self) -> None:
        menu, query = self.brand.menu_, self._query
        menu.clear()
        if self._choices.brands:
            any_brand = query.matched is True and not query.brands and query.competitor is None
            _tick(menu, _("Any brand"), ("matched", True), any_brand)
            if any(watch.competitor for watch in self._choices.brands):
                ours = query.competitor is False and not query.brands
                _tick(menu, _("Our own brands"), ("ours", None), ours)
            menu.addSeparator()
        for watch in self._choices.brands:
            name = (
                watch.name if not watch.competitor else _("{brand} (competitor)").format(brand=watch.name)
            )
            _tick(menu, name, ("brand", watch.id), watch.id in query.brands)
        if self._choices.brands:
            menu.addSeparator()
        _tick(menu, _("No brand named"), ("matched", False), query.matched is False)
        _tick(
            menu,
            _("Everything, brand or not"),
            ("matched", None),
            query.matched is None and not query.brands,
        )

    def _sources_said(self) -> str:
        query = self._query
        names = [state.source.name for state in self._choices.sources if state.source.id in query.sources]
        names += [platform_name(key) for key in query.platforms]
        return listed(plain.one_line(name, 40) for name in names)

    def _fill_sources(self) -> None:
        menu, query = self.source.menu_, self._query
        menu.clear()
        _tick(
            menu,
            _("All sources"),
            ("any", "sources"),
            not query.sources and not query.platforms,
        )
        menu.addSeparator()
        for state in self._choices.sources:
            _tick(menu, state.source.name, ("source", state.source.id), state.source.id in query.sources)
        if self._choices.sources:
            menu.addSeparator()
        for key in dict.fromkeys((*PLATFORMS, *query.platforms)):
            _tick(menu, platform_name(key), ("platform", key), key in query.platforms)

    def _statuses_said(self) -> str:
        told = [plain.status_name(status) for status in Status if status in self._query.statuses]
        if self._query.severe:
            told.append(_("danger words"))
        return listed(told)

    def _fill_statuses(self) -> None:
        menu, query = self.status.menu_, self._query
        menu.clear()
        _tick(menu, _("Any status"), ("any", "statuses"), not query.statuses and not query.severe)
        menu.addSeparator()
        for status in Status:
            _tick(menu, plain.status_name(status), ("status", status), status in query.statuses)
        menu.addSeparator()
        _tick(menu, _("Only with danger words"), ("severe", True), query.severe)

    def _fill_aspects(self) -> None:
        menu, query = self.aspect.menu_, self._query
        menu.clear()
        _tick(menu, _("Anything"), ("any", "aspects"), not query.aspects)
        menu.addSeparator()
        for key in dict.fromkeys((*ASPECTS, *query.aspects)):
            _tick(menu, aspect_words(key), ("aspect", key), key in query.aspects)

    def _times_said(self) -> str:
        told = _told_range(self._query)
        if not self._query.oldest_first:
            return told
        return _("{range}, oldest first").format(range=told) if told else _("oldest first")

    def _fill_times(self) -> None:
        menu, query = self.time.menu_, self._query
        menu.clear()
        _tick(menu, _("Any time"), ("time", None), query.since is None and query.until is None)
        menu.addSeparator()
        for one in _RANGES:
            _tick(menu, _(one.name), ("range", one), query.until is None and query.since == _since(one))
        menu.addSeparator()
        menu.addAction(self._own_range(menu))
        menu.addSeparator()
        _tick(menu, _("Newest first"), ("order", False), not query.oldest_first)
        _tick(menu, _("Oldest first"), ("order", True), query.oldest_first)

    def _own_range(self, menu: QMenu) -> QAction:
        holder = QWidget(menu)
        today = datetime.now(UTC).astimezone().date()
        since = self._query.since.astimezone().date() if self._query.since else today - timedelta(days=6)
        until = (
            (self._query.until - timedelta(seconds=1)).astimezone().date() if self._query.until else today
        )
        self._from, self._to = _date_edit(since), _date_edit(until)
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(theme.S, theme.XS, theme.S, theme.XS)
        layout.addLayout(
            row(self._from, label("–", "muted"), self._to, button(_("Show"), self._take_range), spacing=4)
        )
        action = QWidgetAction(menu)
        action.setDefaultWidget(holder)
        return action

    def _take_range(self) -> None:
        first, last = sorted((_date_of(self._from), _date_of(self._to)))
        self.time.menu_.close()
        self._set(replace(self._query, since=_midnight(first), until=_midnight(last + timedelta(days=1))))

    # views

    def _current_view(self) -> View | None:
        return next((view for view in self._choices.views if view.query == self._query), None)

    def _say_view(self) -> None:
        view = self._current_view()
        self.views.say(plain.one_line(view.name, 30) if view else "")

    def _fill_views(self) -> None:
        menu, current = self.views.menu_, self._current_view()
        menu.clear()
        self._removing.clear()
        for view in self._choices.views:
            _tick(menu, view.name, ("view", view), view is current)
            gone = self._removing.addAction(_entry(view.name))
            gone.setData(("remove", view))
        if not self._choices.views:
            menu.addAction(_("No saved views yet")).setEnabled(False)
        menu.addSeparator()
        menu.addAction(_("Save this filter as a view…")).setData(("save", None))
        if self._choices.views:
            menu.addMenu(self._removing)

    def _on_view(self, action: QAction) -> None:
        told = action.data()
        if not told:
            return
        what, view = told
        if what == "view":
            self.show_query(view.query)
            self.changed.emit(self._query)
        elif what == "save":
            self._naming.show()
            self._name.setFocus()

    def _on_remove(self, action: QAction) -> None:
        _what, view = action.data()
        self._change_views(partial(_remove_view, self._context.core, view.id))

    def save_as(self, name: str) -> None:
        """Keep the filter of now under a name."""
        self._change_views(partial(_save_view, self._context.core, name, self._query))

    def _save_named(self) -> None:
        if name := self._name.text().strip():
            self.save_as(name)
            self._stop_naming()

    def _stop_naming(self) -> None:
        self._name.clear()
        self._naming.hide()

    def _change_views(self, work: partial[tuple[View, ...]]) -> None:
        self._said.hide()
        self._context.asker.ask(self, work, self._take_views, self._failed)

    def _take_views(self, views: tuple[View, ...]) -> None:
        self._choices = self._choices._replace(views=views)
        self._say_view()


def aspect_words(wanted: str) -> str:
    """ "price", or as a bar of the map asks for it: "price:negative"."""
    key, _colon, tone = wanted.partition(":")
    name = plain.one_line(aspect_label(key), 40)
    if tone not in tuple(Tone):
        return name
    return _("{aspect} ({tone})").format(aspect=name, tone=theme.tone_word(Tone(tone)))


def _without(query: MentionQuery, what: str) -> MentionQuery:
    if what == "statuses":
        return replace(query, statuses=(), severe=False)
    if what == "aspects":
        return replace(query, aspects=())
    return replace(query, sources=(), platforms=())


def _toggled(values: tuple[T, ...], value: T) -> tuple[T, ...]:
    return tuple(one for one in values if one != value) if value in values else (*values, value)


def _since(one: _Range) -> datetime:
    return plain.day_start(datetime.now(UTC), one.days)


def _told_range(query: MentionQuery) -> str:
    if query.since is None and query.until is None:
        return ""
    for one in _RANGES:
        if query.until is None and query.since == _since(one):
            return _(one.name)
    first = f"{query.since.astimezone():%Y-%m-%d}" if query.since else ""
    last = f"{(query.until - timedelta(seconds=1)).astimezone():%Y-%m-%d}" if query.until else ""
    return first if first == last else f"{first} – {last}"


def _date_edit(day: date) -> QDateEdit:
    made = QDateEdit(QDate(day.year, day.month, day.day))
    made.setCalendarPopup(True)
    made.setDisplayFormat("yyyy-MM-dd")
    return made


def _date_of(edit: QDateEdit) -> date:
    day = edit.date()
    return date(day.year(), day.month(), day.day())


def _midnight(day: date) -> datetime:
    # A time without a zone is the person's own local time here.
    return datetime.combine(day, time()).astimezone().astimezone(UTC)
