"""A planned drain of a node, as `kubectl drain` does it: cordon, then evict until no pod is left."""

from __future__ import annotations

from aiops.bench.clock import WorldClock
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import AiopsError
from aiops.lab.world import World

RETRY = 15.0
"""Simulated seconds between two rounds of evictions."""


class Drain:
    """Goes on until nothing is left to evict, or until the node may take pods again."""

    def __init__(self, node: str) -> None:
        self.node = node

    async def begin(self, kube: KubernetesClient, clock: WorldClock) -> None:
        """Cordon the node, and evict what runs there."""
        await kube.patch(self._entity, {"spec": {"unschedulable": True}}, "merge")
        await self.go_on(kube, clock)

    async def go_on(self, kube: KubernetesClient, clock: WorldClock) -> None:
        """One round, and the next one planned."""
        node = await kube.get(self._entity)
        if not node["spec"].get("unschedulable"):
            return
        left = [pod for pod in await kube.list("Pod", "") if _leaves(pod, self.node)]
        for pod in left:
            try:
                await kube.evict(Entity.of({**pod, "kind": "Pod"}))
            except AiopsError:
                continue  # a budget allows none at the moment: the next round asks again
        if left:
            clock.plan(clock.now() + RETRY, lambda: self.go_on(kube, clock))

    @property
    def _entity(self) -> Entity:
        return Entity(kind="Node", namespace="", name=self.node)


def waits(world: World, node: str) -> bool:
    """Whether a drain of the node is not through."""
    found = world.cluster.find("Node", "", node)
    cordoned = found is not None and bool(found["spec"].get("unschedulable"))
    return cordoned and any(_leaves(pod, node) for pod in world.cluster.objects("Pod"))


def _leaves(pod: Manifest, node: str) -> bool:
    """Whether a drain moves the pod: those of DaemonSets stay, and what is at its end is in nobody's way."""
    owners = pod["metadata"].get("ownerReferences") or ()
    return (
        pod["spec"].get("nodeName") == node
        and (pod.get("status") or {}).get("phase") not in ("Succeeded", "Failed")
        and not any(owner["kind"] == "DaemonSet" for owner in owners)
    )
