"""Subresources that are more than a part of their object: one file each.

A file has `async def answer(server, call, request) -> Response`, and a line in `HANDLERS`. What is not listed here
(`status`, `finalize`) is written and read as a part of its object.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.api.subresources import binding, eviction, log, proxy, scale, streams, token

Handler = Callable[[Server, Call, Request], Awaitable[Response]]

HANDLERS: dict[str, Handler] = {
    "attach": streams.answer,
    "binding": binding.answer,
    "eviction": eviction.answer,
    "exec": streams.answer,
    "log": log.answer,
    "portforward": streams.answer,
    "proxy": proxy.answer,
    "scale": scale.answer,
    "token": token.answer,
}
"""By the subresource's name in the path."""
