"""The parameters of a request to a telemetry API: from the address, and from the form of a POST."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.requests import Request

from aiops.core.errors import InvalidInputError

FORM = "application/x-www-form-urlencoded"
MAX_BODY = 1_000_000
"""Bytes of a form."""


async def asked_of(request: Request) -> list[tuple[str, str]]:
    """(name, value), those of the form first. A body of another type is not looked at. Raises `InvalidInputError` where
    the form is too big or no form."""
    pairs = list(request.query_params.multi_items())
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.method != "POST" or kind != FORM:
        return pairs
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise InvalidInputError(f"request body is longer than {MAX_BODY} bytes")
    try:
        return parse_qsl(body.decode(), keep_blank_values=True) + pairs
    except ValueError as error:
        raise InvalidInputError(f"error parsing form values: {error}") from error
