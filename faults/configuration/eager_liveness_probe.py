"""Fault: a liveness probe that gives a process no time to start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.readiness import works
from aiops.faults.kit.workloads import container_in, container_named, containers, find, for_container, original
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

SLOW = 5
"""Seconds of a readiness probe's delay from which on a program is slow to start."""


async def _slow_starters(target: Target, namespace: str) -> Sequence[Entity]:
    """Deployments whose pods are first asked whether they are ready after some seconds."""
    found = [await target.get(entity) for entity in await serving(target, "Deployment", namespace)]
    return [
        Entity.of(item)
        for item in found
        if _delay(containers(item)[0]) >= SLOW and containers(item)[0]["livenessProbe"]
    ]


async def _present(target: Target, before: Before, deployment: Entity, delay: int, timeout: int) -> bool:
    """A process must get the time that it had before its first readiness check, or pods are seen to live with less."""
    container, now = containers(original(before, deployment))[0], await find(target, deployment)
    changed = container_named(now, container["name"]) if now else None
    if now is None or changed is None:
        return True
    if _patience(changed) >= _delay(container):
        return False
    return not await works(target, now, lambda spec: (container_in(spec, container["name"]) or {}).get("livenessProbe"))


async def _other_fix(target: Target, before: Before, deployment: Entity, delay: int, timeout: int) -> None:
    """A startup probe keeps the liveness probe away until the process has started."""
    container = containers(original(before, deployment))[0]
    port = container["ports"][0]["containerPort"]
    probe = {"tcpSocket": {"port": port}, "periodSeconds": 2, "failureThreshold": 30}
    await target.patch(deployment, for_container(container["name"], startupProbe=probe))


@fault(
    Mechanism.CONFIG_PROBE,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "restarts"}),
)
async def eager_liveness_probe(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment that is slow to start", _slow_starters, Entity.parse)],
    delay: Annotated[int, whole(0, 1)],
    timeout: Annotated[int, whole(1, 2)],
) -> GroundTruth:
    """A liveness probe begins too early and forgives nothing: the kubelet kills new containers while they start."""
    container = containers(await target.get(deployment))[0]
    eager = {"initialDelaySeconds": delay, "periodSeconds": 1, "timeoutSeconds": timeout, "failureThreshold": 1}
    await target.patch(deployment, for_container(container["name"], livenessProbe=eager))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.CONFIG_PROBE,
        field=f"spec.template.spec.containers[{container['name']}].livenessProbe",
    )


def _delay(container: Manifest) -> int:
    return int((container.get("readinessProbe") or {}).get("initialDelaySeconds") or 0)


def _patience(container: Manifest) -> float:
    """Seconds that a container may take to start before a probe ends it."""
    startup, alive = container.get("startupProbe"), container.get("livenessProbe")
    probe = startup or alive
    if not probe:
        return float("inf")
    allowed = int(probe.get("failureThreshold") or 3) * int(probe.get("periodSeconds") or 10)
    return int(probe.get("initialDelaySeconds") or 0) + allowed
