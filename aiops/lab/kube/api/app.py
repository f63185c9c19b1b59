"""The Kubernetes API over HTTP."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from aiops.core.entity import Manifest
from aiops.lab.kube import errors
from aiops.lab.kube.access.auth import User, authenticate, impersonated
from aiops.lab.kube.access.rbac import Access, access_of, allowed
from aiops.lab.kube.access.reviews import review
from aiops.lab.kube.api import verbs
from aiops.lab.kube.api.request import RequestInfo, parse_request
from aiops.lab.kube.api.subresources import LogReader, read_log
from aiops.lab.kube.api.verbs import Call
from aiops.lab.kube.discovery import documents
from aiops.lab.kube.discovery.tables import table
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.patching.patches import decode
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.kube.storage.watch import WatchOptions, watch

log = logging.getLogger(__name__)

DEFAULT_WATCH_SECONDS = 1800.0
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
_HEALTH = ("/healthz", "/readyz", "/livez")


def kubernetes_app(store: ObjectStore, *, tokens: Mapping[str, User], logs: LogReader) -> Starlette:
    """An ASGI application that serves `store`. `tokens` says who a bearer token is; `logs` reads container logs."""
    api = _Api(store, dict(tokens), logs)
    return Starlette(routes=[Route("/{path:path}", api.handle, methods=_METHODS)])


@dataclass(frozen=True, slots=True)
class _Api:
    store: ObjectStore
    tokens: Mapping[str, User]
    logs: LogReader

    async def handle(self, request: Request) -> Response:
        try:
            return await self._answer(request)
        except ApiError as error:
            return _json(error.body(), error.status)
        except Exception:  # the border of one request: its client gets a Status, and the others are served on
            log.exception("%s %s", request.method, request.url.path)
            return _json(errors.internal().body(), 500)

    async def _answer(self, request: Request) -> Response:
        info = parse_request(request.method, request.url.path, request.query_params)
        user = self._authorized(request, info)
        if not info.is_resource:
            return self._outside(info)
        resource = self.store.catalog.at(info.group, info.version, info.plural)
        if resource is None or (info.subresource and info.subresource not in resource.subresources):
            raise errors.unknown_path()
        call = Call(info, resource, request.query_params, _manager(request))
        if resource.verbs == ("create",):
            body = verbs.of_kind(resource, await _body(request))
            return _json(review(self.store, body, user, info.namespace), 201)
        if info.subresource in ("log", "eviction"):
            return await self._pod_subresource(request, call)
        if info.verb in ("get", "list", "watch"):
            return self._read(request, call)
        return await self._write(request, call)

    def _authorized(self, request: Request, info: RequestInfo) -> User:
        """The user that the request acts as. Raises 401, 403."""
        user = authenticate(request.headers, self.tokens)
        acting = impersonated(request.headers)
        if acting is not None:
            self._require(user, Access("impersonate", resource="users", name=acting.name))
            for group in request.headers.getlist("impersonate-group"):
                self._require(user, Access("impersonate", resource="groups", name=group))
            user = acting
        if info.path not in _HEALTH:
            self._require(user, access_of(info))
        return user

    def _require(self, user: User, access: Access) -> None:
        if not allowed(self.store, user, access):
            raise _forbidden(user, access)

    def _outside(self, info: RequestInfo) -> Response:
        if info.verb not in ("get", "head"):
            raise errors.method_not_allowed()
        if info.path in _HEALTH:
            return PlainTextResponse("ok")
        found = documents.document(self.store.catalog, info.path)
        if found is None:
            raise errors.unknown_path()
        return _json(found)

    def _read(self, request: Request, call: Call) -> Response:
        wanted = request.headers.get("accept", "")
        if call.info.verb == "watch":
            return self._watch(call, wanted)
        if call.info.verb == "get":
            found = verbs.read(self.store, call)
            if "as=Table" in wanted and call.info.subresource != "scale":  # a Scale has no columns of its own
                return _json(self._table(call, [found], found["metadata"]["resourceVersion"]))
            return _json(found)
        items, metadata = verbs.list_objects(self.store, call)
        if "as=Table" in wanted:
            answer = self._table(call, items, metadata["resourceVersion"])
            return _json({**answer, "metadata": metadata})
        return _json(_list(call.resource, items, metadata))

    async def _write(self, request: Request, call: Call) -> Response:
        body = await _body(request) if request.method != "DELETE" else await _optional_body(request)
        verb = call.info.verb
        if verb == "create" and not call.info.name:
            return _json(verbs.create(self.store, call, body), 201)
        if verb == "update" and call.info.name:
            return _json(verbs.update(self.store, call, body))
        if verb == "patch" and call.info.name:
            new, created = verbs.patch(self.store, call, _media(request), body)
            return _json(new, 201 if created else 200)
        if verb == "delete" and not call.info.subresource:
            return _json(verbs.delete(self.store, call, body))
        if verb == "deletecollection":
            return _json(_list(call.resource, *verbs.delete_collection(self.store, call, body)))
        raise errors.method_not_allowed()

    async def _pod_subresource(self, request: Request, call: Call) -> Response:
        if call.info.subresource == "log" and call.info.verb == "get":
            pod = self.store.get("Pod", *call.key)
            return PlainTextResponse(read_log(pod, request.query_params, self.logs, self.store.now()))
        if call.info.subresource == "eviction" and call.info.verb == "create":
            verbs.evict(self.store, call, await _optional_body(request))
            return _json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)
        raise errors.method_not_allowed()

    def _table(self, call: Call, items: list[Manifest], revision: str) -> Manifest:
        whole = call.query.get("includeObject") == "Object"
        return table(call.resource, items, self.store.now(), whole=whole, revision=revision)

    def _watch(self, call: Call, wanted: str) -> Response:
        revision = call.query.get("resourceVersion", "")
        timeout = call.query.get("timeoutSeconds", "")
        if not (revision.isdecimal() or not revision) or not (timeout.isdecimal() or not timeout):
            raise errors.bad_request("resourceVersion and timeoutSeconds must be numbers")
        options = WatchOptions(
            resource=call.resource,
            namespace=call.info.namespace if call.resource.namespaced else "",
            matches=verbs.predicate(call),
            revision=int(revision) if int(revision or 0) else None,
            timeout=float(timeout) if int(timeout or 0) else DEFAULT_WATCH_SECONDS,
            bookmarks=call.query.get("allowWatchBookmarks") in ("1", "true"),
            initial_events=call.query.get("sendInitialEvents") in ("1", "true"),
        )
        if options.revision is not None:
            self.store.history.since(options.revision)  # too old is an answer of its own, not an event
        return StreamingResponse(self._lines(call, options, "as=Table" in wanted), media_type="application/json")

    async def _lines(self, call: Call, options: WatchOptions, tables: bool) -> AsyncIterator[bytes]:
        async for kind, item in watch(self.store, options):
            shown = item
            if tables and kind in ("ADDED", "MODIFIED", "DELETED"):
                shown = self._table(call, [item], item["metadata"]["resourceVersion"])
            yield orjson.dumps({"type": kind, "object": shown}) + b"\n"


def _forbidden(user: User, access: Access) -> ApiError:
    if access.path:
        message = f'forbidden: User "{user.name}" cannot {access.verb} path "{access.path}"'
        return ApiError(403, "Forbidden", message, {})
    resource = f"{access.resource}/{access.subresource}" if access.subresource else access.resource
    where = f'in the namespace "{access.namespace}"' if access.namespace else "at the cluster scope"
    what = f"{access.resource}.{access.group}" if access.group else access.resource
    if access.name:
        what += f' "{access.name}"'
    message = (
        f'{what} is forbidden: User "{user.name}" cannot {access.verb} resource "{resource}" '
        f'in API group "{access.group}" {where}'
    )
    return ApiError(403, "Forbidden", message, {"name": access.name, "group": access.group, "kind": access.resource})


def _list(resource: Resource, items: list[Manifest], metadata: dict[str, Any]) -> Manifest:
    """A list; as from the real server its items don't repeat kind and apiVersion."""
    bare = [{key: value for key, value in item.items() if key not in ("kind", "apiVersion")} for item in items]
    return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata, "items": bare}


def _manager(request: Request) -> str:
    """The field manager: as asked for, else the program's name from its user agent."""
    agent = request.headers.get("user-agent", "unknown").partition("/")[0]
    return request.query_params.get("fieldManager") or agent


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip()


async def _body(request: Request) -> Any:
    return decode(
        await request.body(), "" if request.method == "PATCH" and "json" in _media(request) else _media(request)
    )


async def _optional_body(request: Request) -> Any:
    content = await request.body()
    return decode(content, _media(request)) if content else None


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")
