"""Nodes on which pods of a namespace run."""

from __future__ import annotations

from itertools import permutations

from aiops.core.entity import Edge, Entity
from aiops.core.target import Target
from aiops.faults.kit.places import nodes_that_can_be_emptied
from aiops.faults.kit.reach import waited_for


async def used_nodes(target: Target, namespace: str) -> list[Entity]:
    """The nodes on which pods run that users wait for, sorted by name, where there are others as well."""
    waited = {call.source.name for call in await waited_for(target, namespace)}
    names = {
        pod["spec"].get("nodeName")
        for pod in await target.list("Pod", namespace)
        if _workload(pod["metadata"]["name"]) in waited
    }
    return [Entity(kind="Node", name=name) for name in sorted(names - {None}) if len(names) > 1]


async def spare_nodes(target: Target, namespace: str) -> list[Entity]:
    """Those of them of which every pod may go elsewhere."""
    waited = await used_nodes(target, namespace)
    return [node for node in await nodes_that_can_be_emptied(target, namespace) if node in waited]


async def pairs_of_nodes(target: Target, namespace: str) -> list[Edge]:
    """Each two nodes on which pods run that users wait for, where every pod of one of them may go elsewhere."""
    nodes, spare = await used_nodes(target, namespace), await spare_nodes(target, namespace)
    pairs = [Edge(source=one, target=other) for one, other in permutations(nodes, 2) if one.name < other.name]
    return [pair for pair in pairs if pair.source in spare or pair.target in spare]


async def other_nodes(target: Target, node: Entity) -> tuple[str, ...]:
    """The names of all nodes but one, sorted."""
    names = (str(item["metadata"]["name"]) for item in await target.list("Node", ""))
    return tuple(sorted(name for name in names if name != node.name))


def _workload(pod: str) -> str:
    """The Deployment whose ReplicaSet has named a pod."""
    return pod.rsplit("-", 2)[0]
