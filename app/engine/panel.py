"""What the judges must know of the watched brands: their names, and what their teams taught."""

from __future__ import annotations

from collections.abc import Iterable

from app.domain.judging import Panel, Voice
from app.domain.watch import Watch
from app.errors import QueryError
from app.matching.language import parse
from app.matching.tree import cover, plain
from app.storage.store import Storage
from app.storage.values import TaughtLayer


def panel_of(storage: Storage) -> Panel:
    """Our own brands first. Raises StorageError."""
    watches = sorted(storage.brands.all(), key=lambda watch: (watch.competitor, watch.id))
    layers = storage.learning.active_layers()
    general = layers.get(None)
    return Panel(tuple(_voice(watch, layers.get(watch.id, general)) for watch in watches))


def _voice(watch: Watch, layer: TaughtLayer | None) -> Voice:
    """Nobody teaches the judge for a competitor."""
    taught = layer.body if layer is not None and not watch.competitor else ""
    return Voice(watch.id, names_of(watch), watch.competitor, taught)


def names_of(watch: Watch) -> tuple[str, ...]:
    """How posts call the brand: its name, its aliases, and of its query the words without which it is
    not found (小米 AND 客服 is about 小米). Broken queries find nothing, and give no name."""
    try:
        words = cover(plain(parse(watch.query))) or ()
    except QueryError:
        words = ()
    named = (watch.name, *watch.aliases, *(word.text for word in words))
    return tuple(dict.fromkeys(_worth(named)))


def _worth(names: Iterable[str]) -> Iterable[str]:
    """A single character stands in too many other words."""
    return (name for name in (each.strip() for each in names) if len(name) > 1)
