"""What the judges must know besides a text: the watched brands, and which of them the text names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """A watched brand: how posts call it, and what people taught about it.

    `layer` is an `app.analysis.ngram.layer.Layer` as JSON text; empty for none.
    """

    brand_id: int
    names: tuple[str, ...]
    competitor: bool = False
    layer: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything watched. The judges are told once, and again when it changes."""

    voices: tuple[Voice, ...] = ()

    def voice(self, brand_id: int) -> Voice | None:
        return next((voice for voice in self.voices if voice.brand_id == brand_id), None)


@dataclass(frozen=True, slots=True)
class Ask:
    """A text to judge, and the ids of the watched brands it names, our own first."""

    text: str
    brands: tuple[int, ...] = ()
