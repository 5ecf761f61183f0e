"""Douyin's official open platform: comments and answers under the brand's own videos, and what approved
keywords find. Runs on the engine's loop; one question a poll (`place.py`). Answers are sent once, by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain.mention import Kind, Mention
from app.domain.watch import Page, Watch
from app.errors import ReplyRejected
from app.i18n import N_, _
from monitors.base import Info, Life, Monitor, Thread
from monitors.cursors import dump, load, number
from monitors.douyin import errors
from monitors.douyin.items import PLATFORM, Comment, Where, read_comment, read_found, read_rows, read_video
from monitors.douyin.line import Line, moment
from monitors.douyin.place import ANSWERS, COMMENTS, SEARCH, VIDEOS, Ids, Job, Known, Place, second_of
from monitors.douyin.settings import Settings
from monitors.oauth import authorise_url, safe_redirect, safe_server
from monitors.reading import count, maybe, next_midnight

DEPTH = {VIDEOS: 10, COMMENTS: 400, ANSWERS: 20, SEARCH: 5}
"""Pages of one list, at the most."""
FIRST_DEPTH = 40
REACH = 30 * 86400
"""Pages of comments the first time that a video is read."""
SIZE = {VIDEOS: 20, COMMENTS: 50, ANSWERS: 50, SEARCH: 20}
FOUND_SIZE = 20
"""Rows a page under a video that the search found."""
MEMORY = 6000
"""Comments whose ids are remembered: a video in a crisis brings thousands a day."""
STALE = 3
"""Times that one and the same answer may come again before it is taken for the next one."""
LETTERS = 100
SCOPES = "user_info,video.list.bind,item.comment"
SEARCH_SCOPES = "video.search,video.search.comment"


class Douyin(Monitor[Settings]):
    info = Info(
        id="douyin",
        name=N_("Douyin (official)"),
        every=600,
        per_minute=30,
        reply_limit=LETTERS,
        about=N_(
            "Reads comments under your own Douyin videos and what approved keywords find, and answers."
        ),
        basis=N_("official API"),
        homepage="https://open.douyin.com/",
        terms="https://developer.open-douyin.com/docs/resource/zh-CN/dop/guidelines/agreement",
        personal=N_("nickname and number of authors, as far as Douyin grants them"),
        account="client_key",
        reach=REACH,
    )
    Settings = Settings

    @staticmethod
    def vet(settings: Any) -> None:
        safe_server(settings.server)
        safe_redirect(settings.redirect)

    def _line(self) -> Line:
        return Line(self.settings, self.http, self.means)

    # ── reading ──────────────────────────────────────────────────────────────────────────────────

    async def poll(self, watches: Sequence[Watch], cursor: str | None) -> Page:  # noqa: ARG002  # own words only
        kept, now = load(cursor), self.means.now().timestamp()
        place, seen = Place.read(kept), Ids(kept.get("seen"), MEMORY)
        line = self._line()
        note = "" if place.jobs else await line.renew_in_time()
        place = place.begun(self.settings.keywords, now)
        job = place.jobs[0]
        path, query = self._question(job)
        try:
            told = await line.ask(path, query, app=_by_app(job))
        except errors.Said as said:
            return self._without(said, job, place, seen)
        if told.logid and told.logid == place.logids.get(path) and place.again < STALE:
            return Page(
                (), replace(place, again=place.again + 1).dump(seen), more=True
            )  # an old page again
        page, after = self._take(job, told.data, place.heard(path, told.logid), seen)
        return replace(page, cursor=after.dump(seen), more=bool(after.jobs), note=note)

    def _take(self, job: Job, data: Any, place: Place, seen: Ids) -> tuple[Page, Place]:
        match job.what:
            case "videos":
                return self._videos(job, data, place)
            case "comments":
                return self._comments(job, data, place, seen)
            case "answers":
                return self._answers(job, data, place, seen)
        return self._found(job, data, place, seen)

    def _without(self, said: errors.Said, job: Job, place: Place, seen: Ids) -> Page:
        """What concerns one video, or an extra, does not stop the others."""
        now = self.means.now()
        if said.code in errors.THIS_ONE and job.what in (COMMENTS, ANSWERS):
            after = place.then()
            if job.what == COMMENTS:
                after = after.know(job.where.video, Known(job.total, job.total, int(now.timestamp())))
        elif said.code in errors.NOT_GRANTED and job.where.word:
            after = place.without_search(next_midnight(now).timestamp())
        else:
            raise said.error
        return Page((), after.dump(seen), more=bool(after.jobs), note=said.error.text)

    def _videos(self, job: Job, data: Any, place: Place) -> tuple[Page, Place]:
        rows, now = read_rows(data, read_video), self.means.now().timestamp()
        listed = rows.rows[: self.settings.videos - job.found]
        wanted = [one for one in listed if place.videos.get(one.id, Known()).wants(one.comments, now)]
        found = job.found + len(listed)
        further = self._further(job, rows.cursor, found) if listed and found < self.settings.videos else ()
        jobs = [Job(COMMENTS, Where(one.id, one.url), total=one.comments or 0) for one in wanted]
        shown = len(rows.rows) + rows.skipped
        return Page((), skipped=rows.skipped, listed=shown), place.then(*further, *jobs)

    def _further(self, job: Job, cursor: int | None, found: int, depth: int = 0) -> tuple[Job, ...]:
        """The page after this one, if there is one and it is not too deep."""
        ended = cursor is None or cursor == job.cursor or job.pages + 1 >= (depth or DEPTH[job.what])
        return () if ended else (job.page(cursor or 0, found),)

    def _comments(self, job: Job, data: Any, place: Place, seen: Ids) -> tuple[Page, Place]:
        """From the newest on, until what is new and what answers are still to be read explain the count."""
        where, known = job.where, place.videos.get(job.where.video, Known())
        rows = read_rows(data, lambda row: read_comment(row, where, self.settings.open_id))
        forgetful = seen.full
        fresh = [
            one
            for one in rows.rows
            if seen.fresh(one.mention) and not (forgetful and known.is_old(one.mention))
        ]
        grown = {one.mention.native_id: one for one in rows.rows if place.grown(one) > 0}
        waiting = place.pending(where.video)
        expected = sum(({id_: place.grown(one) for id_, one in grown.items()} | waiting).values())
        found = job.found + len(fresh)
        job = replace(
            job,
            newest=max([job.newest, *(second_of(one.mention) for one in rows.rows)]),
            shown=job.shown + sum(1 + one.answers for one in rows.rows),
        )
        # A page of known rows only is the end where it reaches what was read before; otherwise so many new
        # ones came meanwhile that this walk's own rows have moved down into it.
        oldest = min((second_of(one.mention) for one in rows.rows), default=0)
        missing = known.have + found + expected < job.total or oldest > known.since
        depth = DEPTH[COMMENTS] if known.at else FIRST_DEPTH
        further = self._further(job, rows.cursor, found, depth) if fresh or missing else ()
        if not further:
            # All that can be reached was shown: what the count has beyond it is hidden from us.
            whole = job.pages + 1 >= depth or (rows.cursor is None and job.shown >= job.total)
            have = job.total if whole else known.have + found + expected
            if not rows.rows and job.pages:
                have = min(known.have, job.total - 1)  # broken off by a page that was promised and is empty
            after = known.walked(job.total, have, self.means.now().timestamp(), job.newest)
            place = place.know(where.video, replace(after, have=max(0, after.have - expected)))
        below = [
            Job(ANSWERS, replace(where, above=id_), total=one.answers)
            for id_, one in grown.items()
            if id_ not in waiting
        ]
        made = tuple(one.mention for one in fresh if not one.own)
        page = Page(made, skipped=rows.skipped, listed=len(rows.rows) + rows.skipped)
        return page, place.then(*further, later=below)

    def _answers(self, job: Job, data: Any, place: Place, seen: Ids) -> tuple[Page, Place]:
        where = job.where
        rows = read_rows(data, lambda row: read_comment(row, where, self.settings.open_id))
        came = job.found + len(rows.rows)
        new = sum(not seen.knows(one.mention.native_id) for one in rows.rows)
        further = self._further(job, rows.cursor, came)
        after = place.then(*further).came(where.video, new)
        if not further and came:
            after = replace(after, answers={**_but(after.answers, where.above), where.above: job.total})
        return self._thread_page(rows.rows, rows.skipped, where, seen), after

    def _thread_page(self, rows: Sequence[Comment], skipped: int, where: Where, seen: Ids) -> Page:
        fresh = tuple(one.mention for one in rows if seen.fresh(one.mention) and not one.own)
        above = (PLATFORM, Kind.COMMENT, where.above)
        answered = (above,) if any(one.own for one in rows) else ()
        return Page(fresh, skipped=skipped, answered=answered, listed=len(rows) + skipped)

    def _found(self, job: Job, data: Any, place: Place, seen: Ids) -> tuple[Page, Place]:
        word, now = job.where.word, self.means.now().timestamp()
        rows = read_rows(data, lambda row: read_found(row, word))
        wanted = [
            one
            for one, _mention in rows.rows
            if one.comments and place.videos.get(one.id, Known()).wants(one.comments, now)
        ]
        further = self._further(job, rows.cursor, 0)
        if not further:
            place = replace(place, searched={**place.searched, word: int(now)})
        jobs = [Job(COMMENTS, Where(one.id, one.url, word=word), total=one.comments or 0) for one in wanted]
        page = Page(
            tuple(mention for _video, mention in rows.rows if seen.fresh(mention)), skipped=rows.skipped
        )
        return page, place.then(*further, *jobs)

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    def _question(self, job: Job) -> tuple[str, dict[str, str | int]]:
        """Path and query. Ids go in as they are: httpx encodes each once."""
        where, page = job.where, {"cursor": job.cursor, "count": SIZE[job.what]}
        me = {"open_id": self.settings.open_id}
        above = {"comment_id": where.above} if job.what == ANSWERS else {}
        if job.what == VIDEOS:
            return "/api/douyin/v1/video/video_list/", {**me, **page}
        if job.what == SEARCH:
            return "/video/search/", {**me, "keyword": where.word, **page}
        last = "reply/list/" if above else "list/"
        if where.word:
            page = {"cursor": job.cursor, "count": FOUND_SIZE}
            return f"/video/search/comment/{last}", {"sec_item_id": where.video, **above, **page}
        order = {} if above else {"sort_type": "time"}
        return f"/item/comment/{last}", {**me, "item_id": where.video, **above, **page, **order}

    # ── tokens ───────────────────────────────────────────────────────────────────────────────────

    def lives(self, cursor: str | None) -> Sequence[Life]:  # noqa: ARG002  # settings know it all
        ends = count(self.settings.refresh_expires) or count(self.settings.expires)
        return (Life(_("Sign-in"), moment(ends)),) if ends else ()

    def sign_in_url(self, redirect: str, state: str) -> str:
        return authorise_url(
            f"{safe_server(self.settings.server)}/platform/oauth/connect/",
            client_key=self.settings.client_key,
            response_type="code",
            scope=f"{SCOPES},{SEARCH_SCOPES}" if self.settings.keywords else SCOPES,
            redirect_uri=redirect,
            state=state,
        )

    async def signed_in(self, code: str, redirect: str) -> Mapping[str, str]:  # noqa: ARG002  # Douyin asks not
        return await self._line().signed_in(code)

    async def check(self) -> str:
        path, query = self._question(Job(VIDEOS))
        try:
            rows = read_rows((await self._line().ask(path, query, app=False)).data, read_video)
        except errors.Said as said:
            raise said.error from None
        told = _("Douyin answers; the newest page holds {n} of your videos, with {comments} comments.")
        return told.format(n=len(rows.rows), comments=sum(one.comments or 0 for one in rows.rows))

    # ── answering, and what grows under a comment ────────────────────────────────────────────────

    async def reply(self, to: Mention, text: str, key: str = "") -> str:  # noqa: ARG002  # Douyin knows no keys
        if to.kind is not Kind.COMMENT:
            raise ReplyRejected(_("On Douyin only comments can be answered, not videos."))
        if not text.strip() or len(text) > LETTERS:
            raise ReplyRejected(_("Douyin takes 1 to {n} characters. Change the text.").format(n=LETTERS))
        body = {"comment_id": to.native_id, "content": text}
        found = bool(to.keyword)
        path = "/video/search/comment/reply/" if found else "/item/comment/reply/"
        body["sec_item_id" if found else "item_id"] = to.root_id
        query = {} if found else {"open_id": self.settings.open_id}
        try:
            told = await self._line().ask(path, query, app=found, body=body)
        except errors.Said as said:
            raise said.error from None
        sent = maybe(told.data, "comment_id")
        return sent if isinstance(sent, str) else ""

    async def thread(self, post: Mention, cursor: str | None) -> Thread:
        """Answers under a comment, comments under a found video: one page."""
        kept, video = load(cursor), post.kind is not Kind.COMMENT
        above = "" if video else post.native_id if post.parent_id == post.root_id else post.parent_id
        where = Where(post.root_id or post.native_id, post.url, above, post.keyword)
        job = Job(COMMENTS if video else ANSWERS, where, number(kept.get("at")), number(kept.get("pages")))
        path, query = self._question(job)
        try:
            told = await self._line().ask(path, query, app=_by_app(job))
        except errors.Said as said:
            raise said.error from None
        rows = read_rows(told.data, lambda row: read_comment(row, where, self.settings.open_id))
        seen = Ids(kept.get("seen"), MEMORY)
        page = self._thread_page(rows.rows, rows.skipped, where, seen)
        [*further] = self._further(job, rows.cursor, 0)
        at, pages = (further[0].cursor, further[0].pages) if further else (0, 0)
        mentions = tuple(one for one in page.mentions if one.native_id != post.native_id)
        after = dump(at=at, pages=pages, seen=seen.marks())
        return Thread(replace(page, mentions=mentions, cursor=after, more=bool(further)))


def _by_app(job: Job) -> bool:
    """What stands under found videos is read with the app's own token."""
    return bool(job.where.word) and job.what != SEARCH


def _but(told: Mapping[str, int], name: str) -> dict[str, int]:
    return {one: value for one, value in told.items() if one != name}
