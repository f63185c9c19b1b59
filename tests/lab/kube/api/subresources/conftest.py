"""A pod whose container has run twice, in front of a runtime that answers as a test says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from starlette.applications import Starlette

from aiops.core.entity import Manifest
from aiops.lab.kube import MASTERS, ObjectStore, User, kubernetes_app
from aiops.lab.ports import ContainerStart, ContainerUse, ExecResult, ImageFacts, Listener, ProcessStatus

TOKENS = {"admin": User("admin", (MASTERS,)), "bob": User("bob")}
PODS = "/api/v1/namespaces/default/pods"


@dataclass
class Containers:
    """Logs by container id, and what commands answer."""

    lines: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    answers: dict[tuple[str, ...], ExecResult] = field(default_factory=dict)
    listeners: dict[int, Listener] = field(default_factory=dict)

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        lines = [line for line in self.lines.get(container_id, []) if since is None or line[0] >= since]
        return lines if tail is None else lines[len(lines) - min(tail, len(lines)) :]

    def execute(self, container_id: str, command: Sequence[str]) -> ExecResult:
        return self.answers[container_id, *command]

    def pull(self, image: str, logins: Mapping[str, tuple[str, str]]) -> str | None: ...

    def facts(self, image: str) -> ImageFacts:
        return ImageFacts()

    def start(self, container: ContainerStart) -> str | None: ...

    def terminate(self, container_id: str, delay: float, grace: float) -> None: ...

    def stop(self, container_id: str) -> None: ...

    def status(self, container_id: str) -> ProcessStatus:
        return ProcessStatus(running=True)

    def ended(self) -> list[str]:
        return []

    def resize(self, container_id: str, memory_limit: float | None, cpu_limit: float | None) -> None: ...

    def rewrite(self, container_id: str, files: Mapping[str, str]) -> None: ...

    def probe_epoch(self) -> int: ...

    def probe(self, container_id: str, probe: Manifest) -> str | None: ...

    def use(self, container_id: str) -> ContainerUse | None: ...

    def node_use(self) -> Mapping[str, ContainerUse]:
        return {}

    def dial(self, namespace: str, pod: str, port: int) -> Listener | None:
        return self.listeners.get(port)


@dataclass
class Rig:
    """A store with pods, and its API. `report` writes a pod's status as its kubelet would."""

    store: ObjectStore
    containers: Containers
    app: Starlette

    def pod(self, name: str, *containers: str, node: str = "node-1", **spec: Any) -> Manifest:
        made = [{"name": container, "image": "app:1"} for container in containers]
        spec = {"containers": made, **({"nodeName": node} if node else {}), **spec}
        manifest = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"}, "spec": spec}
        return self.store.create(manifest, manager="test")

    def report(self, name: str, phase: str = "Running", **states: Manifest) -> None:
        """`states`: by container, the parts of its status."""
        pod = self.store.get("Pod", "default", name)
        statuses = [
            {"name": container, "image": "app:1", "imageID": "", "ready": True, "restartCount": 0, **state}
            for container, state in states.items()
        ]
        status = {**pod["status"], "phase": phase, "containerStatuses": statuses}
        self.store.update({**pod, "status": status}, manager="kubelet", subresource="status")

    @asynccontextmanager
    async def socket(
        self, path: str, token: str = "admin", protocols: Sequence[str] = ("v5.channel.k8s.io",)
    ) -> AsyncIterator[Socket]:
        """A WebSocket as ASGI sees it, without a network."""
        socket = Socket()
        raw, _, query = path.partition("?")
        scope = {
            "type": "websocket", "path": raw, "raw_path": raw.encode(), "query_string": query.encode(),
            "headers": [(b"authorization", f"Bearer {token}".encode()), (b"host", b"lab")],
            "subprotocols": list(protocols),
            "scheme": "ws", "server": ("lab", 80), "client": ("c", 1), "extensions": {"websocket.http.response": {}},
            "http_version": "1.1", "root_path": "",
        }  # fmt: skip
        task = asyncio.create_task(self.app(scope, socket.receive, socket.send))
        try:
            yield socket
        finally:
            socket.leave()
            await asyncio.wait_for(task, 60)


class Socket:
    """The client's end. `messages` are what the server sent, in order."""

    def __init__(self) -> None:
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._outgoing: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def receive(self) -> dict[str, Any]:
        return await self._incoming.get()

    async def send(self, message: Any) -> None:
        await self._outgoing.put(message)

    def write(self, content: bytes) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "bytes": content})

    def leave(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1006})

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._outgoing.get(), 60)

    async def all(self) -> list[dict[str, Any]]:
        """Every message up to the end of the connection, or of a refusal."""
        found = [await self.next()]
        while found[-1]["type"] != "websocket.close" and not (
            found[-1]["type"] == "websocket.http.response.body" and not found[-1].get("more_body")
        ):
            found.append(await self.next())
        return found


@pytest.fixture
def rig(store: ObjectStore) -> Rig:
    containers = Containers()
    app = kubernetes_app(store, tokens=TOKENS, logs=containers.logs, runtime=containers)
    return Rig(store, containers, app)
