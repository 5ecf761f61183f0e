"""App Store Connect: customer reviews with cursors, and one answer a review that a second one replaces."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from app.drill.standin.platform import Call, Item, Platform, Reply, as_json

APP, KEY_ID, ISSUER = "600000001", "SYNTHKEY01", "synth-issuer"


class AppStoreConnect(Platform):
    """`extra["title"]`, `extra["rating"]`; answers stand in `answers` by review."""

    prefix = "asc"

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, str] = {}

    def new_id(self) -> str:
        return f"00000000-synth-{super().new_id():>08}"

    def answer(self, call: Call) -> Reply:
        if not self._signed(call):
            return self.expired(call)
        if call.path == f"/v1/apps/{APP}/customerReviews" and call.method == "GET":
            return self._reviews(call)
        if call.path == "/v1/customerReviewResponses" and call.method == "POST":
            return self._answered_by_us(call)
        return _error(404, "NOT_FOUND", "There is no resource of this type with this id.")

    def _signed(self, call: Call) -> bool:
        """The claims of the token are right (the signature is Apple's affair)."""
        try:
            head, claims, _signature = call.bearer.split(".")
            told, claimed = _unpacked(head), _unpacked(claims)
        except ValueError:
            return False
        known = (told.get("alg"), told.get("kid"), claimed.get("iss")) == ("ES256", KEY_ID, ISSUER)
        lasts = claimed["exp"] - claimed["iat"]
        fresh = 0 < lasts <= 1200 and claimed["exp"] > self.now()
        return known and fresh and claimed.get("aud") == "appstoreconnect-v1"

    def _reviews(self, call: Call) -> Reply:
        newest = sorted(self.shown(), key=lambda one: (-one.at, one.id), reverse=False)
        size, start = min(200, max(1, call.number("limit", 50))), call.number("cursor", 0)
        part = newest[start : start + size]
        links = {"self": "https://api.example/v1"}
        if start + size < len(newest):
            links["next"] = (
                f"https://api.example/v1/apps/{APP}/customerReviews?cursor={start + size}&limit={size}"
            )
        paging = {"total": len(newest), "limit": size}
        return as_json(
            {"data": [self._row(one) for one in part], "links": links, "meta": {"paging": paging}}
        )

    def _row(self, one: Item) -> dict[str, Any]:
        answer = (
            {"type": "customerReviewResponses", "id": f"r-{one.id}"} if one.id in self.answers else None
        )
        return {
            "type": "customerReviews",
            "id": one.id,
            "attributes": {
                "rating": one.extra.get("rating", 1),
                "title": one.extra.get("title", "标题"),
                "body": one.text,
                "reviewerNickname": one.author,
                "createdDate": datetime.fromtimestamp(int(one.at), UTC).isoformat(),
                "territory": "CHN",
            },
            "relationships": {"response": {"data": answer}},
        }

    def _answered_by_us(self, call: Call) -> Reply:
        told = call.json()
        try:
            review = told["data"]["relationships"]["review"]["data"]["id"]
            said = told["data"]["attributes"]["responseBody"]
        except (TypeError, KeyError):
            return _error(400, "PARAMETER_ERROR.INVALID", "The request is not complete.")
        if self.item(review) is None:
            return _error(404, "NOT_FOUND", "There is no review with this id.")
        if not said or len(said) > 5970:
            return _error(409, "ENTITY_ERROR.ATTRIBUTE.INVALID", "The response is too long or empty.")
        self.answers[review] = said
        self.sent.append(Item(f"r-{review}", said, parent=review))
        data = {
            "type": "customerReviewResponses",
            "id": f"r-{review}",
            "attributes": {"state": "PENDING_PUBLISH"},
        }
        return as_json({"data": data}, 201)

    def limited(self) -> Reply:
        return _error(429, "RATE_LIMIT_EXCEEDED", "You have reached your hourly limit.")

    def expired(self, call: Call) -> Reply:  # noqa: ARG002  # always the same
        return _error(401, "NOT_AUTHORIZED", "Provide a properly configured and signed bearer token.")


def _unpacked(part: str) -> dict[str, Any]:
    """ValueError: no part of a token."""
    told = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    if not isinstance(told, dict):
        raise ValueError(part)  # noqa: TRY004  # whoever asks catches one kind
    return told


def _error(status: int, code: str, detail: str) -> Reply:
    one = {"id": "synth", "status": str(status), "code": code, "title": code.title(), "detail": detail}
    return as_json({"errors": [one]}, status)
