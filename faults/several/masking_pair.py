"""Fault: one thing hides another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge, Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.together import Part, each_in_its_other_way, inject_all, present_while_any
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


async def _pairs(target: Target, namespace: str) -> Sequence[Edge]:
    """A Service that an Ingress sends to, and a Deployment that is not behind it."""
    services = {service.name: service for service in await serving(target, "Service", namespace)}
    doors = sorted(
        {
            path["backend"]["service"]["name"]
            for ingress in await target.list("Ingress", namespace)
            for rule in ingress["spec"].get("rules") or ()
            for path in rule["http"]["paths"]
        }
        & services.keys()
    )
    behind: Sequence[Entity] = await serving(target, "Deployment", namespace)
    return [Edge(source=services[door], target=each) for door in doors for each in behind if each.name != door]


def _parts(pair: Edge, port: int) -> Sequence[Part]:
    return (
        Part("wrong_target_port", {"service": pair.source, "port": port}),
        Part("scaled_to_zero", {"deployment": pair.target}),
    )


@fault(
    Mechanism.CONFIG_TARGET_PORT,
    entities=("Service", "Deployment"),
    felt="requests",
    present=present_while_any(_parts),
    other_fix=each_in_its_other_way(_parts),
    tags=frozenset({"kubernetes", "several"}),
)
async def masking_pair(
    target: Target,
    pair: Annotated[Edge, choose("a Service of an Ingress, and a Deployment behind", _pairs, read_edge)],
    port: Annotated[int, whole(9001, 9999)],
) -> GroundTruth:
    """Nobody gets through the front door, and behind it a workload has no pods: no request comes far enough to tell."""
    return await inject_all(target, _parts(pair, port))
