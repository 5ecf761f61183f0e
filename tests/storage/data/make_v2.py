"""Made v2.sqlite, once, with the schema of version 2: python tests/storage/data/make_v2.py PATH

Not run again for a released version: later versions must open the file as it was. It holds what
v1.sqlite holds, and something in every table and column that version 2 has added.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from app.domain.alert import Alert, Severity
from app.domain.draft import Manner, Template
from app.domain.mention import Author, Hit, Mention
from app.domain.query import MentionQuery
from app.domain.sentiment import AspectTone, Cue, Evidence, Score, Tone, Towards
from app.domain.watch import Source, Watch
from app.storage import Found, Storage, TaughtLayer

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def found(number: int, text: str, *hits: Hit) -> Found:
    mention = Mention(
        platform="weibo",
        native_id=f"a{number}",
        url=f"https://example.com/{number}",
        text=text,
        author=Author(name="用户", followers=990),
        raw=f'{{"id": "a{number}"}}',
    )
    return Found(mention=mention, published_at=NOW + timedelta(minutes=number), dated=True, hits=hits)


def judgement(brand: int, rival: int) -> Score:
    return Score(
        value=0.1,
        tone=Tone.NEGATIVE,
        engine="ngram",
        version="1",
        negative=0.9,
        neutral=0.05,
        positive=0.05,
        evidence=(Evidence("发热", 4, 6, -2.0),),
        aspects=(AspectTone("quality", Tone.NEGATIVE, 0.9, 0.05, 0.05, ((4, 6),)),),
        severity=(Cue("fire", "发热", 4, 6),),
        towards=(
            Towards(brand, Tone.NEGATIVE, 0.9, 0.05, 0.05, ((0, 6),)),
            Towards(rival, Tone.POSITIVE, 0.1, 0.1, 0.8),
        ),
        note="",
    )


def main() -> None:
    with Storage.open(sys.argv[1]) as storage:
        brand = storage.brands.save(Watch(name="青岚", query="青岚")).id
        rival = storage.brands.save(Watch(name="白鹭", query="白鹭", competitor=True)).id
        source = storage.sources.save(
            Source(kind="feed", name="论坛", settings={"url": "https://example.com"})
        ).id
        ours, theirs = Hit(brand, "青岚", False, ((0, 2),)), Hit(rival, "白鹭", True, ((7, 9),))
        page = [found(1, "青岚手机发热，白鹭不热", ours, theirs), found(2, "青岚不错", ours)]
        storage.mentions.save_page(source, [*page, found(3, "旧的文字", ours)], "cursor-1", now=NOW)
        storage.mentions.save_page(source, [found(3, "新的文字", ours)], "cursor-2", now=NOW)
        score = judgement(brand, rival)
        whole = replace(score, aspects=(), severity=(), towards=(), evidence=(), note="not_chinese")
        storage.mentions.save_scores([(1, 1, score), (2, 1, whole), (3, 2, whole)])
        storage.mentions.told([2])
        storage.mentions.correct(2, Tone.POSITIVE, "小李", NOW)
        storage.mentions.answer(1, "抱歉", "小李", NOW)
        storage.learning.saw(1, Tone.NEGATIVE, "小李", NOW)
        storage.learning.put_word(brand, "翻车", -2.0, "小李", NOW)
        layer = TaughtLayer(
            brand_id=brand,
            name="青岚",
            model="ngram 1",
            body="{}",
            lessons=2,
            words=1,
            made_at=NOW,
            made_by="小李",
            before=0.5,
            after=0.75,
        )
        storage.learning.save_layer(layer, instead_of=None)
        storage.alerts.add(Alert(severity=Severity.P2, title="t", body="b", reason="r", created_at=NOW))
        storage.templates.save(Template(name="t", complaint="quality", bodies={Manner.WARM: "您好"}))
        storage.views.save("v", MentionQuery(text="发热", aspects=("quality:negative",)))


if __name__ == "__main__":
    main()
