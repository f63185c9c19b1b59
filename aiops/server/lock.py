"""One server a state folder: two would answer the same approvals and make the same changes."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiops.core.errors import ConfigurationError
from aiops.core.private_file import private_folder

FILE = "server.lock"


@contextmanager
def only_one(state_dir: Path) -> Iterator[None]:
    """Hold the folder; the system frees it when the process ends, however it ends.

    Raises `ConfigurationError` where another process holds it, or the folder cannot be written."""
    path = private_folder(state_dir) / FILE
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be used: {error.strerror}") from error
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
