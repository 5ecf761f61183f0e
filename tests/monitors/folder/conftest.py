"""Invented rows in the shapes that crawlers and people write, and ways to write them to files."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from app.domain.mention import Mention
from app.domain.watch import Page
from monitors.folder import Folder, Settings, read_path

# Column names of the newer generation, in the order they are written.
NEW: dict[tuple[str, str], str] = {
    ("weibo", "contents"): "note_id content create_time create_date_time liked_count comments_count "
    "shared_count last_modify_ts note_url creator_hash nickname source_keyword",
    ("weibo", "comments"): "comment_id create_time create_date_time note_id content sub_comment_count "
    "comment_like_count last_modify_ts parent_comment_id creator_hash nickname",
    ("xhs", "contents"): "note_id type title desc video_url time last_update_time creator_hash nickname "
    "liked_count collected_count comment_count share_count image_list tag_list last_modify_ts note_url "
    "source_keyword xsec_token",
    ("xhs", "comments"): "comment_id create_time note_id content creator_hash nickname sub_comment_count "
    "pictures parent_comment_id last_modify_ts like_count",
    ("douyin", "contents"): "aweme_id aweme_type title desc create_time creator_hash nickname liked_count "
    "collected_count comment_count share_count last_modify_ts aweme_url cover_url video_download_url "
    "music_download_url note_download_url source_keyword",
    ("douyin", "comments"): "comment_id create_time aweme_id content creator_hash nickname "
    "sub_comment_count like_count last_modify_ts parent_comment_id pictures",
    (
        "kuaishou",
        "contents",
    ): "video_id video_type title desc create_time creator_hash nickname liked_count "
    "viewd_count last_modify_ts video_url video_cover_url video_play_url source_keyword",
    ("kuaishou", "comments"): "comment_id create_time video_id content creator_hash nickname "
    "sub_comment_count last_modify_ts",
    ("bili", "contents"): "video_id video_type title desc create_time creator_hash nickname liked_count "
    "disliked_count video_play_count video_favorite_count video_share_count video_coin_count video_danmaku "
    "video_comment last_modify_ts video_url video_cover_url source_keyword",
    ("bili", "comments"): "comment_id parent_comment_id create_time video_id content creator_hash nickname "
    "sub_comment_count like_count last_modify_ts",
    ("tieba", "contents"): "note_id title desc note_url publish_time creator_hash user_nickname tieba_name "
    "tieba_link total_replay_num total_replay_page source_keyword last_modify_ts",
    ("tieba", "comments"): "comment_id parent_comment_id content creator_hash user_nickname publish_time "
    "sub_comment_count note_id note_url tieba_id tieba_name tieba_link last_modify_ts",
    ("zhihu", "contents"): "content_id content_type content_text content_url question_id title desc "
    "created_time updated_time voteup_count comment_count source_keyword creator_hash user_nickname "
    "last_modify_ts",
    ("zhihu", "comments"): "comment_id parent_comment_id content publish_time sub_comment_count like_count "
    "dislike_count content_id content_type creator_hash user_nickname last_modify_ts",
}
# What stood in place of creator_hash before 2026-07-01.
OLD = {
    "weibo": "user_id gender profile_url avatar ip_location",
    "xhs": "user_id avatar ip_location",
    "douyin": "user_id sec_uid short_user_id user_unique_id user_signature avatar ip_location",
    "kuaishou": "user_id avatar",
    "bili": "user_id avatar",
    "tieba": "user_link user_avatar",
    "zhihu": "user_id user_link user_avatar",
}
TABLES = {
    ("weibo", "contents"): "weibo_note",
    ("weibo", "comments"): "weibo_note_comment",
    ("xhs", "contents"): "xhs_note",
    ("xhs", "comments"): "xhs_note_comment",
    ("douyin", "contents"): "douyin_aweme",
    ("douyin", "comments"): "douyin_aweme_comment",
    ("kuaishou", "contents"): "kuaishou_video",
    ("kuaishou", "comments"): "kuaishou_video_comment",
    ("bili", "contents"): "bilibili_video",
    ("bili", "comments"): "bilibili_video_comment",
    ("tieba", "contents"): "tieba_note",
    ("tieba", "comments"): "tieba_comment",
    ("zhihu", "contents"): "zhihu_content",
    ("zhihu", "comments"): "zhihu_comment",
}
SECONDS = 1_795_150_000  # 2026-11-20 in China
TEXTS = (
    "星岚X3充了二十分钟就烫手，客服让我重启三次 [怒]",
    "用了两周，续航比宣传的少了三分之一 &amp; 还掉帧",
    "包装盒压扁了，好在机器没事，\n给物流差评",
    "屏幕素质确实不错，就是价格有点高，“等降价”",
    "退货第九天了钱还没到账, 有人遇到吗",
)


def columns(platform: str, item: str, generation: str) -> list[str]:
    names = NEW[platform, item].split()
    if generation == "new":
        return names
    at = names.index("creator_hash")
    return [*names[:at], *OLD[platform].split(), *names[at + 1 :]]


def row(platform: str, item: str, generation: str, n: int) -> dict[str, Any]:
    """One invented row; `n` makes it different from its neighbours."""
    text = f"{TEXTS[n % len(TEXTS)]}（{platform}{n}）"
    milliseconds = 1000 if platform in ("xhs", "kuaishou") else 1
    post = str(700_000_000_000_000 + n)
    cell: dict[str, Any] = {
        "content": text, "desc": text, "content_text": text, "title": f"第{n}次反馈", "source_keyword": "星岚",  # noqa: E501
        "create_time": (SECONDS + n) * milliseconds, "time": (SECONDS + n) * 1000, "last_update_time": 0,
        "created_time": SECONDS + n, "updated_time": SECONDS + n,
        "create_date_time": "2026-11-20 00:00:00+08:00",
        "publish_time": "2026-11-20 13:05" if platform == "tieba" else str(SECONDS + n),
        "last_modify_ts": 1_795_160_000_000 + n, "creator_hash": f"{n:016x}", "user_id": f"9{n:09d}",
        "nickname": "阿***树", "user_nickname": "阿***树", "ip_location": "上海", "gender": "f",
        "liked_count": "1.2万", "comments_count": "35", "comment_count": "35", "shared_count": "None",
        "share_count": "7", "collected_count": "10万+", "viewd_count": "4.5万", "video_play_count": "88000",
        "video_comment": "35", "video_share_count": "7", "video_favorite_count": "61", "voteup_count": 12,
        "total_replay_num": 35, "like_count": 5, "comment_like_count": "5", "sub_comment_count": "2",
        "sec_uid": f"MS4w{n}", "user_link": f"https://www.zhihu.com/people/u{n}", "content_type": "answer",
        "question_id": "555", "type": "normal", "aweme_type": "0", "tieba_name": "星岚吧", "tieba_id": "31",
        "xsec_token": "TOK=", "video_type": "video", "image_list": "https://img.example/1.jpg",
        "note_id": post, "aweme_id": post, "video_id": post, "content_id": post,
        "aweme_url": f"https://www.douyin.com/video/{post}", "video_url": _video(platform, post),
        "note_url": _note(platform, post),
        "content_url": f"https://www.zhihu.com/question/555/answer/{post}",
        "comment_id": str(880_000 + n), "parent_comment_id": "0" if n % 2 == 0 else str(880_000 + n - 1),
    }  # fmt: skip
    return {name: cell.get(name, "") for name in columns(platform, item, generation)}


def _note(platform: str, post: str) -> str:
    return {
        "weibo": f"https://m.weibo.cn/detail/{post}",
        "tieba": f"https://tieba.baidu.com/p/{post}",
        "xhs": f"https://www.xiaohongshu.com/explore/{post}?xsec_token=TOK=&xsec_source=pc_search",
    }.get(platform, "")


def _video(platform: str, post: str) -> str:
    return {
        "bili": f"https://www.bilibili.com/video/av{post}",
        "kuaishou": f"https://www.kuaishou.com/short-video/{post}",
    }.get(platform, "")


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), "utf-8")


def write_json(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=4), "utf-8")


def csv_bytes(rows: list[dict[str, Any]], *, header: bool = True, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    made = csv.writer(out)
    if header:
        made.writerow(rows[0])
    made.writerows(one.values() for one in rows)
    return out.getvalue().encode(encoding)


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_bytes(csv_bytes(rows))


def write_xlsx(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(cells)
    book.save(path)
    book.close()


def write_sqlite(path: Path, table: str, rows: list[dict[str, Any]]) -> None:
    base = sqlite3.connect(path)
    names = list(rows[0])
    made = ", ".join(f'"{name}"' for name in names)
    base.execute(f"CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, {made}, add_ts INTEGER)")
    marks = ", ".join("?" for _ in names)
    base.executemany(f"INSERT INTO {table} ({made}) VALUES ({marks})", [list(one.values()) for one in rows])
    base.commit()
    base.close()


class Kit:
    """What tests write and read with."""

    NEW, TABLES, SECONDS, TEXTS = NEW, TABLES, SECONDS, TEXTS
    columns, row = staticmethod(columns), staticmethod(row)
    jsonl, json, csv = staticmethod(write_jsonl), staticmethod(write_json), staticmethod(write_csv)
    xlsx, sqlite, csv_bytes = staticmethod(write_xlsx), staticmethod(write_sqlite), staticmethod(csv_bytes)
    samples = Path(__file__).parent / "samples"

    @staticmethod
    def whole(path: Path, **settings: Any) -> list[Mention]:
        return [one for page in read_path(Settings(path=str(path), **settings)) for one in page.mentions]

    @staticmethod
    def pages(path: Path, **settings: Any) -> list[Page]:
        return list(read_path(Settings(path=str(path), **settings)))


@pytest.fixture(scope="session")
def kit() -> type[Kit]:
    return Kit


Poll = Callable[..., Page]


@pytest.fixture
def poll() -> Poll:
    """One call of the monitor, as the engine makes it, page after page until there is no more."""

    def once(path: Path, cursor: str | None = None, **settings: Any) -> Page:
        async def run() -> Page:
            async with httpx.AsyncClient() as http:
                monitor = Folder(Settings(path=str(path), **settings), http)
                page = await monitor.poll((), cursor)
                mentions, skipped, notes = list(page.mentions), page.skipped, [page.note]
                while page.more:
                    page = await monitor.poll((), page.cursor)
                    mentions += page.mentions
                    skipped += page.skipped
                    notes.append(page.note)
                return Page(tuple(mentions), page.cursor, False, skipped, " ".join(filter(None, notes)))

        return asyncio.run(run())

    return once
