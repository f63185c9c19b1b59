"""Where an HTTP API is, and what opens it."""

from __future__ import annotations

from pydantic import Field

from aiops.core.model import Value


class ServerAddress(Value):
    """`url` as `http://127.0.0.1:8080`; `token` is the bearer token that it wants."""

    url: str
    token: str = Field(repr=False)
