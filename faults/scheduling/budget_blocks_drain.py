"""Fault: a PodDisruptionBudget lets no pod go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.candidates import serving
from aiops.faults.kit.places import nodes_that_can_be_emptied
from aiops.faults.kit.workloads import find, pods_of, pods_with
from aiops.faults.parameters import choose, one_of
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _evictable(target: Target, namespace: str) -> Sequence[Entity]:
    """Deployments in use all of whose pods run on nodes that can be emptied, and that no budget is about."""
    nodes = {node.name for node in await nodes_that_can_be_emptied(target, namespace)}
    budgets = await target.list("PodDisruptionBudget", namespace)
    found = []
    for deployment in await serving(target, "Deployment", namespace):
        manifest = await target.get(deployment)
        labels = manifest["spec"]["template"]["metadata"]["labels"]
        used = {pod["spec"].get("nodeName") for pod in await pods_of(target, manifest)}
        if used <= nodes and not any(_labels(budget).items() <= labels.items() for budget in budgets):
            found.append(deployment)
    return found


async def _present(target: Target, before: Before, deployment: Entity, form: str) -> bool:
    """A budget over the pods that are there allows none of them to go."""
    for budget in await target.list("PodDisruptionBudget", deployment.namespace):
        pods = await pods_with(target, deployment.namespace, _labels(budget))
        if pods and not await _allows(target, deployment, budget):
            return True
    return False


async def _other_fix(target: Target, before: Before, deployment: Entity, form: str) -> None:
    """One pod at a time may go."""
    budget = Entity(kind="PodDisruptionBudget", namespace=deployment.namespace, name=f"{deployment.name}-pdb")
    await target.patch(budget, {"spec": {"minAvailable": None, "maxUnavailable": 1}}, "merge")


@fault(
    Mechanism.SCHEDULING_DISRUPTION_BUDGET,
    entities=("PodDisruptionBudget",),
    felt="drain",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "node"}),
)
async def budget_blocks_drain(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment on nodes that can be emptied", _evictable, Entity.parse)],
    form: Annotated[str, one_of("minAvailable", "maxUnavailable", "100%")],
) -> GroundTruth:
    """A PodDisruptionBudget wants all pods of a Deployment at all times: a node on which they run is never empty."""
    manifest = await target.get(deployment)
    limit: dict[str, Any] = {
        "minAvailable": {"minAvailable": manifest["spec"].get("replicas", 1)},
        "maxUnavailable": {"maxUnavailable": 0},
        "100%": {"minAvailable": "100%"},
    }[form]
    metadata = {"name": f"{deployment.name}-pdb", "namespace": deployment.namespace}
    spec = {**limit, "selector": {"matchLabels": manifest["spec"]["selector"]["matchLabels"]}}
    made = await target.create(
        {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": metadata, "spec": spec}
    )
    field = "spec.maxUnavailable" if form == "maxUnavailable" else "spec.minAvailable"
    return GroundTruth(subject=Entity.of(made), mechanism=Mechanism.SCHEDULING_DISRUPTION_BUDGET, field=field)


async def _allows(target: Target, deployment: Entity, budget: Manifest) -> bool:
    """Whether a budget lets one of a Deployment's pods go while all of them are ready."""
    manifest = await find(target, deployment)
    replicas = manifest["spec"].get("replicas", 1) if manifest else 0
    spec = budget["spec"]
    if "maxUnavailable" in spec:
        return str(spec["maxUnavailable"]) not in ("0", "0%")
    least = str(spec.get("minAvailable", 0))
    if least.endswith("%"):
        return float(least[:-1]) / 100 * replicas <= replicas - 1
    return int(least) < replicas


def _labels(budget: Manifest) -> dict[str, str]:
    return dict((budget["spec"].get("selector") or {}).get("matchLabels") or {})
