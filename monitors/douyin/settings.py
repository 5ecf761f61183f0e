"""What a Douyin source is told, and what signing in brings."""

from __future__ import annotations

from dataclasses import dataclass

from app.i18n import N_
from app.settings.schema import integer, lines, renewed, secret, text


@dataclass(frozen=True)
class Settings:
    client_key: str = text(N_("Client key"), required=True, help=N_("From your app at open.douyin.com."))
    client_secret: str = secret(N_("Client secret"), required=True)
    redirect: str = text(
        N_("Address to come back to"),
        default="https://open.douyin.com/",
        help=N_("The one registered for your app, letter by letter. Elsewhere than here: paste the code."),
    )
    videos: int = integer(
        N_("Videos to follow"),
        default=20,
        low=1,
        high=200,
        help=N_("Your newest ones; older ones are not read."),
    )
    keywords: tuple[str, ...] = lines(
        N_("Approved keywords"),
        help=N_("Only those that Douyin has approved for your app. Left empty: nothing is searched for."),
    )
    server: str = text(
        N_("Server"), default="https://open.douyin.com", help=N_("Leave as it is unless you use a mirror.")
    )
    token: str = renewed(N_("Access token"))
    refresh: str = renewed(N_("Refresh token"))
    expires: str = renewed(N_("End of the access token"))
    refresh_expires: str = renewed(N_("End of the sign-in"))
    open_id: str = renewed(N_("Number of the account"))
    app_token: str = renewed(N_("App's own token"))
    app_expires: str = renewed(N_("End of the app's own token"))

    def __repr__(self) -> str:
        return (
            f"Settings(server={self.server!r}, client_key={self.client_key!r}, keywords={self.keywords!r})"
        )
