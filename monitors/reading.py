"""Tolerant readers that every monitor shares, under one name.

`fetching` asks a server and says what its answer means, `values` reads times, counts and JSON,
`markup` makes HTML plain and addresses safe,
`listing` reads lists item by item. Import them from here.
"""

from monitors.fetching import (
    MAX_BYTES,
    Fetched,
    checked,
    fetch,
    is_html,
    max_age,
    post,
    retry_after,
    status_error,
)
from monitors.listing import page_of, read_all, server_of
from monitors.markup import (
    MAX_TEXT,
    Rich,
    clean,
    fingerprint,
    images,
    plain,
    rich,
    safe_url,
)
from monitors.values import (
    CHINA,
    MAX_RAW,
    count,
    decoded,
    from_json,
    maybe,
    need,
    next_midnight,
    raw_json,
    when,
)

__all__ = [
    "CHINA",
    "MAX_BYTES",
    "MAX_RAW",
    "MAX_TEXT",
    "Fetched",
    "Rich",
    "checked",
    "clean",
    "count",
    "decoded",
    "fetch",
    "fingerprint",
    "from_json",
    "images",
    "is_html",
    "max_age",
    "maybe",
    "need",
    "next_midnight",
    "page_of",
    "plain",
    "post",
    "raw_json",
    "read_all",
    "retry_after",
    "rich",
    "safe_url",
    "server_of",
    "status_error",
    "when",
]
