"""Secrets that renew themselves, through the whole engine: kept by a check, used by polls afterwards."""

from __future__ import annotations

import json

from app.core import Core
from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.drill.standin import Bluesky, World
from app.home import Home

PASSWORD = "of-the-app"


def test_a_session_made_by_a_check_is_used_by_polls_and_the_next_program(home: Home) -> None:
    with World([Bluesky]) as world:
        host = world.of(Bluesky)
        host.password = PASSWORD
        host.add("云雀耳机没声音", extra={"reason": "mention"})
        settings = {"server": world.url_of(Bluesky), "handle": "brand.example"}
        core = Core.open(home, desktop=False, engine_name="trivial")
        try:
            saved = core.save_source(
                Source(kind="bluesky", name="蓝天", settings=settings), {"password": PASSWORD}
            )
            core.start(poll=False)
            assert "brand.example" in core.check_saved(saved.id)
            host.expire_access()
            core.check_saved(saved.id)
            name = f"source/{saved.id}/session"
            rotated = json.loads(core.secrets.get(name))["refresh"]
        finally:
            core.close()
        core = Core.open(home, desktop=False, engine_name="trivial")
        try:
            core.start(poll=False)
            core.engine.poll_once().result(30)
            assert json.loads(core.secrets.get(name))["refresh"] == rotated
            assert [row.text for row in core.mentions(MentionQuery()).rows] == ["云雀耳机没声音"]
            assert PASSWORD not in json.dumps(dict(core.storage.sources.get(saved.id).source.settings))
        finally:
            core.close()
        assert (host.made, host.renewed) == (1, 1)
