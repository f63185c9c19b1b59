"""The Kubernetes API over HTTP: one request from its path to its answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from aiops.lab.kube import errors
from aiops.lab.kube.access.tokens import TokenIssuer
from aiops.lab.kube.access.user import User
from aiops.lab.kube.admission.webhooks.answers import MOST_CALLS, AnswerNeededError, Answers
from aiops.lab.kube.admission.writer import Writer
from aiops.lab.kube.api import issuer, reads, virtual, writes
from aiops.lab.kube.api.access import authorized
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.content import json_answer, warning_header
from aiops.lab.kube.api.conversion import check_convertible
from aiops.lab.kube.api.fairness import RETRY_SECONDS, Fairness, TooManyRequestsError, flow_of
from aiops.lab.kube.api.place import check_place
from aiops.lab.kube.api.request import RequestInfo, parse_request
from aiops.lab.kube.api.server import LogReader, Server
from aiops.lab.kube.api.streaming import Streams
from aiops.lab.kube.api.subresources import HANDLERS
from aiops.lab.kube.discovery import pages
from aiops.lab.kube.discovery.deprecated import deprecation
from aiops.lab.kube.discovery.openapi.documents import OpenApi
from aiops.lab.kube.encoding.answers import presented
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.expressions.budget import one_budget
from aiops.lab.kube.storage.requests import Request as CountedRequest
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import Runtime

log = logging.getLogger(__name__)

READS = ("get", "list", "watch", "head", "options")
"""Verbs that no webhook is asked about."""

REQUEST_SECONDS = 60.0
"""Wall seconds in which a request must be there and answered; streams begin in that time."""

_COUNTED = {
    "get": "GET",
    "list": "LIST",
    "create": "POST",
    "update": "PUT",
    "patch": "PATCH",
    "delete": "DELETE",
    "deletecollection": "DELETECOLLECTION",
}

_CLIENT_CLOSED = 499
"""Nobody reads the answer to a request whose client has gone."""

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def kubernetes_app(
    store: ObjectStore, *, tokens: Mapping[str, User], logs: LogReader, runtime: Runtime | None = None
) -> Starlette:
    """An ASGI application that serves `store`. `tokens` says who a bearer token is; `logs` reads container logs,
    `runtime` runs commands in containers."""
    server = Server(store, dict(tokens), logs, TokenIssuer(store), runtime=runtime)
    api = _Api(server, OpenApi(store.catalog), Fairness(store))
    return Starlette(
        routes=[
            Route("/{path:path}", api.handle, methods=_METHODS),
            WebSocketRoute("/{path:path}", Streams(server).handle),
        ]
    )


@dataclass(frozen=True, slots=True)
class _Api:
    server: Server
    openapi: OpenApi
    fairness: Fairness

    async def handle(self, request: Request) -> Response:
        warnings: list[str] = []
        info = parse_request(request.method, request.url.path, request.query_params)
        writer = Writer(warnings=warnings, remote=True)
        try:
            writer.user = authorized(self.server, request, info)
            response = await self._in_turn(request, info, writer)
        except ApiError as error:
            response = json_answer(error.body(), error.status)
            response.headers.update(error.headers())
        except ClientDisconnect:
            return Response(status_code=_CLIENT_CLOSED)
        except Exception:  # the border of one request: its client gets a Status, and the others are served on
            log.exception("%s %s", request.method, request.url.path)
            response = json_answer(errors.internal().body(), 500)
        self._count(info, response.status_code, writer.waited)
        for text in warnings:
            response.headers.append("warning", warning_header(text))
        return presented(request, response)

    def _count(self, info: RequestInfo, status: int, waited: float) -> None:
        """Note a request for a resource; not a watch, which lasts as long as its client wants."""
        verb = _COUNTED.get(info.verb)
        store = self.server.store
        if verb is None or store.catalog.at(info.group, info.version, info.plural) is None:
            return
        scope = "resource" if info.name or info.verb == "create" else "namespace" if info.namespace else "cluster"
        made = (verb, info.group, info.version, info.plural, info.subresource, scope, str(status))
        store.requests.count(CountedRequest(*made), waited)

    async def _in_turn(self, request: Request, info: RequestInfo, writer: Writer) -> Response:
        """Answer unless the flow has too many requests under way. Raises 504 where the answer takes too long."""
        flow = flow_of(writer.user, info)
        try:
            with self.fairness.seat(flow), one_budget():
                response = await asyncio.wait_for(self._admitted(request, info, writer), REQUEST_SECONDS)
        except TooManyRequestsError:
            self.server.store.requests.turned_away[flow.schema, flow.level] += 1
            text = "Too many requests, please try again later.\n"
            response = PlainTextResponse(text, 429, {"retry-after": str(RETRY_SECONDS)})
        except TimeoutError as error:
            text = "Timeout: request did not complete within requested timeout - context deadline exceeded"
            raise ApiError(504, "Timeout", text, {}) from error
        response.headers.update(self.fairness.headers(flow))
        return response

    async def _admitted(self, request: Request, info: RequestInfo, writer: Writer) -> Response:
        """Answer as the writer. A write that has to ask webhooks is tried again with what they said."""
        store = self.server.store
        if info.verb in READS or not store.admission.waits:
            with store.writing(writer):
                return await self._answer(request, info, writer.user)
        seed = store.draw()
        writer.answers = Answers()
        for _ in range(MOST_CALLS):
            writer.rng = Random(seed)
            try:
                with store.writing(writer):
                    return await self._answer(request, info, writer.user)
            except AnswerNeededError as needed:
                await writer.answers.fetch(needed.call)
        raise errors.internal()

    async def _answer(self, request: Request, info: RequestInfo, user: User) -> Response:
        store = self.server.store
        if not info.is_resource:
            return issuer.answer(self.server.issuer, request) or pages.answer(self.openapi, request)
        resource = store.catalog.at(info.group, info.version, info.plural)
        if resource is None:
            if all(each.group != info.group for each in store.catalog):
                return PlainTextResponse("404 page not found\n", 404)
            raise errors.unknown_path()
        check_place(info, resource, request.method)
        if text := deprecation(resource.api_version, resource.plural):
            store.writer.warn(text)
        call = Call(info, resource, request.query_params, _manager(request), user)
        if resource.verbs == ("create",):
            return await virtual.answer(self.server, call, request)
        if info.subresource in HANDLERS:
            return await HANDLERS[info.subresource](self.server, call, request)
        check_convertible(store, call)
        if info.verb in ("get", "list", "watch"):
            return reads.answer(store, call, request)
        return await writes.answer(store, call, request)


def _manager(request: Request) -> str:
    """The field manager: as asked for, else the program's name from its user agent."""
    agent = request.headers.get("user-agent", "unknown").partition("/")[0]
    return request.query_params.get("fieldManager") or agent
