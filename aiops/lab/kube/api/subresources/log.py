"""`pods/log`: what a container wrote, and with `follow` what it goes on to write."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from aiops.core.clock import pause, rfc3339
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.api.subresources.containers import container_name, logged_process, running_process
from aiops.lab.kube.api.subresources.log_options import LogOptions, log_options
from aiops.lab.kube.errors import method_not_allowed
from aiops.lab.kube.objects import Key

_PLAIN = {"content-type": "text/plain"}

LOOK = 0.05
"""Wall seconds between two looks for new lines."""


async def answer(server: Server, call: Call, request: Request) -> Response:
    """GET of the log, as plain text. Raises 400, 404, 405, 422."""
    if call.info.verb != "get":
        raise method_not_allowed()
    options = log_options(call.info.name, request.query_params, server.store.now())
    pod = server.store.get("Pod", *call.key)
    name = container_name(pod, options.container)
    if not pod["spec"].get("nodeName"):
        return Response(status_code=204)
    process = logged_process(pod, name, previous=options.previous)
    if options.follow:
        lines = followed(server, call.key, name, process, options)
        return StreamingResponse(lines, headers=_PLAIN)
    return Response(read_log(server, process, options), headers=_PLAIN)


def read_log(server: Server, process: str, options: LogOptions) -> str:
    """The lines that are asked for, as one text."""
    return _cut(_shown(server.logs(process, options.since, options.tail), options), options)


async def followed(server: Server, key: Key, container: str, process: str, options: LogOptions) -> AsyncIterator[bytes]:
    """The lines so far, then each new one, until the process has ended or the pod is gone."""
    seen = server.store.now()
    text = read_log(server, process, options)
    left = options.limit
    while True:
        part = text.encode() if left is None else text.encode()[:left]
        if part:
            yield part
        left = None if left is None else left - len(part)
        if left == 0:
            return
        pod = server.store.find("Pod", *key)
        runs = pod is not None and running_process(pod, container) == process
        text = ""
        if runs:
            await pause(LOOK)
        now = server.store.now()
        if now > seen:
            lines = [line for line in server.logs(process, seen, None) if seen < line[0] <= now]
            text, seen = _shown(lines, options), now
        if not runs and not text:
            return


def _shown(lines: list[tuple[float, str]], options: LogOptions) -> str:
    if options.timestamps:
        return "".join(f"{stamp(moment)} {line}\n" for moment, line in lines)
    return "".join(f"{line}\n" for _, line in lines)


def stamp(moment: float) -> str:
    """A time in nanoseconds, all nine digits, as container runtimes write it."""
    return f"{rfc3339(moment, micro=True)[:-1]}000Z"


def _cut(text: str, options: LogOptions) -> str:
    return text if options.limit is None else text.encode()[: options.limit].decode(errors="ignore")
