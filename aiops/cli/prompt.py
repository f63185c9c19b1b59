"""Reads a person's line from the terminal in a way that can be given up: somebody may answer on the page first."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress


async def read_line() -> str:
    """The next line of standard input, empty where it has ended. Cancelled, it has taken nothing from the input."""
    descriptor = sys.stdin.fileno()
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except OSError:  # a file: reading it never waits
        return _line(descriptor)
    try:
        await ready.wait()
    finally:
        with suppress(OSError):
            loop.remove_reader(descriptor)
    return _line(descriptor)


def interactive() -> bool:
    """Whether somebody sits at the terminal."""
    return sys.stdin.isatty()


def _line(descriptor: int) -> str:
    """Read byte by byte: what stands behind the line is left for the next question."""
    line = b""
    while not line.endswith(b"\n") and (byte := os.read(descriptor, 1)):
        line += byte
    return line.decode(errors="replace")
