"""The lab as a cluster to play scripts on: empty but for nodes and people, served over loopback, in virtual time."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from aiops.clients.kubeconfig import ClusterAccess
from aiops.core.clock import SystemClock, pause
from aiops.lab.certificates import ServerCertificate, self_signed
from aiops.lab.control import ControlPlane
from aiops.lab.kube import MASTERS, ObjectStore, User, bootstrap, kubernetes_app, service_account
from aiops.lab.ports import TICK, ContainerStart, ContainerUse, ExecResult, ImageFacts, Listener, ProcessStatus
from aiops.lab.serving import LOOPBACK, Served
from aiops.lab.world import START
from tests.cluster import nodes
from tests.cluster.credentials import write_kubeconfig
from tests.cluster.people import ASSISTANT, ROLES
from tests.cluster.people import manifests as people_manifests
from tests.conformance.cluster import Person, person

LOOKS = 240
"""A wait looks this often, a tick apart: 20 simulated minutes."""

HEARTBEAT, BREATH = 0.02, 0.002
"""Wall seconds of a tick while kubectl waits, and between a tick and a look, in which answers travel."""

WATCHING, THINKING = 0.1, 0.8
"""Wall seconds without a request after which kubectl counts as waiting: while it watches something, and else. So a busy
machine, on which it takes long to start or to think, is no reason for time to pass."""

TICKS_FIRST = 3
"""Ticks before the first request: nodes become ready, namespaces get what controllers put into them."""


_EPOCHS = count()
"""What is probed may change at any time."""


@dataclass
class Processes:
    """A container runtime as kwok plays it: every image is there, every container runs; those of Jobs complete."""

    running: dict[str, ContainerStart] = field(default_factory=dict)
    _stopped: dict[str, None] = field(default_factory=dict)

    def pull(self, image: str, logins: Mapping[str, tuple[str, str]]) -> str | None:
        return None

    def facts(self, image: str) -> ImageFacts:
        return ImageFacts()

    def start(self, container: ContainerStart) -> str | None:
        self.running[container.id] = container
        return None

    def terminate(self, container_id: str, delay: float, grace: float) -> None:
        self._stopped[container_id] = None

    def stop(self, container_id: str) -> None:
        self.running.pop(container_id, None)
        self._stopped.pop(container_id, None)

    def status(self, container_id: str) -> ProcessStatus:
        container = self.running[container_id]
        if container_id in self._stopped or _completes(container):
            return ProcessStatus(running=False, exit_code=0, reason="Completed", finished_at=container.started_at)
        return ProcessStatus(running=True)

    def ended(self) -> list[str]:
        return [container_id for container_id in self.running if not self.status(container_id).running]

    def resize(self, container_id: str, memory_limit: float | None, cpu_limit: float | None) -> None:
        """Nobody looks."""

    def rewrite(self, container_id: str, files: Mapping[str, str]) -> None:
        """Nobody reads them."""

    def execute(self, container_id: str, command: Sequence[str]) -> ExecResult:
        return ExecResult()

    def use(self, container_id: str) -> ContainerUse | None:
        return None

    def node_use(self) -> Mapping[str, ContainerUse]:
        return {}

    def dial(self, namespace: str, pod: str, port: int) -> Listener | None:
        return None

    def probe_epoch(self) -> int:
        return next(_EPOCHS)

    def probe(self, container_id: str, probe: dict[str, Any]) -> str | None:
        return None

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        """The two lines that every container on the real control plane's nodes has."""
        lines = [(START, "listening"), (START + 1, "ready")]
        lines = [line for line in lines if since is None or line[0] >= since]
        return lines if tail is None else lines[len(lines) - min(tail, len(lines)) :]


def _completes(container: ContainerStart) -> bool:
    """Whether a container ends by itself: one that initialises its pod, or does the work of a Job."""
    initial = container.pod["spec"].get("initContainers") or ()
    own = next((each for each in initial if each["name"] == container.name), None)
    if own is not None:
        return bool(own.get("restartPolicy") != "Always")
    owners = container.pod["metadata"].get("ownerReferences") or ()
    return any(owner["kind"] == "Job" for owner in owners)


class Requests:
    """An ASGI application that knows when it was last asked for something, and how many watch it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.count = 0
        self.watches = 0
        self.latest = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stays = any(word in scope.get("query_string", b"") for word in (b"watch=", b"follow="))
        self.count += 1
        self.watches += stays
        self.latest = _wall()
        try:
            await self._app(scope, receive, send)
        finally:
            self.watches -= stays
            self.latest = _wall()


def _wall() -> float:
    return asyncio.get_running_loop().time()


class LabCluster:
    """An object store with its control plane; each pause is one tick."""

    def __init__(self, tokens: Mapping[str, User]) -> None:
        self.now = START
        self.people: Mapping[str, Person] = {}
        self.store = ObjectStore(now=self.clock, rng=Random("conformance:objects"))
        bootstrap(self.store)
        self.processes = Processes()
        self._control = ControlPlane(self.store, self.processes, Random("conformance:control"), self.clock)
        self.requests = Requests(kubernetes_app(self.store, tokens=tokens, logs=self.processes.logs))
        for manifest in (*nodes.manifests(), *people_manifests()):
            self.store.create(manifest, manager="kubectl-create")
        for _ in range(TICKS_FIRST):
            self.tick()

    def clock(self) -> float:
        """The present moment, in unix seconds."""
        return self.now

    def tick(self) -> None:
        self.now += TICK
        self._control.step()

    async def pause(self) -> None:
        self.tick()
        await pause(BREATH)

    def looks(self, seconds: float) -> int:
        return LOOKS

    @asynccontextmanager
    async def going_on(self) -> AsyncGenerator[None]:
        living = asyncio.create_task(self._live())
        try:
            yield
        finally:
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living

    async def _live(self) -> None:
        asked, watched = self.requests.count, self.requests.watches
        while True:
            await pause(HEARTBEAT)
            enough = WATCHING if self.requests.watches > watched else THINKING
            if self.requests.count > asked and _wall() - self.requests.latest >= enough:
                self.tick()


@asynccontextmanager
async def lab_cluster(folder: Path) -> AsyncGenerator[LabCluster]:
    """A new lab behind its API; the people's kubeconfigs go into `folder`."""
    certificate = self_signed(LOOPBACK, SystemClock().now())
    admin, assistant = (secrets.token_urlsafe(24) for _ in range(2))
    tokens = {
        admin: User("admin", (MASTERS,), "admin"),
        assistant: service_account(ASSISTANT["namespace"], ASSISTANT["name"]),
    }
    lab = LabCluster(tokens)
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Served(lab.requests, certificate))
        people = {}
        for name in ("admin", "assistant", *ROLES):
            acting_as = name if name in ROLES else ""
            token = assistant if name == "assistant" else admin
            user = {"token": token, "as": name} if acting_as else {"token": token}
            path = _kubeconfig(folder, name, server, certificate, user)
            access = _access(server, certificate, token)
            people[name] = await stack.enter_async_context(person(access, path, acting_as))
        lab.people = people
        yield lab


def _access(server: str, certificate: ServerCertificate, token: str) -> ClusterAccess:
    return ClusterAccess(server, ssl.create_default_context(cadata=certificate.certificate), lambda: token)


def _kubeconfig(folder: Path, name: str, server: str, certificate: ServerCertificate, user: dict[str, str]) -> Path:
    authority = folder / "server.crt"
    authority.write_text(certificate.certificate)
    return write_kubeconfig(folder, name, {"server": server, "certificate-authority": str(authority)}, user)
