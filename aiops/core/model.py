"""The base of all value types: immutable, strict about unknown fields, serialisable."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value. Unknown fields are an error, so that a misspelt one is not lost."""

    model_config = ConfigDict(frozen=True, extra="forbid")
