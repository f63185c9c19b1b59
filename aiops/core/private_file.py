"""Files that only their owner can read: they hold tokens, and what the cluster keeps from others."""

from __future__ import annotations

import os
from pathlib import Path

from aiops.core.errors import ConfigurationError

FOLDER, FILE = 0o700, 0o600


def private_folder(path: Path) -> Path:
    """Make `path` for its owner alone. One that exists stays as it is: it may be for others, too.

    Raises `ConfigurationError` where that cannot be."""
    try:
        path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"the folder {path} cannot be used: {error.strerror}") from error
    return path


def private_file(path: Path) -> Path:
    """Make an empty file for its owner alone, with its folder; one that exists keeps its text and is closed to others.

    Raises `ConfigurationError` where that cannot be."""
    private_folder(path.parent)
    try:
        path.touch(mode=FILE, exist_ok=True)
        if path.stat().st_mode & 0o777 != FILE:
            path.chmod(FILE)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be used: {error.strerror}") from error
    return path


def write_private(path: Path, text: str) -> None:
    """Put `text` in the place of the file at once: a reader sees the old text or the new one.

    Raises `ConfigurationError` where it cannot be written."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.unlink(
            missing_ok=True
        )  # one that somebody else put there, as a link to elsewhere, is not written through
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE), "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from error
