"""An assistant in front of a small cluster of the lab, without a network: history, a change recorder, all clients."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiops.agents import root_cause
from aiops.agents.registry import SPECIALISTS, Findings
from aiops.agents.remedies import remediation
from aiops.agents.scoping.find_scope import derive_scope
from aiops.agents.scoping.scope import Scope
from aiops.agents.verification.verify import Baseline, take_baseline, verify
from aiops.bench.wire import Wire
from aiops.clients.jaeger import JaegerClient
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.core.action import Action, Proposal, Verdict
from aiops.core.diagnosis import Diagnosis
from aiops.core.entity import Entity
from aiops.core.evidence import Evidence
from aiops.core.incident import Signal
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.prometheus import prometheus_app
from aiops.lab.world import World
from aiops.tools.kit import operations
from aiops.tools.kit.context import Context
from aiops.watch.recorder import ChangeRecorder
from tests.support.clock import WorldClock
from tests.support.journal import MemoryJournal
from tests.support.worlds import aged

HISTORY = 900.0
"""Simulated seconds before anything happens."""


class Rig:
    """The cluster, and the way of one incident through the agents."""

    def __init__(self, directory: Path, world: World) -> None:
        self.world = world
        clock = WorldClock(world)
        app = kubernetes_app(self.world.cluster, tokens={"root": User("root", (MASTERS,))}, logs=self.world.logs)
        wire = Wire(app, clock.now)
        self.engineer = KubernetesClient.at("http://lab", token="root", transport=wire, field_manager="kubectl-edit")
        kube = KubernetesClient.at("http://lab", token="root", transport=wire)
        prometheus = prometheus_app(self.world.series, self.world.rules, self.world.clock)
        jaeger = jaeger_app(self.world.traces, self.world.clock)
        self.recorder = ChangeRecorder(kube, clock, directory / "changes.db", ("hotel", "ingress-nginx"))
        self.ctx = Context(
            kube=kube,
            clock=clock,
            metrics=PrometheusClient.at("http://lab", transport=httpx2.ASGITransport(app=prometheus)),
            traces=JaegerClient.at("http://lab", transport=httpx2.ASGITransport(app=jaeger)),
            changes=self.recorder,
            namespaces=("hotel", "ingress-nginx"),
            read_only=False,
        )
        self.broken_at = 0.0

    def run(self, seconds: float) -> None:
        for _ in self.world.ticks(seconds):
            pass

    async def patch(self, kind: str, name: str, body: Any) -> None:
        """A change by an engineer."""
        entity = Entity(kind=kind, namespace="hotel", name=name)
        await self.engineer.patch(entity, body, "strategic")
        self.broken_at = self.world.now

    async def patch_container(self, name: str, **fields: Any) -> None:
        container = {"name": name, **fields}
        await self.patch("Deployment", name, {"spec": {"template": {"spec": {"containers": [container]}}}})

    def alert(self, after: float = 100.0) -> Signal:
        """An alert as it would have come `after` seconds after the change."""
        return Signal(
            id="s1",
            kind="alert",
            title="Users get errors",
            labels={"alertname": "UserErrors", "namespace": "hotel"},
            fingerprint="f1",
            starts_at=self.broken_at + after,
            received_at=self.broken_at + after + 5,
        )

    async def scope(self, *signals: Signal, ctx: Context | None = None) -> Scope:
        return await derive_scope(signals or (self.alert(),), (ctx or self.ctx).reading_once())

    async def look(self, scope: Scope, ctx: Context | None = None) -> list[Findings]:
        look = (ctx or self.ctx).reading_once()
        return [await specialist.run(scope, look) for specialist in SPECIALISTS]

    async def resolve(self, scope: Scope, findings: list[Findings], tried: tuple[Proposal, ...] = ()) -> list[Proposal]:
        diagnosis = root_cause.diagnose(scope, findings)
        return await remediation.propose(diagnosis, scope, evidence_of(findings), self.ctx, tried)

    async def make(self, scope: Scope, proposal: Proposal) -> tuple[Baseline, Action]:
        before = await take_baseline(scope, self.ctx)
        action = await operations.prepare(self.ctx, proposal, "a1")
        await operations.apply(self.ctx, action, MemoryJournal())
        return before, action

    async def judge(self, before: Baseline, action: Action, diagnosis: Diagnosis, scope: Scope) -> Verdict:
        return await verify(before, action, diagnosis, scope, self.ctx, looks=2)


def evidence_of(findings: list[Findings]) -> tuple[Evidence, ...]:
    return tuple(item for finding in findings for item in finding.evidence)


@pytest.fixture
async def rig_of(tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Rig]]]:
    rigs: list[Rig] = []

    async def build(seed: int = 1, history: float = HISTORY) -> Rig:
        rig = Rig(tmp_path, aged(history, seed=seed))
        rigs.append(rig)
        await rig.recorder.start()
        return rig

    yield build
    for rig in rigs:
        await rig.recorder.stop()
