"""Schedules of CronJobs: five fields or a descriptor.

The words are those of the `cron` package that Kubernetes reads them with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiops.core.errors import InvalidInputError

_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
_DAYS = {name: number for number, name in enumerate(("sun", "mon", "tue", "wed", "thu", "fri", "sat"))}
_DESCRIPTORS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_FIELDS = 5
_DURATION = re.compile(r"(?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Schedule:
    """The minutes, hours, days of the month, months and days of the week (0 is Sunday) that match.

    Where both kinds of days are restricted, either of them is enough. `every` is the distance in seconds of an
    `@every` schedule, 0 for the others.
    """

    minutes: frozenset[int] = frozenset()
    hours: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    weekdays: frozenset[int] = frozenset()
    any_day: bool = False
    any_weekday: bool = False
    every: int = 0


def parse_schedule(text: str) -> Schedule:
    """Read a schedule; `TZ=...` before it is left to the caller. Raises `InvalidInputError`."""
    spec = re.sub(r"^(CRON_)?TZ=\S*\s+", "", text).strip()
    if not spec:
        raise InvalidInputError("empty spec string")
    if spec.startswith("@every "):
        return Schedule(every=_duration(spec.removeprefix("@every ")))
    if spec.startswith("@"):
        if spec not in _DESCRIPTORS:
            raise InvalidInputError(f"unrecognized descriptor: {spec}")
        spec = _DESCRIPTORS[spec]
    fields = spec.split()
    if len(fields) != _FIELDS:
        found = " ".join(fields)
        raise InvalidInputError(f"expected exactly {_FIELDS} fields, found {len(fields)}: [{found}]")
    minutes, hours = _field(fields[0], 0, 59, {}), _field(fields[1], 0, 23, {})
    days, months = _field(fields[2], 1, 31, {}), _field(fields[3], 1, 12, _MONTHS)
    weekdays = _field(fields[4], 0, 6, _DAYS)
    return Schedule(minutes, hours, days, months, weekdays, _is_star(fields[2]), _is_star(fields[4]))


def _is_star(field: str) -> bool:
    return any(
        part.partition("/")[0] in ("*", "?") and part.partition("/")[2] in ("", "1") for part in field.split(",")
    )


def _duration(text: str) -> int:
    if not _DURATION.fullmatch(text):
        raise InvalidInputError(f'failed to parse duration @every {text}: time: invalid duration "{text}"')
    parts = re.findall(r"(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)", text)
    return max(int(sum(float(number) * _UNITS[unit] for number, unit in parts)), 1)


def _field(text: str, low: int, high: int, names: dict[str, int]) -> frozenset[int]:
    values: set[int] = set()
    for part in (piece for piece in text.split(",") if piece):
        values |= _range(part, low, high, names)
    return frozenset(values)


def _range(part: str, low: int, high: int, names: dict[str, int]) -> set[int]:
    pieces = part.split("/")
    span = pieces[0].split("-")
    single = len(span) == 1
    if span[0] in ("*", "?"):
        start, end = low, high
    else:
        start = _number(span[0], names)
        if len(span) > 2:
            raise InvalidInputError(f"too many hyphens: {part}")
        end = start if single else _number(span[1], names)
    if len(pieces) > 2:
        raise InvalidInputError(f"too many slashes: {part}")
    step = 1
    if len(pieces) == 2:
        step = _number(pieces[1], {})
        if single:
            end = high
    if start < low:
        raise InvalidInputError(f"beginning of range ({start}) below minimum ({low}): {part}")
    if end > high:
        raise InvalidInputError(f"end of range ({end}) above maximum ({high}): {part}")
    if start > end:
        raise InvalidInputError(f"beginning of range ({start}) beyond end of range ({end}): {part}")
    if step == 0:
        raise InvalidInputError(f"step of range should be a positive number: {part}")
    return set(range(start, end + 1, step))


def _number(text: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        raise InvalidInputError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    if int(text) < 0:
        raise InvalidInputError(f"negative number ({int(text)}) not allowed: {text}")
    return int(text)
