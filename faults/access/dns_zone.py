"""Fault: the cluster's DNS serves another zone than its pods look names up in."""

from __future__ import annotations

from typing import Annotated

from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.corefile import CONFIG, FIELD, corefile, replace
from aiops.faults.parameters import one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, zone: str) -> bool:
    """The Services must be served in the zone that pods search."""
    lines = [line.split() for line in (await corefile(target)).splitlines()]
    return not any(words[:1] == ["kubernetes"] and "cluster.local" in words for words in lines)


async def _other_fix(target: Target, before: Before, zone: str) -> None:
    """Both zones are served."""
    await replace(target, f"kubernetes {zone}", f"kubernetes {zone} cluster.local")


@fault(
    Mechanism.DNS_WRONG_ANSWER,
    entities=("ConfigMap",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "dns"}),
)
async def dns_zone(
    target: Target,
    zone: Annotated[str, one_of("cluster.internal", "cluster.lan", "k8s.local", "cluster.localdomain", "cluster.loc")],
) -> GroundTruth:
    """CoreDNS serves the Services in a zone that no pod searches: no name of the cluster is found."""
    await replace(target, "kubernetes cluster.local", f"kubernetes {zone}")
    return GroundTruth(subject=CONFIG, mechanism=Mechanism.DNS_WRONG_ANSWER, field=FIELD)
