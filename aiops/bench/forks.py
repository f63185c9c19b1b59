"""Runs a function in a fork of this process: what it does to a world stays there. One thread only, no open loop."""

from __future__ import annotations

import gc
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from aiops.core.clock import Stopwatch
from aiops.core.errors import AiopsError

Task = Callable[[], Any]
"""Gives a JSON value."""

CHUNK = 65536

COLLECT_AFTER = 200_000
"""New objects between two collections of garbage in a fork: it does not live long."""


class ForkError(AiopsError):
    """A fork died, hung or raised; the message says which."""


@dataclass(slots=True)
class Fork:
    """A running fork. `limit` is in wall seconds."""

    pid: int
    pipe: int
    limit: float
    watch: Stopwatch = field(default_factory=Stopwatch)
    received: bytearray = field(default_factory=bytearray)

    def read(self) -> bool:
        """Take what is there; True once the fork has said everything."""
        part = os.read(self.pipe, CHUNK)
        self.received += part
        return not part

    def result(self) -> Any:
        """Wait for its end, and give what the function gave. Raises `ForkError`."""
        os.close(self.pipe)
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status):
            raise ForkError(f"ended by {signal.Signals(os.WTERMSIG(status)).name}")
        try:
            body = orjson.loads(self.received)
        except orjson.JSONDecodeError:
            raise ForkError(f"ended with status {os.WEXITSTATUS(status)} and no result") from None
        if "error" in body:
            raise ForkError(body["error"])
        return body["result"]

    def end(self) -> None:
        """Kill it, with the forks that it made."""
        os.killpg(self.pid, signal.SIGKILL)
        os.close(self.pipe)
        os.waitpid(self.pid, 0)

    @property
    def overdue(self) -> bool:
        """Whether it has run for longer than its limit."""
        return self.watch.seconds() > self.limit


def start(task: Task, limit: float, *, group: bool = False) -> Fork:
    """Begin to run `task` in a fork; with `group` in a process group of its own, which ends as one."""
    gc.freeze()  # a collection in the fork would copy every page that it marks
    sys.stdout.flush()
    sys.stderr.flush()
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        if group:
            os.setpgid(pid, pid)
        return Fork(pid, read, limit)
    os.close(read)
    try:
        gc.set_threshold(COLLECT_AFTER)
        if group:
            os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
        _say(write, task)
    finally:
        os._exit(0)


def run(task: Task, limit: float) -> Any:
    """Run `task` in a fork and give its result. Raises `ForkError`."""
    fork = start(task, limit)
    while not fork.read():
        pass
    return fork.result()


def ready(forks: list[Fork], timeout: float) -> list[Fork]:
    """Those that have said everything, within `timeout` wall seconds."""
    readable, _, _ = select.select([fork.pipe for fork in forks], [], [], timeout)
    return [fork for fork in forks if fork.pipe in readable and fork.read()]


def _say(pipe: int, task: Task) -> None:
    try:
        said = orjson.dumps({"result": task()})
    except Exception as error:  # noqa: BLE001 - the border of a fork: its parent tells what went wrong
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(last.filename)}:{last.lineno}"
        said = orjson.dumps({"error": f"{type(error).__name__}: {error} ({place})"})
    with os.fdopen(pipe, "wb") as file:
        file.write(said)
