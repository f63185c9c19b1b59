"""Bodies of requests in, answers out."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from aiops.lab.kube.encoding.answers import json_answer as json_answer
from aiops.lab.kube.encoding.bodies import APPLY, Body, parse
from aiops.lab.kube.encoding.patchbodies import parse_patch
from aiops.lab.kube.errors import ApiError

PATCH_MEDIA = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    APPLY,
)


def media_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip()


async def read_body(request: Request, kind: str = "") -> Any:
    """The body, which should be a `kind`, as a JSON value. Raises 400, 413, 415."""
    return (await parsed_body(request, kind)).value


async def optional_body(request: Request, kind: str = "") -> Any:
    """The body where there is one, else None."""
    return await read_body(request, kind) if await request.body() else None


async def parsed_body(request: Request, kind: str) -> Body:
    """The body with what strict reading refuses of it. Raises 400, 413, 415."""
    content, media = await request.body(), media_of(request)
    if request.method != "PATCH":
        return parse(content, media, kind)
    if media not in PATCH_MEDIA:
        raise ApiError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})
    return parse_patch(content, media)


def warning_header(text: str) -> str:
    """One `Warning` header (RFC 7234), as the API server writes it."""
    printable = "".join(char for char in text if char.isprintable())
    escaped = printable.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{escaped}"'.encode().decode("latin-1")  # the bytes of a header are UTF-8 here
