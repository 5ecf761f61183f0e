"""Makes the pairs of posts that are one text, or are not, by rules with fixed seeds.

    python tests/unit/stories/pairs/make.py

writes tune.tsv and held.tsv: `same` or `other`, the rule, a tab, two posts. The two files share no text and
no words of the templates; thresholds were set on tune.tsv (and hand_tune.tsv) alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import opencc

HERE = Path(__file__).parent
Rule = Callable[[random.Random, str], str]

EMOJI = "😡😭🤬👎😤💔🙃😱😅🔥❗‼️🆘👀🤮"
FACES = ("[怒]", "[泪]", "[允悲]", "[吃瓜]", "[doge]", "[裂开]", "[微笑R]", "[石化R]")
NAMES = (
    "人民网",
    "黑猫投诉",
    "12315",
    "央视新闻",
    "小米客服",
    "李四不吃鱼",
    "momo",
    "城市报道",
    "Amy_Chen",
    "消费者保护",
)
BEFORE = (
    "求扩散！",
    "大家来评评理：",
    "帮朋友发，",
    "看到一个帖子，",
    "转自网友：",
    "震惊！",
    "家人们谁懂啊，",
    "实名曝光：",
)
AFTER = (
    "求转发！",
    "大家避雷。",
    "坐等官方回应。",
    "有同样遭遇的评论区见。",
    "扩散周知！",
    "太气人了。",
    "你们说怎么办？",
)
TALK = (
    "转发微博",
    "说得好",
    "这也太过分了吧",
    "蹲一个后续",
    "有没有人管管",
    "我也遇到过",
    "支持维权",
    "果然又是他们家",
    "",
)
SLIPS = {
    "的": "得",
    "在": "再",
    "做": "作",
    "像": "象",
    "那": "哪",
    "账": "帐",
    "份": "分",
    "决": "绝",
    "量": "两",
    "坐": "座",
    "需": "须",
    "到": "道",
    "他": "她",
    "以": "已",
    "是": "事",
    "里": "理",
    "带": "戴",
    "换": "还",
}
WORDS = (
    ("客服", "售后客服"),
    ("说", "表示"),
    ("没有", "没"),
    ("一个", "1个"),
    ("现在", "目前"),
    ("联系", "找"),
    ("真的", "实在"),
    ("非常", "特别"),
    ("态度很差", "态度极差"),
    ("投诉", "反映"),
    ("大家", "各位"),
    ("孩子", "小孩"),
    ("突然", "忽然"),
    ("手机", "机子"),
    ("打开", "拆开"),
    ("公司", "企业"),
    ("今日", "今天"),
    ("发现", "看到"),
    ("退款", "退钱"),
    ("问题", "毛病"),
)
CUTTERS = ("...全文", "…展开全文", "... 展开", "……")
TO_TRADITIONAL = {name: opencc.OpenCC(name) for name in ("s2t", "s2tw", "s2hk", "s2twp")}


def emoji(chance: random.Random, text: str) -> str:
    for _i in range(chance.randint(1, 6)):
        at = chance.randint(0, len(text))
        text = text[:at] + chance.choice([chance.choice(EMOJI), chance.choice(FACES)]) + text[at:]
    return text


def names(chance: random.Random, text: str) -> str:
    added = " ".join("@" + name for name in chance.sample(NAMES, chance.randint(1, 3)))
    return f"{added} {text}" if chance.random() < 0.5 else f"{text} {added}"


def traditional(chance: random.Random, text: str) -> str:
    return TO_TRADITIONAL[chance.choice(["s2t", "s2tw", "s2hk"])].convert(text)


def punctuation(chance: random.Random, text: str) -> str:
    swaps = {
        "，": chance.choice([" ", ",", "、", "…"]),
        "。": chance.choice(["！", "!!", " ", "～"]),
        "？": "??",
    }
    return "".join(swaps.get(char, char) for char in text)


def tags(chance: random.Random, text: str) -> str:
    added = chance.sample(
        ["避雷", "消费维权", "曝光", "315", "真实体验", "我的日常", "热搜"], chance.randint(1, 3)
    )
    kind = chance.random()
    if kind < 0.4:
        return "".join(f"#{one}#" for one in added) + text
    return text + " " + " ".join(f"#{one}#" if kind < 0.7 else f"#{one}" for one in added)


def link(chance: random.Random, text: str) -> str:
    address = "".join(chance.choices("abcdefABCDEF0123456789", k=7))
    where = chance.choice(["http://t.cn/", "https://xhslink.com/a/", "https://v.douyin.com/"])
    return f"{text} {where}{address}" + chance.choice(["", " 网页链接"])


def slip(chance: random.Random, text: str) -> str:
    places = [at for at, char in enumerate(text) if char in SLIPS]
    for at in chance.sample(places, min(len(places), max(1, min(3, len(text) // 25)))):
        text = text[:at] + SLIPS[text[at]] + text[at + 1 :]
    return text


def dropped(chance: random.Random, text: str) -> str:
    """A letter is lost or doubled."""
    at = chance.randrange(len(text))
    return text[:at] + chance.choice(["", text[at] * 2]) + text[at + 1 :]


def reordered(chance: random.Random, text: str) -> str:
    parts = [part for part in re.split("(?<=[，。！？])", text) if part]
    at = chance.randint(1, max(1, len(parts) - 1))
    return "".join(parts[at:] + parts[:at])


def before(chance: random.Random, text: str) -> str:
    return chance.choice(BEFORE) + text


def after(chance: random.Random, text: str) -> str:
    return text + chance.choice(AFTER)


def chain(chance: random.Random, text: str) -> str:
    for _i in range(chance.randint(1, 3)):
        text = f"{chance.choice(TALK)}//@{chance.choice(NAMES)}:{text}"
    return text


def shouted(chance: random.Random, text: str) -> str:
    """Wide letters, capitals and stray blanks."""
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c.upper() for c in text)
    at = chance.randrange(len(wide))
    return f"  {wide[:at]}\u200b {wide[at:]}\n"


def worded(chance: random.Random, text: str) -> str:
    """One or two words by others that mean the same."""
    fitting = [pair for pair in WORDS if pair[0] in text]
    for old, new in chance.sample(fitting, min(len(fitting), 1 if len(text) < 60 else 2)):
        text = text.replace(old, new, 1)
    return text


def shortened(chance: random.Random, text: str) -> str:
    """Without one of its clauses."""
    parts = [part for part in re.split("(?<=[，。！？])", text) if part]
    if len(parts) > 3:
        least = min(range(1, len(parts)), key=lambda at: len(parts[at]))
        del parts[least]
    return "".join(parts)


def cut(chance: random.Random, text: str) -> str:
    """Only its beginning, as platforms show it."""
    return text[: max(28, int(len(text) * chance.uniform(0.45, 0.8)))] + chance.choice(CUTTERS)


RULES: tuple[Rule, ...] = (
    *(emoji, names, traditional, punctuation, tags, link, slip, dropped, reordered, before, after, chain),
    *(shouted, worded, shortened, cut),
)
ORDER = {
    rule: at for at, rule in enumerate((cut, shortened, reordered, worded, slip, dropped, traditional))
}


def edited(chance: random.Random, text: str, rules: list[Rule]) -> str:
    for rule in sorted(rules, key=lambda one: (ORDER.get(one, 50 + (one is chain)), one.__name__)):
        text = rule(chance, text)
    return text


# ── texts that look alike and are not one ──────────────────────────────────────────────────────────
TUNE = {
    "brand": ("小米", "华为", "联想", "海尔", "格力", "比亚迪", "安踏", "李宁", "伊利", "农夫山泉"),
    "thing": ("手机", "笔记本电脑", "洗衣机", "空调", "平板", "耳机", "冰箱", "电视"),
    "fault": (
        "屏幕有一条绿线",
        "充电的时候发烫",
        "噪音大得睡不着",
        "系统一更新就卡死",
        "漏水把地板泡了",
        "按键没反应",
        "刚买三天就降价五百",
        "快递送来外壳是碎的",
        "发票一直不给开",
        "赠品到现在没收到",
        "遥控器连不上",
        "摄像头进灰",
    ),
    "after": (
        "客服让我等通知",
        "售后说不在保修范围",
        "打了五次电话没人接",
        "师傅上门就收了两百",
        "店家已读不回",
        "官方微博删我评论",
    ),
    "news": (
        "{brand}发布{thing}新品，起售价{n}元，将于{m}月{d}日开售。",
        "{brand}今日宣布，旗下{thing}第三季度销量达{n}万台，同比增长{p}%。",
        "{city}消协点名{brand}{thing}，共收到投诉{n}件，其中质量问题占{p}%。",
        "快讯：{brand}股价收盘报{p}.{d}元，{up}{m}.{d}%，成交额{n}万元。",
        "{m}月{d}日{city}天气：多云，气温{d}到{p}度，偏北风{m}级，空气质量良。",
        "{brand}{thing}召回公告：自{m}月{d}日起召回{n}台，原因是{fault}。",
    ),
    "release": (
        "{brand}集团今日在{city}召开战略发布会，宣布未来三年将投入{n}亿元用于研发，打造全新{thing}平台。"
        "{brand}董事长表示，公司将始终坚持以用户为中心，持续创新，为消费者带来更好的产品与服务。",
        "近日，{brand}与{city}市政府签署战略合作协议，双方将围绕{thing}产业开展深度合作，项目总投资{n}亿元，"
        "预计{m}年内建成投产，可带动就业{p}00人。{brand}相关负责人表示，此次合作意义重大。",
    ),
    "city": ("苏州", "成都", "武汉", "合肥", "青岛"),
    "opinion": (
        "我觉得这种事情最可气的不是产品本身，而是出了问题以后互相推诿的态度。以前我家也碰到过类似的，最后还是找了媒体才解决，所以遇到这种事一定要留证据。",
        "说实话，看到这段我第一反应是不信，因为我自己用了两年一点毛病都没有，身边同事也都在用，评论区一堆刚注册的号，很难不怀疑是对家买的水军。",
    ),
}
HELD = {
    "brand": ("荣耀", "三星", "美菱", "奥克斯", "长城", "吉利", "特步", "光明", "康师傅", "方太"),
    "thing": ("手表", "油烟机", "净水器", "路由器", "投影仪", "电动车", "微波炉", "音箱"),
    "fault": (
        "用着用着就自动关机",
        "外壳有一股刺鼻的味道",
        "定位总是飘到隔壁街",
        "画面一直闪烁",
        "加热半天还是凉的",
        "连接十次断九次",
        "说明书跟实物对不上",
        "发来的是二手翻新货",
        "配件少了一半",
        "安装收费比机器还贵",
        "开关松得像要掉",
        "指示灯永远是红的",
    ),
    "after": (
        "商家让我找厂家",
        "申请退货被驳回三次",
        "在线客服永远排队",
        "维修点要我先交押金",
        "投诉记录凭空消失",
        "说是我使用不当",
    ),
    "news": (
        "据悉，{brand}新款{thing}定价{n}元，首批{p}万台预计{m}月{d}日发货。",
        "{city}市监局抽检{thing}，{brand}有{m}批次不合格，涉及货值{n}元。",
        "{brand}前{m}个月营收{n}亿元，净利润同比{up}{p}.{d}%。",
        "{m}月{d}日，{city}一小区因{brand}{thing}起火，疏散居民{p}人，无人伤亡。",
        "开盘：{brand}股份{up}{m}.{d}%，报{p}.{d}元，换手率{m}.{m}%。",
        "{brand}客服热线调整通知：自{m}月{d}日起服务时间改为{m}点至{p}点。",
    ),
    "release": (
        "{m}月{d}日，{brand}品牌盛典在{city}举行，全新{thing}系列正式亮相，售价{n}元起。"
        "{brand}首席执行官在致辞中说，新品凝聚了团队五年的心血，将重新定义行业标准，开启智慧生活新篇章。",
        "{brand}宣布完成新一轮{n}万元融资，由{city}产业基金领投，资金将主要用于{thing}的研发与渠道建设。"
        "创始人称，公司今年收入有望增长{p}%，未来将加快出海步伐。",
    ),
    "city": ("杭州", "西安", "长沙", "厦门", "郑州"),
    "opinion": (
        "这段话我读了三遍，越读越难受。我们做消费维权报道十几年，类似的案例少说见过上百个，根子还是在违法成本太低，罚款还不够人家一天的广告费，指望企业自觉太天真了。",
        "不吹不黑，站在从业者的角度说几句：这个行业的利润早就薄得像纸，出了问题推给个人确实不对，但消费者一分钱想买十分的货也不现实，双方都该冷静一点。",
    ),
}


def filled(chance: random.Random, words: dict[str, tuple[str, ...]], template: str, **fixed: str) -> str:
    values: dict[str, object] = {
        name: chance.choice(words[name]) for name in ("brand", "thing", "fault", "city")
    }
    values |= {"n": chance.randint(3, 998) * 10 + 9, "m": chance.randint(2, 12), "d": chance.randint(1, 28)}
    values |= {"p": chance.randint(11, 95), "up": chance.choice(["涨", "跌"])} | fixed
    return template.format(**values)


def faults(chance: random.Random, words: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    """Same product, another fault."""
    brand, thing = chance.choice(words["brand"]), chance.choice(words["thing"])
    one, other = chance.sample(words["fault"], 2)
    then = chance.sample(words["after"], 2)
    if chance.random() < 0.4:
        then[1] = then[0]
    form = chance.choice(
        [
            "{b}的{t}真的别买，{f}，{a}。",
            "新买的{b}{t}{f}，{a}！",
            "{b}{t}用了不到一个月，{f}，{a}，以后再也不会买这个牌子。",
        ]
    )
    return form.format(b=brand, t=thing, f=one, a=then[0]), form.format(
        b=brand, t=thing, f=other, a=then[1]
    )


def facts(chance: random.Random, words: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    """One template, other facts."""
    template = chance.choice(words["news"])
    while True:
        a, b = filled(chance, words, template), filled(chance, words, template)
        if a != b:
            return a, b


def figures(chance: random.Random, words: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    """The same words of the same firm, other figures."""
    fixed = {name: chance.choice(words[name]) for name in ("brand", "thing", "fault", "city")} | {
        "up": "涨"
    }
    template = chance.choice(words["news"])
    return filled(chance, words, template, **fixed), filled(chance, words, template, **fixed)


def firms(chance: random.Random, words: dict[str, tuple[str, ...]]) -> tuple[str, str]:
    template = chance.choice(words["release"])
    one, other = chance.sample(words["brand"], 2)
    return filled(chance, words, template, brand=one), filled(chance, words, template, brand=other)


def quoted(chance: random.Random, words: dict[str, tuple[str, ...]], text: str) -> tuple[str, str]:
    """A sentence of it quoted in an opinion of one's own."""
    part = max(re.split("[，。！？]", text), key=len)
    form = chance.choice(["“{q}”{o}", "{o}网友说“{q}”，你怎么看？", "看到有人说{q}。{o}"])
    return text, form.format(q=part, o=chance.choice(words["opinion"]))


