"""Fault: a rollout that may take no pod away, and has no node for one more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aiops.core.disturbance.process import Release
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.busy import entities, services_in_use
from aiops.faults.kit.draws import Bump
from aiops.faults.kit.releases import reference, version_after
from aiops.faults.kit.workloads import containers, find
from aiops.faults.parameters import choose, whole
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth

_HOST = "kubernetes.io/hostname"


async def _by_hand(target: Target, namespace: str) -> Sequence[Entity]:
    """Deployments whose number of pods is nobody's but their own."""
    scaled = {
        each["spec"]["scaleTargetRef"]["name"] for each in await target.list("HorizontalPodAutoscaler", namespace)
    }
    return [each for each in entities(await services_in_use(target, namespace)) if each.name not in scaled]


async def _open_nodes(target: Target) -> int:
    """How many nodes take pods that tolerate nothing."""
    shut = ("NoSchedule", "NoExecute")
    specs = [node["spec"] for node in await target.list("Node", "")]
    return sum(
        not spec.get("unschedulable") and not any(taint["effect"] in shut for taint in spec.get("taints") or ())
        for spec in specs
    )


async def _present(target: Target, before: Before, deployment: Entity, bump: str, surge: int) -> bool:
    """Whether every node is taken by a pod that may not go before another one has come."""
    present = await find(target, deployment)
    if present is None:
        return True
    spec = present["spec"]
    rolling = (spec.get("strategy") or {}).get("rollingUpdate") or {}
    kept = str(rolling.get("maxUnavailable", "25%")) in ("0", "0%") and spec["strategy"]["type"] == "RollingUpdate"
    affinity = spec["template"]["spec"].get("affinity") or {}
    apart = (affinity.get("podAntiAffinity") or {}).get("requiredDuringSchedulingIgnoredDuringExecution") or ()
    alone = any(term["topologyKey"] == _HOST for term in apart)
    return kept and alone and spec["replicas"] >= await _open_nodes(target)


async def _other_fix(target: Target, before: Before, deployment: Entity, bump: str, surge: int) -> None:
    """One pod at a time may go."""
    await target.patch(deployment, {"spec": {"strategy": {"rollingUpdate": {"maxUnavailable": 1}}}}, "merge")


@fault(
    Mechanism.ROLLOUT_STRATEGY,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def contradictory_strategy(
    target: Target,
    deployment: Annotated[Entity, choose("a Deployment without an autoscaler", _by_hand, Entity.parse)],
    bump: Bump,
    surge: Annotated[int, whole(1, 3)],
) -> GroundTruth:
    """A new version comes with a pod on each node, never two on one, and none unavailable: no pod can be the first."""
    manifest, nodes = await target.get(deployment), await _open_nodes(target)
    if manifest["spec"]["replicas"] > nodes:
        raise NotPossibleError(f"{deployment} has more pods than there are nodes")
    container = containers(manifest)[0]
    repository, version = reference(container["image"])
    new = version_after(version, bump)
    await target.disturb(Release(image=repository, version=new))
    term = {"topologyKey": _HOST, "labelSelector": manifest["spec"]["selector"]}
    affinity: Manifest = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    images = [{"name": container["name"], "image": f"{repository}:{new}"}]
    spec: Manifest = {
        "replicas": nodes,
        "strategy": {"rollingUpdate": {"maxSurge": surge, "maxUnavailable": 0}},
        "template": {"spec": {"affinity": affinity, "containers": images}},
    }
    await target.patch(deployment, {"spec": spec})
    field = "spec.strategy.rollingUpdate.maxUnavailable"
    return GroundTruth(subject=deployment, mechanism=Mechanism.ROLLOUT_STRATEGY, field=field)
