"""Folding a stream of posts into stories: how many a second on one core, and in how much memory?

    python tests/bench/stories.py [--posts 1000000] [--unlike 0.5] [--seed 5] [--days 14]
    python tests/bench/stories.py --pairs          # only how right it is on tests/unit/stories/pairs
    python tests/bench/stories.py --texts FILE...  # TSV with the text last: speed, and what was folded

The stream is made by a grammar: posts of their own, copies word for word, edited copies, linked reposts,
chains, what everybody says. All of it lies inside the window, so nothing may be forgotten. Speed is the
processor time of `Index.place` alone, batches of 200; memory is the most the whole process held.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.stories import Index, Post

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
BATCH = 200
PAIRS = ROOT / "tests" / "unit" / "stories" / "pairs"


def words(text: str) -> list[str]:
    return text.split()


WHO = words(
    "我 我妈 我爸 同事 邻居 室友 我朋友 表姐 老公 孩子 客户 楼下大爷 一个网友 "
    "我们公司 前男友 房东 导师 群友 "
)
WHEN = words(
    "昨天 今天早上 上周五 前天晚上 国庆的时候 刚刚 三天前 双十一那天 中午 月初 去年冬天 出差路上 周末 "
)
WHERE = words(
    "专卖店 直播间 超市 官网 商场 机场 小区门口 二手平台 批发市场 旗舰店 高速服务区 医院旁边 学校里"
)
DID = words("买了 退了 修了 换了 试用了 预订了 租了 转手了 收到了 弄丢了 拆开了 送人了 囤了 对比了 ")
WHAT = words(
    "手机 电视 洗衣机 羽绒服 奶粉 咖啡 沙发 电动车 耳机 面霜 球鞋 猫粮 行李箱 扫地机 "
    "平板 净水器 雨伞 牛奶 投影仪 键盘 空调 安全座椅 保温杯 剃须刀 口红 月饼 显示器 "
    "吹风机 自行车 床垫 路由器 火锅底料 眼镜 烤箱 相机 "
)
HOW = words(
    "用了不到一周 打开包装 洗了两次 充电的时候 装好以后 仔细一看 下雨天 开机以后 吃完当晚 "
    "跑了一百公里 更新系统后 "
)
THEN = words(
    "就坏了 居然漏水 掉色严重 味道刺鼻 声音特别大 完全没反应 比想象中好 真的惊艳 一直报错 "
    "发热厉害 尺寸不对 少了配件 有划痕 起球了 全是线头 过期了 涨价了 又降价了 很顺手 "
    "颜色好看 续航减半 卡得要命 冒烟了 生锈了 拉肚子 过敏了 "
)
AND = words(
    "客服让我等 售后说人为 店家不回消息 平台不管 打电话没人接 师傅上门收费 退款还没到 "
    "已经投诉了 准备起诉 打算再买一个 推荐给大家 求避雷 有人一样吗 好评返现三块 补发了一个 "
    "道歉了事 态度还行 解决得很快 拖了半个月 直接拉黑我 "
)
COMMON = words("转发微博 太差了 支持 哈哈哈哈 好评 垃圾 已阅 [怒][怒] 666 避雷 真的吗 求链接 打卡 👍👍👍 ")
# The 3,755 common characters.
HANZI = bytes(b for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF) for b in (high, low)).decode(
    "gb2312", "ignore"
)
EDITS = ("😡", "！！", "@小李 ", " http://t.cn/A6xyz12", "[泪]", " #避雷#", "求扩散！", "……", "太气人了")
PLATFORMS = ("weibo", "xhs", "douyin", "zhihu", "tieba")


def own(chance: random.Random) -> str:
    """A post that nobody wrote before: clauses of the grammar, and names and words that are rare."""
    parts = []
    for _i in range(chance.choices((1, 2, 3, 4, 6), (2, 4, 4, 2, 1))[0]):
        rare = "".join(chance.choices(HANZI, k=chance.randint(2, 9)))
        pick = chance.choice
        clause = (
            f"{pick(WHO)}{pick(WHEN)}在{pick(WHERE)}{pick(DID)}{rare}{pick(WHAT)}，{pick(HOW)}{pick(THEN)}"
        )
        parts.append(
            clause
            + (f"，{pick(AND)}{''.join(chance.choices(HANZI, k=3))}" if chance.random() < 0.6 else "")
        )
    return "。".join(parts)


def edited(chance: random.Random, text: str) -> str:
    for _i in range(chance.randint(1, 3)):
        at = chance.choice((0, len(text), chance.randrange(len(text))))
        text = text[:at] + chance.choice(EDITS) + text[at:]
    if chance.random() < 0.5:
        at = chance.randrange(len(text))
        text = text[:at] + text[at + 1 :]
    return text


def stream(count: int, unlike: float, days: float, seed: int) -> Iterator[list[tuple[Post, int]]]:
    """Batches of posts, each with the number of the text it is a copy of (-1: of none)."""
    chance = random.Random(seed)
    pool: list[tuple[int, str, str, str]] = []
    batch: list[tuple[Post, int]] = []
    copying = (1 - unlike) / 0.9
    for number in range(count):
        at = BEGIN + timedelta(days=days * number / count)
        platform, author = chance.choice(PLATFORMS), f"用户{chance.randrange(count)}"
        kind, parent, origin = chance.random(), "", -1
        if kind < unlike or not pool:
            text, origin = own(chance), number
            keep = (number, f"p{number}", text, platform)
            if len(pool) < 20_000:
                pool.append(keep)
            else:
                pool[chance.randrange(20_000)] = keep
        elif kind < unlike + 0.1 * copying * 0.9:
            text = chance.choice(COMMON)
        else:
            # Some posts are copied very often, most hardly ever.
            origin, name, text, where = pool[int(len(pool) * chance.random() ** 3)]
            way = chance.random()
            if way < 0.35:
                text = edited(chance, text)
            elif way < 0.6:
                text, parent, platform = chance.choice(COMMON), name, where
            elif way < 0.75:
                text = f"{chance.choice(COMMON)}//@用户{chance.randrange(999)}:{text}"
        post = Post(id=f"p{number}", text=text, at=at, author=author, platform=platform, parent_id=parent,
                    followers=chance.randrange(2000))  # fmt: skip
        batch.append((post, origin))
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def megabytes() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def speed(options: argparse.Namespace) -> None:
    index, spent, done, begun = Index(), 0.0, 0, megabytes()
    stories: dict[int, int] = {}
    ways: Counter[str] = Counter()
    right = wrong = 0
    for batch in stream(options.posts, options.unlike, options.days, options.seed):
        posts = [post for post, _origin in batch]
        start = time.process_time()
        placed = index.place(posts)
        spent += time.process_time() - start
        done += len(batch)
        for (post, origin), one in zip(batch, placed, strict=True):
            ways[one.by or ("new" if one.new else "none")] += 1
            if origin < 0 or one.story_id is None:
                continue
            if post.id == f"p{origin}":
                if (
                    origin % 20 == 0
                ):  # every copy's story cannot be remembered here without telling on the memory
                    stories[origin] = one.story_id
                wrong += not one.new
            elif origin in stories:
                right += one.story_id == stories[origin]
                wrong += one.story_id != stories[origin]
        if done % max(BATCH, options.posts // 10 // BATCH * BATCH) == 0:
            print(f"{done:>9} posts  {done / spent:7.0f}/s  {megabytes():6.0f} MB", flush=True)
    print(
        f"{done} posts in {spent:.1f} s of processor time: {done / spent:.0f}/s, "
        f"{spent / done * 1e6:.0f} µs each"
    )
    print(f"most memory {megabytes():.0f} MB ({begun:.0f} MB before the first post); {dict(ways)}")
    print(
        f"of one text in twenty: copies in its story {right}, elsewhere {wrong} "
        "(with all posts of their own that went to another's)"
    )
    if options.posts <= 200_000:
        start = time.process_time()
        state = index.dump()
        middle = time.process_time()
        Index.load(state)
        print(
            f"state {len(state) / 2**20:.1f} MB; dump {middle - start:.1f} s, "
            f"load {time.process_time() - middle:.1f} s"
        )


def together(a: str, b: str) -> bool:
    one, other = Index().place([Post(id="a", text=a, at=BEGIN), Post(id="b", text=b, at=BEGIN)])
    return one.story_id is not None and one.story_id == other.story_id


def pairs() -> None:
    for name in ("tune", "held"):
        hits: Counter[tuple[bool, bool]] = Counter()
        for path in (PAIRS / f"{name}.tsv", PAIRS / f"hand_{name}.tsv"):
            for line in path.read_text("utf-8").splitlines():
                label, _rule, a, b = line.split("\t")
                hits[label == "same", together(a, b)] += 1
        tp, fp, fn = hits[True, True], hits[False, True], hits[True, False]
        print(
            f"{name}: {hits.total()} pairs, precision {tp / (tp + fp):.4f}, recall {tp / (tp + fn):.4f}, "
            f"F1 {2 * tp / (2 * tp + fp + fn):.4f}"
        )


def texts(paths: Iterable[str], shown: int) -> None:
    lines = [line.split("\t")[-1] for path in paths for line in Path(path).read_text("utf-8").splitlines()]
    random.Random(1).shuffle(lines)
    index, start = Index(), time.process_time()
    placed = index.place([Post(id=str(at), text=line, at=BEGIN) for at, line in enumerate(lines)])
    spent = time.process_time() - start
    print(f"{len(lines)} texts, {len(lines) / spent:.0f}/s, {dict(Counter(one.by for one in placed))}")
    near = [(one.similarity, at) for at, one in enumerate(placed) if one.by == "near"]
    for similarity, at in sorted(near)[:shown]:
        print(f"{similarity:.2f}\n    {lines[int(placed[at].of)][:160]}\n    {lines[at][:160]}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=1_000_000)
    parser.add_argument("--unlike", type=float, default=0.5, help="share of posts with a text of their own")
    parser.add_argument("--days", type=float, default=13.9)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--pairs", action="store_true")
    parser.add_argument("--texts", nargs="+", metavar="FILE")
    parser.add_argument("--shown", type=int, default=30)
    options = parser.parse_args()
    if options.pairs:
        pairs()
    elif options.texts:
        texts(options.texts, options.shown)
    else:
        speed(options)


if __name__ == "__main__":
    main()
