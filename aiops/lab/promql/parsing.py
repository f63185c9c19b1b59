"""Text to syntax tree, by the `promql_parser` package."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import promql_parser as ast

from aiops.lab.promql.values import ParseError

MAX_LENGTH = 8192
MAX_DEPTH = 100
"""The parser recurses on the machine's stack: text nested deeper would end the process."""

_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?", re.ASCII)
_UNITS = (365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000, 1)
"""Milliseconds of the groups above."""


@lru_cache(256)
def parse(query: str) -> Any:
    """The syntax tree of a query. Raises `ParseError` naming what is wrong."""
    if not query.strip():
        raise ParseError("invalid parameter 'query': unknown position: parse error: no expression found in input")
    if len(query) > MAX_LENGTH:
        raise ParseError(f"query is longer than {MAX_LENGTH} characters")
    if _depth(query) > MAX_DEPTH:
        raise ParseError(f"query is nested deeper than {MAX_DEPTH} levels")
    try:
        return ast.parse(query)
    except ValueError as error:
        raise ParseError(f"parse error: {error}") from error


def _depth(query: str) -> int:
    """Brackets and prefix operators that can be open at once, at most (those inside strings count too)."""
    depth = deepest = prefixes = 0
    for character in query:
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character in "-+^":
            prefixes += 1
        deepest = max(deepest, depth)
    return deepest + prefixes


def parse_duration(text: str) -> float:
    """Seconds of a Prometheus duration (`1h30m`) or of a plain number. Raises `ParseError`."""
    match = _DURATION.fullmatch(text)
    if match and text:
        return sum(int(number) * unit for number, unit in zip(match.groups("0"), _UNITS, strict=True)) / 1000
    try:
        return float(text)
    except ValueError as error:
        raise ParseError(f"cannot parse {text!r} to a valid duration") from error
