"""How fast and how lean files are read: `python tests/bench/folder.py [MB]`, by hand.

Writes a crawl file, a table with quoted line breaks and a file that is one endless line, reads each
page by page in a process of its own, and prints rows, seconds and the greatest memory held.
"""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
TEXT = "星岚X3用了两周就发热，客服让我重启，换货又说没有库存，等了九天。"


def jsonl(path: Path, size: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        n = 0
        while file.tell() < size:
            block = (
                {
                    "note_id": str(10**15 + n + i), "content": f"{TEXT}（{n + i}）", "create_time": 1_795_150_000,  # noqa: E501
                    "create_date_time": "2026-11-20", "liked_count": "1.2万", "comments_count": "3",
                    "shared_count": "0", "note_url": "", "creator_hash": "ab", "nickname": "阿***树",
                }
                for i in range(1_000)
            )  # fmt: skip
            file.write("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in block))
            n += 1_000


def table(path: Path, size: int) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        made = csv.writer(file)
        made.writerow(["平台", "内容", "作者", "发布时间", "点赞数"])
        n = 0
        while file.tell() < size:
            made.writerows(
                ("微博", f"{TEXT}\n第{n + i}条", "甲", "2026-11-20 13:05", i) for i in range(1_000)
            )
            n += 1_000


def endless(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.write(b'{"text": "')
        for _ in range(size // 1_000_000):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n{"text": "after it"}\n')


def read(path: str) -> None:
    from monitors.folder import Settings, read_path

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    began, rows, pages, skipped, slowest, at = time.perf_counter(), 0, 0, 0, 0.0, time.perf_counter()
    for page in read_path(Settings(path=path)):
        rows, pages, skipped = rows + len(page.mentions), pages + 1, skipped + page.skipped
        slowest, at = max(slowest, time.perf_counter() - at), time.perf_counter()
    took = time.perf_counter() - began
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{Path(path).name}: {Path(path).stat().st_size / 1e6:.0f} MB, {rows:,} mentions, {skipped} skipped, "  # noqa: E501
        f"{pages} pages, {took:.1f} s ({rows / took:,.0f}/s), slowest page {slowest:.2f} s, "
        f"memory {before} -> {most} MB"
    )


def main() -> None:
    size = int(sys.argv[1] if len(sys.argv) > 1 else 200) * 1_000_000
    with TemporaryDirectory() as folder:
        for name, write in (("crawl.jsonl", jsonl), ("table.csv", table), ("endless.jsonl", endless)):
            path = Path(folder) / name
            write(path, size)
            subprocess.run([sys.executable, __file__, "--read", str(path)], check=True)
            path.unlink()


if __name__ == "__main__":
    read(sys.argv[2]) if sys.argv[1:2] == ["--read"] else main()
