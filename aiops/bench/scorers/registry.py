"""Scorers by name: one file, one decorated function, one or more fields of a scenario's line."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import JsonValue

from aiops.bench.record import Record
from aiops.core.registry import Registry

Scorer = Callable[[Record], dict[str, JsonValue]]
"""A record -> fields of its line; None where a field does not apply."""

SCORERS: Registry[Scorer] = Registry("scorer", "aiops.bench.scorers")


def scorer(function: Scorer) -> Scorer:
    """Register a scorer under its function's name."""
    SCORERS.add(function.__name__, function)
    return function


def scored(record: Record) -> dict[str, JsonValue]:
    """The fields of all scorers."""
    fields: dict[str, JsonValue] = {}
    for score in SCORERS:
        fields |= score(record)
    return fields
