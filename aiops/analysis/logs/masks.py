"""Replaces the parts of a log line that vary from request to request by named holes.

A few masks before the parsing lift a Drain parser's accuracy far more than its own thresholds do. Anybody can write a
log line, so each pattern takes time in proportion to its length.
"""

from __future__ import annotations

import re

HOLE = "<*>"

_MASKS: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(pattern), mark, hole)
    for pattern, mark, hole in (
        (r"\x1b\[[0-9;]*m", "\x1b", ""),
        (r"\b\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}:?\d{2})?", ":", "<time>"),
        (r"\b\d{2}:\d{2}:\d{2}(?:[.,]\d+)?\b", ":", "<time>"),
        (r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b", "-", "<id>"),
        (r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", ".", "<ip>"),
        (r"(?<=[a-z0-9]-)(?=[a-z]*[0-9])[a-z0-9]{6,10}-[a-z0-9]{5}\b", "-", "<pod>"),
        (r"\b0x[0-9a-fA-F]+\b", "0x", "<hex>"),
        (r"\b(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{8,}\b", "", "<id>"),
        (r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?=(?:[num\xb5]?s|[KMGT]i?B?|B|%)?(?![\w]))", "", "<num>"),
    )
)
"""Each pattern, what every match of it holds, and what takes its place: most lines hold few of the marks."""


def mask(line: str) -> str:
    """The line with times, ids, addresses and numbers replaced by holes, and runs of white space by one blank."""
    for pattern, mark, hole in _MASKS:
        if mark in line:
            line = pattern.sub(hole, line)
    return " ".join(line.split())
