"""A real HTTP server on loopback that speaks the OpenAI chat API from a script, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Answer = Response | Callable[[dict[str, Any]], Response]


def said(text: Any, *, finish: str = "stop", usage: tuple[int, int] | None = (100, 20), calls: Any = None) -> Response:
    """A chat completion; `text` that is no string is sent as JSON text, None as null."""
    content = text if isinstance(text, str) or text is None else json.dumps(text)
    message = {"role": "assistant", "content": content} | ({"tool_calls": calls} if calls else {})
    body: dict[str, Any] = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
    }
    if usage is not None:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return JSONResponse(body)


def call(name: str, arguments: Any, identity: str = "call-1") -> dict[str, Any]:
    """One tool call; `arguments` that are no string are sent as JSON text."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": text}}


def refused(status: int, message: str, **headers: str) -> Response:
    return JSONResponse(
        {"error": {"message": message}}, status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


class ModelServer:
    """Answers in the order of `script`; the last answer stays. `bodies` and `headers` are what it was sent."""

    def __init__(self, *script: Answer) -> None:
        self.script = list(script)
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self.hold: asyncio.Event | None = None

    async def answer(self, request: Request) -> Response:
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        if self.hold is not None:
            await self.hold.wait()
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return answer if isinstance(answer, Response) else answer(self.bodies[-1])

    async def models(self, request: Request) -> Response:
        return JSONResponse(
            {"object": "list", "data": [{"id": "scripted", "object": "model", "created": 1, "owned_by": "x"}]}
        )


@asynccontextmanager
async def serving(*script: Answer) -> AsyncIterator[ModelServer]:
    """The server, listening on a free port of loopback."""
    scripted = ModelServer(*script)
    routes = [
        Route("/v1/chat/completions", scripted.answer, methods=["POST"]),
        Route("/v1/models", scripted.models),
    ]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            Starlette(routes=routes), log_level="warning", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0)
        scripted.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        try:
            yield scripted
        finally:
            if scripted.hold is not None:
                scripted.hold.set()
            server.should_exit = True
            await running
