"""Bodies of requests in, JSON out."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from aiops.lab.kube.patching.patches import decode


def media_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip()


async def read_body(request: Request) -> Any:
    """The body as a JSON value. Raises 400, 413, 415."""
    media = media_of(request)
    return decode(await request.body(), "" if request.method == "PATCH" and "json" in media else media)


async def optional_body(request: Request) -> Any:
    """The body where there is one, else None."""
    content = await request.body()
    return decode(content, media_of(request)) if content else None


def json_answer(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
