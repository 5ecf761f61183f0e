"""Desktop notifications through plyer against a real daemon (dunst) and a real portal service."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.alerts.deliver import BODY, SHOWN, TITLE, Desktop, clean, reachable

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="notification daemons of Linux"
)

HOSTILE = [
    ("--help", "--version"),
    ("-u critical", "-h string:x:y"),
    ("'; rm -rf ~ #", '"; $(touch /tmp/owned) `id`'),
    ("<b>x</b>", "<img src='file:///etc/passwd'/><a href=\"http://x\">y</a> &amp; &#x41;"),
    ("\"', <byte 1>}", "'>, 'priority': <'urgent'>, 'x': <'"),
    ("two\nlines\r\nthree", "a\tb\u2028c\x00d\x1b[31m"),
    ("好" * 10_000, "差" * 10_000),
    ("\u202eevil\u202c", "\u2066x\u2069\u200b\ufeff"),
    ("\ud800lone", "\udfff"),
    ("50% off %s %n", "\\n \\101 \\ %a %b 100%"),
    ("", ""),
    ("-", "--"),
    ("😀" * 80, "👨‍👩‍👧" * 100),
    ("----critical", "—— 正常的破折号"),
]


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    one = Desktop("Tingfeng", route="notify-send", patience=30)  # these tests are not about time
    yield one
    one.close()


def _pending() -> int:
    """How many dunst shows or is about to show."""
    counts = [
        subprocess.run(["dunstctl", "count", which], check=True, capture_output=True, text=True).stdout
        for which in ("displayed", "waiting")
    ]
    return sum(map(int, counts))


@pytest.fixture
def dunst(
    bus: str, display: str, started: Callable[..., subprocess.Popen[Any]], tmp_path: Path
) -> Callable[[], list[dict[str, Any]]]:
    """dunst on a private bus and screen; gives what has arrived, oldest first."""
    for program in ("dunst", "dunstctl", "notify-send"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    config = tmp_path / "dunstrc"
    config.write_text(
        "[global]\nhistory_length = 100\nmarkup = full\nstack_duplicates = false\nsort = no\n"
    )
    started("dunst", "-conf", str(config), stderr=subprocess.DEVNULL)
    end = time.monotonic() + 10
    while subprocess.run(["dunstctl", "count"], capture_output=True, check=False).returncode:
        assert time.monotonic() < end, "dunst did not start"
        time.sleep(0.05)

    def arrived() -> list[dict[str, Any]]:
        while _pending():  # what still waits for its turn is not closed by close-all
            subprocess.run(["dunstctl", "close-all"], check=True)
        said = subprocess.run(["dunstctl", "history"], check=True, capture_output=True, text=True).stdout
        rows = [{name: field["data"] for name, field in row.items()} for row in json.loads(said)["data"][0]]
        return sorted(rows, key=lambda row: row["id"])

    return arrived


def test_an_alert_arrives_as_it_was_written(
    desktop: Desktop, dunst: Callable[[], list[dict[str, Any]]]
) -> None:
    assert desktop.send("P1 云雀: 起火", "用户小王：充电时起火了，手被烫伤") == SHOWN
    [row] = dunst()
    assert row["summary"] == "P1 云雀: 起火"
    assert row["body"] == "用户小王：充电时起火了，手被烫伤"
    assert row["category"] == row["icon_path"] == ""


def test_a_plain_c_locale_loses_no_chinese(
    desktop: Desktop, dunst: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert desktop.send("云雀", "起火") == SHOWN
    assert [(row["summary"], row["body"]) for row in dunst()] == [("云雀", "起火")]


def test_no_text_becomes_an_option_markup_or_a_command(
    desktop: Desktop, dunst: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    for title, body in HOSTILE:
        assert desktop.send(title, body) == SHOWN, title[:40]
    rows = dunst()
    assert len(rows) == len(HOSTILE), "an option would have shown nothing"
    for (title, body), row in zip(HOSTILE, rows, strict=True):
        assert row["summary"] == (clean(title, TITLE) or "Tingfeng")
        assert row["body"].strip() == clean(body, BODY).strip()
        assert row["category"] == row["icon_path"] == ""
        assert not set("<>&\\\n\x1b\u202e") & set(row["summary"] + row["body"])
    assert not Path("/tmp/owned").exists()


def test_nobody_listening_is_said_and_not_claimed_as_shown(desktop: Desktop, bus: str) -> None:
    assert desktop.send("t", "b") == "failed: no notification service is running"


def test_no_session_is_said(desktop: Desktop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert desktop.send("t", "b") == "failed: there is no desktop session (no D-Bus)"


def test_the_doctor_can_ask_without_showing_anything(
    dunst: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert reachable() == ""
    assert dunst() == []
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    assert reachable().startswith("the desktop session does not answer")


def test_a_dead_bus_is_said(desktop: Desktop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/nobody")
    assert desktop.send("t", "b").startswith("failed: the desktop session does not answer")


def test_without_notify_send_the_reason_names_the_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    one = Desktop()
    said = one.send("t", "b")
    one.close()
    assert said.startswith("failed: ")
    assert "libnotify-bin" in said or "D-Bus" in said


def _program(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)


def test_a_desktop_that_hangs_is_not_waited_for(
    dunst: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    _program(folder, "notify-send", f"exec {shutil.which('sleep')} 12\n")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    one = Desktop(route="notify-send", patience=0.3)
    began = time.monotonic()
    said = [one.send("t", "b") for _ in range(6)]
    assert time.monotonic() - began < 10
    assert said[0] == "failed: no answer from the desktop in time"
    assert said[-1] == "failed: earlier notifications are still being delivered"
    one.close()


def test_a_service_that_is_promised_but_never_comes_is_not_claimed(
    bus: str, desktop: Desktop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """notify-send is there, D-Bus is there, the service dies right after the first question."""
    jeepney = importlib.import_module("jeepney.io.blocking")
    messages = importlib.import_module("jeepney.bus_messages")
    owner = jeepney.open_dbus_connection(bus=bus)
    jeepney.Proxy(messages.message_bus, owner).RequestName("org.freedesktop.Notifications")
    folder = tmp_path / "bin"
    folder.mkdir()
    (gone := folder / "gone").touch()
    _program(folder, "notify-send", f"rm {gone}; sleep 0.5; exit 1\n")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def leave() -> None:
        while gone.exists():
            time.sleep(0.01)
        owner.close()

    thread = threading.Thread(target=leave)
    thread.start()
    assert desktop.send("t", "b") == "failed: no notification service is running"
    thread.join()


def test_inside_flatpak_hostile_text_stays_text(
    bus: str, started: Callable[..., subprocess.Popen[Any]]
) -> None:
    """plyer's portal way pastes title and text into a literal; a real service receives what we said."""
    if shutil.which("gdbus") is None:
        pytest.skip("gdbus is not installed")
    received: list[dict[str, Any]] = []
    jeepney = importlib.import_module("jeepney.io.blocking")
    messages = importlib.import_module("jeepney.bus_messages")
    portal = jeepney.open_dbus_connection(bus=bus)
    jeepney.Proxy(messages.message_bus, portal).RequestName("org.freedesktop.portal.Desktop")
    ended = threading.Event()
    serving = threading.Thread(target=_serve, args=(portal, received, ended))
    serving.start()
    one = Desktop(route="portal")
    try:
        for title, body in HOSTILE:
            assert one.send(title, body) == SHOWN
    finally:
        ended.set()
        serving.join(5)
        portal.close()
        one.close()
    assert len(received) == len(HOSTILE)
    for (title, body), given in zip(HOSTILE, received, strict=True):
        assert set(given) == {"title", "body"}
        assert given["title"] == ("s", clean(title, TITLE) or "Tingfeng")
        assert given["body"] == ("s", clean(body, BODY) or " ")


