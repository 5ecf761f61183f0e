"""Does the Bluesky stand-in please another client than ours? By hand, since that client is large.

python -m venv /tmp/other && /tmp/other/bin/pip install atproto
/tmp/other/bin/python tests/bench/bluesky_client.py
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from atproto import Client, client_utils, models
from atproto_client.exceptions import AtProtocolError

from app.drill.standin import Bluesky, World

POSTS = "app.bsky.feed.post"


def main() -> None:
    with World([Bluesky]) as world:
        platform = world.of(Bluesky)
        platform.password = "of-the-app"
        for number in range(130):
            platform.add(f"第{number}条：左耳没声音")
        platform.add("@brand 左耳", extra={"reason": "mention"})
        client = Client(base_url=f"{world.url_of(Bluesky)}/xrpc")
        client.login("brand.example", "of-the-app", fetch_bsky_profile=False)
        posts = _reads(client)
        _answers(client, posts[0])
        platform.expire_access()
        assert _refusal(client) == "ExpiredToken"
        client._refresh_and_set_session()
        assert (platform.made, platform.renewed) == (1, 1)
        assert client.app.bsky.notification.list_notifications({"limit": 10}).notifications
    print("the other client reads, answers and refreshes")


def _refusal(client: Client) -> str:
    try:
        client.app.bsky.notification.list_notifications({"limit": 10})
    except AtProtocolError as error:
        return str(error.response.content.error)
    return ""


def _reads(client: Client) -> list[object]:
    asked = {"q": "左耳", "limit": 100, "sort": "latest"}
    first = client.app.bsky.feed.search_posts(asked)
    second = client.app.bsky.feed.search_posts({**asked, "cursor": first.cursor})
    assert (len(first.posts), len(second.posts), second.cursor) == (100, 31, None)
    told = client.app.bsky.notification.list_notifications({"reasons": ["mention"], "limit": 10})
    assert [one.reason for one in told.notifications] == ["mention"]
    assert len(client.app.bsky.feed.get_posts({"uris": [one.uri for one in first.posts[:2]]}).posts) == 2
    return list(first.posts)


def _answers(client: Client, post: object) -> None:
    said = client_utils.TextBuilder().text("您好，见 ").link("说明", "https://brand.example/help")
    ref = models.create_strong_ref(post)
    record = models.AppBskyFeedPost.Record(
        text=said.build_text(),
        facets=said.build_facets(),
        created_at=client.get_current_time_iso(),
        reply=models.AppBskyFeedPost.ReplyRef(parent=ref, root=ref),
    )
    told = {"repo": client._session.did, "collection": POSTS, "record": record}
    sent = client.com.atproto.repo.create_record(told)
    tree = client.app.bsky.feed.get_post_thread({"uri": post.uri}).thread
    index = tree.replies[0].post.record.facets[0].index
    assert (tree.replies[0].post.uri, index.byte_start, index.byte_end) == (sent.uri, 13, 19)


if __name__ == "__main__":
    main()
