"""How far back a question looks: "the last 10 minutes", "past quarter of an hour", "since yesterday", "since 14:05"."""

from __future__ import annotations

import re

MOST = 30 * 86400.0
"""Seconds: nothing keeps a longer history."""

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
NUMBERS = {
    "a": 1.0,
    "an": 1.0,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "seven": 7.0,
    "eight": 8.0,
    "nine": 9.0,
    "ten": 10.0,
    "twelve": 12.0,
    "fifteen": 15.0,
    "twenty": 20.0,
    "thirty": 30.0,
    "forty": 40.0,
    "forty-five": 45.0,
    "sixty": 60.0,
    "ninety": 90.0,
    "couple": 2.0,
    "few": 3.0,
    "half": 0.5,
    "quarter": 0.25,
}

_UNIT = r"(?P<unit>s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)"
_NUMBER = r"(?P<number>\d{1,6}(?:\.\d{1,3})?|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + ")"
_LEAD = r"(?:\b(?:in|over|within|during|for|from|since)\s+)?(?:\b(?:about|around|roughly)\s+)?(?:\b(?:the|these)\s+)?"
_LAST = r"(?:\b(?:last|past|previous|recent)\s+)"
_AGO = r"(?:\s+ago\b)?"
_COUNTED = re.compile(
    rf"{_LEAD}{_LAST}?(?:\b(?:the|a)\s+)?(?<![\w.-]){_NUMBER}\s*(?:of\s+)?(?:an?\s+)?{_UNIT}\b(?!-){_AGO}", re.ASCII
)
_ONE = re.compile(rf"{_LEAD}{_LAST}{_UNIT}\b", re.ASCII)
_THREE_QUARTERS = re.compile(rf"{_LEAD}{_LAST}?three\s+quarters\s+of\s+an\s+hour\b")
_CLOCK = re.compile(r"\b(?:since|after)\s+(\d{1,2}):(\d{2})(?:\s*utc)?\b", re.ASCII)
_DAY = re.compile(r"\b(?:since\s+)?(?:earlier\s+)?(today|this morning|midnight|yesterday|last night|this week)\b")


def period(text: str, now: float) -> tuple[float | None, str]:
    """Seconds back from `now` (unix seconds, UTC), None where the text names none; and the text without it."""
    for read in (_three_quarters, _counted, _one, _clock, _day):
        found = read(text, now)
        if found is not None:
            seconds, span = found
            return min(max(seconds, 1.0), MOST), f"{text[: span[0]]} {text[span[1] :]}"
    return None, text


Found = tuple[float, tuple[int, int]] | None


def _three_quarters(text: str, _: float) -> Found:
    match = _THREE_QUARTERS.search(text)
    return (2700.0, match.span()) if match else None


def _counted(text: str, _: float) -> Found:
    match = _COUNTED.search(text)
    if match is None:
        return None
    number = match["number"]
    return (NUMBERS[number] if number in NUMBERS else float(number)) * UNITS[match["unit"][0]], match.span()


def _one(text: str, _: float) -> Found:
    match = _ONE.search(text)
    return (UNITS[match["unit"][0]], match.span()) if match else None


def _clock(text: str, now: float) -> Found:
    match = _CLOCK.search(text)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    return (now - (int(match[1]) * 3600 + int(match[2]) * 60)) % 86400 or 86400.0, match.span()


def _day(text: str, now: float) -> Found:
    match = _DAY.search(text)
    if match is None:
        return None
    back = {"yesterday": 86400.0, "last night": 43200.0, "this week": 6 * 86400.0}.get(match[1], 0.0)
    return now % 86400 + back, match.span()
