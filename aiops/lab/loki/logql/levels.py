"""The level of a line as Loki finds it when it takes the line in: by a field of JSON or logfmt, else by a word."""

from __future__ import annotations

import re

DETECTED_LEVEL = "detected_level"
"""The label that says it, which is no label of the stream but metadata of the line."""

UNKNOWN = "unknown"
_NAMES = {
    **dict.fromkeys(("trace", "trc"), "trace"),
    **dict.fromkeys(("debug", "dbg"), "debug"),
    **dict.fromkeys(("info", "inf", "information"), "info"),
    **dict.fromkeys(("warn", "wrn", "warning"), "warn"),
    **dict.fromkeys(("error", "err"), "error"),
    "critical": "critical",
    "fatal": "fatal",
}
_FIELD = re.compile(r'(?:^|[\s,{])"?(?:level|Level|LEVEL|severity|Severity|SEVERITY|lvl|Lvl|LVL)"?\s*[=:]\s*"?(\w+)')
_WORD = re.compile(r"\b(trace|debug|fatal|critical|error|err|warning|warn|info)\b", re.IGNORECASE)
_FIRST = ("trace", "debug", "fatal", "critical", "error", "warn", "info")
"""Of several words in one line the first of these counts."""


def level_of(line: str) -> str:
    """`trace`, `debug`, `info`, `warn`, `error`, `critical`, `fatal` or `unknown`."""
    field = _FIELD.search(line)
    named = _NAMES.get(field[1].lower()) if field is not None else None
    if named is not None:
        return named
    found = {_NAMES[word.lower()] for word in _WORD.findall(line)}
    return next((level for level in _FIRST if level in found), UNKNOWN)
