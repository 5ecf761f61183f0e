"""Signing in through a browser: a real core, the stand-in's own page, a real client for the browser."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from app import log
from app.core import Core, SignedIn, SignIn
from app.domain.watch import Health, Source
from app.drill.standin import Weibo, World
from app.engine.signing import Signing, code_of, pasted_code
from app.errors import AppError, AuthFailed, BadResponse, ConfigError, NotFound, Transient
from app.home import Home
from app.settings.schema import renewed
from monitors.base import Info, Means, Monitor
from monitors.feed import Feed
from monitors.oauth import challenge

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def weibo() -> Iterator[tuple[World, Weibo]]:
    with World([Weibo]) as world:
        yield world, world.of(Weibo)


@pytest.fixture
def core(home: Home) -> Iterator[Core]:
    made = Core.open(home, engine_name="trivial", desktop=False)
    made.start(poll=False)
    yield made
    made.close()


def settings(world: World, **more: Any) -> dict[str, Any]:
    return {"server": world.url_of(Weibo), "app_key": "1234567890", "redirect": "", **more}


def saved(core: Core, world: World, **more: Any) -> int:
    source = Source(kind="weibo", name="云雀官微", settings=settings(world, **more))
    return core.save_source(source, {"app_secret": "app-s3cr3t"}).id


def browser(url: str, **more: Any) -> httpx.Response:
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=20) as client:
        return client.get(url, **more)


def back(begun: SignIn) -> tuple[str, str]:
    """Where the browser is to come back to, and the state that it brings."""
    asked = parse_qs(urlsplit(begun.url).query)
    return asked["redirect_uri"][0], asked["state"][0]


def refused(future: Future[SignedIn]) -> AppError:
    error = future.exception(20)
    assert isinstance(error, AppError)
    return error


def asked(platform: Weibo) -> list[str]:
    return [call.path for call in platform.journal]


def test_the_browser_comes_back_and_the_tokens_are_in_the_keyring(
    core: Core, weibo: tuple[World, Weibo]
) -> None:
    world, platform = weibo
    id_ = saved(core, world)
    core.storage.sources.set_health(
        id_, Health.NEEDS_PERSON, error="expired", failures=1, last_poll_at=None
    )
    begun = core.begin_sign_in(id_)
    assert begun.listening
    page = browser(begun.url)
    assert page.status_code == 200
    assert "Back to Tingfeng" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    done = begun.done.result(20)
    assert done.source_id == id_
    assert core.secrets.get(f"source/{id_}/token") == platform.token
    assert core.secrets.get(f"source/{id_}/uid") == platform.uid
    assert int(core.secrets.get(f"source/{id_}/expires")) > 1_700_000_000
    assert core.storage.sources.get(id_).health is Health.NEW
    assert platform.token not in repr(done)
    assert "calls are left" in core.check_saved(id_)


def test_a_window_that_waits_for_its_person_goes_on_when_a_command_signs_in(
    home: Home, weibo: tuple[World, Weibo]
) -> None:
    world, platform = weibo
    platform.add("@云雀耳机官方 左耳没声音", author_id="1900000001")
    window = Core.open(home, engine_name="trivial", desktop=False)
    window.start()
    command = Core.open(home, engine_name="trivial", desktop=False)
    command.start(poll=False)
    try:
        id_ = saved(window, world)
        _until(lambda: window.storage.sources.get(id_).health is Health.NEEDS_PERSON)
        begun = command.begin_sign_in(id_)
        browser(begun.url)
        begun.done.result(20)
        _until(lambda: window.storage.sources.get(id_).mentions == 1)
    finally:
        command.close()
        window.close()


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never became true"
        time.sleep(0.05)


def test_a_source_that_is_not_saved_yet_takes_the_tokens_along(
    core: Core, weibo: tuple[World, Weibo]
) -> None:
    world, platform = weibo
    given = {"app_secret": "app-s3cr3t"}
    begun = core.begin_sign_in(kind="weibo", settings=settings(world), secrets=given)
    browser(begun.url)
    done = begun.done.result(20)
    source = Source(kind="weibo", name="云雀官微", settings=settings(world))
    kept = core.save_source(source, {**given, **done.secrets})
    assert core.secrets.get(f"source/{kept.id}/token") == platform.token
    assert "token" not in kept.settings
    # Edited later with nothing typed, all of it stays.
    core.save_source(replace(kept, name="官微"))
    assert core.secrets.get(f"source/{kept.id}/token") == platform.token


@pytest.mark.parametrize(
    ("query", "kind", "words"),
    [
        ("code=abc123&state=forged", AuthFailed, "does not belong"),
        ("code=abc123", AuthFailed, "does not belong"),
        (f"error=access_denied&error_description={HOSTILE}&state=STATE", AuthFailed, "declined"),
        (f"error={HOSTILE}&state=STATE", AuthFailed, "no code (?)"),
        ("error=temporarily_unavailable&state=STATE", Transient, "right now"),
        ("error=invalid_scope&state=STATE", ConfigError, "invalid_scope"),
        ("state=STATE", AuthFailed, "no code"),
        ("code=%00&state=" + "s" * 8000, AuthFailed, "does not belong"),
    ],
)
def test_a_hostile_or_unhappy_answer_is_told_in_words_and_exchanged_for_nothing(
    core: Core, weibo: tuple[World, Weibo], query: str, kind: type[AppError], words: str
) -> None:
    world, platform = weibo
    begun = core.begin_sign_in(saved(core, world))
    where, state = back(begun)
    page = browser(f"{where}?{query.replace('STATE', state)}")
    error = refused(begun.done)
    assert isinstance(error, kind)
    assert words in error.text
    for hostile in (HOSTILE, "script", "abc123", "forged"):
        assert hostile not in page.text
        assert hostile not in error.text + error.details
    assert "/oauth2/access_token" not in asked(platform)


def test_what_is_no_answer_to_us_is_turned_away_and_the_waiting_goes_on(
    core: Core, weibo: tuple[World, Weibo]
) -> None:
    world, _platform = weibo
    begun = core.begin_sign_in(saved(core, world))
    where, state = back(begun)
    root = where.removesuffix("/tingfeng")
    assert browser(f"{root}/favicon.ico").status_code == 404
    assert browser(f"{where}?code=x&state={state}", headers={"host": "evil.example"}).status_code == 400
    assert httpx.post(f"{where}?code=x&state={state}", trust_env=False).status_code == 405
    with socket.create_connection(("127.0.0.1", urlsplit(root).port or 0)) as line:
        line.sendall(b"\x00\xff rubbish\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 400")
    with socket.create_connection(("127.0.0.1", urlsplit(root).port or 0)) as line:
        line.sendall(b"GET /" + b"a" * 40_000)
        line.settimeout(20)
        assert _nothing_comes(line)
    assert not begun.done.done()
    assert browser(begun.url).status_code == 200
    assert begun.done.result(20).secrets


def _nothing_comes(line: socket.socket) -> bool:
    try:
        return line.recv(100) == b""
    except ConnectionError:
        return True


def test_one_answer_and_nobody_listens_any_more(core: Core, weibo: tuple[World, Weibo]) -> None:
    world, platform = weibo
    begun = core.begin_sign_in(saved(core, world))
    where, state = back(begun)
    browser(begun.url)
    begun.done.result(20)
    with pytest.raises(httpx.TransportError):
        browser(f"{where}?code=second&state={state}")
    assert asked(platform).count("/oauth2/access_token") == 1


def test_the_code_and_the_tokens_are_in_no_log(
    core: Core, weibo: tuple[World, Weibo], caplog: pytest.LogCaptureFixture
) -> None:
    world, platform = weibo
    with caplog.at_level(logging.DEBUG):
        begun = core.begin_sign_in(saved(core, world))
        browser(begun.url)
        begun.done.result(20)
    told = "\n".join(log.recent(2000)) + "".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("tingfeng", "asyncio"))
    )
    assert "synthcode" not in told
    assert platform.token not in told
    assert "synthcode" not in repr(begun)


def test_a_fixed_port_that_is_taken_is_said_at_the_field(core: Core, weibo: tuple[World, Weibo]) -> None:
    world, _platform = weibo
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        id_ = saved(core, world, redirect=f"http://127.0.0.1:{port}/weibo/callback")
        with pytest.raises(ConfigError) as caught:
            core.begin_sign_in(id_)
    assert str(port) in caught.value.text
    assert caught.value.field == "redirect"
    begun = core.begin_sign_in(id_)  # the other program has left
    assert back(begun)[0] == f"http://127.0.0.1:{port}/weibo/callback"
    browser(begun.url)
    assert begun.done.result(20).source_id == id_


def test_an_address_elsewhere_means_that_the_code_is_pasted(core: Core, weibo: tuple[World, Weibo]) -> None:
    world, platform = weibo
    elsewhere = "https://api.weibo.example/oauth2/default.html"
    platform.redirect = elsewhere
    id_ = saved(core, world, redirect=elsewhere)
    begun = core.begin_sign_in(id_)
    assert not begun.listening
    shown = httpx.get(begun.url, trust_env=False).headers["location"]
    with pytest.raises(AuthFailed, match="does not belong"):
        core.finish_sign_in(shown.replace("state=", "state=x"))
    with pytest.raises(ConfigError, match="no code"):
        core.finish_sign_in("what is this")
    with pytest.raises(AuthFailed, match="wrong, used or too old"):
        core.finish_sign_in("guessed")
    assert core.finish_sign_in(f"  {shown}\n").source_id == id_
    assert begun.done.result(20).source_id == id_
    assert core.secrets.get(f"source/{id_}/token") == platform.token


def test_an_expired_code_is_told_in_words_and_a_new_one_works(
    core: Core, weibo: tuple[World, Weibo]
) -> None:
    world, platform = weibo
    id_ = saved(core, world)
    platform.code_expired = True
    begun = core.begin_sign_in(id_)
    browser(begun.url)
    assert "Sign in again" in refused(begun.done).text
    platform.code_expired = False
    begun = core.begin_sign_in(id_)
    browser(begun.url)
    assert begun.done.result(20).source_id == id_


def test_a_person_who_declines(core: Core, weibo: tuple[World, Weibo]) -> None:
    world, platform = weibo
    platform.deny = True
    begun = core.begin_sign_in(saved(core, world))
    assert "did not work" in browser(begun.url).text
    assert "declined" in refused(begun.done).text


def test_a_new_sign_in_ends_the_one_before_and_closing_ends_all(
    home: Home, weibo: tuple[World, Weibo]
) -> None:
    world, _platform = weibo
    core = Core.open(home, engine_name="trivial", desktop=False)
    core.start(poll=False)
    id_ = saved(core, world)
    first, second = core.begin_sign_in(id_), core.begin_sign_in(id_)
    assert "broken off" in refused(first.done).text
    assert not second.done.done()
    core.close()
    assert "broken off" in refused(second.done).text


def test_kinds_without_it_and_nothing_under_way(core: Core) -> None:
    kinds = {kind.info.id: kind.can_sign_in for kind in core.kinds()}
    assert kinds["weibo"]
    assert not kinds["feed"]
    source = core.save_source(Source(kind="feed", name="f", settings={"url": "http://127.0.0.1:9/f"}))
    with pytest.raises(ConfigError, match="no signing in"):
        core.begin_sign_in(source.id)
    with pytest.raises(NotFound):
        core.finish_sign_in("abc")


def test_the_page_is_chinese_where_the_program_is(core: Core, weibo: tuple[World, Weibo]) -> None:
    from app.i18n import set_language

    set_language("zh_CN")
    begun = core.begin_sign_in(saved(core, weibo[0]))
    page = browser(begun.url)
    begun.done.result(20)
    assert 'lang="zh-CN"' in page.text
    assert "听风" in page.text


# ── what has no platform of its own yet ──────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Settings:
    token: str = renewed("token")


class _Proving(Monitor[_Settings]):
    """Knows PKCE, and answers only to a server that checks it."""

    info = Info(id="proving", name="proving", every=60, per_minute=60)
    Settings = _Settings
    fails: Exception | None = None

    async def poll(self, watches: Any, cursor: str | None) -> Any:
        raise AssertionError

    def sign_in_url(self, redirect: str, state: str) -> str:
        proof = challenge(self.means.verifier)
        return f"http://127.0.0.1:9/authorise?state={state}&code_challenge={proof}"

    async def signed_in(self, code: str, redirect: str) -> Mapping[str, str]:
        if self.fails:
            raise self.fails
        return {"token": f"{code}/{self.means.verifier}"}


def _sign(
    kind: type[_Proving] | type[Feed], wait: float, pasted: str = ""
) -> tuple[SignIn, AppError | SignedIn]:
    kept: list[Mapping[str, str]] = []

    async def keep(_id: int, secrets: Mapping[str, str]) -> None:
        kept.append(secrets)

    async def inside() -> tuple[SignIn, AppError | SignedIn]:
        async with httpx.AsyncClient(trust_env=False) as http:
            signing = Signing(
                lambda _kind, _values, _id, verifier: kind(_Settings(), http, Means(verifier=verifier)),  # type: ignore[arg-type]
                keep,
                wait,
            )
            begun = await signing.begin("proving", {}, 7)
            try:
                if pasted:
                    await signing.finish(pasted)
                done = await asyncio.wrap_future(begun.done)
            except AppError as error:
                signing.cancel()
                return begun, error
            assert kept == [done.secrets]
            return begun, done

    return asyncio.run(inside())


def test_both_halves_have_the_same_proof_and_it_is_long_enough() -> None:
    begun, done = _sign(_Proving, 60, "abc")
    assert isinstance(done, SignedIn)
    code, _slash, verifier = done.secrets["token"].partition("/")
    assert code == "abc"
    assert 43 <= len(verifier) <= 128
    shown = parse_qs(urlsplit(begun.url).query)["code_challenge"][0]
    assert shown == base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip(
        "="
    )
    # RFC 7636, appendix B.
    known = challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    assert known == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_nobody_comes_back() -> None:
    _begun, error = _sign(_Proving, 0.05)
    assert isinstance(error, AuthFailed)
    assert "Nobody came back" in error.text


def test_a_monitors_own_mistake_is_said_and_hides_the_code(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(_Proving):
        fails = KeyError("token")

    _begun, error = _sign(Broken, 60, "abc")
    assert isinstance(error, BadResponse)


@pytest.mark.parametrize("pasted", ["", "  ", "two words", "x" * 5000, "line\nline"])
def test_what_can_be_no_code(pasted: str) -> None:
    with pytest.raises(ConfigError):
        pasted_code(pasted, "s")


def test_how_codes_are_pasted() -> None:
    assert pasted_code("abc", "s") == "abc"
    assert pasted_code("http://127.0.0.1/x?code=abc&state=s", "s") == "abc"
    assert pasted_code("https://elsewhere.example/x?code=a%2Fb#top", "s") == "a/b"
    assert pasted_code("code=abc&state=s", "s") == "abc"
    assert code_of("state=s&code=abc&code=def", "s") == "abc"
    with pytest.raises(AuthFailed, match="declined"):
        pasted_code("http://127.0.0.1/x?error=access_denied&state=s", "s")


def test_the_command_line_signs_in(home: Home, weibo: tuple[World, Weibo]) -> None:
    """Listening in one run, pasting in the other; tokens are never printed."""
    from app.cli.main import run

    world, platform = weibo
    core = Core.open(home, engine_name="trivial", desktop=False)
    id_ = saved(core, world)
    core.close()
    told = _Told()
    line = ["--home", str(home.root), "source", "sign-in", str(id_), "--no-browser", "--json"]
    with told.instead_of_stdout():
        person = threading.Thread(target=lambda: browser(json.loads(told.first_line())["url"]))
        person.start()
        assert run(line, lambda _session, _drill: 1) == 0
        person.join()
    assert json.loads(told.lines[-1]) == {"id": id_, "name": "云雀官微", "signed_in": True}
    assert platform.token not in "".join(told.lines)
    assert "synthcode" not in "".join(told.lines)


class _Told:
    """Standard output, line by line, for another thread to read."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._arrived = threading.Event()
        self._part = ""

    def write(self, said: str) -> int:
        self._part += said
        while "\n" in self._part:
            line, _end, self._part = self._part.partition("\n")
            self.lines.append(line)
            self._arrived.set()
        return len(said)

    def flush(self) -> None:
        """Nothing is held back."""

    def first_line(self) -> str:
        assert self._arrived.wait(60)
        return self.lines[0]

    def instead_of_stdout(self) -> Any:
        from contextlib import redirect_stdout

        return redirect_stdout(self)  # type: ignore[type-var]
