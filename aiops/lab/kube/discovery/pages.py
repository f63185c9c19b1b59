"""Everything that the API server answers outside resources: discovery, OpenAPI, its version, its health."""

from __future__ import annotations

from hashlib import sha512

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from aiops.lab.kube import errors
from aiops.lab.kube.discovery.aggregated import aggregated
from aiops.lab.kube.discovery.documents import document, groups, versions
from aiops.lab.kube.discovery.openapi import pages as openapi_pages
from aiops.lab.kube.discovery.openapi.documents import OpenApi
from aiops.lab.kube.encoding.answers import json_answer
from aiops.lab.kube.encoding.negotiation import JSON, PLAIN, Form, accepted, no_such_form, not_acceptable
from aiops.lab.kube.kinds.catalog import Catalog

HEALTH = ("/healthz", "/readyz", "/livez")
_CHECKS = ("ping", "etcd", "log")
_AGGREGATED = Form(JSON, "APIGroupDiscoveryList", "apidiscovery.k8s.io", "v2")
_AGGREGATED_MEDIA = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"


def answer(openapi: OpenApi, request: Request) -> Response:
    """The page of a path. Raises 404, 405, 406."""
    catalog, path = openapi.catalog, request.url.path.rstrip("/") or "/"
    root = path.split("/")[1]
    if f"/{root}" in HEALTH:
        return _health(request, path)
    if path.startswith(("/openapi/v2", "/openapi/v3")):
        return openapi_pages.answer(openapi, request, path)
    if path == "/":
        return json_answer({"paths": _paths(catalog)})
    if path in ("/api", "/apis"):
        return _groups(catalog, request, path)
    found = document(catalog, path, request.url.netloc)
    if found is None:
        return _missing(catalog, path)
    if request.method != "GET":
        raise errors.method_not_allowed()
    if path == "/version" and not accepted(request.headers.get("accept", ""), (JSON,)):
        raise not_acceptable((JSON,))
    return json_answer(found)


def _groups(catalog: Catalog, request: Request, path: str) -> Response:
    if request.method != "GET" and path == "/api":  # the aggregator, which answers the other, asks for no method
        raise errors.method_not_allowed()
    forms = accepted(request.headers.get("accept", ""))
    for form in forms:
        if form == _AGGREGATED:
            return _tagged(request, orjson.dumps(aggregated(catalog, path)), _AGGREGATED_MEDIA)
        if not form.kind and form.media in (PLAIN.media, "application/yaml"):
            return json_answer(document(catalog, path, request.url.netloc))
    raise no_such_form() if forms else not_acceptable()


def _tagged(request: Request, content: bytes, media: str) -> Response:
    """An answer that a client may keep: not sent again while its tag is the same."""
    tag = f'"{sha512(content).hexdigest().upper()}"'
    headers = {"etag": tag, "vary": "Accept", "cache-control": "public"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, headers={**headers, "content-type": media})


def _missing(catalog: Catalog, path: str) -> Response:
    """A Status below a group that there is, plain text elsewhere."""
    parts = path.strip("/").split("/")
    if parts[0] == "api" or (parts[0] == "apis" and len(parts) > 2 and parts[1] in groups(catalog)):
        raise errors.unknown_path()
    return PlainTextResponse("404 page not found\n", 404, {"x-content-type-options": "nosniff"})


def _health(request: Request, path: str) -> Response:
    name, _, check = path[1:].partition("/")
    if check:
        return PlainTextResponse("ok") if check in _CHECKS else _missing(Catalog(()), path)
    if "verbose" not in request.query_params:
        return PlainTextResponse("ok")
    lines = [f"[+]{each} ok" for each in _CHECKS]
    return PlainTextResponse("\n".join([*lines, f"{name} check passed\n"]))


def _paths(catalog: Catalog) -> list[str]:
    found = ["/api", "/api/v1", "/apis", "/apis/", "/openapi/v2", "/openapi/v3", "/openapi/v3/", "/version"]
    for group in groups(catalog):
        if group:
            found += [f"/apis/{group}", *(f"/apis/{group}/{version}" for version in versions(catalog, group))]
    for health in HEALTH:
        found += [health, *(f"{health}/{check}" for check in _CHECKS)]
    return sorted(found)
