"""Pods away from a machine that is ill by itself: no object cures it, and users are served elsewhere."""

from __future__ import annotations

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.state.cluster import is_ready
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.tools.move_off_node import MOST, move_off_node


@remedy(Mechanism.NODE_NETWORK, Mechanism.NODE_CPU, Mechanism.NODE_CLOCK)
async def evacuation(case: RemedyCase) -> list[Proposal]:
    """Cordon the node and start the pods of its Deployments elsewhere, where there is another node that takes pods."""
    node = case.cause.subject
    if not isinstance(node, Entity) or node.kind != "Node":
        return []
    others = [one for one in case.state.of("Node") if one["metadata"]["name"] != node.name and _takes_pods(one)]
    here = [pod for pod in case.state.of("Pod") if pod["spec"].get("nodeName") == node.name and _may_move(pod)]
    owners = {owner for pod in here if (owner := case.state.workload(pod)) is not None and owner.kind == "Deployment"}
    inside = sorted((o for o in owners if not case.scope.namespaces or o.namespace in case.scope.namespaces), key=str)
    if not others or not inside:
        return []
    reason = f"{node} is ill by itself; {len(others)} other nodes take pods."
    effect = f"The pods of {len(inside[:MOST])} Deployments start on other nodes, and none comes to {node.name}."
    named = [str(workload) for workload in inside[:MOST]]
    return [case.propose(move_off_node, node, reason, effect, node=node, restart=named)]


def _takes_pods(node: Manifest) -> bool:
    tainted = any(t.get("effect") in ("NoSchedule", "NoExecute") for t in node["spec"].get("taints") or ())
    return is_ready(node) and not node["spec"].get("unschedulable") and not tainted


def _may_move(pod: Manifest) -> bool:
    """Has it no data of its own? A claim may hold its pod where it is, and what is in an `emptyDir` would be lost."""
    volumes = pod["spec"].get("volumes") or ()
    return not any("persistentVolumeClaim" in one or _is_kept(one.get("emptyDir")) for one in volumes)


def _is_kept(directory: Manifest | None) -> bool:
    return directory is not None and directory.get("medium") != "Memory"
