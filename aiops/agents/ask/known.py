"""The names that exist in the cluster: what a question can be about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from aiops.agents.scan.reading import listed
from aiops.analysis.state.owners import workload_of
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import RemoteError
from aiops.tools.kit.context import Context

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job")
NAMED_KINDS = (*WORKLOADS, "Service", "Ingress", "Pod", "Node", "ServiceAccount")
"""Kinds that a question may name an object of; where several have one name, the first of these is meant."""

CLUSTER_WIDE = ("Namespace", "Node")


@dataclass(frozen=True, slots=True)
class Known:
    """`entities` by name, in the order of `NAMED_KINDS`. `services` maps a Service to its selector."""

    namespaces: tuple[str, ...]
    entities: dict[str, tuple[Entity, ...]]
    pods: dict[Entity, Entity]
    selectors: dict[Entity, dict[str, str]]
    labels: dict[Entity, dict[str, str]]
    missing: tuple[str, ...] = ()

    def workloads(self, entity: Entity) -> tuple[Entity, ...]:
        """The workloads that are meant where somebody names an object."""
        if entity.kind in WORKLOADS:
            return (entity,)
        if entity.kind == "Pod":
            return (self.pods[entity],) if entity in self.pods else ()
        selector = self.selectors.get(entity, {})
        chosen = [
            w for w, labels in self.labels.items() if w.namespace == entity.namespace and _within(selector, labels)
        ]
        return tuple(chosen)

    def services(self, workload: Entity) -> tuple[Entity, ...]:
        """The Services that send to a workload."""
        return tuple(service for service in self.selectors if workload in self.workloads(service))


def _within(selector: dict[str, str], labels: dict[str, str]) -> bool:
    return bool(selector) and selector.items() <= labels.items()


async def read_known(ctx: Context, namespace: str = "") -> Known:
    """Read the names, at least those in `namespace` where the whole cluster is denied.

    Raises `ClusterUnreachableError`; what is denied is told in `missing`."""
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
    items = [item for found in lists for item in found]
    return known_of(items, ctx, namespace, tuple(dict.fromkeys(missing)))


def known_of(items: Iterable[Manifest], ctx: Context, namespace: str, missing: tuple[str, ...] = ()) -> Known:
    """The names of raw objects. `namespace` is taken to exist where namespaces may not be listed."""
    by_kind: dict[str, list[Manifest]] = {}
    for item in items:
        by_kind.setdefault(item["kind"], []).append(item)
    entities: dict[str, tuple[Entity, ...]] = {}
    for kind in NAMED_KINDS:
        for item in by_kind.get(kind, []):
            entity = Entity.of(item)
            entities[entity.name] = (*entities.get(entity.name, ()), entity)
    pods = {Entity.of(item): owner for item in by_kind.get("Pod", []) if (owner := workload_of(item))}
    workloads = [item for kind in WORKLOADS[:3] for item in by_kind.get(kind, [])]
    named = {item["metadata"]["name"] for item in by_kind.get("Namespace", [])}
    named |= set(ctx.namespaces) | (set() if named or not namespace else {namespace})
    return Known(
        namespaces=tuple(sorted(name for name in named if ctx.allows(name))),
        entities=entities,
        pods=pods,
        selectors={Entity.of(s): s["spec"].get("selector") or {} for s in by_kind.get("Service", [])},
        labels={Entity.of(w): w["spec"]["template"].get("metadata", {}).get("labels", {}) for w in workloads},
        missing=missing,
    )
