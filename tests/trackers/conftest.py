"""The trackers' stand-ins: one server, made anew in it for every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.drill.standin import TRACKERS, World
from app.drill.standin.robots import Receiver
from tests.channels.given import LINE

KINDS = (*TRACKERS, Receiver)


@pytest.fixture(scope="session", autouse=True)
def _line() -> Iterator[None]:
    yield
    LINE.close()


@pytest.fixture(scope="session")
def _server(_line: None) -> Iterator[World]:
    with World(KINDS) as made:
        yield made


@pytest.fixture
def world(_server: World) -> World:
    for platform in _server.platforms.values():
        platform.closing.set()
    _server.platforms = {kind.prefix: kind() for kind in KINDS}
    return _server
