"""What the HTTP API answers when something is wrong: `{"error": text, "fields": [{"field", "message"}]}`."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from aiops.core.errors import (
    AiopsError,
    ApprovalError,
    InvalidInputError,
    ServiceError,
    TransitionError,
    TransportError,
    UnknownNameError,
)

STATUS: tuple[tuple[type[AiopsError], int], ...] = (
    (ApprovalError, 409),
    (TransitionError, 409),
    (InvalidInputError, 422),
    (UnknownNameError, 404),
    (TransportError, 503),
)


def _status(error: AiopsError) -> int:
    if isinstance(error, ServiceError):
        return error.status
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


async def _ours(_: Request, error: Exception) -> JSONResponse:
    status = _status(error) if isinstance(error, AiopsError) else 500
    return JSONResponse({"error": str(error), "fields": []}, status)


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    fields = [{"field": _field(e), "message": _message(e)} for e in found]
    text = "; ".join(f"{f['field']}: {f['message']}" for f in fields)
    return JSONResponse({"error": f"request refused: {text}", "fields": fields}, 422)


def _field(error: dict[str, Any]) -> str:
    """`alerts[0].startsAt` from FastAPI's location, without its leading `body`; for broken JSON where it breaks."""
    location: tuple[str | int, ...] = error["loc"]
    if error["type"] == "json_invalid":
        return f"body, character {location[-1]}"
    text = ""
    for part in location[1:] if location[0] == "body" else location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or str(location[0])


def _message(error: dict[str, Any]) -> str:
    """The validator's message; for broken JSON with what the parser said of it."""
    detail = error.get("ctx", {}).get("error") if error["type"] == "json_invalid" else None
    return f"{error['msg']}: {detail}" if detail else str(error["msg"])


def install(app: FastAPI) -> None:
    """Make `app` answer errors in this form."""
    app.add_exception_handler(AiopsError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
