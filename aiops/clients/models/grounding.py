"""Is what a model names really in what it was shown?"""

from __future__ import annotations

import re

_OBJECT = re.compile(r"(?<![A-Za-z])[A-Za-z]+/([\w.\-]*)/([\w.\-]+)")
_QUOTED = re.compile(r"`([^`]+)`")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


def foreign_names(text: str, shown: str) -> list[str]:
    """Objects (`kind/namespace/name`) and quoted names in `text` of which `shown` does not hold the name.

    The kind is not looked at: where a list names pods alone, "Pod" need not stand beside each."""
    parts = [part.rstrip(".") for found in _OBJECT.findall(text) for part in found]
    return [name for name in (*parts, *_QUOTED.findall(text)) if name not in shown]


def foreign_numbers(text: str, shown: str) -> list[str]:
    """Numbers of two digits or more in `text` that `shown` does not hold: small ones may be counted by the reader."""
    known = set(_NUMBER.findall(shown))
    return [number for number in _NUMBER.findall(text) if len(number) > 1 and number not in known]
