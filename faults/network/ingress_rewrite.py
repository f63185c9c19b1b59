"""Fault: the gateway asks for another path than the user did."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.front import ANNOTATIONS, ingresses
from aiops.faults.kit.workloads import find, original
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

KEY = f"{ANNOTATIONS}/rewrite-target"


async def _present(target: Target, before: Before, ingress: Entity, path: str) -> bool:
    """Some Ingress must serve the host, and none of those may rewrite."""
    host = original(before, ingress)["spec"]["rules"][0].get("host")
    serving = [
        item
        for item in await target.list("Ingress", ingress.namespace)
        if any(rule.get("host") == host for rule in item["spec"].get("rules") or ())
    ]
    return not serving or any((item["metadata"].get("annotations") or {}).get(KEY) for item in serving)


async def _other_fix(target: Target, before: Before, ingress: Entity, path: str) -> None:
    """Another Ingress in its place, without the annotation."""
    old = await find(target, ingress) or original(before, ingress)
    annotations = {key: value for key, value in old["metadata"].get("annotations", {}).items() if key != KEY}
    metadata = {"name": f"{ingress.name}-web", "namespace": ingress.namespace, "annotations": annotations}
    await target.delete(ingress)
    await target.create(
        {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": old["spec"]}
    )


@fault(
    Mechanism.NETWORK_PROXY,
    entities=("Ingress",),
    felt="requests",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "gateway"}),
)
async def ingress_rewrite(
    target: Target,
    ingress: Annotated[Entity, choose("an Ingress", ingresses, Entity.parse)],
    path: Annotated[str, one_of("/", "/$1", "/$2", "/v2/$1", "/api/$2", "/app")],
) -> GroundTruth:
    """The gateway rewrites the path of every request, for which its paths have no groups: servers answer with 404."""
    await target.patch(ingress, {"metadata": {"annotations": {KEY: path}}}, "merge")
    return GroundTruth(subject=ingress, mechanism=Mechanism.NETWORK_PROXY, field=f"metadata.annotations[{KEY}]")
