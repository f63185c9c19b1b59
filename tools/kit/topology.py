"""Which pods belong to which workload, and which workloads a Service reaches."""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.tools.kit.context import Context
from aiops.tools.kit.pod_state import workload_of

TOPOLOGY_KINDS = (*WORKLOAD_KINDS, "Pod", "Service")
_GENERATED = re.compile(r"(-[a-z0-9]{5,10})?-[a-z0-9]{5}$|-\d+$")
"""What controllers put behind the name of a workload: a hash and a random part, or an ordinal."""


@dataclass(frozen=True, slots=True)
class Topology:
    """A moment's view of the objects that may be looked at."""

    services: dict[Entity, Manifest]
    workloads: dict[Entity, Manifest]
    pods: dict[Entity, Entity]
    addresses: dict[str, Entity]

    def workload(self, namespace: str, pod: str) -> Entity | None:
        """What a pod belongs to. A pod that is gone is told by its name."""
        found = self.pods.get(Entity(kind="Pod", namespace=namespace, name=pod))
        if found is not None:
            return found
        stem = _GENERATED.sub("", pod)
        return next((w for w in self.workloads if w.namespace == namespace and w.name == stem), None)

    def reached(self, service: Entity) -> tuple[Entity, ...]:
        """The workloads whose pods the selector of a Service takes."""
        selector = self.services.get(service, {}).get("spec", {}).get("selector") or {}
        if not selector:
            return ()
        found = []
        for entity, manifest in self.workloads.items():
            labels = manifest["spec"]["template"].get("metadata", {}).get("labels", {})
            if entity.namespace == service.namespace and selector.items() <= labels.items():
                found.append(entity)
        return tuple(found)

    def service_at(self, address: str, namespace: str) -> Entity | None:
        """The Service that a host name or address means to a pod of `namespace`."""
        if address in self.addresses:
            return self.addresses[address]
        parts = address.rstrip(".").split(".")
        where = parts[1] if len(parts) > 1 else namespace
        service = Entity(kind="Service", namespace=where, name=parts[0]) if parts[0] else None
        return service if service in self.services else None


async def read_topology(ctx: Context, namespace: str = "") -> Topology:
    """Read Services, workloads and pods."""
    services: dict[Entity, Manifest] = {}
    workloads: dict[Entity, Manifest] = {}
    pods: dict[Entity, Entity] = {}
    for scope in ctx.scope(namespace):
        services.update({Entity.of(item): item for item in await ctx.kube.list("Service", scope)})
        for kind in WORKLOAD_KINDS:
            workloads.update({Entity.of(item): item for item in await ctx.kube.list(kind, scope)})
        for pod in await ctx.kube.list("Pod", scope):
            owner = workload_of(pod)
            if owner is not None:
                pods[Entity.of(pod)] = owner
    addresses = {
        address: entity
        for entity, item in services.items()
        for address in item["spec"].get("clusterIPs", [item["spec"].get("clusterIP", "")])
        if address and address != "None"
    }
    return Topology(services, workloads, pods, addresses)
