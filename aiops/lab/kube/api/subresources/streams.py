"""`pods/exec`, `pods/attach`, `pods/portforward`: requests that become a stream, and their checks before.

Only WebSockets are spoken (see `kube/api/streaming.py`); what comes as plain HTTP or SPDY is refused after the same
checks, so that a client that falls back learns the true reason.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from aiops.core.entity import Manifest
from aiops.lab.kube.access.rbac import access_of, require
from aiops.lab.kube.access.user import User
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.request import RequestInfo
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.api.subresources.containers import container_name, running_process
from aiops.lab.kube.errors import ApiError, bad_request, method_not_allowed
from aiops.lab.kube.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Target:
    """A container that is to be streamed with. `process` is empty where it does not run."""

    pod: Manifest
    container: str
    process: str


async def answer(server: Server, call: Call, request: Request) -> Response:
    """GET or POST without an upgrade. Raises 400, 403, 404, 405."""
    if call.info.verb not in ("get", "create"):
        raise method_not_allowed()
    found = target(server.store, call.info, call.user, request.query_params.get("container", ""))
    if request.headers.get("upgrade", "").lower().startswith("spdy/"):
        if call.info.subresource != "portforward" and not found.process:
            raise not_running(found)
        raise bad_request("unable to upgrade: SPDY is not spoken here, only WebSockets")
    raise bad_request("Upgrade request required")


def target(store: ObjectStore, info: RequestInfo, user: User, container: str) -> Target:
    """The container that a request is about. Raises 400, 403, 404.

    A stream needs the verb `create` whatever the method, as a WebSocket can only be opened with GET."""
    require(store, user, replace(access_of(info), verb="create"))
    pod = store.get("Pod", info.namespace, info.name)
    name = container_name(pod, container) if info.subresource != "portforward" else ""
    if not pod["spec"].get("nodeName"):
        raise bad_request(f"pod {info.name} does not have a host assigned")
    if not name and pod.get("status", {}).get("phase") != "Running":
        raise bad_request(f"unable to forward port because pod is not running. Current status={phase_of(pod)}")
    store.admit("CONNECT", store.catalog.stored("Pod"), (info.namespace, info.name), pod, info.subresource)
    return Target(pod, name, running_process(pod, name))


def phase_of(pod: Manifest) -> str:
    return str((pod.get("status") or {}).get("phase", "Unknown"))


def not_running(target: Target) -> ApiError:
    """There is a container, and no process in it."""
    name = target.pod["metadata"]["name"]
    phase = phase_of(target.pod)
    if phase in ("Succeeded", "Failed"):
        message = f"cannot exec into a container in a completed pod; current phase is {phase}"
        return bad_request(message)
    what = f'unable to upgrade connection: container not found ("{target.container}")'
    return ApiError(500, "InternalError", what, {"name": name, "kind": "pods"})
