"""The public part of the knowledge base as one page that needs nothing else: no server, no other file.

Every word is escaped; the page may load nothing from anywhere, run no script but its own and send nothing.

Any thread but a window's.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from app.domain.knowledge import Entry
from app.i18n import _
from app.reports.cells import clean, is_link
from app.reports.saving import replacing

_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--muted:#667085;--line:#e4e7ec;--ground:#fff;--accent:#1f6feb}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--muted:#98a2b3;--line:#303846;--ground:#161b22;
--accent:#6ea8fe}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:46rem;padding:2rem 1.25rem 4rem;
background:var(--ground);color:var(--ink);
font:16px/1.7 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;
overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2.25rem 0 .5rem;color:var(--muted)}
h3{font-size:1.05rem;margin:0}a{color:var(--accent)}p{margin:.5rem 0;white-space:pre-line}
.small{color:var(--muted);font-size:.875rem}
input{width:100%;font:inherit;padding:.6rem .8rem;margin:1.25rem 0 .5rem;border:1px solid var(--line);
border-radius:.5rem;background:transparent;color:inherit}
nav ul{padding-left:1.1rem;margin:.25rem 0}article{border-top:1px solid var(--line);padding:1rem 0}
article:target h3{color:var(--accent)}[hidden]{display:none}
""".strip()

_SCRIPT = """
(function(){var box=document.getElementById("q"),all=document.querySelectorAll("article"),
none=document.getElementById("none"),groups=document.querySelectorAll("section");
box.hidden=false;
box.addEventListener("input",function(){
var words=box.value.toLowerCase().split(/\\s+/).filter(Boolean),shown=0;
all.forEach(function(one){var text=one.textContent.toLowerCase();
one.hidden=!words.every(function(word){return text.indexOf(word)>=0});if(!one.hidden)shown++});
groups.forEach(function(one){one.hidden=!one.querySelector("article:not([hidden])")});
none.hidden=shown>0;document.querySelector("nav").hidden=words.length>0});})();
""".strip()


def write(folder: Path, entries: Sequence[Entry], title: str, at: datetime) -> Path:
    """`folder`/index.html, with a list of contents. The folder must be there. Raises ExportFailed."""
    out = folder / "index.html"
    with replacing(out) as path:
        path.write_text(page(entries, title, at), encoding="utf-8", newline="\n")
    return out


def page(entries: Sequence[Entry], title: str, at: datetime) -> str:
    """What the caller means to be public: entries are not looked at again."""
    groups: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda one: (one.product, one.id)):
        groups.setdefault(entry.product or _("General"), []).append(entry)
    contents = "".join(_contents(name, members) for name, members in groups.items())
    sections = "".join(_section(name, members) for name, members in groups.items())
    updated = _("As of {day}").format(day=f"{at:%Y-%m-%d}")
    language, find, nothing = _("en"), _safe(_("Search")), _safe(_("Nothing found. Try other words."))
    policy = (
        f"default-src 'none'; style-src '{_hash(_STYLE)}'; script-src '{_hash(_SCRIPT)}';"
        " base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{_safe(title)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{_safe(title)}</h1>
<div class="small">{_safe(updated)}</div>
<input id="q" type="search" hidden placeholder="{find}" aria-label="{find}">
<nav>{contents}</nav>
<p id="none" class="small" hidden>{nothing}</p>
{sections}<script>{_SCRIPT}</script>
</body>
</html>
"""


def _contents(name: str, members: Sequence[Entry]) -> str:
    lines = "".join(f'<li><a href="#e{one.id}">{_safe(one.title)}</a></li>' for one in members)
    return f"<h2>{_safe(name)}</h2><ul>{lines}</ul>"


def _section(name: str, members: Sequence[Entry]) -> str:
    return f"<section><h2>{_safe(name)}</h2>{''.join(map(_article, members))}</section>\n"


def _article(entry: Entry) -> str:
    """Without the other wordings: they are other people's words."""
    link = ""
    if is_link(entry.link):
        words = _safe(_("More about it"))
        link = f'<p><a href="{_safe(entry.link)}" rel="noopener noreferrer">{words}</a></p>'
    answer = f"<p>{_safe(entry.answer)}</p>"
    return f'<article id="e{entry.id}"><h3>{_safe(entry.title)}</h3>{answer}{link}</article>'


def _safe(text: str) -> str:
    return escape(clean(text), quote=True)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
