"""Files and folders that only their owner can read: they hold tokens, and what the cluster keeps from others."""

from __future__ import annotations

import os
from pathlib import Path

from aiops.core.errors import ConfigurationError

FOLDER, FILE = 0o700, 0o600


def private_folder(path: Path) -> Path:
    """Make `path`, or close an existing one to others. Raises `ConfigurationError` where that cannot be."""
    try:
        path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        if path.stat().st_mode & 0o777 != FOLDER:
            path.chmod(FOLDER)
    except OSError as error:
        raise ConfigurationError(f"the folder {path} cannot be used: {error.strerror}") from error
    return path


def write_private(path: Path, text: str) -> None:
    """Put `text` in the place of the file at once: a reader sees the old text or the new one.

    Raises `ConfigurationError` where it cannot be written."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error
