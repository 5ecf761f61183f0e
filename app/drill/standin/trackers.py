"""Bug trackers: GitHub, GitLab, Gitee, Jira (both editions), ZenTao. What was made is in `items`.

As strict as the real ones: tokens, required fields, error bodies. An item's `extra` has `title`, `state`
and what else the platform keeps. Further modes of `fail_next`: `accept-503` makes the issue and answers
503; `row:N` answers with the N-th error row of the platform.
"""

from __future__ import annotations

import base64
from abc import abstractmethod
from typing import Any, ClassVar

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

Row = tuple[int, Any, dict[str, str]]


class IssueTracker(Platform):
    """`token`: the one it accepts. `closed_word`: what `close` puts as a reason, where there is one."""

    key: ClassVar[str] = "synthetic-tracker-0001"
    rows: ClassVar[tuple[Row, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.token = self.key

    def failure(self, how: str, call: Call) -> Reply:
        if how.startswith("row:"):
            status, body, headers = self.rows[int(how.removeprefix("row:"))]
            return as_json(body, status, **headers)
        if how == "accept-503":
            self.answer(call)
            return Reply(b"upstream", 503, "text/plain")
        return super().failure(how, call)

    def answer(self, call: Call) -> Reply:
        if not self.may(call):
            return self.expired(call)
        return self.tracker(call)

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # the same for all
        """The row for a wrong token."""
        return as_json(next(body for status, body, _headers in self.rows if status == 401), 401)

    def close(self, id: str, word: str = "") -> None:
        """Somebody has seen to it."""
        with self.lock:
            for one in self.items:
                if one.id == id:
                    one.extra |= {"state": "closed", "word": word}

    def newest(self, page: int, size: int) -> list[Item]:
        rows = [one for one in reversed(self.items) if not one.deleted]
        return rows[(page - 1) * size : page * size]

    def one(self, id: str) -> Item | None:
        found = self.item(id)
        return None if found is None or found.deleted else found

    @abstractmethod
    def may(self, call: Call) -> bool:
        """Does the request carry the token?"""

    @abstractmethod
    def tracker(self, call: Call) -> Reply:
        """What the tracker says to one who may ask."""


def _state(one: Item, opened: str = "open") -> str:
    return str(one.extra.get("state") or opened)


class GitHubIssues(IssueTracker):
    """`search_sees`: issues that the search knows of already; the list knows all at once. `issues`: False
    where they are switched off."""

    prefix = "tracker-github"
    path: ClassVar[str] = "brand/app"
    rows = (
        (401, {"message": "Bad credentials", "documentation_url": "x"}, {}),
        (403, {"message": "API rate limit exceeded"},
         {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "1"}),
        (403, {"message": "You have exceeded a secondary rate limit"}, {"Retry_After": "60"}),
        (403, {"message": "Resource not accessible by personal access token"}, {}),
        (404, {"message": "Not Found"}, {}),
        (410, {"message": "Issues are disabled for this repo"}, {}),
        (422, {"message": "Validation Failed",
               "errors": [{"resource": "Issue", "field": "title", "code": "missing_field"}]}, {}),
    )  # fmt: skip

    def may(self, call: Call) -> bool:
        return call.bearer == self.token and bool(call.headers.get("user-agent"))

    def tracker(self, call: Call) -> Reply:
        base = f"/repos/{self.path}"
        if call.path == base:
            return as_json({"full_name": self.path, "has_issues": True})
        if call.path == "/search/issues":
            return as_json({"total_count": 0, "items": []})  # it learns of a new issue after minutes
        if call.path == f"{base}/issues":
            return self._make(call) if call.method == "POST" else self._list(call)
        found = self.one(call.path.removeprefix(f"{base}/issues/"))
        return as_json(self._shape(found)) if found else as_json({"message": "Not Found"}, 404)

    def _list(self, call: Call) -> Reply:
        rows = self.newest(call.number("page", 1), call.number("per_page", 30))
        if call.get("state") != "all":
            rows = [one for one in rows if _state(one) == "open"]
        return as_json([self._shape(one) for one in rows])

    def _make(self, call: Call) -> Reply:
        body = call.json()
        if not isinstance(body, dict) or not str(body.get("title", "")).strip():
            return as_json(self.rows[6][1], 422)
        made = self.add(str(body.get("body", "")), extra={"title": body["title"], "body": body})
        return as_json(self._shape(made), 201)

    def _shape(self, one: Item) -> dict[str, Any]:
        return {
            "id": 1000 + int(one.id),
            "number": int(one.id),
            "title": one.extra.get("title"),
            "body": one.text,
            "state": _state(one),
            "state_reason": one.extra.get("word") or None,
            "html_url": f"https://github.example/{self.path}/issues/{one.id}",
        }


class GitLabIssues(IssueTracker):
    prefix = "tracker-gitlab"
    project: ClassVar[str] = "brand/app"
    rows = (
        (401, {"message": "401 Unauthorized"}, {}),
        (403, {"message": "403 Forbidden"}, {}),
        (404, {"message": "404 Project Not Found"}, {}),
        (400, {"message": {"title": ["can't be blank"]}}, {}),
        (429, {"message": "Too many requests"}, {"Retry_After": "30", "RateLimit_Remaining": "0"}),
    )

    def may(self, call: Call) -> bool:
        return call.headers.get("private-token") == self.token

    def tracker(self, call: Call) -> Reply:
        base = f"/api/v4/projects/{self.project}"
        if call.path == base:
            return as_json({"id": 7, "path_with_namespace": self.project})
        if call.path == f"{base}/issues":
            return self._make(call) if call.method == "POST" else self._list(call)
        found = self.one(call.path.removeprefix(f"{base}/issues/"))
        return as_json(self._shape(found)) if found else as_json({"message": "404 Not found"}, 404)

    def _list(self, call: Call) -> Reply:
        sought = call.get("search")
        rows = [one for one in self.newest(1, 1000) if sought in one.text]
        return as_json([self._shape(one) for one in rows])

    def _make(self, call: Call) -> Reply:
        body = call.json()
        if not isinstance(body, dict) or not str(body.get("title", "")).strip():
            return as_json(self.rows[3][1], 400)
        made = self.add(str(body.get("description", "")), extra={"title": body["title"], "body": body})
        return as_json(self._shape(made), 201)

    def _shape(self, one: Item) -> dict[str, Any]:
        return {
            "id": 90_000 + int(one.id),
            "iid": int(one.id),
            "title": one.extra.get("title"),
            "description": one.text,
            "state": _state(one, "opened"),
            "web_url": f"https://gitlab.example/{self.project}/-/issues/{one.id}",
        }


class GiteeIssues(IssueTracker):
    prefix = "tracker-gitee"
    path: ClassVar[str] = "brand/app"
    rows = (
        (401, {"message": "401 Unauthorized: Access token does not exist"}, {}),
        (403, {"message": "403 Forbidden"}, {}),
        (404, {"message": "404 Project Not Found"}, {}),
        (400, {"message": "title is missing"}, {}),
    )

    def new_id(self) -> str:
        return f"IABC{super().new_id()}"

    def may(self, call: Call) -> bool:
        body = call.json()
        given = body.get("access_token") if isinstance(body, dict) else ""
        return self.token in (given, call.get("access_token"))

    def tracker(self, call: Call) -> Reply:
        owner, _slash, name = self.path.partition("/")
        base = f"/api/v5/repos/{self.path}"
        if call.path == base:
            return as_json({"full_name": self.path})
        if call.path == f"/api/v5/repos/{owner}/issues" and call.method == "POST":
            return self._make(call, name)
        if call.path == f"{base}/issues":
            rows = self.newest(call.number("page", 1), call.number("per_page", 20))
            return as_json([self._shape(one) for one in rows])
        found = self.one(call.path.removeprefix(f"{base}/issues/"))
        return as_json(self._shape(found)) if found else as_json({"message": "404 Not Found"}, 404)

    def _make(self, call: Call, name: str) -> Reply:
        body = call.json()
        if body.get("repo") != name:
            return as_json(self.rows[2][1], 404)
        if not str(body.get("title", "")).strip():
            return as_json(self.rows[3][1], 400)
        made = self.add(str(body.get("body", "")), extra={"title": body["title"], "body": body})
        return as_json(self._shape(made), 201)

    def _shape(self, one: Item) -> dict[str, Any]:
        return {
            "id": 1,
            "number": one.id,
            "title": one.extra.get("title"),
            "body": one.text,
            "state": _state(one),
            "html_url": f"https://gitee.example/{self.path}/issues/{one.id}",
        }


class JiraIssues(IssueTracker):
    """Both editions at once: version 3 with mail address and token and documents, version 2 with a token
    and text."""

    prefix = "tracker-jira"
    mail: ClassVar[str] = "lead@example.com"
    project: ClassVar[str] = "BRAND"
    rows = (
        (401, {"errorMessages": ["You do not have the permission"], "errors": {}}, {}),
        (403, {"errorMessages": ["CAPTCHA_CHALLENGE"], "errors": {}}, {}),
        (400, {"errorMessages": [], "errors": {"issuetype": "The issue type selected is invalid."}}, {}),
        (400, {"errorMessages": [], "errors": {"labels": "Field 'labels' cannot be set."}}, {}),
        (429, {"errorMessages": ["Rate limit exceeded"], "errors": {}}, {"Retry_After": "12"}),
        (404, {"errorMessages": ["No project could be found"], "errors": {}}, {}),
    )

    def may(self, call: Call) -> bool:
        if call.path.startswith("/rest/api/2/"):
            return call.bearer == self.token
        good = base64.b64encode(f"{self.mail}:{self.token}".encode()).decode()
        return call.headers.get("authorization") == f"Basic {good}"

    def tracker(self, call: Call) -> Reply:
        version, _slash, rest = call.path.removeprefix("/rest/api/").partition("/")
        if rest == f"project/{self.project}":
            return as_json({"key": self.project, "name": "Brand"})
        if rest == "issue" and call.method == "POST":
            return self._make(call, version)
        if rest == ("search/jql" if version == "3" else "search"):
            label = call.get("jql").partition('labels = "')[2].partition('"')[0]
            rows = [one for one in self.newest(1, 1000) if label in one.extra["body"]["fields"]["labels"]]
            return as_json({"issues": [self._shape(one) for one in rows], "isLast": True})
        found = self.one(rest.removeprefix(f"issue/{self.project}-"))
        known = {"errorMessages": ["Issue does not exist or you do not have permission to see it."]}
        return as_json(self._shape(found)) if found else as_json(known, 404)

    def _make(self, call: Call, version: str) -> Reply:
        body = call.json()
        fields = body.get("fields", {}) if isinstance(body, dict) else {}
        wrong: dict[str, str] = {}
        if fields.get("project", {}).get("key") != self.project:
            wrong["project"] = "valid project is required"
        if not fields.get("issuetype", {}).get("name"):
            wrong["issuetype"] = "issue type is required"
        if not str(fields.get("summary", "")).strip() or "\n" in str(fields.get("summary")):
            wrong["summary"] = "You must specify a summary of the issue."
        if len(str(fields.get("summary", ""))) > 255:
            wrong["summary"] = "Summary must be less than 255 characters."
        if (version == "3") is isinstance(fields.get("description"), str):
            wrong["description"] = "Operation value must be an Atlassian Document"
        if any(" " in one for one in fields.get("labels", ())):
            wrong["labels"] = "The label contains spaces which is invalid."
        if wrong:
            return as_json({"errorMessages": [], "errors": wrong}, 400)
        text = str(fields.get("description"))
        made = self.add(text, extra={"title": fields["summary"], "body": body})
        name = f"{self.project}-{made.id}"
        return as_json({"id": f"1000{made.id}", "key": name, "self": "https://jira.example/x"}, 201)

    def _shape(self, one: Item) -> dict[str, Any]:
        done = _state(one) == "closed"
        status = {
            "name": one.extra.get("word") or ("Done" if done else "To Do"),
            "statusCategory": {"key": "done" if done else "new"},
        }
        return {"id": f"1000{one.id}", "key": f"{self.project}-{one.id}", "fields": {"status": status}}


class ZenTaoBugs(IssueTracker):
    """Installed in `/zentao`. `steps`: is it a version that keeps the text when a bug is made? `sessions`:
    tokens it has given out; `forget_sessions` ends them all."""

    prefix = "tracker-zentao"
    account: ClassVar[str] = "lead"
    rows = (
        (400, {"error": "所属产品不能为空"}, {}),
        (400, {"error": {"title": ["『Bug标题』不能为空。"]}}, {}),
        (403, {"error": "Access not allowed"}, {}),
        (401, {"error": "Unauthorized"}, {}),
    )

    def __init__(self) -> None:
        super().__init__()
        self.steps = False
        self.sessions: list[str] = []

    def forget_sessions(self) -> None:
        with self.lock:
            self.sessions.clear()

    def answer(self, call: Call) -> Reply:
        if not call.path.startswith("/zentao/api.php/v1/"):
            return Reply(b"<!doctype html><html><body>404</body></html>", 404, "text/html")
        return super().answer(call)

    def may(self, call: Call) -> bool:
        return call.path.endswith("/tokens") or call.headers.get("token") in self.sessions

    def tracker(self, call: Call) -> Reply:
        rest = call.path.removeprefix("/zentao/api.php/v1/")
        if rest == "tokens":
            return self._token(call)
        if rest == "products/7":
            return as_json({"id": 7, "name": "云雀耳机"})
        if rest == "products/7/bugs":
            return self._make(call) if call.method == "POST" else self._list(call)
        found = self.one(rest.removeprefix("bugs/"))
        if found is None:
            return as_json({"error": "Not found"}, 404)
        if call.method == "PUT":
            found.text = str((call.json() or {}).get("steps", ""))
        return as_json(self._shape(found, whole=True))

    def _token(self, call: Call) -> Reply:
        body = call.json()
        given = (body.get("account"), body.get("password")) if isinstance(body, dict) else ()
        if given != (self.account, self.token):
            return as_json({"error": "登录失败，请检查您的用户名或密码是否填写正确。"}, 400)
        self.sessions.append(f"session{len(self.journal)}")
        return as_json({"token": self.sessions[-1]}, 201)

    def _list(self, call: Call) -> Reply:
        size, page = call.number("limit", 20), call.number("page", 1)
        rows = self.newest(page, size)
        if call.get("status") == "unclosed":
            rows = [one for one in rows if _state(one, "active") == "active"]
        told = [self._shape(one) for one in rows]
        return as_json({"page": page, "total": len(self.items), "limit": size, "bugs": told})

    def _make(self, call: Call) -> Reply:
        body = call.json() or {}
        for name in ("title", "pri", "severity", "type", "openedBuild"):
            if not body.get(name):
                return as_json({"error": {name: [f"『{name}』不能为空。"]}}, 400)
        text = str(body.get("steps", "")) if self.steps else ""
        made = self.add(text, extra={"title": body["title"], "body": body})
        return as_json(self._shape(made, whole=self.steps))

    def _shape(self, one: Item, *, whole: bool = False) -> dict[str, Any]:
        closed = _state(one) == "closed"
        code = "resolved" if closed else "active"
        told = {
            "id": int(one.id),
            "product": 7,
            "title": one.extra.get("title"),
            "status": {"code": code, "name": code} if self.steps else code,
            "resolution": one.extra.get("word", "") if closed else "",
        }
        return {**told, "steps": one.text} if whole else told


TRACKERS: tuple[type[IssueTracker], ...] = (
    GitHubIssues, GitLabIssues, GiteeIssues, JiraIssues, ZenTaoBugs,
)  # fmt: skip
