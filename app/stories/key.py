"""What of a post is compared: folded words without the trimmings, its figures, its hashtags.

Left out: @names, addresses, emoji and emoticons, punctuation, white space, the platforms' own words
(转发微博, 网页链接, 展开全文). Of a chain (说得好//@李四:转发微博//@张三:原文) the part furthest back that
says something is compared: the words before it are what people said about it. Pure; any thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby

from app.matching.fold import folded

LONGEST = 20_000
"""Characters of a post that are looked at; time stays bounded for hostile texts."""
LEAD = 600
"""Characters of a key that are kept and compared one by one; of more there is a sketch."""
TELLING = 8
"""A key shorter than this is compared as a whole only."""
SKETCH, SIGNATURE = 16, 128
"""Smallest n-gram hashes by which candidates are looked for, and by which long texts are compared."""
GRAM = 3

MOST_TAGS = 30

_M64 = (1 << 64) - 1

_LINK = re.compile(r"(?:https?:/{1,2}|www\.)[!-~]+|(?<![a-z0-9.])t\.cn/[a-z0-9]+")
_CHAIN = re.compile(
    r"/{1,2} ?@[^:@/\n]{1,40}: ?|(?<!\w)rt ?@[\w.\-·]{1,30}: ?|(?:转发|转自|转) ?@[\w.\-·]{1,30}: ?"
)
_NAME = re.compile(r"(?:回复 ?)?@[\w.\-·]{1,16}(?!\w) ?:?|回复 ?@[\w.\-·]{1,30} ?:|@")
_EMOTICON = re.compile(r"\[[a-z\u4e00-\u9fff]{1,5}\]")
_TAG_BEFORE = re.compile(r"^[^\w#]*#([^#\n]{1,40})#")
_TAG_AFTER = re.compile(r"(?:#([^#\n]{1,40})#|#([^\s#,.!?。,、;:~]{1,30}))[^\w#]*$")
_CUT = re.compile(r"\.{3,6} ?(?:展开|阅读)?(?:全文|展开|查看更多)|(?:展开|阅读)全文|\.{3,6}\W*$")
_FURNITURE = re.compile(
    r"转发微博|网页链接|查看图片|评论配图|展开全文c?|阅读全文|收起全文d?|收起d$|展开c$|全文$"
    r"|复制打开抖音看看|打开(?:小红书|抖音|知乎)查看"
    r"|分享(?:图片|视频|文章)|repost|快转微博|转发理由:?"
)
_CLIP = re.compile(r"(?:^|(?<=\s))\S{0,12}的(?:微博|秒拍|抖音)视频")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_OTHER = re.compile(r"[\W_]+")
_ROWS = re.compile(r"00+|(.)\1\1+")
_LOOSE = re.compile(f"{_FURNITURE.pattern}|{_ROWS.pattern}|[\u1100-\u11ff]")
_JAMO = re.compile("[\u1100-\u11ff]")
_GROUPED = re.compile(r"^\d{1,3}(?:,\d{3})+(?:\.\d+)?$")

# Words that thousands write of anything: by themselves no story. The list is closed on purpose; whatever
# holds one other word is a text of its own.
_COMMON = (
    "转发|转|分享|收藏|已阅|路过|打卡|签到|沙发|前排|板凳|围观|吃瓜|支持|顶|赞|点赞|好评|差评|加油|厉害|牛|牛逼|"
    "nb|666|233+|哈+|呵+|嘿+|嘻+|啊+|哦+|嗯+|呜+|额|唉+|哎+|唉|哇+|晕|汗|无语|无语了|呵呵哒|醉了|服了|绝了|笑死|笑死我了|"
    "救命|天哪|天啊|我的天|卧槽|我去|我靠|mark|马克|码住|马住|mk|dd|滴滴|蹲|蹲一个|求|求助|求推荐|同求|同问|同感|同上|"
    "\\+?1|一样|我也是|我也|是的|对|对的|没错|就是|确实|真实|真的|假的|真的吗|真的假的|不会吧|不是吧|可以|还行|还可以|"
    "一般|一般般|不错|很不错|挺好|很好|太好了|非常好|喜欢|很喜欢|爱了|好看|好吃|好用|不好|不好用|不好吃|难吃|难用|难看|"
    "太差|太差了|很差|差|差劲|太差劲了|垃圾|太垃圾了|辣鸡|烂|太烂了|真烂|坑|太坑|太坑了|坑人|坑爹|骗人|骗子|失望|太失望|"
    "太失望了|很失望|好失望|恶心|太恶心了|可恶|可怕|太可怕了|气死|气死我了|过分|太过分了|避雷|踩雷|拔草|种草|退货|退款|"
    "投诉|举报|已举报|曝光|维权|抵制|坚决抵制|再也不买了|再也不来了|不推荐|推荐|强烈推荐|值得|值得购买|性价比高|便宜|贵|"
    "太贵了|好贵|快递很快|物流很快|服务好|服务差|服务态度差|态度差|态度好|质量好|质量差|质量太差|质量太差了|质量不错|"
    "收到了|已收到|已买|已购|买了|下单了|用了|回复|私信|看私信|已私信|私我|联系客服|请联系客服|谢谢|感谢|多谢|客气|早|早安|"
    "早上好|晚安|晚上好|你好|您好|在吗|有人吗|怎么办|怎么回事|什么情况|咋回事|为什么|多少钱|哪里买|怎么买|链接|求链接|"
    "好|好的|嗯嗯|ok|yes|no|good|nice|lol|wow|来了|来啦|冲|冲鸭|爱你|么么哒|呀|吧|了|的|吗|呢|哒|哟|这|也|都|太|很|真|"
    "我|你|他|不|没|是|有|无"
)
_LONGEST_FIRST = "|".join(sorted(_COMMON.split("|"), key=len, reverse=True))
_GENERIC = re.compile(f"(?>{_LONGEST_FIRST})*+")  # atomic: no text makes it look twice


@dataclass(slots=True)  # not frozen, which takes thrice as long to make
class Key:
    """What is compared. `text` is clipped to LEAD characters; `size` counts the letters of all of it."""

    text: str
    figures: tuple[str, ...]
    tags: tuple[str, ...]
    size: int
    cut: bool
    """The platform showed only its beginning."""
    tail: str = ""
    """What is left of `text` beyond LEAD characters; not kept."""

    @property
    def generic(self) -> bool:
        """Nothing of its own: no story is made of it."""
        return self.size < 2 or (self.size <= 24 and _GENERIC.fullmatch(self.text) is not None)

    @property
    def hash(self) -> int:
        """64 bits: equal for equal keys, also after a restart."""
        whole = "\n".join((self.text + self.tail, " ".join(self.figures)))
        return int.from_bytes(blake2b(whole.encode("utf-8", "replace"), digest_size=8).digest(), "little")

    def packed(self) -> str:
        """For keeping; `unpacked` is the way back."""
        mark = "!" if self.cut else ""
        return "\n".join((self.text, " ".join(self.figures[:40]), " ".join(self.tags[:10]), mark))


def unpacked(kept: str, size: int) -> Key:
    text, figures, tags, mark = kept.split("\n")
    return Key(text, tuple(figures.split()), tuple(tags.split()), size, bool(mark))


def read(text: str) -> Key:
    """The key of a post's text. Reading a key's own text again yields the same text."""
    flat = folded(text[:LONGEST])
    if "@" in flat:
        parts = _CHAIN.split(flat)
        for part in reversed(parts[1:]):
            key = _key(part)
            if not key.generic:
                return key
        flat = parts[0]
    return _key(flat)


def _key(part: str) -> Key:
    cut = ("..." in part or "全文" in part) and _CUT.search(part) is not None
    part, tags = _plain(part)
    figures: list[str] = []
    if _FIGURE.search(part):
        figures = [_figure(one) for one in _FIGURE.findall(part)]
        part = _FIGURE.sub("0", part)
    letters = _settled(_OTHER.sub("", part))
    return Key(letters[:LEAD], tuple(figures), tags, len(letters), cut, letters[LEAD:])


def _row(match: re.Match[str]) -> str:
    """哈哈哈哈 as 哈哈, and one 0 for figures side by side."""
    return "0" if match[0][0] == "0" else match[0][:2]


def _settled(letters: str) -> str:
    """What came together only now (转发😀微博, 1-2) is treated like what stood together."""
    while _LOOSE.search(letters):
        before = letters
        letters = _ROWS.sub(_row, _FURNITURE.sub("", letters))
        if _JAMO.search(letters):
            letters = folded(letters)
        if letters == before:
            break
    return letters


def _plain(part: str) -> tuple[str, tuple[str, ...]]:
    """Without the trimmings; hashtags around the text are taken off, those inside it stay words."""
    if "/" in part or "www." in part:
        part = _LINK.sub(" ", part)
    if "@" in part:
        part = _NAME.sub(" ", part)
    if "[" in part:
        part = _EMOTICON.sub(" ", part)
    if "视频" in part:
        part = _CLIP.sub(" ", part)
    if "#" not in part:
        return part, ()
    bare, tags = _bare(part)
    return (bare, tags) if len(_OTHER.sub("", bare)) >= TELLING else (part, ())


def _bare(part: str) -> tuple[str, tuple[str, ...]]:
    """Without the hashtags before and after it, at most MOST_TAGS."""
    tags: set[str] = set()
    for _i in range(MOST_TAGS):
        found = _TAG_BEFORE.search(part) or _TAG_AFTER.search(part)
        if found is None:
            break
        tags.add(_OTHER.sub("", found[found.lastindex or 0]))
        part = part[: found.start()] + part[found.end() :]
    return part, tuple(sorted(tags - {""}))


def _figure(text: str) -> str:
    """2,999 and 2999.0 are one figure."""
    if _GROUPED.match(text):
        text = text.replace(",", "")
    if "." in text and text.count(".") == 1 and ":" not in text and "," not in text:
        text = text.rstrip("0").rstrip(".")
    return text.lstrip("0") or "0"


def hashes(key: Key) -> list[int]:
    """The smallest distinct 32-bit hashes of the key's n-grams, smallest first, at most SIGNATURE."""
    codes = list(map(ord, key.text + key.tail))
    if len(codes) < GRAM:
        return []
    triples = zip(codes, codes[1:], codes[2:], strict=False)
    mixed = {
        ((a * 0x9E3779B1 + b * 0x85EBCA77 + c * 0xC2B2AE3D) * 0x9E3779B97F4A7C15 & _M64) >> 32
        for a, b, c in triples
    }
    return sorted(mixed)[:SIGNATURE]


def hash_of(*parts: str) -> int:
    """64 bits of a name or an identity; 0 for nothing."""
    joined = "\x1f".join(parts)
    if not parts[-1]:
        return 0
    raw = joined.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(raw, digest_size=8).digest(), "little") or 1


def shape_of(name: str) -> str:
    """The pattern of an account's name: 用户38291 and 用户77120 are one shape."""
    return "".join("0" if kind == "0" else kind for kind, _run in groupby(map(_kind, name[:40])))


def _kind(char: str) -> str:
    if char.isdecimal():
        return "0"
    if char.isascii() and char.isalpha():
        return "a"
    return char
