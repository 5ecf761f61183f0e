"""How long 200 watches take over 10,000 posts of 60 characters, on one core.

    python tests/bench/matching.py [--watches 200] [--posts 10000] [--length 60] [--seed 7]

Everything is counted: compiling the watches, making the folding table, folding, finding, evaluating.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.domain.mention import Author, Mention
from app.domain.watch import Watch
from app.matching.fold import folded
from app.matching.matcher import compile_watches

HEADS = "星云蓝海青木晨光远山赤兔白鹭银河紫竹金桥流火北辰南风东篱西岭"
TAILS = "手机汽车奶茶牙膏耳机冰箱空调咖啡面包运动电器家居母婴护肤零食数码"
LATIN = ("nova", "kiwi", "lumo", "zeta", "orion", "pixa", "vento", "mira", "su7", "x100")
TROUBLE = ("发热", "退货", "漏电", "爆炸", "起火", "客服", "投诉", "异味", "卡顿", "虚假宣传")
FILLER = (
    "今天刚到手用了一天感觉还不错就是电池不太耐用客服態度很好物流也快推薦給大家下次還會再買的地在有人我"
    "说不是了这那一个都没看见朋友家里真的太好笑了周末去哪里玩吃什么天气好热想喝冰的，。！？~ "
)


def names(chance: random.Random, count: int) -> list[str]:
    """Made-up brands of two characters and a trade."""
    out: dict[str, None] = {}
    while len(out) < count:
        tail = chance.randrange(0, len(TAILS), 2)
        out["".join(chance.sample(HEADS, 2)) + chance.choice(["", TAILS[tail : tail + 2]])] = None
    return list(out)


def watch(chance: random.Random, number: int, name: str) -> Watch:
    """One of the shapes that people write."""
    trouble = chance.sample(TROUBLE, 3)
    latin = chance.choice(LATIN)
    query = chance.choice(
        [
            f"{name}",
            f"{name} OR {latin}{number}",
            f"{name} ({' OR '.join(trouble)}) -抽奖",
            f"{name} NEAR/12 ({trouble[0]} OR {trouble[1]})",
            f'({name} OR "{latin} {number}") NOT 招聘 NOT 转发抽奖',
            f"{name} {latin}* followers>1万",
        ]
    )
    exclusions = (name + "路", "小" + name)
    return Watch(
        id=number,
        name=name,
        query=query,
        aliases=(f"{name}官方", f"{latin} {name}"),
        exclusions=exclusions,
        competitor=number % 3 == 0,
    )


def post(chance: random.Random, brands: list[str], length: int) -> str:
    """Chatter in both scripts and both widths; every third post names a brand."""
    text = "".join(chance.choices(FILLER, k=length))
    said = chance.choice(brands) if chance.random() < 0.35 else ""
    if chance.random() < 0.4:
        said += chance.choice(FILLER) + chance.choice((*TROUBLE, *LATIN, "抽奖", "ＮＯＶＡ", "🔥"))
    at = chance.randrange(length)
    return (text[:at] + said + text[at:])[:length]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--watches", type=int, default=200)
    asked.add_argument("--posts", type=int, default=10_000)
    asked.add_argument("--length", type=int, default=60)
    asked.add_argument("--seed", type=int, default=7)
    given = asked.parse_args()
    chance = random.Random(given.seed)
    brands = names(chance, given.watches)
    watches = [watch(chance, number, name) for number, name in enumerate(brands, 1)]
    mentions = [
        Mention(
            platform="weibo",
            native_id=str(number),
            url="",
            text=post(chance, brands, given.length),
            author=Author(followers=chance.randrange(50_000)),
        )
        for number in range(given.posts)
    ]

    began = time.perf_counter()
    matcher = compile_watches(watches)
    compiled = time.perf_counter()
    hits = [matcher.hits(mention) for mention in mentions]
    ended = time.perf_counter()
    for mention in mentions:
        folded(mention.text)
    folding = time.perf_counter() - ended

    total = ended - began
    matched = sum(map(bool, hits))
    print(f"{given.watches} watches, {given.posts} posts of {given.length} characters, seed {given.seed}")
    print(f"posts that match      {matched} ({sum(map(len, hits))} hits)")
    print(f"compile (with table)  {compiled - began:.3f} s")
    print(f"match (with folding)  {ended - compiled:.3f} s")
    print(f"total                 {total:.3f} s   (target: under 2 s)")
    print(f"folding alone         {folding:.3f} s   ({folding / total:.0%} of the total)")


if __name__ == "__main__":
    main()
