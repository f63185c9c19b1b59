"""One server a state folder: two would answer the same approvals and make the same changes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiops.core.errors import ConfigurationError

FILE = "server.lock"


@contextmanager
def only_one(state_dir: Path) -> Iterator[None]:
    """Hold the folder; the system frees it when the process ends, however it ends.

    Raises `ConfigurationError` where another process holds it, or the folder cannot be written."""
    path = state_dir / FILE
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(f"the state folder {state_dir} cannot be used: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigurationError(
                f"another assistant runs on the state folder {state_dir}: stop it, or set AIOPS_STATE_DIR"
            ) from error
        yield
    finally:
        os.close(handle)
