"""Counts what a piece of Python does, the same on any machine: tests of cost compare counts, never times."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

TWICE = 2.3
"""How much more work may be done for twice as much input; what is quadratic does four times as much."""


@dataclass(slots=True)
class Work:
    """`calls` of functions, of Python's and of C's."""

    calls: int = 0


@contextmanager
def counted() -> Iterator[Work]:
    """Count what this thread does inside, in coroutines too. What loops in C, such as a regular expression, is one
    call: give that an input on which it would take minutes, and leave it to the suite's time-out."""
    work = Work()

    def count(frame: FrameType, event: str, argument: object) -> None:
        work.calls += event in ("call", "c_call")

    before = sys.getprofile()
    gc.disable()  # what is called for garbage depends on what else was made
    sys.setprofile(count)
    try:
        yield work
    finally:
        sys.setprofile(before)
        gc.enable()
