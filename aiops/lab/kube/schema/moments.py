"""Times as the API server reads and writes them: RFC 3339 in UTC, to the second or the microsecond."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

SECONDS = "2006-01-02T15:04:05Z07:00"
MICROSECONDS = "2006-01-02T15:04:05.000000Z07:00"
"""The layouts as Go's errors name them."""

_PARTS = (
    ("2006", r"\d{4}"), ("-", "-"), ("01", r"\d\d"), ("-", "-"), ("02", r"\d\d"), ("T", "T"), ("15", r"\d\d"),
    (":", ":"), ("04", r"\d\d"), (":", ":"), ("05", r"\d\d(?:[.,]\d+)?"), ("Z07:00", r"Z|[+-]\d\d:\d\d"),
)  # fmt: skip
_RANGES = {"01": ("month", 1, 12), "02": ("day", 1, 31), "15": ("hour", 0, 23), "04": ("minute", 0, 59),
           "05": ("second", 0, 59)}  # fmt: skip

_ZERO = "0001-01-01T00:00:00"


class WrongTimeError(ValueError):
    """A text that is no time; its message is the server's."""


def canonical_time(text: str, *, micro: bool) -> str:
    """The moment in UTC. Raises WrongTimeError with the words of Go's `time.Parse`."""
    read = _read(text, MICROSECONDS if micro else SECONDS)
    whole, _, fraction = read["05"].replace(",", ".").partition(".")
    try:
        moment = datetime(
            int(read["2006"]), int(read["01"]), int(read["02"]), int(read["15"]), int(read["04"]), int(whole),
            int(fraction[:6].ljust(6, "0")), UTC,
        ) - _offset(read["Z07:00"])  # fmt: skip
    except (ValueError, OverflowError) as error:
        raise WrongTimeError(f'parsing time "{text}": day out of range') from error
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds" if micro else "seconds") + "Z"


def is_zero_time(canonical: str) -> bool:
    """Is a canonical time Go's zero, which stands for no time and is written as null?"""
    return canonical.startswith(_ZERO) and not canonical.removeprefix(_ZERO).strip(".0Z")


def _read(text: str, layout: str) -> dict[str, str]:
    rest, found = text, {}
    for name, pattern in _PARTS:
        match = re.match(pattern, rest, re.ASCII)
        shown = ".000000" if name == "Z07:00" and layout == MICROSECONDS and rest == "" else name
        if match is None:
            raise WrongTimeError(f'parsing time "{text}" as "{layout}": cannot parse "{rest}" as "{shown}"')
        if name in _RANGES:
            what, least, most = _RANGES[name]
            if not least <= int(re.split("[.,]", match[0])[0]) <= most:
                raise WrongTimeError(f'parsing time "{text}": {what} out of range')
        found[name], rest = match[0], rest[match.end() :]
    if layout == MICROSECONDS and len(re.split("[.,]", found["05"])[-1]) != 6:
        after = text[19:]
        raise WrongTimeError(f'parsing time "{text}" as "{layout}": cannot parse "{after}" as ".000000"')
    if rest:
        raise WrongTimeError(f'parsing time "{text}": extra text: "{rest}"')
    return found


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    hours, minutes = text[1:].split(":")
    return timedelta(hours=int(hours), minutes=int(minutes)) * (1 if text[0] == "+" else -1)
