"""`pods/proxy` and `services/proxy`: an HTTP request that the API server passes on, with its words where it cannot.

Modelled on `ResourceLocation` of pods and services. Bodies and queries go unheard: the model knows methods and paths.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from aiops.core.entity import Manifest
from aiops.lab.kube.api.call import Call
from aiops.lab.kube.api.server import Server
from aiops.lab.kube.errors import ApiError, bad_request
from aiops.lab.kube.storage.store import ObjectStore

_SCHEMES = ("", "http", "https")
_NO_KUBELET = "this lab's kubelets have no API of their own: read metrics.k8s.io, pods/log, or Prometheus"
_NOT_TLS = "tls: first record does not look like a TLS handshake"


async def answer(server: Server, call: Call, request: Request) -> Response:
    """Any method. Raises 400, 404, 503 where nothing answers."""
    if call.resource.kind == "Node":
        server.store.get("Node", "", call.info.name)
        raise ApiError(404, "NotFound", _NO_KUBELET, {})
    scheme, name, port = _parts(call)
    found = _of_pod(server.store, call, name, port) if call.resource.kind == "Pod" else None
    pod, number = found or _of_service(server.store, call, name, port)
    address = f"{(pod.get('status') or {}).get('podIP', '')}:{number}"
    listener = None
    if server.runtime is not None:
        listener = server.runtime.dial(call.info.namespace, pod["metadata"]["name"], number)
    if listener is None:
        raise _unreachable(f"dial tcp {address}: connect: connection refused")
    if listener.answer is None:
        raise _unreachable("EOF")
    if scheme == "https":
        raise _unreachable(_NOT_TLS)
    path = "/" + request.url.path.partition("/proxy")[2].lstrip("/")
    reply = listener.answer(request.method, path)
    return Response(reply.body, reply.status, media_type="text/plain")


def _parts(call: Call) -> tuple[str, str, str]:
    """(scheme, name, port) of `name`, `name:port` or `scheme:name:port`."""
    words = call.info.name.split(":")
    scheme, name, port = ("", *words, "")[:3] if len(words) < 3 else (words[0], words[1], words[2])
    if len(words) > 3 or not name or scheme not in _SCHEMES:
        raise bad_request(f'invalid {call.resource.singular} request "{call.info.name}"')
    return scheme, name, port


def _of_pod(store: ObjectStore, call: Call, name: str, port: str) -> tuple[Manifest, int]:
    """A pod, and the port asked for or else its first."""
    pod = store.get("Pod", call.info.namespace, name)
    if not (pod.get("status") or {}).get("podIP"):
        raise bad_request("address not allowed")
    declared = [entry["containerPort"] for each in pod["spec"]["containers"] for entry in each.get("ports") or ()]
    if port and not (port.isascii() and port.isdigit()):
        raise _unreachable(f"dial tcp: lookup tcp/{port}: unknown port")
    return pod, int(port) if port else declared[0] if declared else 80


def _of_service(store: ObjectStore, call: Call, name: str, port: str) -> tuple[Manifest, int]:
    """A ready pod behind a service's port, which is given by its name or number."""
    namespace = call.info.namespace
    wanted = port
    service = store.get("Service", namespace, name)
    if port.isascii() and port.isdigit():
        named = [entry.get("name", "") for entry in service["spec"].get("ports") or () if entry["port"] == int(port)]
        if not named:
            raise _unavailable(f'no service port {port} found for service "{name}"')
        wanted = named[0]
    endpoints = store.get("Endpoints", namespace, name)
    subsets = endpoints.get("subsets") or []
    if not subsets:
        raise _unavailable(f'no endpoints available for service "{name}"')
    for subset in subsets:
        number = next((entry["port"] for entry in subset.get("ports") or () if entry.get("name", "") == wanted), None)
        for address in subset.get("addresses") or () if number else ():
            target = address.get("targetRef") or {}
            pod = store.find("Pod", namespace, target.get("name", "")) if target.get("kind") == "Pod" else None
            if pod is not None:
                return pod, int(number or 0)
    raise _unavailable(f'no endpoints available for service "{call.info.name}"')


def _unavailable(message: str) -> ApiError:
    return ApiError(503, "ServiceUnavailable", message)


def _unreachable(why: str) -> ApiError:
    return _unavailable(f"error trying to reach service: {why}")
