"""What a platform's answer to a posted reply means. Pure; runs wherever its caller runs."""

from __future__ import annotations

from app.errors import AppError, AuthFailed, ReplyRejected, Transient, Unsure
from app.i18n import _
from monitors.fetching import Fetched, is_html, status_error
from monitors.markup import clean

REFUSED = (400, 403, 404, 409, 410, 413, 422)


def rejected(reason: str) -> ReplyRejected:
    """`reason`: the platform's own words."""
    words = clean(reason, limit=300)
    if not words:
        return ReplyRejected(_("The platform does not accept this answer."))
    return ReplyRejected(_("The platform does not accept this answer: {reason}").format(reason=words))


def gone() -> ReplyRejected:
    return ReplyRejected(_("The post is no longer there, so it cannot be answered."))


def reply_error(got: Fetched, reason: str) -> AppError:
    """The error for an answer that is no success. 503 says that nothing was done, other 5xx do not."""
    details = f"HTTP {got.status}"
    if got.status == 401:
        told = _("The platform no longer accepts the key or sign-in of this source.")
        return AuthFailed(told, details=details)
    if got.status in REFUSED and not is_html(got.body):
        return rejected(reason)
    if got.status == 503:
        return Transient(_("The platform is not to be reached just now."), details=details)
    if got.status >= 500 or got.status < 300:
        told = _("The platform did not say whether the answer arrived. Look there before sending it again.")
        return Unsure(told, details=details)
    return status_error(got)
