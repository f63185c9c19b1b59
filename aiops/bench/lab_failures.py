"""Whether the lab itself failed while a scenario was played: such a scenario tells nothing about an agent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aiops.lab.control.plane import log


class _Lines(logging.Formatter):
    """A record in one line, with the error that it is about."""

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        why = f": {type(error).__name__}: {error}" if error is not None else ""
        return f"{record.getMessage()}{why}".replace("\n", " ")


@contextmanager
def lab_failures(folder: Path) -> Iterator[Callable[[], str]]:
    """Note what controllers cannot bear, in this process and in its forks, in a file of `folder`.

    What is given tells the first of it; nothing where all went well."""
    path = folder / "control-plane.log"
    handler = logging.FileHandler(path, delay=True)
    handler.setLevel(logging.ERROR)
    handler.setFormatter(_Lines())
    log.addHandler(handler)

    def first() -> str:
        return path.read_text().partition("\n")[0] if path.exists() else ""

    try:
        yield first
    finally:
        log.removeHandler(handler)
        handler.close()
