"""A world in this process with everything around it: an engineer, an agent's accounts, telemetry, a clock.

The world is warmed once and forked; the stage is set up in the child, since clients belong to one event loop.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from aiops.bench.clock import WorldClock
from aiops.bench.plane import WorldPlane
from aiops.bench.wire import Wire
from aiops.clients.jaeger import JaegerClient
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.loki import LokiClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.lab.apps import load_application
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.kube import User, kubernetes_app, service_account
from aiops.lab.loki.api import loki_app
from aiops.lab.prometheus import prometheus_app
from aiops.lab.world import SETTLING, START, World
from aiops.tools.kit.access import ACCOUNT, manifests

HISTORY_SECONDS = 1800.0
"""Simulated seconds of normal life before anything is done to a world."""

ENGINEERS = "platform-engineers"
USERS = {
    "engineer": User("jane.doe@example.com", (ENGINEERS,)),
    "operator": User("sam.lee@example.com", (ENGINEERS,)),
    "assistant": service_account(ACCOUNT["namespace"], ACCOUNT["name"]),
}
"""Who they are for the API server, by bearer token: who breaks things, who a strategy is, the assistant."""

ONCE = Retry(attempts=1)
"""Waiting in wall time between two tries would pass no simulated time."""

HOST = "http://lab"

OWN = frozenset({"default", "kube-node-lease", "kube-public", "kube-system", str(ACCOUNT["namespace"])})
"""Namespaces that belong to the cluster itself, and to the assistant."""


def warmed(
    application: str, seed: int, renamed: int | None = None, load: float = 1.0, *, monitored: bool = True
) -> World:
    """A world with its history, not yet touched. `renamed` is the seed of other names, `load` a multiple of the
    application's usual rate of requests. Where it is not `monitored`, no agent can be played in it."""
    world = settled(application, seed, renamed, load)
    world.monitored = monitored
    for _ in world.ticks(HISTORY_SECONDS):
        pass
    return world


def settled(application: str, seed: int, renamed: int | None = None, load: float = 1.0) -> World:
    """As `warmed`, before anything is recorded."""
    known = load_application(application, renamed, seed=seed)
    world = World(known.model_copy(update={"rate": known.rate * load}), seed=seed, start=START - SETTLING)
    world.grant_cluster_admin(ENGINEERS)
    for manifest in manifests(*namespaces_of(world), cluster_changes=True):
        meta = manifest["metadata"]
        if world.cluster.find(manifest["kind"], meta.get("namespace", ""), meta["name"]) is None:
            world.cluster.create(manifest, manager="helm")
    world.settle()
    return world


TELEMETRY = ("metrics", "traces", "logs")
"""What there is beside the Kubernetes API, in the order of an `Access`' wires."""


@dataclass(frozen=True, slots=True)
class Access:
    """One party's clients, and the wires that note what it did."""

    kube: KubernetesClient
    metrics: PrometheusClient
    traces: JaegerClient
    logs: LokiClient
    wire: Wire
    telemetry: tuple[Wire, Wire, Wire]

    def lose(self, telemetry: Collection[str]) -> None:
        """From now on nobody answers for these of `TELEMETRY`."""
        for name, wire in zip(TELEMETRY, self.telemetry, strict=True):
            wire.dark = wire.dark or name in telemetry
        self.wire.mute = self.wire.mute or "logs" in telemetry  # there are two ways to them


class Stage:
    """`directory` holds the journal of injections and the agent's state."""

    def __init__(self, world: World, directory: Path) -> None:
        self.world = world
        self.directory = directory
        self.clock = WorldClock(world)
        self.plane = WorldPlane(world)
        self.namespace = world.namespace
        self.namespaces = namespaces_of(world)
        self.journal = directory / "faults.jsonl"
        self._kubernetes = kubernetes_app(world.cluster, tokens=dict(USERS), logs=world.logs, runtime=world.runtime)
        self._prometheus = prometheus_app(world.series, world.rules, world.clock)
        self._jaeger = jaeger_app(world.traces, world.clock)
        self._loki = loki_app(world.container_logs, world.clock)
        self.engineer_wire = Wire(self._kubernetes, self.clock.now)
        self.engineer = self._client(self.engineer_wire, "engineer", "kubectl-edit")

    def access(self, user: str, manager: str) -> Access:
        """Clients that act as one of `USERS`, with this name of a field manager."""
        wire = Wire(self._kubernetes, self.clock.now)
        apps = (self._prometheus, self._jaeger, self._loki)
        metrics, traces, logs = (Wire(app, self.clock.now) for app in apps)
        return Access(
            kube=self._client(wire, user, manager),
            metrics=PrometheusClient.at(HOST, transport=metrics, retry=ONCE),
            traces=JaegerClient.at(HOST, transport=traces, retry=ONCE),
            logs=LokiClient.at(HOST, transport=logs, retry=ONCE),
            wire=wire,
            telemetry=(metrics, traces, logs),
        )

    async def pass_until(self, moment: float) -> None:
        """Let time pass up to a moment; nothing where it is over."""
        if moment > self.clock.now():
            await self.clock.sleep(moment - self.clock.now())

    def _client(self, wire: Wire, user: str, manager: str) -> KubernetesClient:
        return KubernetesClient.at(HOST, token=user, transport=wire, retry=ONCE, field_manager=manager)


def namespaces_of(world: World) -> tuple[str, ...]:
    """The namespaces of the application, then those of what it stands on: gateway, monitoring, device plugins."""
    names = sorted(str(item["metadata"]["name"]) for item in world.cluster.objects("Namespace"))
    return (*world.namespaces, *(name for name in names if name not in {*world.namespaces, *OWN}))
