"""poll → stored, indexed, scored by the trivial scorer: mentions a second, over real loopback HTTP.

    python tests/bench/pipeline.py [--mentions 20000] [--page 500]

A JSON feed on loopback hands out a new page of items at every request; the real engine polls it as fast
as it can. Printed: the rate until everything is stored, and until everything is judged too.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from app.core import Core
from app.domain.query import MentionQuery
from app.domain.watch import Source, Watch
from app.home import Home

_SAID = "手机 充电 发热 客服 退货 很好 喜欢 太差 屏幕 续航 拍照 快递 价格 昨天 今天 朋友 云雀 山岚 更新"
WORDS = _SAID.split()


def pages(mentions: int, page: int) -> list[bytes]:
    rng = random.Random(7)
    made = []
    for first in range(0, mentions, page):
        items = [
            {
                "id": f"http://127.0.0.1/p/{number}",
                "url": f"http://127.0.0.1/p/{number}",
                "content_text": "".join(rng.choices(WORDS, k=25)) + f"。第{number}条",
                "authors": [{"name": f"用户{number % 997}"}],
                "date_published": "2026-11-20T08:00:00Z",
            }
            for number in range(first, min(first + page, mentions))
        ]
        made.append(
            json.dumps(
                {"version": "https://jsonfeed.org/version/1.1", "title": "b", "items": items}
            ).encode()
        )
    return made


def serve(bodies: list[bytes]) -> ThreadingHTTPServer:
    waiting = iter(bodies)
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            return

        def do_GET(self) -> None:
            with lock:
                body = next(waiting, bodies[-1])
            self.send_response(200)
            self.send_header("Content-Type", "application/feed+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--mentions", type=int, default=20_000)
    parser.add_argument("--page", type=int, default=500)
    options = parser.parse_args()
    bodies = pages(options.mentions, options.page)
    server = serve(bodies)
    with tempfile.TemporaryDirectory() as folder:
        core = Core.open(Home(Path(folder)), desktop=False, engine_name="trivial", demo=True)
        core.save_brand(Watch(name="云雀", query="云雀"), wait=True)
        core.save_brand(Watch(name="山岚", query="山岚", competitor=True), wait=True)
        core.save_source(
            Source(kind="feed", name="b", settings={"url": f"http://127.0.0.1:{server.server_port}/f"})
        )
        core.start(poll=False)
        began = time.perf_counter()
        for _page in bodies:
            core.engine.poll_once().result()
        judged = time.perf_counter() - began
        tally = core.tally(MentionQuery())
        print(f"{tally.total} mentions in pages of {options.page}; unscored {tally.unscored}")
        rate = tally.total / judged
        print(f"polled, stored, indexed, scored (trivial): {rate:,.0f} mentions/s ({judged:.2f} s)")
        core.close()
    server.shutdown()


if __name__ == "__main__":
    main()
