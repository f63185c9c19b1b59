"""The parameters of a request: from the address, and from the form of a POST."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from aiops.core.clock import from_rfc3339
from aiops.core.errors import InvalidInputError
from aiops.lab.forms import asked_of
from aiops.lab.promql import PromqlError, QueryTimeoutError, parse_duration

FURTHEST = 1e11
"""Unix seconds that still fit our milliseconds with room to subtract."""

LONGEST = 2**63 / 1e9
"""Seconds of the longest duration that Prometheus can hold."""


class BadDataError(InvalidInputError):
    """A parameter is missing or malformed."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """What was asked for: (name, value) `pairs` and the parts of the `path`."""

    pairs: tuple[tuple[str, str], ...]
    path: dict[str, Any]

    @classmethod
    async def read(cls, request: Request) -> Parameters:
        """Raises `BadDataError` where the form is too big or no form."""
        try:
            pairs = await asked_of(request)
        except InvalidInputError as error:
            raise BadDataError(str(error)) from error
        return cls(tuple(pairs), dict(request.path_params))

    def all(self, name: str) -> list[str]:
        return [value for own, value in self.pairs if own == name]

    def first(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    def query(self) -> str:
        return self.first("query") or ""

    def time(self, name: str, default: float) -> float:
        """Unix seconds of a parameter, given as a number or in RFC 3339."""
        text = self.first(name)
        return _time(name, text, f"Invalid time value for '{name}': ") if text else default

    def range(self) -> tuple[float, float, float]:
        """(start, end, step) in seconds."""
        start, end = _time("start", self.first("start") or ""), _time("end", self.first("end") or "")
        if end < start:
            raise BadDataError('invalid parameter "end": end timestamp must not be before start time')
        step = _duration("step", self.first("step") or "")
        if step <= 0:
            raise BadDataError(
                'invalid parameter "step": zero or negative query resolution step widths are not accepted. '
                "Try a positive integer"
            )
        return start, end, step

    def check_timeout(self) -> None:
        """A query takes no time of the lab, so one that is given none times out. Raises `QueryTimeoutError`."""
        text = self.first("timeout")
        if text and _duration("timeout", text) <= 0:
            raise QueryTimeoutError("query timed out in query execution")

    def limit(self) -> int:
        """How many to give at most; all without the parameter."""
        text = self.first("limit")
        try:
            return int(text) if text else -1
        except ValueError as error:
            raise BadDataError("limit must be a number") from error


def _time(name: str, text: str, hint: str = "") -> float:
    moment = _moment(text)
    if moment is None or not abs(moment) <= FURTHEST:
        raise BadDataError(f'invalid parameter "{name}": {hint}cannot parse "{text}" to a valid timestamp')
    return moment


def _duration(name: str, text: str) -> float:
    try:
        seconds = parse_duration(text)
    except PromqlError as error:
        raise BadDataError(f'invalid parameter "{name}": {error}') from error
    if math.isnan(seconds):
        raise BadDataError(f'invalid parameter "{name}": cannot parse "{text}" to a valid duration')
    if abs(seconds) > LONGEST:
        overflow = f'cannot parse "{text}" to a valid duration. It overflows int64'
        raise BadDataError(f'invalid parameter "{name}": {overflow}')
    return seconds


def _moment(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return from_rfc3339(text)
    except InvalidInputError:
        return None
