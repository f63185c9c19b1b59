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


def warning_header(text: str) -> str:
    """One `Warning` header (RFC 7234), as the API server writes it."""
    printable = "".join(char for char in text if char.isprintable())
    escaped = printable.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{escaped}"'.encode().decode("latin-1")  # the bytes of a header are UTF-8 here


def json_answer(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
