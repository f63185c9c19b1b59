"""Where a running server is and the token it wants: a file in its state folder that only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

from aiops.core.errors import ConfigurationError
from aiops.core.model import Value
from aiops.core.settings import Settings

FILE = "server.json"


class ServerAddress(Value):
    url: str
    token: str


def choose_token(settings: Settings) -> str:
    """The bearer token from the settings, else a new one for this start."""
    return settings.token.get_secret_value() if settings.token else secrets.token_urlsafe(24)


def announce(state_dir: Path, address: ServerAddress) -> Path:
    """Write the file, replacing that of an earlier start."""
    state_dir.mkdir(parents=True, exist_ok=True)
    path, draft = state_dir / FILE, state_dir / f"{FILE}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(address.model_dump_json())
    draft.replace(path)
    return path


def find(state_dir: Path) -> ServerAddress:
    """Read the file. Raises `ConfigurationError` where no server has written one."""
    path = state_dir / FILE
    try:
        return ServerAddress.model_validate(json.loads(path.read_text()))
    except FileNotFoundError:
        raise ConfigurationError(
            f"no running assistant known ({path} is missing): start one with 'aiops serve'"
        ) from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from error
