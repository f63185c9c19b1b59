"""An `aiops` command in a fork of a process that has imported what commands need, which takes seconds."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from aiops.cli.main import main
from aiops.core.clock import Stopwatch, pause

T = TypeVar("T")

FORKS = multiprocessing.get_context("forkserver")
PAGE = ("aiops.ui.app", "uvicorn")
ASSISTANT = ("aiops.server.app", "aiops.supervisor.engine", "aiops.supervisor.services")
LAB = ("aiops.lab.process",)
READING = ("aiops.agents.ask.answering", "aiops.agents.connect.connecting", "aiops.agents.scan.scanning")
OTHERS = ("aiops.bench.runner", "aiops.clients.models.checking", "aiops.ui.api")
FORKS.set_forkserver_preload(["tests.support.forked", *PAGE, *ASSISTANT, *LAB, *READING, *OTHERS])

START_SECONDS, END_SECONDS, COMMAND_SECONDS = 60.0, 5.0, 60.0


class Forked:
    """One running command; its output goes to `log`. Like `aiops.cli.processes.Child`."""

    def __init__(self, arguments: list[str], log: Path, environment: dict[str, str]) -> None:
        self._log = log
        self._process = FORKS.Process(target=_run, args=(arguments, environment, log, log), daemon=True)
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


@dataclass(frozen=True, slots=True)
class Ended:
    """The exit code of a command, and what it wrote."""

    code: int
    out: str
    err: str


def run(*arguments: str, directory: Path | None = None, environment: Mapping[str, str]) -> Ended:
    """Run a command in `directory` (or here) to its end, with these environment variables and no others."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        process = FORKS.Process(target=_run, args=(list(arguments), dict(environment), out, err, directory))
        process.start()
        process.join(COMMAND_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        assert process.exitcode is not None
        return Ended(process.exitcode, out.read_text(), err.read_text())


async def ran(*arguments: str, directory: Path, **settings: str) -> Ended:
    """The same while this event loop goes on serving. Of the environment, `AIOPS_*` is what `settings` say."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AIOPS_")}
    return await asyncio.to_thread(run, *arguments, directory=directory, environment={**clean, **settings})


def _run(
    arguments: list[str], environment: dict[str, str], out: Path, err: Path, directory: Path | None = None
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    if directory is not None:
        os.chdir(directory)
    for stream, path in ((1, out), (2, err)):
        with path.open("ab") as output:
            os.dup2(output.fileno(), stream)
    sys.argv = ["aiops", *arguments]
    main()
