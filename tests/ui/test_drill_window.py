"""The drill beside a person's own window: started, sped, ended; the own data untouched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.home import Home
from ui.application import Program
from ui.widgets.notice import Banner


def test_a_drill_opens_beside_the_own_window_and_ends(qtbot: Any, tmp_path: Path) -> None:
    program = Program(Home(tmp_path / "home"))
    try:
        program.show()
        assert program.window is not None
        program.start_drill()
        qtbot.waitUntil(lambda: program.drill is not None, timeout=60_000)
        drill = program.drill
        assert drill is not None
        qtbot.waitUntil(drill.window.isVisible)
        drill.window.speed_chosen.emit(30.0)
        assert drill.session.platform.speed == 30.0
        program.start_drill()
        assert program.drill is drill
        qtbot.waitUntil(lambda: drill.session.core.newest_id() > 0, timeout=60_000)
        drill.window.drill_ended.emit()
        qtbot.waitUntil(lambda: program.drill is None)
        qtbot.waitUntil(lambda: program.context.asker.busy == 0, timeout=60_000)
        assert program.core is not None
        assert program.core.newest_id() == 0
    finally:
        program.close()


def test_a_drill_alone_shows_its_window(qtbot: Any, tmp_path: Path) -> None:
    program = Program(Home(tmp_path / "home"), drill="overheating")
    try:
        program.show()
        assert program.window is None
        assert program.drill is not None
        assert program.drill.window.isVisible()
        assert program.drill.session.core.demo
    finally:
        program.close()


def test_the_banner_tells_the_figures_at_the_end(qtbot: Any, tmp_path: Path) -> None:
    program = Program(Home(tmp_path / "home"), drill="flash")
    try:
        program.show()
        drill = program.drill
        assert drill is not None
        qtbot.waitUntil(lambda: drill.session.core.newest_id() > 0, timeout=30_000)
        drill.session.platform.skip(1000)
        banner = drill.window.findChild(Banner)
        assert banner is not None
        qtbot.waitUntil(lambda: "copies folded" in banner.words.text(), timeout=60_000)
        assert "The drill is over" in banner.words.text()
    finally:
        program.close()
