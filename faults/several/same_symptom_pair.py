"""Fault: two causes of one symptom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers, serving
from aiops.faults.kit.together import Part, any_present, fix_all, inject_all
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _pairs(target: Target, namespace: str) -> Sequence[Edge]:
    """A Service, and the Deployment of its name that calls others."""
    deployments = {each.name: each for each in await callers(target, namespace)}
    services = await serving(target, "Service", namespace)
    return [Edge(source=each, target=deployments[each.name]) for each in services if each.name in deployments]


def _parts(pair: Edge, port: int) -> Sequence[Part]:
    return (
        Part("wrong_target_port", {"service": pair.source, "port": port}),
        Part("failing_readiness_probe", {"deployment": pair.target, "form": "path"}),
    )


async def _present(target: Target, before: Before, pair: Edge, port: int) -> bool:
    return await any_present(target, before, _parts(pair, port))


async def _other_fix(target: Target, before: Before, pair: Edge, port: int) -> None:
    """Each in its other way."""
    await fix_all(target, before, _parts(pair, port))


@fault(
    Mechanism.CONFIG_TARGET_PORT,
    entities=("Service", "Deployment"),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "several"}),
)
async def same_symptom_pair(
    target: Target,
    pair: Annotated[Edge, choose("a Service, and the Deployment behind it", _pairs, read_edge)],
    port: Annotated[int, whole(9001, 9999)],
) -> GroundTruth:
    """A Service sends to a port on which nobody listens, and a rollout of what is behind it gets stuck."""
    return await inject_all(target, _parts(pair, port))
