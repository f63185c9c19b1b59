"""What the parser takes and Prometheus 2.42 does not know: later functions, aggregations, label names and durations."""

from __future__ import annotations

import re
from collections.abc import Collection

from aiops.lab.promql.values import ParseError

_TEXT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|#[^\n]*', re.DOTALL)
_UNITLESS = re.compile(r"\[\s*[\d.]+(?:e\d+)?\s*[:\]]|:\s*[\d.]+\s*\]|\boffset\s*[-+]?\s*[\d.]+\b(?![a-z.])")
_QUOTED_NAME = re.compile(
    r'\{(?:[^{}]*,)?\s*""\s*(?:[,}]|=|!)|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*""'
)


def check_text(query: str) -> None:
    """Raise `ParseError` for a duration without a unit, and for a label name in quotes."""
    bare = _TEXT.sub(lambda found: "" if found[0].startswith("#") else '""', query)
    if _UNITLESS.search(bare):
        raise ParseError("parse error: missing unit character in duration")
    if _QUOTED_NAME.search(bare):
        raise ParseError('parse error: unexpected string in label matching, expected identifier or "}"')


def check_function(name: str, known: Collection[str]) -> None:
    """Raise `ParseError` for a function or an aggregation of another version."""
    if name not in known:
        raise ParseError(f'parse error: unknown function with name "{name}"')