def _serve(portal: Any, received: list[dict[str, Any]], ended: threading.Event) -> None:
    low = importlib.import_module("jeepney.low_level")
    wrap = importlib.import_module("jeepney.wrappers")
    while not ended.is_set():
        try:
            message = portal.receive(timeout=0.1)
        except TimeoutError:
            continue
        if message.header.message_type is low.MessageType.method_call:
            member = message.header.fields.get(low.HeaderFields.member)
            if member == "AddNotification":
                received.append(message.body[1])
                portal.send(wrap.new_method_return(message))
            else:
                portal.send(wrap.new_error(message, "org.freedesktop.DBus.Error.UnknownMethod"))


_WITH_APP = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
for each in /*; do
    if [ -L "$each" ]; then cp -P "$each" "$1$each"
    elif [ -d "$each" ]; then mkdir "$1$each"; mount --rbind "$each" "$1$each"
    fi
done
mkdir -p "$1/app"
exec chroot "$1" "$2" -c "$3"
"""


def test_where_a_folder_app_exists_we_do_not_take_the_portal(
    dunst: Callable[[], list[dict[str, Any]]], tmp_path: Path
) -> None:
    """plyer by itself would: here is a machine with /app, in a mount namespace of its own."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("no mount namespaces here")
    root = tmp_path / "root"
    root.mkdir()
    program = (
        "import os, sys; assert os.path.isdir('/app');"
        f"sys.path.insert(0, {str(Path(__file__).parents[2])!r});"
        "from app.alerts.deliver import Desktop;"
        "print(Desktop().send('-u', '<b>x</b>'))"
    )
    said = subprocess.run(
        ["unshare", "-m", "sh", "-c", _WITH_APP, "sh", str(root), sys.executable, program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if "mount" in said.stderr:
        pytest.skip("mounting is not allowed here")
    assert said.stdout.strip() == SHOWN, said.stderr
    assert [(row["summary"], row["body"]) for row in dunst()] == [("－u", "＜b＞x＜/b＞")]
