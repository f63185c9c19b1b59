"""The names that exist in the cluster: what a question can be about."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiops.agents.scan.reading import listed
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.owners import workload_of
from aiops.analysis.state.relations import affected
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest
from aiops.core.errors import RemoteError
from aiops.tools.kit.context import Context

BATCH = ("CronJob", "Job")
NAMED_KINDS = (*WORKLOAD_KINDS, *BATCH, "Service", "Ingress", "Pod", "Node", "ServiceAccount")
"""Kinds that a question may name an object of; where several have one name, the first of these is meant."""

CLUSTER_WIDE = ("Namespace", "Node")


@dataclass(frozen=True, slots=True)
class Known:
    """`entities` by name, in the order of `NAMED_KINDS`; `missing` are sentences of what could not be read."""

    namespaces: tuple[str, ...]
    entities: dict[str, tuple[Entity, ...]]
    state: ClusterState
    missing: tuple[str, ...] = ()

    def workloads(self, entity: Entity) -> tuple[Entity, ...]:
        """The workloads that are meant where somebody names an object."""
        if entity.kind in BATCH:
            return (entity,)
        pod = self.state.find("Pod", entity.namespace, entity.name) if entity.kind == "Pod" else None
        maker = workload_of(pod) if pod is not None else None
        if maker is not None and maker.kind in BATCH:
            return (maker,)
        return affected(self.state, entity)

    def services(self, workload: Entity) -> tuple[Entity, ...]:
        """The Services that send to a workload."""
        services = self.state.of("Service", workload.namespace)
        return tuple(Entity.of(s) for s in services if workload in map(Entity.of, self.state.backends(s)))


async def read_known(ctx: Context, namespace: str = "") -> Known:
    """Read the names, at least those in `namespace` where the whole cluster is denied.

    `namespace` is taken to exist where namespaces may not be listed. What is denied is told in `missing`.
    Raises `ClusterUnreachableError`.
    """
    missing: list[str] = []

    async def read(kind: str, scope: str) -> list[Manifest]:
        try:
            return await listed(ctx, kind, scope, (namespace,) if namespace else ())
        except RemoteError as error:
            missing.append(f"{kind}: {error}")
            return []

    wanted = [(kind, "") for kind in CLUSTER_WIDE]
    wanted += [(kind, scope) for kind in NAMED_KINDS if kind not in CLUSTER_WIDE for scope in ctx.scope()]
    lists = await asyncio.gather(*(read(*one) for one in wanted))
    state = ClusterState([item for found in lists for item in found], await ctx.clock.sync())
    entities: dict[str, tuple[Entity, ...]] = {}
    for kind in NAMED_KINDS:
        for item in state.of(kind):
            entity = Entity.of(item)
            entities[entity.name] = (*entities.get(entity.name, ()), entity)
    named = set(state.namespace_labels())
    named |= set(ctx.namespaces) | (set() if named or not namespace else {namespace})
    return Known(
        namespaces=tuple(sorted(name for name in named if ctx.allows(name))),
        entities=entities,
        state=state,
        missing=tuple(dict.fromkeys(missing)),
    )
