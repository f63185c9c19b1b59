"""What the HTTP API answers when something is wrong: `{"error": text, "fields": [{"field", "message"}]}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from aiops.core.errors import (
    ActionRefusedError,
    AiopsError,
    ApprovalError,
    ClusterUnreachableError,
    ConflictError,
    DeniedError,
    InvalidInputError,
    NotFoundError,
    NotPossibleError,
    ServiceError,
    StorageError,
    TransitionError,
    TransportError,
    UnknownNameError,
)

STATUS: tuple[tuple[type[AiopsError], int], ...] = (
    (ApprovalError, 409),
    (ActionRefusedError, 409),
    (NotPossibleError, 409),
    (TransitionError, 409),
    (InvalidInputError, 422),
    (UnknownNameError, 404),
    (NotFoundError, 404),
    (ConflictError, 409),
    (DeniedError, 403),
    (ServiceError, 502),  # whatever another service answered: its status is not ours
    (TransportError, 503),
    (ClusterUnreachableError, 503),
    (StorageError, 503),
)

MOST_FIELDS = 20
"""Wrong fields that are named; the first ones tell enough."""

MOST_PATH = 200
"""Characters of a field's path: its keys are the client's."""


def refusal(
    text: str, status: int, fields: Sequence[Mapping[str, str]] = (), headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The one form of an error. `fields` are the wrong ones: `{"field", "message"}` each."""
    return JSONResponse({"error": text, "fields": list(fields)}, status, headers=headers)


def _status(error: AiopsError) -> int:
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


async def _ours(_: Request, error: Exception) -> JSONResponse:
    status = _status(error) if isinstance(error, AiopsError) else 500
    return refusal(str(error), status)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    found = error.errors()[:MOST_FIELDS] if isinstance(error, RequestValidationError) else []
    fields = [{"field": _field(e), "message": _message(e)} for e in found]
    text = "; ".join(f"{f['field']}: {f['message']}" for f in fields)
    return refusal(f"request refused: {text}", 422, fields)


async def _http(_: Request, error: Exception) -> JSONResponse:
    """A path that is not there, a method that is not allowed, a body that cannot be parsed."""
    if not isinstance(error, StarletteHTTPException):
        raise error
    return refusal(error.detail, error.status_code, headers=error.headers)


def _field(error: dict[str, Any]) -> str:
    """`alerts[0].startsAt` from FastAPI's location, without its leading `body`; for broken JSON where it breaks."""
    location: tuple[str | int, ...] = error["loc"]
    if error["type"] == "json_invalid":
        return f"body, character {location[-1]}"
    text = ""
    for part in location[1:] if location[0] == "body" else location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return (text or str(location[0]))[:MOST_PATH].encode("ascii", "backslashreplace").decode()


def _message(error: dict[str, Any]) -> str:
    """The validator's message; for broken JSON with what the parser said of it."""
    detail = error.get("ctx", {}).get("error") if error["type"] == "json_invalid" else None
    return f"{error['msg']}: {detail}" if detail else str(error["msg"])


def install(app: FastAPI) -> None:
    """Make `app` answer errors in this form."""
    app.add_exception_handler(AiopsError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(StarletteHTTPException, _http)
