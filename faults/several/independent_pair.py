"""Fault: two things that have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.entity import Edge, Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import callers, serving
from aiops.faults.kit.together import Part, each_in_its_other_way, inject_all, present_while_any
from aiops.faults.parameters import choose, read_edge, whole
from aiops.faults.registry import fault
from aiops.faults.truth import GroundTruth


async def _pairs(target: Target, namespace: str) -> Sequence[Edge]:
    """A Service, and a Deployment that works and is not behind it."""
    services = await serving(target, "Service", namespace)
    busy: Sequence[Entity] = await callers(target, namespace)
    return [Edge(source=one, target=two) for one in services for two in busy if one.name != two.name]


def _parts(pair: Edge, port: int, percent: int) -> Sequence[Part]:
    return (
        Part("wrong_target_port", {"service": pair.source, "port": port}),
        Part("low_cpu_limit", {"deployment": pair.target, "percent": percent}),
    )


@fault(
    Mechanism.CONFIG_TARGET_PORT,
    entities=("Service", "Deployment"),
    felt="requests",
    present=present_while_any(_parts),
    other_fix=each_in_its_other_way(_parts),
    tags=frozenset({"kubernetes", "several"}),
)
async def independent_pair(
    target: Target,
    pair: Annotated[Edge, choose("a Service, and a Deployment that is not behind it", _pairs, read_edge)],
    port: Annotated[int, whole(9001, 9999)],
    percent: Annotated[int, whole(3, 7)],
) -> GroundTruth:
    """A Service sends to a port on which nobody listens, and a Deployment elsewhere is throttled."""
    return await inject_all(target, _parts(pair, port, percent))
