"""One server a state folder: two would answer the same approvals and make the same changes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiops.core.file_lock import held
from aiops.core.private_file import private_folder

FILE = "server.lock"


@contextmanager
def only_one(state_dir: Path) -> Iterator[None]:
    """Hold the folder; the system frees it when the process ends, however it ends.

    Raises `ConfigurationError` where another process holds it, or the folder cannot be written."""
    taken = f"another assistant runs on the state folder {state_dir}: stop it, or set AIOPS_STATE_DIR"
    with held(private_folder(state_dir) / FILE, taken):
        yield
