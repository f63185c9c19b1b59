"""Files and folders that only their owner can read: they hold tokens, and what the cluster keeps from others."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from aiops.core.errors import ConfigurationError

FOLDER, FILE = 0o700, 0o600


def private_folder(path: Path) -> Path:
    """Make `path`, or close an existing one to others.

    Raises `ConfigurationError` where that cannot be, or others use it: `/tmp`, `/`, a home folder."""
    try:
        path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
        if path.stat().st_mode & 0o777 != FOLDER:
            _check_own(path)
            path.chmod(FOLDER)
    except OSError as error:
        raise ConfigurationError(f"the folder {path} cannot be used: {error.strerror}") from error
    return path


def _check_own(path: Path) -> None:
    place, status = path.resolve(), path.stat()
    shared = status.st_mode & stat.S_ISVTX or status.st_uid != os.geteuid()
    if shared or place in (Path(place.anchor), Path.home()):
        raise ConfigurationError(f"the folder {path} is not only for this: name one of its own")


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
