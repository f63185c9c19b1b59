"""Fault: pods may not share the nodes that there are."""

from __future__ import annotations

from typing import Annotated, Any

from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.places import HOSTNAME, admits
from aiops.faults.kit.workloads import find, for_pods, original
from aiops.faults.parameters import one_of, pick, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_TERMS = f"spec.template.spec.affinity.podAntiAffinity.{_REQUIRED}"


async def _present(target: Target, before: Before, deployment: Entity, key: str, more: int) -> bool:
    """More pods than places that each may hold one of them."""
    manifest = await find(target, deployment)
    if manifest is None:
        return True
    labels = manifest["spec"]["template"]["metadata"]["labels"]
    wanted = manifest["spec"].get("replicas", 1)
    for term in read(manifest, _TERMS) or ():
        if _selects(term, labels) and wanted > await _places(target, manifest, term["topologyKey"]):
            return True
    return False


async def _other_fix(target: Target, before: Before, deployment: Entity, key: str, more: int) -> None:
    """The pods would rather not share a node, and as many as before."""
    labels = original(before, deployment)["spec"]["selector"]["matchLabels"]
    preferred = [{"weight": 100, "podAffinityTerm": _term(labels, key)}]
    affinity = {_REQUIRED: None, "preferredDuringSchedulingIgnoredDuringExecution": preferred}
    await target.patch(deployment, for_pods(affinity={"podAntiAffinity": affinity}))


@fault(
    Mechanism.SCHEDULING_ANTI_AFFINITY,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def pods_kept_apart(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    key: Annotated[str, one_of(HOSTNAME, "kubernetes.io/os")],
    more: Annotated[int, whole(1, 3)],
) -> GroundTruth:
    """A Deployment's pods are forbidden to share a place, and are more than there are places: some stay pending."""
    manifest = await target.get(deployment)
    labels = manifest["spec"]["selector"]["matchLabels"]
    replicas = max(await _places(target, manifest, key) + more, manifest["spec"].get("replicas", 1))
    body = for_pods(affinity={"podAntiAffinity": {_REQUIRED: [_term(labels, key)]}})
    body["spec"]["replicas"] = replicas
    await target.patch(deployment, body)
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.SCHEDULING_ANTI_AFFINITY,
        field="spec.template.spec.affinity.podAntiAffinity",
    )


async def _places(target: Target, manifest: Manifest, key: str) -> int:
    """How many different values of a label have the nodes on which pods may run."""
    spec = manifest["spec"]["template"]["spec"]
    nodes = [node for node in await target.list("Node", "") if admits(node, spec)]
    return len({node["metadata"]["labels"].get(key, "") for node in nodes})


def _term(labels: dict[str, str], key: str) -> dict[str, Any]:
    return {"labelSelector": {"matchLabels": labels}, "topologyKey": key}


def _selects(term: dict[str, Any], labels: dict[str, str]) -> bool:
    wanted = (term.get("labelSelector") or {}).get("matchLabels") or {}
    return bool(wanted.items() <= labels.items())
