"""What every page is given: the core, its news, and the way to ask it. GUI thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.ask import Asker
from ui.bridge import Bridge

if TYPE_CHECKING:
    from app.core import Core


@dataclass(frozen=True)
class Context:
    """`core` is only ever called through `asker`; its few quick, pure questions are marked there."""

    core: Core
    bridge: Bridge
    asker: Asker

    def close(self) -> None:
        """No more news, no more answers. The core is closed by whoever opened it."""
        self.bridge.close()
        self.asker.close()
