"""An assistant's HTTP API with answers that a test writes: hostile texts, lost replies, an answer by somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

TOKEN = "server-token-of-the-tests"
INCIDENT = "inc-1"
START = 1767605400.0


class Scripted:
    """`events` are the timeline of one incident; `lose` names paths whose reply is lost though it was acted on."""

    def __init__(self, events: list[dict[str, Any]], title: str = "UserErrorRatioHigh: users get errors") -> None:
        self.events = events
        self.title = title
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.gets: list[str] = []
        self.lose: set[str] = set()
        self.answers: dict[str, tuple[int, Any]] = {}
        self.stopped_by: str | None = None
        self.read_only = False
        self.streams: list[str] = []
        self.drop_streams = False
        self._news = asyncio.Condition()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/status", self._guarded(self._status)),
                Route("/api/incidents", self._guarded(self._incidents)),
                Route("/api/incidents/{id}", self._guarded(self._incident)),
                Route("/api/incidents/{id}/events", self._guarded(self._events)),
                Route("/api/incidents/{id}/stream", self._guarded(self._stream)),
                Route("/api/approvals", self._guarded(self._approvals)),
                Route("/api/kill-switch", self._guarded(self._switch), methods=["PUT", "DELETE"]),
                Route("/{path:path}", self._guarded(self._other), methods=["GET", "POST"]),
            ]
        )

    @property
    def state(self) -> str:
        return next((e["data"]["to"] for e in reversed(self.events) if e["kind"] == "transition"), "open")

    async def tell(self, kind: str, text: str, data: dict[str, Any], actor: str = "supervisor") -> None:
        """A new event, sent to all who follow."""
        async with self._news:
            self.events.append(event(len(self.events) + 1, kind, text, data, actor))
            self._news.notify_all()

    def _guarded(self, route: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def checked(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                return JSONResponse({"error": "a bearer token is needed"}, 401)
            return await route(request)

        return checked

    async def _status(self, _: Request) -> Response:
        return JSONResponse(
            {
                "now": START + 240,
                "read_only": self.read_only,
                "autonomy": "approve",
                "changes_stopped_by": self.stopped_by,
                "unfinished_incidents": 1,
                "changes_recorded_since": START - 3600,
            }
        )

    def _the_incident(self) -> dict[str, Any]:
        return {
            "id": INCIDENT,
            "title": self.title,
            "state": self.state,
            "namespaces": ["shop"],
            "signals": [],
            "opened_at": START,
            "updated_at": START + 60,
        }

    async def _incidents(self, _: Request) -> Response:
        return JSONResponse([self._the_incident()] if self.events else [])

    async def _incident(self, request: Request) -> Response:
        if request.path_params["id"] != INCIDENT:
            return JSONResponse({"error": "no such incident"}, 404)
        return JSONResponse(self._the_incident())

    async def _events(self, request: Request) -> Response:
        after = int(request.query_params.get("after", 0))
        return JSONResponse([e for e in self.events if e["seq"] > after])

    async def _stream(self, request: Request) -> Response:
        self.streams.append(request.headers["last-event-id"])
        return StreamingResponse(self._lines(int(request.headers["last-event-id"])), media_type="text/event-stream")

    async def _lines(self, after: int) -> AsyncIterator[bytes]:
        yield b": ping\n\n"
        while not self.drop_streams:
            for one in self.events[after:]:
                after = one["seq"]
                yield b"id: %d\nevent: %s\ndata: %s\n\n" % (after, one["kind"].encode(), orjson.dumps(one))
            async with self._news:
                if len(self.events) <= after:
                    await self._news.wait()

    async def drop(self) -> None:
        """End every stream that is open, as a proxy does that restarts."""
        self.drop_streams = True
        async with self._news:
            self._news.notify_all()
        await asyncio.sleep(0)

    async def _approvals(self, _: Request) -> Response:
        waiting = self.state == "awaiting_approval"
        last = [e["data"] for e in self.events if e["kind"] == "proposal"][-1:] if waiting else []
        return JSONResponse([{"id": d["approval"], "incident": INCIDENT, "action": d["action"]} for d in last])

    async def _switch(self, request: Request) -> Response:
        self.stopped_by = request.query_params["actor"] if request.method == "PUT" else None
        return JSONResponse({"stopped": self.stopped_by is not None, "actor": self.stopped_by})

    async def _other(self, request: Request) -> Response:
        path = request.url.path
        if request.method == "GET":
            self.gets.append(path)
        if request.method == "POST":
            self.posts.append((path, await request.json()))
            if path in self.lose:
                return StreamingResponse(_broken(), headers={"content-length": "100"})
        status, body = self.answers.get(path, (404, {"error": "Not Found"}))
        return JSONResponse(body, status)


async def _broken() -> AsyncIterator[bytes]:
    """A reply that ends before it is whole."""
    yield b"{"


def event(seq: int, kind: str, text: str, data: dict[str, Any], actor: str = "supervisor") -> dict[str, Any]:
    at = START + seq
    return {"incident": INCIDENT, "seq": seq, "at": at, "kind": kind, "actor": actor, "text": text, "data": data}


def entity(name: str, kind: str = "Deployment") -> dict[str, Any]:
    return {"kind": kind, "namespace": "shop", "name": name}


def evidence(name: str, text: str = "error_ratio of Service/shop/cart rose from its baseline.") -> dict[str, Any]:
    return {
        "id": name,
        "source": "metrics",
        "subject": entity("cart"),
        "query": {"tool": "golden_signals", "arguments": {"namespace": "shop"}},
        "window": {"start": START - 60, "end": START},
        "summary": text,
        "observed": text,
        "baseline": "0.0%",
        "score": 0.9,
        "onset": START - 30,
        "suggests": [],
    }


def diagnosis(text: str = "Service/shop/cart sends to a port on which nobody listens.") -> dict[str, Any]:
    cause = {
        "subject": entity("cart", "Service"),
        "mechanism": "config.target_port",
        "field": "spec.ports[http].targetPort",
        "wanted": "http",
        "confidence": 0.97,
        "summary": f"{text} Field: spec.ports[http].targetPort. [metrics-1, metrics-2]",
        "path": [entity("cart"), entity("front")],
        "evidence": ["metrics-1", "metrics-2"],
    }
    return {
        "fault": True,
        "abstained": False,
        "onset": START - 30,
        "root_causes": [cause],
        "ruled_out": [{"subject": entity("db"), "mechanism": None, "reason": text, "evidence": []}],
        "missing": [text],
        "summary": text,
    }


def proposal(number: int = 1, text: str = "It worked until the port was changed.") -> dict[str, Any]:
    return {
        "approval": f"apr-{number}",
        "digest": str(number) * 64,
        "action": {
            "id": f"{INCIDENT}-{number}",
            "proposal": {
                "tool": "patch_service",
                "arguments": {"path": "spec.ports[http].targetPort"},
                "target": entity("cart", "Service"),
                "mechanism": "config.target_port",
                "reason": text,
                "expected_effect": text,
                "evidence": ["metrics-1"],
            },
            "risk": "medium",
            "edits": [{"op": "patch", "target": entity("cart", "Service"), "patch_type": "merge", "body": {}}],
            "diff": f"--- now\n+++ proposed\n@@ -1 +1 @@\n-  targetPort: 9999\n+  targetPort: http  # {text}\n",
        },
    }


def until_proposal(text: str = "", title: str = "UserErrorRatioHigh: users get errors") -> list[dict[str, Any]]:
    """A timeline up to the moment where a person must answer; `text` stands wherever text from outside can."""
    given = {"text": text} if text else {}
    signal = {"id": "s1", "title": text or title, "text": text, "starts_at": START - 20, "resolved": False}
    return [
        event(1, "signal", text or title, signal, actor="webhook"),
        event(2, "transition", text or "begins", {"from": "open", "to": "diagnosing"}),
        event(3, "evidence", text or "rose", evidence("metrics-1", **given), actor=text or "metrics"),
        event(4, "evidence", text or "rose", evidence("metrics-2", **given)),
        event(5, "diagnosis", text or "found", diagnosis(**given)),
        event(6, "transition", text or "proposed", {"from": "diagnosing", "to": "awaiting_approval"}),
        event(7, "proposal", text or "patch", proposal(**given)),
    ]
