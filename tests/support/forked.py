"""An `aiops` command in a fork of a process that has imported what commands need, which takes seconds."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from aiops.cli.main import main
from aiops.core.clock import Stopwatch, pause

T = TypeVar("T")

FORKS = multiprocessing.get_context("forkserver")
PAGE = ("aiops.ui.app", "uvicorn")
ASSISTANT = ("aiops.server.app", "aiops.supervisor.engine", "aiops.supervisor.services")
LAB = ("aiops.lab.process",)
FORKS.set_forkserver_preload(["tests.support.forked", *PAGE, *ASSISTANT, *LAB])

START_SECONDS, END_SECONDS = 60.0, 5.0


class Forked:
    """One running command; its output goes to `log`. Like `aiops.cli.processes.Child`."""

    def __init__(self, arguments: list[str], log: Path, environment: dict[str, str]) -> None:
        self._log = log
        self._process = FORKS.Process(target=_run, args=(arguments, log, environment), daemon=True)
        self._process.start()

    def check(self) -> None:
        """Raises where it has ended by itself."""
        assert self._process.is_alive(), self._log.read_text()

    async def ready(self, probe: Callable[[], T | None]) -> T:
        """Wait until `probe` returns something."""
        watch = Stopwatch()
        while (found := probe()) is None:
            self.check()
            assert watch.seconds() < START_SECONDS, self._log.read_text()
            await pause(0.02)
        return found

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()
        self._process.join()

    def end(self) -> None:
        """Ask it to end, and make it end where it does not."""
        self._process.terminate()
        self._process.join(END_SECONDS)
        if self._process.is_alive():
            self.kill()


def _run(arguments: list[str], log: Path, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    sys.argv = ["aiops", *arguments]
    main()