def lines(seed: int, texts: list[str], words: dict[str, tuple[str, ...]], count: int) -> list[str]:
    chance = random.Random(seed)
    made: list[tuple[str, str, str, str]] = []
    for text in texts:
        made += [("same", rule.__name__, text, rule(chance, text)) for rule in RULES]
        for _i in range(count):
            rules = chance.sample(RULES, chance.randint(2, 4))
            if len({shortened, cut, reordered} & set(rules)) > 1:
                rules = [rule for rule in rules if rule is not cut]
            made.append(("same", "several", text, edited(chance, text, rules)))
        other = chance.choice([one for one in texts if one != text])
        made.append(("other", "unlike", text, edited(chance, other, [before, tags])))
        made += [("other", "quoted", *quoted(chance, words, text)) for _i in range(2)]
    for name, rule in (("faults", faults), ("facts", facts), ("figures", figures), ("firms", firms)):
        made += [("other", name, *rule(chance, words)) for _i in range(len(texts) * (count + 5) // 4)]
    for _i in range(len(texts)):
        a, b = chance.choice([faults, firms])(chance, words)
        made.append(("same", "made", a, edited(chance, a, [chance.choice(RULES[:12])])))
        tag = chance.choice(words["brand"])
        made.append(("other", "tagged", f"#{tag}曝光# {chance.choice(texts)}", f"#{tag}曝光# {b}"))
    return ["\t".join(re.sub(r"[\t\r\n]", " ", cell) for cell in line) for line in made]


def main() -> None:
    for name, seed, words in (("tune", 11, TUNE), ("held", 47, HELD)):
        texts = (HERE / f"bases_{name}.txt").read_text("utf-8").split("\n")[:-1]
        (HERE / f"{name}.tsv").write_text(
            "\n".join(lines(seed, texts, words, 6)) + "\n", "utf-8", newline="\n"
        )


if __name__ == "__main__":
    main()
