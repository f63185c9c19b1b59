"""Reads which setting a program complains about from the words in which programs and their libraries do."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 4096
"""Characters of a line that are looked at."""

_QUOTE = r"[`'\"\[({]*"
_NAME = _QUOTE + r"(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{2,}(?==))"
_WHAT = (
    r"(?:env(?:ironment)?(?: var(?:iable)?)?|variable|setting|property|option|config(?:uration)?(?: key| value)?|key)s?"
)

_MISSING = tuple(
    re.compile(pattern)
    for pattern in (
        r"KeyError: " + _NAME,
        r"(?i:missing|undefined|unset|no)(?i: required)?(?: (?i:" + _WHAT + r"))*:? " + _NAME,
        r"(?i:required)(?: (?i:" + _WHAT + r"))*:? " + _NAME,
        _NAME + r"[`'\"\])}]* (?i:is |was |must be |has to be |needs to be |should be )?(?i:not )?"
        r"(?i:set|defined|missing|undefined|unset|required|empty|present|provided|found)\b",
        r"(?i:could not resolve placeholder) " + _QUOTE + r"(?P<name>[A-Za-z][\w.-]+)",
    )
)
_INVALID = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?i:invalid|bad|malformed|illegal|unparsable|wrong)(?: (?i:value|" + _WHAT + r"|for|in|of|from))*:? " + _NAME,
        r"(?i:parse|parsing|read|reading|decode|decoding)(?: (?i:value|" + _WHAT + r"|for|in|of|from))*:? " + _NAME,
        _NAME + r"[^\n]{0,60}?(?i:invalid|is no|is not a|not a valid|malformed|must be|cannot be parsed|unparsable)",
    )
)


@dataclass(frozen=True, slots=True)
class NamedSetting:
    """An environment variable that a program found missing, or with a value that it cannot take."""

    name: str
    missing: bool


def setting_in(text: str) -> NamedSetting | None:
    """The setting that a line complains about; None where it names none."""
    head = text[:LONGEST]
    for patterns, missing in ((_MISSING, True), (_INVALID, False)):
        for pattern in patterns:
            found = pattern.search(head)
            if found is not None:
                return NamedSetting(found["name"], missing)
    return None
