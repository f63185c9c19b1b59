"""How long it takes until a copy of a running lab goes on by itself: a fork of the process, which copies what it
changes."""

from __future__ import annotations

import gc
import os
from statistics import median

from aiops.core.clock import Stopwatch
from aiops.lab.ports import TICK
from aiops.lab.world import World

_TIMES = 5


def fork_seconds(world: World) -> float:
    """Wall seconds until a fork of this process has moved `world` on by one tick: the median of five.

    The world here stays as it is. Call it while only one thread runs."""
    gc.freeze()  # a collection in the fork would copy every page that it marks
    try:
        return median(_once(world) for _ in range(_TIMES))
    finally:
        gc.unfreeze()


def _once(world: World) -> float:
    watch = Stopwatch()
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(read)
            next(world.ticks(TICK))
            os.write(write, b".")
        finally:
            os._exit(0)
    os.close(write)
    said = os.read(read, 1)
    taken = watch.seconds()
    os.close(read)
    os.waitpid(child, 0)
    if not said:
        raise RuntimeError("a fork of the lab did not take its first tick")
    return taken
