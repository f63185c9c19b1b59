"""Functions in forks: results come back, and no death of a fork is one of ours."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from aiops.bench import forks
from aiops.bench.forks import ForkError

LIMIT = 30.0


def test_a_result_comes_back_and_nothing_else() -> None:
    kept = [1]
    assert forks.run(lambda: kept.append(2) or {"kept": kept, "large": "x" * 300_000}, LIMIT)["kept"] == [1, 2]
    assert kept == [1]


def _raise() -> None:
    raise ValueError("no such thing")


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (_raise, r"ValueError: no such thing \(test_forks.py:\d+\)"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "ended by SIGKILL"),
        (lambda: os._exit(3), "status 3 and no result"),
        (lambda: sys.exit(1), "no result"),
        (lambda: object(), "TypeError"),
    ],
)
def test_how_it_ended_is_told(task: forks.Task, reason: str) -> None:
    with pytest.raises(ForkError, match=reason):
        forks.run(task, LIMIT)


def test_a_hung_one_is_overdue_and_ends_with_its_own_forks() -> None:
    def hang() -> None:
        forks.run(signal.pause, LIMIT)

    reading, held = os.pipe()
    fork = forks.start(hang, 0.0, group=True)
    os.close(held)
    assert fork.overdue
    fork.end()
    assert os.read(reading, 1) == b""  # the end comes when the last one that held the pipe is gone
    os.close(reading)


def test_several_at_once_are_told_apart() -> None:
    running = [forks.start(lambda number=number: number, LIMIT) for number in range(3)]
    results = []
    while running:
        for fork in forks.ready(running, 5.0):
            running.remove(fork)
            results.append(fork.result())
    assert sorted(results) == [0, 1, 2]
