"""Rules about the code itself: what a reader may rely on."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [path for top in ("app", "monitors", "ui") for path in sorted((ROOT / top).rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))

pytest.importorskip("babel")
_spec = importlib.util.spec_from_file_location("strings_tool", ROOT / "tests" / "rules" / "strings.py")
assert _spec is not None
assert _spec.loader is not None
strings = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(strings)


def test_chinese_is_complete_and_every_placeholder_fits() -> None:
    assert strings.problems() == []


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert strings.PO.with_suffix(".mo").read_bytes() == strings.compiled(strings.catalogue())


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    body = path.read_text(encoding="utf-8")
    if body.strip():
        assert ast.get_docstring(ast.parse(body)), f"{path} has no docstring"


def test_no_translated_string_is_put_together_before_it_is_looked_up() -> None:
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("_", "N_", "ngettext")
            ):
                found += [f"{path}:{node.lineno}" for arg in node.args if isinstance(arg, ast.JoinedStr)]
    assert found == []


def test_nothing_is_left_unfinished_or_mocked() -> None:
    word = re.compile(r"raise NotImplementedError|TO" r"DO|FIX" r"ME|unittest\.mo" r"ck|Magic" r"Mock")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*SOURCES, *TESTS]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if path != Path(__file__) and word.search(line)
    ]
    assert found == []


def _loaded_after(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_the_core_starts_without_qt_and_without_snownlp() -> None:
    loaded = _loaded_after("import app.core, app.cli.main")
    assert not loaded & {"PySide6", "snownlp"}


def test_the_scoring_process_starts_small() -> None:
    """It imports app.__main__ again, which must not bring the program with it."""
    loaded = _loaded_after("import app.__main__")
    assert not loaded & {"PySide6", "peewee", "httpx", "feedparser", "snownlp"}


@pytest.mark.skipif(importlib.util.find_spec("PySide6") is None, reason="PySide6 is not installed")
def test_the_window_starts_without_snownlp() -> None:
    assert "snownlp" not in _loaded_after("import ui.application")
