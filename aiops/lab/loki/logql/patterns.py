"""Regular expressions: those of RE2, as Loki has them. A match takes linear time, whoever wrote the expression."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from aiops.lab.loki.logql.errors import ParseError

_QUIET = re2.Options()
_QUIET.log_errors = False


@lru_cache(1024)
def compiled(expression: str) -> Any:
    """A pattern with the methods of the standard library's. Raises `ParseError` where the text is none."""
    try:
        return re2.compile(expression, _QUIET)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ParseError(f"error parsing regexp: {text}") from error


def pattern_expression(pattern: str) -> str:
    """The regular expression of a pattern: it stands for a whole line, `<_>` in it for any text."""
    return f"(?s)^{'.*'.join(re2.escape(part) for part in pattern.split('<_>'))}$"


def expanded(found: Any, replacement: str) -> str:
    """A replacement with `$1` and `${name}` filled in from a match; what is no group is empty."""
    named = found.groupdict()
    numbered = {str(number): text for number, text in enumerate((found[0], *found.groups()))}

    def filled(reference: Any) -> str:
        return named.get(name := reference[1] or reference[2]) or numbered.get(name) or ""

    text: str = _REFERENCE.sub(filled, replacement)
    return text


_REFERENCE = re2.compile(r"\$(?:\{(\w+)\}|(\w+))", _QUIET)
