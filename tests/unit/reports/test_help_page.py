"""The public page: whole by itself, and nothing in it is markup that we did not write."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser

from app.domain.knowledge import Entry
from app.reports.help_page import page, write

NOW = datetime(2026, 11, 30, tzinfo=UTC)
EVIL = "<script>alert(1)</script>\"'&</p><img src=x onerror=alert(1)>"


def tree(*entries: Entry) -> LexborHTMLParser:
    return LexborHTMLParser(page(entries, f"帮助{EVIL}", NOW))


def test_hostile_words_stay_words() -> None:
    one = Entry(id=1, title=EVIL, answer=EVIL, product=EVIL, link="https://a.example/?q=<x>&\"'")
    found = tree(one)
    assert len(found.css("script")) == 1
    assert found.css("img") == []
    assert found.css_first("article h3").text() == EVIL
    assert found.css_first("article p").text() == EVIL
    assert EVIL in found.css_first("title").text()


def test_only_web_addresses_are_links() -> None:
    for link in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//a.example"):
        assert tree(Entry(id=1, title="t", answer="a", link=link)).css("article a") == []
    [link] = tree(Entry(id=1, title="t", answer="a", link="https://a.example/x")).css("article a")
    assert link.attributes["href"] == "https://a.example/x"


def test_it_may_run_its_own_script_and_nothing_else() -> None:
    html = page([Entry(id=1, title="t", answer="a")], "帮助", NOW)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert "default-src 'none'" in policy[1]
    for tag, kind in (("script", "script-src"), ("style", "style-src")):
        [inner] = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy[1]
    assert not re.findall(r"(?:src|href)=\"(?!#|https://a\.example)[^\"]+", html)


def test_contents_lead_to_entries_by_product(tmp_path: Path) -> None:
    entries = [
        Entry(id=2, title="乙", answer="a", product="手机"),
        Entry(id=1, title="甲", answer="a", product="手机"),
        Entry(id=3, title="丙", answer="a"),
    ]
    found = LexborHTMLParser(write(tmp_path, entries, "帮助", NOW).read_text("utf-8"))
    anchors = [str(one.attributes["href"])[1:] for one in found.css("nav a")]
    assert sorted(anchors) == ["e1", "e2", "e3"]
    assert [one.attributes["id"] for one in found.css("article")] == anchors
    assert [one.text() for one in found.css("section h2")] == ["General", "手机"]


def test_other_peoples_words_are_not_published() -> None:
    html = page([Entry(id=1, title="t", answer="a", patterns=("顾客原话",), owner="小周")], "帮助", NOW)
    assert "顾客原话" not in html
    assert "小周" not in html
