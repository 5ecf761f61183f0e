"""Commands that are imported when they run, so that none waits for what only another one needs."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import cast

from app.cli.session import Command, Session


class Later:
    """Stands in for a module of commands."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, command: str) -> Command:
        if not command.islower():
            raise AttributeError(f"{self._module}.{command} is no command: import it where it is light")

        def run(session: Session, options: argparse.Namespace) -> int:
            return cast("Command", getattr(import_module(self._module), command))(session, options)

        return run
