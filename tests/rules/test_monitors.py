"""What every monitor brings along: a page of documentation, saved answers, a place in the suites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.settings.schema import specs
from monitors import ALL
from monitors.base import CanReply, Monitor
from tests.monitors import standins, test_contract

ROOT = Path(__file__).resolve().parents[2]
TESTED = {case.cls for case in (*standins.CASES.values(), *test_contract.CASES.values())}

each = pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.info.id)


@each
def test_it_has_a_page_that_names_every_setting(kind: type[Monitor[Any]]) -> None:
    page = (ROOT / "docs" / "monitors" / f"{kind.info.id}.md").read_text(encoding="utf-8")
    asked = [name for name, spec in specs(kind.Settings) if spec.asked]
    assert [name for name in asked if f"`{name}`" not in page] == []


@each
@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_table_of_sources_leads_to_its_page(kind: type[Monitor[Any]], name: str) -> None:
    assert f"](docs/monitors/{kind.info.id}.md)" in (ROOT / name).read_text(encoding="utf-8")


@each
def test_it_has_saved_answers(kind: type[Monitor[Any]]) -> None:
    saved = ROOT / "tests" / "monitors" / kind.info.id
    assert any(saved.rglob("*.expected.json")) or any((saved / "samples").iterdir())


@each
def test_a_suite_asks_it_if_it_asks_a_server(kind: type[Monitor[Any]]) -> None:
    assert kind in TESTED or not kind.info.network


@each
def test_it_says_on_what_ground_it_reads_and_as_whom_it_answers(kind: type[Monitor[Any]]) -> None:
    info = kind.info
    assert info.about
    assert info.basis
    assert info.personal
    assert info.terms or info.basis != "official API"
    assert not issubclass(kind, CanReply) or info.account in dict(specs(kind.Settings))
