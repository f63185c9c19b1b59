"""Nodes of pods that serve, and the pods that can leave them."""

from __future__ import annotations

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.core.kubernetes_api import KubernetesApi


async def node_names(kube: KubernetesApi) -> list[str]:
    """The nodes that take pods of every kind, by name. Raises `NotPossibleError` where there are fewer than two."""
    nodes = [node for node in await kube.list("Node", "") if not node["spec"].get("taints")]
    if len(nodes) < 2:
        raise NotPossibleError("the pods of a node would have no other one to go to")
    return sorted(str(node["metadata"]["name"]) for node in nodes)


async def leaving(kube: KubernetesApi, node: str) -> list[Entity]:
    """The pods of a node of which another one of the same ReplicaSet runs elsewhere, by name, one of each."""
    pods = await kube.list("Pod", "")
    chosen: dict[str, Entity] = {}
    for pod in pods:
        owner = _owner(pod)
        elsewhere = any(_owner(each) == owner and each["spec"].get("nodeName") not in (node, None) for each in pods)
        if owner and elsewhere and pod["spec"].get("nodeName") == node:
            meta = pod["metadata"]
            chosen.setdefault(owner, Entity(kind="Pod", namespace=meta["namespace"], name=meta["name"]))
    return sorted(chosen.values(), key=str)


def _owner(pod: dict[str, object]) -> str:
    meta = pod["metadata"]
    owners = meta.get("ownerReferences") or () if isinstance(meta, dict) else ()
    return next((str(owner["uid"]) for owner in owners if owner["kind"] == "ReplicaSet"), "")
