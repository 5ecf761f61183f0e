"""Which monitor is tested against which stand-in, and how its settings point there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.drill.standin import AppStoreConnect as AppStoreConnectStandIn
from app.drill.standin import Bluesky as BlueskyStandIn
from app.drill.standin import Discourse as DiscourseStandIn
from app.drill.standin import Discuz as DiscuzStandIn
from app.drill.standin import Douyin as DouyinStandIn
from app.drill.standin import HackerNews as HackerNewsStandIn
from app.drill.standin import Mastodon as MastodonStandIn
from app.drill.standin import Platform
from app.drill.standin import Reddit as RedditStandIn
from app.drill.standin import V2ex as V2exStandIn
from app.drill.standin import WeChat as WeChatStandIn
from app.drill.standin import WeCom as WeComStandIn
from app.drill.standin import Weibo as WeiboStandIn
from app.drill.standin import YouTube as YouTubeStandIn
from app.drill.standin import Zhihu as ZhihuStandIn
from monitors.appstoreconnect import AppStoreConnect
from monitors.appstoreconnect import Settings as AppStoreConnectSettings
from monitors.base import Monitor
from monitors.bluesky import Bluesky
from monitors.bluesky import Settings as BlueskySettings
from monitors.discourse import Discourse
from monitors.discourse import Settings as DiscourseSettings
from monitors.discuz import Discuz
from monitors.discuz import Settings as DiscuzSettings
from monitors.douyin import Douyin
from monitors.douyin import Settings as DouyinSettings
from monitors.hackernews import HackerNews
from monitors.hackernews import Settings as HackerNewsSettings
from monitors.mastodon import Mastodon
from monitors.mastodon import Settings as MastodonSettings
from monitors.reddit import Reddit
from monitors.reddit import Settings as RedditSettings
from monitors.tencent.access import Token
from monitors.v2ex import Settings as V2exSettings
from monitors.v2ex import V2ex
from monitors.wechat import Settings as WeChatSettings
from monitors.wechat import WeChat
from monitors.wecom import Settings as WeComSettings
from monitors.wecom import WeCom
from monitors.weibo import Settings as WeiboSettings
from monitors.weibo import Weibo
from monitors.youtube import Settings as YouTubeSettings
from monitors.youtube import YouTube
from monitors.zhihu import Settings as ZhihuSettings
from monitors.zhihu import Zhihu

SECRET = "s3cr3t-of-the-house"
KEY = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    .decode()
)


@dataclass(frozen=True)
class StandIn:
    """`settings(url)`: for a stand-in reached at `url`. `prepare` makes accounts or threads that the
    monitor reads from; `add` puts one item where the monitor sees it, and gives its id (the default adds
    it plainly). `edits`: a poll notices that an item was edited. `most`: items a poll can ever reach (a
    platform that shows the newest n only); 0 for no such limit. `guarded`: it needs a token. `pace`:
    seconds that pass between rounds, on our clock and the platform's, for a monitor that does not ask at
    every poll because calls are few.
    """

    cls: type[Monitor[Any]]
    platform: type[Platform]
    settings: Callable[[str], Any]
    prepare: Callable[[Any], None] = lambda _platform: None
    add: Callable[[Any, str], str] = lambda platform, text: platform.add(text).id
    edits: bool = True
    guarded: bool = False
    most: int = 0
    pace: float = 0.0


def _toot(platform: Any, text: str) -> str:
    """In turn: something the search finds, a mention, a hashtag."""
    turn = len(platform.items) % 3
    more = ({}, {"mention": True, "unsearched": True}, {"tags": ["云雀"], "unsearched": True})[turn]
    return str(platform.add(text, extra=more).id)


def _mastodon(platform: Any) -> None:
    platform.token, platform.window = SECRET, 0.0


def _skeet(platform: Any, text: str) -> str:
    """In turn: something the search finds, and a notification."""
    noticed = {"reason": "mention", "unsearched": True} if len(platform.items) % 2 else {}
    return str(platform.add(text, extra=noticed).id)


def _bluesky(platform: Any) -> None:
    platform.password, platform.window = SECRET, 0.0


def _discourse(platform: Any) -> None:
    platform.key = SECRET


TOKEN = "80_KNOWN_ALREADY"


def _wecom(url: str) -> WeComSettings:
    """With a good token: WeCom wants the secret in the query of `gettoken`, and httpx logs queries."""
    kept = Token(TOKEN, datetime.now(UTC) + timedelta(seconds=7000)).kept()
    return WeComSettings(corp_id=WeComStandIn.app, secret=SECRET, server=url, access=kept)


def _let_in(platform: WeComStandIn) -> None:
    platform.tokens[TOKEN] = platform.now() + 7000


def _weibo(platform: WeiboStandIn) -> None:
    platform.token = SECRET
    platform.add("新品今日开售", id="5200000000000001", author_id=platform.uid, extra={"where": "own"})


def _weibo_item(platform: WeiboStandIn, text: str) -> str:
    """In turn: posts that name us, comments under our post, comments that name us elsewhere."""
    where = ("mention", "to_me", "cmention")[len(platform.items) % 3]
    root = "5200000000000001" if where == "to_me" else ""
    return platform.add(text, root=root, author_id="1900000001", extra={"where": where}).id


def _douyin(platform: DouyinStandIn) -> None:
    platform.token = SECRET
    for id_ in ("@video/1+a==", "@video/2+b=="):
        platform.add("新品开箱", id=id_, author_id=platform.open_id, extra={"where": "video"})


def _douyin_item(platform: DouyinStandIn, text: str) -> str:
    """Under one video and the other in turn; now and then an answer to the comment before, each of which
    costs a question of its own."""
    turn, last = len(platform.items) % 20, platform.items[-1]
    root = "@video/1+a==" if turn % 2 else "@video/2+b=="
    answer = turn == 4 and last.root and not last.parent
    return platform.add(text, root=last.root if answer else root, parent=last.id if answer else "").id


CASES: dict[str, StandIn] = {
    "appstoreconnect": StandIn(
        AppStoreConnect,
        AppStoreConnectStandIn,
        lambda url: AppStoreConnectSettings(
            server=url, app_id="600000001", issuer="synth-issuer", key_id="SYNTHKEY01", key=KEY
        ),
        guarded=True,
    ),
    "discuz": StandIn(
        Discuz, DiscuzStandIn, lambda url: DiscuzSettings(server=url, boards=("2", "3")), edits=False
    ),
    "bluesky": StandIn(
        Bluesky,
        BlueskyStandIn,
        lambda url: BlueskySettings(server=url, handle="brand.example", password=SECRET, words=("左耳",)),
        prepare=_bluesky,
        add=_skeet,
        guarded=True,
    ),
    "discourse": StandIn(
        Discourse,
        DiscourseStandIn,
        lambda url: DiscourseSettings(server=url, key=SECRET),
        prepare=_discourse,
        guarded=True,
    ),
    "discourse-search": StandIn(
        Discourse,
        DiscourseStandIn,
        lambda url: DiscourseSettings(server=url, key=SECRET, words=("左耳",)),
        prepare=_discourse,
        edits=False,  # an excerpt does not tell
        guarded=True,
        most=450,  # ten pages a day
    ),
    "hackernews": StandIn(
        HackerNews, HackerNewsStandIn, lambda url: HackerNewsSettings(server=url, words=("左耳", "云雀"))
    ),
    "reddit": StandIn(
        Reddit,
        RedditStandIn,
        lambda url: RedditSettings(
            server=url,
            sign_in=url,
            client_id="app1",
            client_secret=SECRET,
            user="ashu",
            words=("左耳", "云雀"),
            communities=("headphones",),
        ),
        guarded=True,
    ),
    "v2ex": StandIn(
        V2ex,
        V2exStandIn,
        lambda url: V2exSettings(server=url, nodes=("hardware",), token=SECRET),
        guarded=True,
    ),
    "youtube": StandIn(
        YouTube,
        YouTubeStandIn,
        lambda url: YouTubeSettings(server=url, channel="UCsynth0001", videos=("synthvideo1",), key=SECRET),
        guarded=True,
    ),
    "zhihu": StandIn(
        Zhihu,
        ZhihuStandIn,
        lambda url: ZhihuSettings(server=url, words=("左耳", "云雀"), secret=SECRET),
        guarded=True,
        most=10,
    ),
    "mastodon": StandIn(
        Mastodon,
        MastodonStandIn,
        lambda url: MastodonSettings(server=url, token=SECRET, words=("左耳", "#云雀")),
        prepare=_mastodon,
        add=_toot,
        guarded=True,
    ),
    "wechat": StandIn(
        WeChat,
        WeChatStandIn,
        lambda url: WeChatSettings(app_id=WeChatStandIn.app, secret=SECRET, server=url),
        prepare=lambda platform: platform.publish(),
        add=lambda platform, text: str(platform.comment(text).id),
        edits=False,
        guarded=True,
    ),
    "wecom": StandIn(
        WeCom,
        WeComStandIn,
        _wecom,
        prepare=_let_in,
        add=lambda platform, text: str(platform.write(text).id),
        edits=False,
        guarded=True,
    ),
    "douyin": StandIn(
        Douyin,
        DouyinStandIn,
        lambda url: DouyinSettings(
            server=url,
            client_key="aw000madeup",
            client_secret=SECRET,
            token=SECRET,
            refresh="rft.madeup0",
            open_id="_000madeup-open-id",
        ),
        prepare=_douyin,
        add=_douyin_item,
        edits=False,
        guarded=True,
        pace=3700,
    ),
    "weibo": StandIn(
        Weibo,
        WeiboStandIn,
        lambda url: WeiboSettings(
            server=url, app_key="1234567890", app_secret=SECRET, token=SECRET, uid="7100000001"
        ),
        prepare=_weibo,
        add=_weibo_item,
        edits=False,
        guarded=True,
        pace=3 * 3600,
    ),
}
