"""An `aiops` command in a fork of a process that has imported the page's framework, which takes over a second."""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

from aiops.cli.main import main

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.support.forked", "aiops.ui.app", "uvicorn"])

END_SECONDS = 5.0


class Forked:
    """One running command; its output goes to `log`."""

    def __init__(self, arguments: list[str], log: Path, environment: dict[str, str]) -> None:
        self._log = log
        self._process = FORKS.Process(target=_run, args=(arguments, log, environment), daemon=True)
        self._process.start()

    def check(self) -> None:
        """Raises where it has ended by itself."""
        assert self._process.is_alive(), self._log.read_text()

    def end(self) -> None:
        """Ask it to end, and make it end where it does not."""
        self._process.terminate()
        self._process.join(END_SECONDS)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _run(arguments: list[str], log: Path, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    with log.open("ab") as output:
        for stream in (1, 2):
            os.dup2(output.fileno(), stream)
    sys.argv = ["aiops", *arguments]
    main()
