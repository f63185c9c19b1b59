"""The parameters of a request: from the address, and from the form of a POST."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from aiops.core.clock import from_rfc3339
from aiops.core.errors import InvalidInputError
from aiops.lab.promql import PromqlError, parse_duration

MAX_BODY = 1_000_000
FURTHEST = 1e11
"""Unix seconds that still fit our milliseconds with room to subtract."""


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
        pairs = list(request.query_params.multi_items())
        if request.method == "POST":
            body = bytearray()
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    raise BadDataError(f"request body is longer than {MAX_BODY} bytes")
            try:
                pairs += parse_qsl(body.decode(), keep_blank_values=True)
            except ValueError as error:
                raise BadDataError(f"error parsing form values: {error}") from error
        return cls(tuple(pairs), dict(request.path_params))

    def all(self, name: str) -> list[str]:
        return [value for own, value in self.pairs if own == name]

    def first(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    def query(self) -> str:
        return self.first("query") or ""

    def time(self, name: str, default: float | None = None) -> float:
        """Unix seconds of a parameter, given as a number or in RFC 3339."""
        text = self.first(name)
        if not text:
            if default is None:
                raise BadDataError(f'invalid parameter "{name}": cannot parse "" to a valid timestamp')
            return default
        moment = _moment(text)
        if moment is None or not abs(moment) <= FURTHEST:
            raise BadDataError(f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp')
        return moment

    def range(self) -> tuple[float, float, float]:
        """(start, end, step) in seconds."""
        start, end = self.time("start"), self.time("end")
        text = self.first("step") or ""
        try:
            step = parse_duration(text)
        except PromqlError as error:
            raise BadDataError(f'invalid parameter "step": {error}') from error
        if not math.isfinite(step):
            raise BadDataError(f'invalid parameter "step": cannot parse "{text}" to a valid duration')
        return start, end, step


def _moment(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return from_rfc3339(text)
    except InvalidInputError:
        return None
