"""Made v1.sqlite, once, with the first released schema: python tests/storage/data/make_v1.py PATH

Not run again for a released version: later versions must open the file as it was.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from app.domain.alert import Alert, Severity
from app.domain.draft import Manner, Template
from app.domain.mention import Author, Hit, Mention
from app.domain.query import MentionQuery
from app.domain.sentiment import Score, Tone
from app.domain.watch import Source, Watch
from app.storage import Found, Storage

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def found(number: int, text: str, brand: int) -> Found:
    mention = Mention(
        platform="weibo",
        native_id=f"a{number}",
        url=f"https://example.com/{number}",
        text=text,
        author=Author(name="用户"),
        raw=f'{{"id": "a{number}"}}',
    )
    hits = (Hit(brand, "青岚", False, ((0, 2),)),)
    return Found(mention=mention, published_at=NOW + timedelta(minutes=number), dated=True, hits=hits)


def main() -> None:
    with Storage.open(sys.argv[1]) as storage:
        brand = storage.brands.save(Watch(name="青岚", query="青岚")).id
        source = storage.sources.save(
            Source(kind="feed", name="论坛", settings={"url": "https://example.com"})
        ).id
        page = [found(1, "青岚手机发热", brand), found(2, "青岚不错", brand), found(3, "旧的文字", brand)]
        storage.mentions.save_page(source, page, "cursor-1", now=NOW)
        storage.mentions.save_page(source, [found(3, "新的文字", brand)], "cursor-2", now=NOW)
        score = Score(
            value=0.1,
            tone=Tone.NEGATIVE,
            engine="snownlp",
            version="1",
            negative=0.9,
            neutral=0.05,
            positive=0.05,
        )
        storage.mentions.save_scores([(1, 1, score), (2, 1, score)])
        storage.mentions.correct(2, Tone.POSITIVE, "小李", NOW)
        storage.mentions.answer(1, "抱歉", "小李", NOW)
        storage.alerts.add(Alert(severity=Severity.P2, title="t", body="b", reason="r", created_at=NOW))
        storage.templates.save(Template(name="t", complaint="quality", bodies={Manner.WARM: "您好"}))
        storage.views.save("v", MentionQuery(text="发热"))


if __name__ == "__main__":
    main()
