"""Child processes of a command: started, waited for, and always ended."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from aiops.core.clock import Stopwatch, pause
from aiops.core.errors import AiopsError

T = TypeVar("T")

POLL_SECONDS = 0.05
START_SECONDS = 60.0


class ChildError(AiopsError):
    """A child process ended or hung before it was ready; the message ends with its last lines."""


class Child:
    """One running `aiops` process; its output goes to `log`."""

    def __init__(self, arguments: list[str], log: Path, environment: dict[str, str]) -> None:
        self._log = log
        self._name = " ".join(arguments[:2])
        with log.open("ab") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                [sys.executable, "-m", "aiops.cli.main", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ready(self, probe: Callable[[], T | None]) -> T:
        """Wait until `probe` returns something. Raises `ChildError` where the process ends or takes too long."""
        watch = Stopwatch()
        while True:
            if (found := probe()) is not None:
                return found
            if self._process.poll() is not None:
                raise ChildError(f"'aiops {self._name}' ended with {self._process.returncode}: {self._last_lines()}")
            if watch.seconds() > START_SECONDS:
                raise ChildError(f"'aiops {self._name}' was not ready in {START_SECONDS:.0f} s: {self._last_lines()}")
            await pause(POLL_SECONDS)

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Ask it to end (SIGTERM), and make it end where it does not."""
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()

    def _last_lines(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-12:])
        return ""


@asynccontextmanager
async def children() -> AsyncIterator[list[Child]]:
    """A list of children; all that are in it at the end are ended, the newest first."""
    running: list[Child] = []
    try:
        yield running
    finally:
        for child in reversed(running):
            child.end()
