"""Answers of `/openapi/v2` and `/openapi/v3`: by hash, so that a client keeps what it has."""

from __future__ import annotations

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from aiops.lab.kube import errors
from aiops.lab.kube.discovery.openapi import protobuf
from aiops.lab.kube.discovery.openapi.documents import OpenApi
from aiops.lab.kube.encoding.negotiation import JSON, accepted

_V3 = "/openapi/v3"
_YEAR = "public, immutable, max-age=31536000"


def answer(openapi: OpenApi, request: Request, path: str) -> Response:
    """The page of an OpenAPI path. Raises 404, 405, 406."""
    if request.method != "GET":
        raise errors.method_not_allowed()
    if path == _V3:
        index = orjson.dumps(openapi.index())
        return Response(index, headers={"content-type": "text/plain; charset=utf-8"})
    if path == "/openapi/v2":
        return _whole(openapi, request)
    if not accepted(request.headers.get("accept", ""), (JSON,)):
        return Response(status_code=406)
    found = openapi.group(path.removeprefix(_V3 + "/")) if path.startswith(_V3 + "/") else None
    if found is None:
        return Response(status_code=404)
    digest, content = found
    asked = request.query_params.get("hash")
    if asked is not None and asked != digest:
        return RedirectResponse(f"{path}?hash={digest}", 301)
    kept = {"cache-control": _YEAR} if asked else {}
    return _document(request, digest, content, kept)


def _whole(openapi: OpenApi, request: Request) -> Response:
    forms = accepted(request.headers.get("accept", ""), (JSON, protobuf.MEDIA))
    if not forms:
        return Response(status_code=406)
    if forms[0].media == protobuf.MEDIA:
        digest, content = openapi.whole(protobuf.document)
        return _document(request, digest, content, {}, protobuf.CONTENT_TYPE)
    return _document(request, *openapi.whole(), {})


def _document(request: Request, digest: str, content: bytes, headers: dict[str, str], media: str = JSON) -> Response:
    """The document, or 304 where the client has it."""
    tag = f'"{digest}"'
    headers = {**headers, "etag": tag, "vary": "Accept"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers={**headers, "content-type": media})
