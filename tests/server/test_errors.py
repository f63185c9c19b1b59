"""Each of our errors has one status; that of another service is never passed on as ours."""

from __future__ import annotations

import httpx2
import pytest
from fastapi import FastAPI

from aiops.core.errors import (
    AiopsError,
    ApprovalError,
    ClusterUnreachableError,
    ConflictError,
    DeniedError,
    InvalidInputError,
    NotFoundError,
    ServiceError,
    TransportError,
)
from aiops.server.errors import install


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFoundError("x"), 404),
        (ConflictError("x"), 409),
        (ApprovalError("x"), 409),
        (DeniedError("x"), 403),
        (InvalidInputError("x"), 422),
        (TransportError("x"), 503),
        (ClusterUnreachableError("x", 401), 503),
        (ServiceError("x", 200), 502),
        (ServiceError("x", 401), 502),
        (ServiceError("x", 500), 502),
        (AiopsError("x"), 500),
    ],
)
async def test_the_status_of_an_error(error: AiopsError, status: int) -> None:
    app = FastAPI()
    install(app)

    @app.get("/")
    async def fails() -> None:
        raise error

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://x") as client:
        reply = await client.get("/")
    assert (reply.status_code, reply.json()["error"]) == (status, "x")
