"""Streams to containers over WebSockets, by Kubernetes' remote command protocols `v5.channel.k8s.io` and `v4`.

Each message begins with the number of its channel; the last one on the error channel is a Status with the exit code.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from aiops.core.clock import pause
from aiops.lab.kube import errors
from aiops.lab.kube.api.access import authorized
from aiops.lab.kube.api.content import json_answer
from aiops.lab.kube.api.forwarding import forwarding
from aiops.lab.kube.api.request import parse_request
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.api.subresources.log import followed
from aiops.lab.kube.api.subresources.log_options import LogOptions, flag
from aiops.lab.kube.api.subresources.streams import Target, not_running, target
from aiops.lab.kube.errors import ApiError
from aiops.lab.ports import ExecResult

log = logging.getLogger(__name__)

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDOUT, STDERR, STATUS = b"\x01", b"\x02", b"\x03"
STREAMED = ("exec", "attach", "portforward")
PIECE = 32 * 1024
"""Bytes of one message."""

_FLUSH = 0.01


class Streams:
    """Serves the WebSockets of one API server. A client that breaks off or sends garbage ends its own stream alone."""

    def __init__(self, server: Server) -> None:
        self._server = server

    async def handle(self, socket: WebSocket) -> None:
        try:
            found, protocol, subresource = self._checked(socket)
        except ApiError as error:
            await socket.send_denial_response(json_answer(error.body(), error.status))
            return
        try:
            await socket.accept(subprotocol=protocol)
            if subresource == "portforward":
                await forwarding.forward(self._server, socket, found.pod, protocol)
            elif subresource == "exec":
                await self._exec(socket, found)
            else:
                await self._attach(socket, found)
            await pause(_FLUSH)
            await socket.close()
        except (WebSocketDisconnect, RuntimeError) as error:  # the client went away in the middle
            log.debug("stream to %s ended: %s", found.container, error)

    def _checked(self, socket: WebSocket) -> tuple[Target, str, str]:
        """(target, protocol, subresource). Raises every refusal."""
        query = socket.query_params
        info = parse_request("GET", socket.url.path, query)
        if info.plural != "pods" or info.group or info.subresource not in STREAMED:
            raise errors.unknown_path()
        user = authorized(self._server, socket, info)
        with self._server.store.acting(user, []):
            found = target(self._server.store, info, user, query.get("container", ""))
        if info.subresource == "portforward":
            return found, forwarding.agreed(self._server, socket), info.subresource
        if info.subresource == "exec" and not query.getlist("command"):
            raise errors.bad_request("you must specify at least 1 command for the container")
        if not any(flag(query, name) for name in ("stdin", "stdout", "stderr")):
            raise errors.bad_request("you must specify at least 1 of stdin, stdout, stderr")
        if not found.process or self._server.runtime is None:
            raise not_running(found)
        offered = socket.scope.get("subprotocols") or []
        protocol = next((name for name in PROTOCOLS if name in offered), "")
        if not protocol:
            raise errors.bad_request(f"unable to upgrade: unsupported protocols {offered}, known are {list(PROTOCOLS)}")
        return found, protocol, info.subresource

    async def _exec(self, socket: WebSocket, found: Target) -> None:
        runtime = self._server.runtime
        if runtime is None:
            return
        query = socket.query_params
        result = runtime.execute(found.process, query.getlist("command"))
        told = f"{result.problem}: unknown\n" if result.problem else ""
        streams = ((STDOUT, "stdout", result.stdout), (STDERR, "stderr", result.stderr + told))
        both = flag(query, "tty")
        for channel, name, text in streams:
            if text and (flag(query, name) or both):
                await self._send(socket, STDOUT if both else channel, text)
        await socket.send_bytes(STATUS + orjson.dumps(exit_status(result, query.getlist("command"))))

    async def _attach(self, socket: WebSocket, found: Target) -> None:
        """What the container writes, until it ends or the client leaves."""
        pump = asyncio.create_task(self._pump(socket, found))
        leaving = asyncio.create_task(_left(socket))
        try:
            await asyncio.wait({pump, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not pump.done():
                pump.cancel()
        with suppress(asyncio.CancelledError):
            await pump

    async def _pump(self, socket: WebSocket, found: Target) -> None:
        metadata = found.pod["metadata"]
        options = LogOptions(since=None if _waits(found) else self._server.store.now())
        key = (metadata["namespace"], metadata["name"])
        async for part in followed(self._server, key, found.container, found.process, options):
            await socket.send_bytes(STDOUT + part)
        await socket.send_bytes(STATUS + orjson.dumps({"metadata": {}, "status": "Success"}))

    async def _send(self, socket: WebSocket, channel: bytes, text: str) -> None:
        content = text.encode()
        for start in range(0, len(content), PIECE):
            await socket.send_bytes(channel + content[start : start + PIECE])


def _waits(found: Target) -> bool:
    """Does the process read what a client types? Then it has waited for the client, who misses nothing of it; of any
    other only what it writes from now on is shown."""
    containers = [*found.pod["spec"]["containers"], *(found.pod["spec"].get("ephemeralContainers") or ())]
    return any(each.get("stdin") for each in containers if each["name"] == found.container)


async def _left(socket: WebSocket) -> None:
    """Return once the client has gone; what it writes is for nobody."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def exit_status(result: ExecResult, command: list[str]) -> dict[str, Any]:
    """The Status that ends a command, as the kubelet's streaming server writes it."""
    if result.exit_code == 0:
        return {"metadata": {}, "status": "Success"}
    why = f"error executing command {command}, exit code {result.exit_code}"
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: {why}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(result.exit_code)}]},
    }
