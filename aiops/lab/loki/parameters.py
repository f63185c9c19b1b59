"""The parameters of requests: times in nanoseconds, seconds or RFC 3339, with Loki's defaults and its messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

import numpy as np

from aiops.core.clock import from_rfc3339
from aiops.core.errors import InvalidInputError
from aiops.core.telemetry import FloatArray
from aiops.lab.loki.logql.units import LONGEST, seconds_of

DEFAULT_LIMIT, MOST_ENTRIES = 100, 5000
MOST_POINTS = 11_000
_HOUR = 3600.0
_WHOLE = re.compile(r"-?[0-9]{1,20}")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was asked for, by name, and the present moment in unix seconds."""

    pairs: tuple[tuple[str, str], ...]
    now: float

    def all(self, name: str) -> list[str]:
        return [value for own, value in self.pairs if own == name]

    def first(self, name: str) -> str:
        return next(iter(self.all(name)), "")

    def query(self) -> str:
        """Raises `InvalidInputError` where there is none."""
        found = self.first("query")
        if not found:
            raise InvalidInputError("parse error at line 1, col 1: syntax error: unexpected $end")
        return found

    def time(self, name: str, default: float) -> float:
        text = self.first(name)
        return _moment(text, name) if text else default

    def bounds(self, default_since: float = _HOUR) -> tuple[float, float]:
        """(start, end) in unix seconds. Raises `InvalidInputError` where the end does not come after the start."""
        end = self.time("end", self.now)
        since = self.first("since")
        back = seconds_of(since) if since else default_since
        if back is None:
            raise InvalidInputError(f"could not parse 'since' parameter: not a valid duration string: {since!r}")
        start = self.time("start", min(end, self.now) - back)
        if end <= start:
            raise InvalidInputError("end timestamp must not be before or equal to start time")
        return start, end

    def steps(self, start: float, end: float) -> FloatArray:
        """The moments of a range query. Raises `InvalidInputError`."""
        text = self.first("step")
        step = float(max(ceil((end - start) / 250), 1)) if not text else _duration(text)
        if step is None or not 0 < step < LONGEST:
            raise InvalidInputError(
                "zero or negative query resolution step widths are not accepted. Try a positive integer"
            )
        if (end - start) / step > MOST_POINTS:
            raise InvalidInputError(
                "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step "
                "parameter"
            )
        steps: FloatArray = start + step * np.arange(int((end - start) / step + 1e-9) + 1).astype(np.float64)
        return steps

    def limit(self) -> int:
        """How many lines at most. Raises `InvalidInputError`."""
        text = self.first("limit")
        if not text:
            return DEFAULT_LIMIT
        if not _WHOLE.fullmatch(text):
            raise InvalidInputError(f'strconv.ParseUint: parsing "{text}": invalid syntax')
        limit = int(text)
        if limit <= 0:
            raise InvalidInputError("limit must be a positive value")
        if limit > MOST_ENTRIES:
            raise InvalidInputError(
                f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {MOST_ENTRIES})"
            )
        return limit

    def count(self, names: tuple[str, ...], default: int) -> int:
        """The first of some parameters that is given, a number of things. Raises `InvalidInputError`."""
        text = next(filter(None, map(self.first, names)), "")
        if not text:
            return default
        if not _WHOLE.fullmatch(text) or int(text) <= 0:
            raise InvalidInputError(f"{names[0]} must be a positive value")
        return min(int(text), MOST_ENTRIES)

    def backward(self) -> bool:
        """Raises `InvalidInputError` where the direction is none."""
        text = self.first("direction").lower() or "backward"
        if text not in ("backward", "forward"):
            raise InvalidInputError(f"invalid direction '{self.first('direction')}'")
        return text == "backward"


def _moment(text: str, name: str) -> float:
    """Up to ten digits are seconds, more are nanoseconds."""
    try:
        if _WHOLE.fullmatch(text):
            found = int(text) / 1e9 if len(text.lstrip("-")) > 10 else float(text)
        else:
            found = float(text) if _NUMBER.fullmatch(text) else from_rfc3339(text)
    except InvalidInputError as error:
        raise InvalidInputError(f"could not parse '{name}' parameter: parsing time \"{text}\"") from error
    if not abs(found) < LONGEST:
        raise InvalidInputError(f"could not parse '{name}' parameter: \"{text}\" is out of range")
    return found


def _duration(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else seconds_of(text)
