"""However pages come — twice, overlapping, in any order — the database ends up the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.query import MentionQuery
from app.domain.watch import Source
from app.storage import Storage

PAGES = st.lists(st.lists(st.integers(0, 14), max_size=8), max_size=8)


def _seen(storage: Storage) -> set[tuple[Any, ...]]:
    return {
        (one.mention.native_id, one.text, one.published_at, one.mention.fingerprint, one.edited)
        for one in storage.mentions.iterate(MentionQuery())
    }


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=PAGES, data=st.data())
def test_any_order_of_pages_makes_the_same_database(
    tmp_path_factory: Any, make: Any, start: Any, pages: list[list[int]], data: Any
) -> None:
    def saved(these: list[list[int]]) -> set[tuple[Any, ...]]:
        with Storage.open(tmp_path_factory.mktemp("pages") / "a.sqlite") as storage:
            source = storage.sources.save(Source(kind="feed", name="f"))
            total = 0
            for number, page in enumerate(these):
                found = [make(n, f"第{n}条", fingerprint=f"f{n}" if n % 3 == 0 else "") for n in page]
                outcome = storage.mentions.save_page(
                    source.id, found, str(number), now=start + timedelta(hours=number)
                )
                assert len(outcome.new) + len(outcome.edited) + outcome.seen == len(page)
                assert outcome.edited == ()
                total += len(outcome.new)
            assert total == storage.stats()["mentions"] == storage.sources.get(source.id).mentions
            for n in {n for page in these for n in page}:
                assert storage.mentions.tally(MentionQuery(text=f'"第{n}条"')).total == 1
            return _seen(storage)

    shuffled = data.draw(st.permutations(pages))
    repeated = [list(reversed(page)) for page in shuffled] + data.draw(
        st.lists(st.sampled_from(pages or [[]]), max_size=3)
    )
    assert saved(pages) == saved(repeated)
