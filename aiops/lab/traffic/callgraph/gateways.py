"""Handlers of the gateways: what the Ingresses say becomes of the users' requests."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiops.core.entity import Manifest
from aiops.lab.apps.calling import Call
from aiops.lab.apps.model import Operation
from aiops.lab.apps.program import Route
from aiops.lab.traffic.callgraph.drafts import DraftCall, DraftHandler
from aiops.lab.traffic.callgraph.graph import STATUSES, CallInfo, HandlerInfo
from aiops.lab.traffic.callgraph.handlers import Handlers
from aiops.lab.traffic.callgraph.reaching import Reaching
from aiops.lab.traffic.network.gateway import annotation, rewritten
from aiops.lab.traffic.network.network import Destination, Network, Obstacle
from aiops.lab.traffic.processes.process import Process

GATEWAY_TIMEOUT, GATEWAY_CONNECT_TIMEOUT, GATEWAY_TRIES = 60.0, 5.0, 3
"""The defaults of ingress-nginx: proxy-read-timeout, proxy-connect-timeout, proxy-next-upstream-tries."""

_CPU_MS = 0.4
_NOT_FOUND, _FAILED = STATUSES.index(404), STATUSES.index(500)


class Gateways:
    """The gateways of one moment; users come to them under the name `host`."""

    def __init__(self, host: str, network: Network, handlers: Handlers, reaching: Reaching) -> None:
        self._host = host
        self._network = network
        self._handlers = handlers
        self._reaching = reaching
        processes = handlers.processes
        self._listening = [index for index in handlers.listening if processes[index].program.role == "gateway"]

    def take(self, operation: Operation) -> list[int]:
        """The handlers of one user operation, one at each listening gateway."""
        rule = self._network.ingress_for(self._host, operation.path)
        return [self._handlers.put(self._handler(index, operation, rule)) for index in self._listening]

    def _handler(self, index: int, operation: Operation, rule: tuple[Manifest, str, Manifest] | None) -> DraftHandler:
        method, path = operation.method, operation.path
        if rule is None:
            route = Route(cpu_ms=_CPU_MS, error_ratio=1.0)
            info = HandlerInfo(index, method, path)
            return DraftHandler(info, route, error_status=_NOT_FOUND, passes_status=True)
        manifest, matched, backend = rule
        name = manifest["metadata"]
        route = Route(cpu_ms=_CPU_MS, error_ratio=1.0 if self._refuses(manifest) else 0.0)
        info = HandlerInfo(index, method, path, (name["namespace"], name["name"], matched, backend["name"]))
        draft = DraftHandler(info, route, error_status=_FAILED, passes_status=True)
        draft.calls.append(self._proxy(self._handlers.processes[index], draft, manifest, backend))
        return draft

    def _refuses(self, ingress: Manifest) -> bool:
        """Whether the gateway asks somebody who does not answer whether a user may come in: it says 500 then."""
        asked = urlsplit(annotation(ingress, "auth-url"))
        if not asked.hostname:
            return False
        port = asked.port or (443 if asked.scheme == "https" else 80)
        return not self._network.resolve("", asked.hostname, port).backends

    def _proxy(self, process: Process, draft: DraftHandler, ingress: Manifest, backend: Manifest) -> DraftCall:
        backends = self._network.ingress_backends(ingress["metadata"]["namespace"], backend)
        shown = f"{backends[0][0].address}:{backends[0][1]}" if backends else ""
        route = draft.info.route
        info = CallInfo(draft.info.process, str(backend["name"]), 0, shown, route, "", (process.container.id, route))
        asked = f"{draft.info.method} {rewritten(ingress, draft.info.path)}"
        call = Call(to="upstream", route=asked, timeout=GATEWAY_TIMEOUT, retries=GATEWAY_TRIES - 1)
        made = DraftCall(info, 0, call, connect_timeout=GATEWAY_CONNECT_TIMEOUT, retries_answers=False)
        made.name_seconds = 0.0005
        client = self._network.peers.get((process.namespace, process.pod))
        if not backends or client is None:
            made.block(Obstacle.UNRESOLVED)  # nginx has no endpoint to send to and answers 503 itself
        else:
            self._reaching.reach(made, client, process, Destination(shown, backends, named=False))
        return made
