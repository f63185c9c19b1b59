"""Fault: a node selector that no node fits."""

from __future__ import annotations

from typing import Annotated

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.kit.workloads import Labels, find, for_pods
from aiops.faults.parameters import one_of, pick
from aiops.faults.registry import Before, fault
from aiops.faults.truth import GroundTruth


async def _present(target: Target, before: Before, deployment: Entity, label: str) -> bool:
    now = await find(target, deployment)
    return now is None or not await _fits(target, now["spec"]["template"]["spec"].get("nodeSelector") or {})


async def _other_fix(target: Target, before: Before, deployment: Entity, label: str) -> None:
    """A label that nodes have in place of the one that they lack."""
    wanted = {label.partition("=")[0]: None, "kubernetes.io/os": "linux"}
    await target.patch(deployment, for_pods(nodeSelector=wanted))


@fault(
    Mechanism.SCHEDULING_NODE_SELECTOR,
    entities=("Deployment",),
    felt="rollout",
    present=_present,
    other_fix=_other_fix,
    tags=frozenset({"kubernetes", "rollout"}),
)
async def node_selector(
    target: Target,
    deployment: Annotated[Entity, pick("Deployment")],
    label: Annotated[
        str,
        one_of(
            "disktype=nvme",
            "kubernetes.io/arch=arm64",
            "node-pool=general-v2",
            "topology.kubernetes.io/zone=eu-west-1c",
            "node.kubernetes.io/instance-type=m7g.large",
        ),
    ],
) -> GroundTruth:
    """A Deployment is rolled out for nodes that do not exist: its new pods stay pending."""
    key, _, value = label.partition("=")
    if await _fits(target, {key: value}):
        raise NotPossibleError(f"a node carries {label}")
    await target.patch(deployment, for_pods(nodeSelector={key: value}))
    return GroundTruth(
        subject=deployment,
        mechanism=Mechanism.SCHEDULING_NODE_SELECTOR,
        field="spec.template.spec.nodeSelector",
    )


async def _fits(target: Target, selector: Labels) -> bool:
    """Whether a node that takes pods carries all of these labels."""
    return any(
        selector.items() <= (node["metadata"].get("labels") or {}).items() and not node["spec"].get("unschedulable")
        for node in await target.list("Node", "")
    )
