"""Alerts and rules on the command line, as a process with a home of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tell(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "app", "--home", str(tmp_path / "home"), "--lang", "en", *arguments]
        done = subprocess.run(
            line, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=110, check=False
        )
        assert done.returncode == code, done.stderr
        return done

    return run


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_alerts_are_acknowledged_and_rules_tried(tell: Callable[..., Any], tmp_path: Path) -> None:
    now = datetime.now(UTC).isoformat()
    posts = tmp_path / "posts.jsonl"
    texts = [
        "云雀充电宝起火了，手被烫伤，太可怕了",
        "云雀今天发布了新品",
        "\x1b[31m云雀泄露了我的身份证号，差评",
    ]
    lines = [
        {"id": str(n), "text": text, "url": f"https://example.com/{n}", "published_at": now}
        for n, text in enumerate(texts)
    ]
    posts.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    tell("brand", "add", "云雀")
    tell("import", str(posts))
    found = rows(tell("alert", "list", "--json"))
    assert len(found) == 2
    first = found[-1]
    assert (first["severity"], first["acked_by"], first["rule_id"]) == ("P1", "", 1)
    [done] = rows(tell("alert", "ack", str(first["id"]), "--as", "王芳", "--json"))
    assert (done["acked_by"], done["state"], done["climbs_at"]) == ("王芳", "seen", None)
    assert "王芳" in tell("alert", "ack", str(first["id"]), "--as", "李雷").stderr
    assert [one["id"] for one in rows(tell("alert", "list", "--open", "--json"))] == [found[0]["id"]]
    said = tell("alert", "list").stdout
    assert "\x1b" not in said
    assert "Acknowledged by 王芳" in said
    assert "no such alert" in tell("alert", "ack", "999", code=1).stderr

    kept = rows(tell("rule", "list", "--json"))
    assert [one["kind"] for one in kept] == ["mention", "surge", "story", "deadline", "blind"]
    assert "10,000 followers" in kept[0]["sentence"]
    *cases, summary = rows(tell("rule", "test", "1", "--json"))
    assert (summary["fired"], len(cases)) == (2, 2)
    assert {case["mention_ids"][0] for case in cases} == {one["mention_id"] for one in found}
    assert "would have disturbed" in tell("rule", "test").stdout
    [off] = rows(tell("rule", "off", "1", "--json"))
    assert not off["active"]
    assert "is on" in tell("rule", "on", "1").stdout
    assert "no such rule" in tell("rule", "test", "99", code=1).stderr
