"""Fault: two causes of one symptom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers, serving
from aiops.faults.kit.together import Part, each_in_its_other_way, inject_all, present_while_any
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import fault
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


@fault(
    Mechanism.CONFIG_TARGET_PORT,
    entities=("Service", "Deployment"),
    felt="requests",
    present=present_while_any(_parts),
    other_fix=each_in_its_other_way(_parts),
    tags=frozenset({"kubernetes", "several"}),
)
async def same_symptom_pair(
    target: Target,
    pair: Annotated[Edge, choose("a Service, and the Deployment behind it", _pairs, read_edge)],
    port: Annotated[int, whole(9001, 9999)],
) -> GroundTruth:
    """A Service sends to a port on which nobody listens, and a rollout of what is behind it gets stuck."""
    return await inject_all(target, _parts(pair, port))
