"""The two ways in: plain HTTP, and the Model Context Protocol on `/mcp`.

`GET /task`, `GET /tools`, `POST /tools/{name}` with the arguments as JSON; `submit` is a tool like the others.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aiops.bench.workbench import Workbench, told
from aiops.core.errors import AiopsError, NotFoundError, UnknownNameError

PROTOCOL = "2025-06-18"
"""The version of the Model Context Protocol that is spoken: requests and JSON answers, no streams."""

PARSE_ERROR, NO_METHOD, WRONG_PARAMETERS = -32700, -32601, -32602
"""Error codes of JSON-RPC 2.0."""


def serving_app(bench: Workbench) -> Starlette:
    """The application for one scenario."""

    async def task(_: Request) -> Response:
        return JSONResponse(bench.task())

    async def tools(_: Request) -> Response:
        found = [
            {"name": one.name, "description": one.description, "parameters": one.parameters} for one in bench.tools()
        ]
        return JSONResponse({"tools": found})

    async def call(request: Request) -> Response:
        try:
            arguments = json.loads(await request.body() or b"{}")
        except ValueError:
            return JSONResponse({"error": "the body is no JSON"}, 400)
        if not isinstance(arguments, dict):
            return JSONResponse({"error": "the arguments are to be one JSON object"}, 400)
        try:
            return JSONResponse(await bench.call(request.path_params["name"], arguments))
        except AiopsError as error:
            return JSONResponse(told(error), 404 if isinstance(error, UnknownNameError | NotFoundError) else 422)

    async def mcp(request: Request) -> Response:
        try:
            message = json.loads(await request.body())
        except ValueError:
            return JSONResponse(_failed(None, PARSE_ERROR, "the body is no JSON"))
        if not isinstance(message, dict) or "id" not in message:
            return Response(status_code=202)  # a notification, which asks for no answer
        return JSONResponse(await _answered(bench, message))

    return Starlette(
        routes=[
            Route("/task", task),
            Route("/tools", tools),
            Route("/tools/{name}", call, methods=["POST"]),
            Route("/mcp", mcp, methods=["POST"]),
        ]
    )


async def _answered(bench: Workbench, message: dict[str, Any]) -> dict[str, Any]:
    method, found = message.get("method"), message.get("params")
    parameters = found if isinstance(found, dict) else {}
    if method == "initialize":
        about = {"name": "aiops-bench", "version": "1"}
        task = json.dumps(bench.task())
        result: Any = {
            "protocolVersion": PROTOCOL, "capabilities": {"tools": {}}, "serverInfo": about, "instructions": task,
        }  # fmt: skip
    elif method == "ping":
        result = {}
    elif method == "tools/list":
        specs = bench.tools()
        result = {"tools": [{"name": s.name, "description": s.description, "inputSchema": s.parameters} for s in specs]}
    elif method == "tools/call":
        name, arguments = parameters.get("name"), parameters.get("arguments") or {}
        if not isinstance(name, str) or not isinstance(arguments, dict):
            return _failed(message["id"], WRONG_PARAMETERS, "tools/call needs a name, and arguments as an object")
        result = await _called(bench, name, arguments)
    else:
        return _failed(message["id"], NO_METHOD, f"no method {method!r}")
    return {"jsonrpc": "2.0", "id": message["id"], "result": result}


async def _called(bench: Workbench, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        said, wrong = await bench.call(name, arguments), False
    except AiopsError as error:
        said, wrong = told(error), True
    return {"content": [{"type": "text", "text": json.dumps(said)}], "isError": wrong}


def _failed(identity: Any, code: int, text: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identity, "error": {"code": code, "message": text}}
