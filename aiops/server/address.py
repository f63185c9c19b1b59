"""Where a running server is and the token it wants: a file in its state folder that only its owner can read."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from aiops.core.errors import ConfigurationError
from aiops.core.private_file import private_folder, write_private
from aiops.core.server_address import ServerAddress
from aiops.core.settings import Settings

FILE = "server.json"


def choose_token(settings: Settings) -> str:
    """The bearer token from the settings, else a new one for this start."""
    return settings.token.get_secret_value() if settings.token else secrets.token_urlsafe(24)


def announce(state_dir: Path, address: ServerAddress) -> Path:
    """Write the file, replacing that of an earlier start."""
    path = private_folder(state_dir) / FILE
    write_private(path, address.model_dump_json())
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
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from error
