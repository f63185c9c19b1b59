"""A file that one process at a time holds."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from aiops.core.errors import ConfigurationError


@contextmanager
def held(path: Path, taken: str) -> Generator[None]:
    """Hold the file; the system frees it when the process ends, however it ends.

    Raises `ConfigurationError`: with the text `taken` where another process holds it, and where it cannot be
    written."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be used: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(taken) from error
        yield
    finally:
        os.close(handle)
