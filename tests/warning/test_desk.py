"""What a person does with an incident: closer looks, briefs of hostile posts, the command line."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest

from app.core import Core
from app.domain.alert import AlertState
from app.domain.watch import Source, Watch
from app.engine.engine import Engine
from app.errors import ConfigError
from app.home import Home

HOSTILE = (
    "云雀充电器冒烟<script>alert(1)</script> [点我](javascript:alert(2)) ![x](http://evil.example/a.png)"
    " | # 标题 `code` **粗** <img src=x onerror=alert(3)> www.evil.example \u202e反转 &lt;b&gt;"
)


def _incident(desk: Any, text: str, count: int = 6, **more: Any) -> int:
    desk.quiet(12)
    desk.say(*[text + "！" * (k % 3) for k in range(count)], **more)
    desk.wait()
    found = desk.incidents()
    assert len(found) == 1
    return int(found[0].id)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _value in attrs} <= {"href"}
        self.links += [value or "" for _name, value in attrs]


def test_a_brief_of_hostile_posts_is_harmless_and_every_line_rests_on_posts(desk: Any) -> None:
    id_ = _incident(desk, HOSTILE, url='javascript:alert("x")')
    desk.say("求扩散 " + HOSTILE, url='https://example.com/a?b=<c>&d="e" f)')
    desk.wait()
    desk.core.escalate_incident(id_, "[公关](http://evil.example)", "<b>快</b>\n# 标题")
    brief = desk.core.incident_brief(id_)
    page = _Tags()
    page.feed(brief.html)
    assert page.tags <= {"h1", "h2", "ul", "li", "a", "q"}
    assert page.links
    assert all(link.startswith("https://example.com/") for link in page.links)
    assert "<script" not in brief.html
    assert "onerror=alert" not in brief.html.replace("&lt;img src=x onerror=alert", "")
    for line in brief.markdown.splitlines():
        assert line == "" or line.startswith(("# ", "## ", "- ")), line
        bare = re.sub(r"\\.", "", line)
        assert "](javascript" not in bare
        assert "](http://evil" not in bare
        assert "<" not in bare
        assert "`" not in bare
    told = brief.markdown.split("## What was done")[0].splitlines()
    assert all("#" in line[2:] for line in told if line.startswith("- "))
    assert brief.mention_ids
    assert len(desk.core.mentions_of(brief.mention_ids)) == len(brief.mention_ids)
    assert "\u202e" not in brief.markdown + brief.html
    assert "\n" not in brief.title
    assert desk.core.incident(id_).steps[-1].what == "briefed"


def test_a_brief_names_platforms_as_people_do(desk: Any, angry: str) -> None:
    id_ = _incident(desk, angry)
    desk.say("求扩散！" + angry, platform="xhs")
    desk.wait()
    brief = desk.core.incident_brief(id_)
    assert "Xiaohongshu 1" in brief.markdown
    assert "(Weibo)" in brief.markdown.replace("\\", "")
    assert "xhs" not in brief.markdown


def test_titles_and_reasons_are_one_plain_line(desk: Any) -> None:
    _incident(desk, "云雀\n坏了\u202e\x07，客服\t推来推去，真的太气人了，再也不会买他家的东西")
    incident = desk.incidents()[0]
    for text in (incident.title, incident.reason, desk.alerts("incident")[0].title):
        assert text
        assert text.isprintable()


def test_watching_closer_polls_more_often_and_ends(desk: Any, angry: str) -> None:
    slow = desk.core.storage.sources.save(
        Source(kind="feed", name="慢", settings={"url": "http://127.0.0.1:9/f"}, every=3600, paused=True)
    )
    other = desk.core.storage.sources.save(
        Source(kind="feed", name="别", settings={"url": "http://127.0.0.1:9/g"}, every=3600, paused=True)
    )
    fast = desk.core.storage.sources.save(
        Source(kind="feed", name="快", settings={"url": "http://127.0.0.1:9/h"}, every=600, paused=True)
    )
    id_ = _incident(desk, angry, source=slow)
    desk.say("求扩散！" + angry, source=fast)
    desk.wait()
    engine = desk.core.engine
    assert _intervals(engine, slow, other, fast) == [3600, 3600, 600]
    desk.core.start()
    desk.core.watch_closer(id_, hours=1)
    _until(lambda: _intervals(engine, slow, other, fast) == [1200, 3600, 300])
    _until(lambda: slow.id in engine._tasks)
    _until(lambda: engine._tasks[slow.id][0].every == 1200)
    assert desk.incidents()[0].closer_until is not None
    desk.clock.at = desk.incidents()[0].closer_until
    engine.look_closer()
    _until(lambda: _intervals(engine, slow, other, fast) == [3600, 3600, 600])
    desk.core.watch_closer(id_, hours=2)
    _until(lambda: _intervals(engine, slow)[0] == 1200)
    desk.core.watch_closer(id_, hours=0)
    _until(lambda: _intervals(engine, slow)[0] == 3600)
    for wrong in (-1.0, 10_000.0, float("nan")):
        with pytest.raises(ConfigError):
            desk.core.watch_closer(id_, hours=wrong)


def _intervals(engine: Engine, *sources: Source) -> list[float]:
    return [engine._every(source) for source in sources]


def _until(true: Callable[[], object], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_the_whole_way_from_a_feed_to_an_incident(home: Home, site: Any, angry: str) -> None:
    """The real engine with its own ticks, over HTTP; closed in the middle and opened again."""
    for round_ in range(2):
        core = Core.open(home, desktop=False, engine_name="trivial")
        try:
            if round_ == 0:
                core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
                core.save_source(Source(kind="feed", name="源", settings={"url": f"{site.url}/feed.json"}))
                site.add(*["云雀手机充电时起火，太差劲了，愤怒，退货" + "！" * k for k in range(3)])
            else:
                site.add(*["求扩散！云雀手机充电时起火，太差劲了，愤怒，退货" + "！" * k for k in range(8)])
            core.start(poll=False)
            core.engine.poll_once().result(60)
            _until(lambda core=core: core.incidents())  # type: ignore[misc]  # bound at once
            if round_ == 1:
                story = core.story_of(core.newest_id())
                assert story is not None
                assert story.copies == 11
        finally:
            core.close()
    core = Core.open(home, desktop=False, engine_name="trivial")
    try:
        (incident,) = core.incidents()
        assert [alert.incident_id for alert in core.alerts() if alert.kind == "incident"] == [incident.id]
        assert core.storage.stories.waiting() == 0
        assert [alert.copies for alert in core.alerts() if alert.kind == "mention"] == [11]
        core.set_alert_state([core.alerts()[0].id], AlertState.DONE)
    finally:
        core.close()


def test_the_command_line(desk: Any, angry: str, capsys: pytest.CaptureFixture[str], home: Home) -> None:
    id_ = _incident(desk, angry)
    desk.core.close()

    def run(*arguments: str, code: int = 0) -> list[str]:
        from app.cli.main import run as tingfeng

        capsys.readouterr()
        assert tingfeng(["--home", str(home.root), "--lang", "en", *arguments], lambda *_: 0) == code
        return capsys.readouterr().out.splitlines()

    (line,) = run("incidents", "--json")
    one = json.loads(line)
    assert (one["type"], one["id"], one["brand"], one["muted"]) == ("incident", id_, "云雀", "")
    assert any("expected" in text or "ordinary" in text for text in run("incidents"))
    card = json.loads(run("incident", str(id_), "--json")[0])
    assert card["signs"][0]["mention_ids"]
    assert card["hottest"][0]["copies"] == 6
    assert card["first"]["text"].startswith("云雀")
    assert card["steps"][0]["what"] == "opened"
    muted = json.loads(run("incident", str(id_), "--mute", "演习", "--json")[0])
    assert muted["muted"] == "演习"
    assert run("incident", str(id_), "--mute", " ", code=1) == []
    assert any("muted: 演习" in text for text in run("incidents", "--open"))
    done = json.loads(
        run(
            "incident",
            str(id_),
            "--unmute",
            "--closer",
            "2",
            "--escalate",
            "公关",
            "--note",
            "快",
            "--json",
        )[0]
    )
    assert (done["muted"], done["escalated_to"]) == ("", "公关")
    assert done["closer_until"]
    assert run("incident", str(id_), "--brief")[0].startswith("# Incident")
    brief = json.loads(run("incident", str(id_), "--brief", "--json")[0])
    assert brief["type"] == "brief"
    assert brief["mention_ids"]
    assert any("summed up" in text for text in run("incident", str(id_)))
    assert run("incident", "999", code=1) == []
    assert json.loads(run("sensitivity", "云雀", "--json")[0])["sensitivity"] == "balanced"
    assert json.loads(run("sensitivity", "云雀", "quiet", "--json")[0])["sensitivity"] == "quiet"
    assert run("sensitivity", "云雀") == ["云雀: quiet"]
    lines = [json.loads(text) for text in run("sensitivity", "云雀", "balanced", "--rehearse", "--json")]
    assert lines[-1]["type"] == "rehearsal"
    assert lines[-1]["alarms"] == len(lines) - 1
    assert run("sensitivity", "云雀") == ["云雀: quiet"], "a rehearsal changes nothing"
    assert run("sensitivity", "nobody", code=1) == []
