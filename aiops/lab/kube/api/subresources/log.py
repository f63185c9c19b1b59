"""`pods/log`: what a container wrote."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.core.errors import InvalidInputError
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.server import LogReader, Server
from aiops.lab.kube.errors import bad_request, method_not_allowed


async def answer(server: Server, call: Call, request: Request) -> Response:
    """GET of the log, as plain text. Raises 400, 404, 405."""
    if call.info.verb != "get":
        raise method_not_allowed()
    pod = server.store.get("Pod", *call.key)
    return PlainTextResponse(read_log(pod, request.query_params, server.logs, server.store.now()))


def read_log(pod: Manifest, query: Mapping[str, str], logs: LogReader, now: float) -> str:
    """The text of `pods/log`. Raises 400 for a container that is unknown, not started or not named among several."""
    name = _container(pod, query.get("container", ""))
    previous = query.get("previous") in ("1", "true")
    container_id = _container_id(pod, name, previous)
    since = _since(query, now)
    tail = _number(query, "tailLines")
    stamped = query.get("timestamps") in ("1", "true")
    lines = logs(container_id, since, tail)
    return "".join(f"{rfc3339(at, micro=True) + ' ' if stamped else ''}{line}\n" for at, line in lines)


def _container(pod: Manifest, wanted: str) -> str:
    name = pod["metadata"]["name"]
    names = [c["name"] for field in ("containers", "initContainers") for c in pod["spec"].get(field) or ()]
    if wanted:
        if wanted not in names:
            raise bad_request(f"container {wanted} is not valid for pod {name}")
        return wanted
    if len(pod["spec"]["containers"]) > 1:
        choose = " ".join(c["name"] for c in pod["spec"]["containers"])
        raise bad_request(f"a container name must be specified for pod {name}, choose one of: [{choose}]")
    return str(names[0])


def _container_id(pod: Manifest, name: str, previous: bool) -> str:
    status = pod.get("status", {})
    entries = [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]
    entry: dict[str, Any] = next((item for item in entries if item["name"] == name), {})
    where = f'container "{name}" in pod "{pod["metadata"]["name"]}"'
    last = entry.get("lastState", {}).get("terminated")
    if previous:
        if not last:
            raise bad_request(f"previous terminated {where} not found")
        return _runtime_id(last["containerID"])
    waiting = entry.get("state", {}).get("waiting")
    if waiting and not last:
        raise bad_request(f"{where} is waiting to start: {_why_waiting(waiting.get('reason', ''))}")
    if not entry.get("containerID"):
        raise bad_request(f"{where} is waiting to start: ContainerCreating")
    return _runtime_id(entry["containerID"])


def _why_waiting(reason: str) -> str:
    return "trying and failing to pull image" if reason in ("ErrImagePull", "ImagePullBackOff") else reason


def _runtime_id(text: str) -> str:
    return text.partition("://")[2] or text


def _since(query: Mapping[str, str], now: float) -> float | None:
    seconds, moment = _number(query, "sinceSeconds"), query.get("sinceTime")
    if seconds is not None and moment:
        raise bad_request("at most one of sinceTime or sinceSeconds may be specified")
    if seconds is not None:
        return now - seconds
    try:
        return from_rfc3339(moment) if moment else None
    except InvalidInputError as error:
        raise bad_request(f"sinceTime: {error}") from error


def _number(query: Mapping[str, str], field: str) -> int | None:
    text = query.get(field)
    if not text:
        return None
    if not text.lstrip("-").isdecimal() or int(text) < 0:
        raise bad_request(f"{field}: must be a number, not negative: {text!r}")
    return int(text)
