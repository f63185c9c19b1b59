"""Which workloads an object belongs to, selects or configures."""

from __future__ import annotations

from collections.abc import Callable

from aiops.analysis.selectors import matches
from aiops.analysis.state.cluster import (
    ClusterState,
    service_account,
    template_labels,
    uses_config,
)
from aiops.analysis.state.network.ingresses import ingress_services
from aiops.analysis.state.network.meant_backend import stranded_workload
from aiops.analysis.state.owners import controller
from aiops.core.entity import WORKLOAD_KINDS, Entity, Manifest


def affected(state: ClusterState, entity: Entity) -> tuple[Entity, ...]:
    """The workloads that an object concerns; itself for a workload, none for an unknown object or kind."""
    if entity.kind in WORKLOAD_KINDS:
        return (entity,)
    item = state.find(entity.kind, entity.namespace, entity.name)
    find = _BY_KIND.get(entity.kind)
    if item is None or find is None:
        return ()
    return tuple(dict.fromkeys(find(state, entity, item)))


def _of_pod(state: ClusterState, _: Entity, item: Manifest) -> list[Entity]:
    owner = state.workload(item)
    return [owner] if owner else []


def _of_replica_set(_: ClusterState, entity: Entity, item: Manifest) -> list[Entity]:
    owner = controller(item)
    return [Entity(kind=owner[0], namespace=entity.namespace, name=owner[1])] if owner else []


def _of_service(state: ClusterState, entity: Entity, item: Manifest) -> list[Entity]:
    """The workload that it most likely was meant for, where its selector misses it; then the selected ones."""
    selected = [Entity.of(w) for w in state.backends(item)]
    stranded = stranded_workload(state, item)
    if stranded is not None:
        return [Entity.of(stranded), *selected]
    workloads = state.workloads(entity.namespace)
    return selected or [Entity.of(w) for w in workloads if w["metadata"]["name"] == entity.name]


def _of_ingress(state: ClusterState, entity: Entity, item: Manifest) -> list[Entity]:
    found: list[Entity] = []
    for name in ingress_services(item):
        found += affected(state, Entity(kind="Service", namespace=entity.namespace, name=name))
    return found


def _of_policy(state: ClusterState, entity: Entity, item: Manifest) -> list[Entity]:
    selector = item["spec"].get("podSelector") or {}
    return [Entity.of(w) for w in state.workloads(entity.namespace) if matches(selector, template_labels(w))]


def _of_config(state: ClusterState, entity: Entity, _: Manifest) -> list[Entity]:
    return [Entity.of(w) for w in state.workloads(entity.namespace) if uses_config(w, entity)]


def _of_scaler(state: ClusterState, entity: Entity, item: Manifest) -> list[Entity]:
    ref = item["spec"].get("scaleTargetRef", {})
    found = state.find(ref.get("kind", ""), entity.namespace, ref.get("name", ""))
    return [Entity.of(found)] if found else []


def _of_account(state: ClusterState, entity: Entity, _: Manifest) -> list[Entity]:
    return [Entity.of(w) for w in state.workloads(entity.namespace) if service_account(w) == entity.name]


def _of_binding(state: ClusterState, entity: Entity, item: Manifest) -> list[Entity]:
    names = {s["name"] for s in item.get("subjects") or () if s.get("kind") == "ServiceAccount"}
    return [Entity.of(w) for w in state.workloads(entity.namespace) if service_account(w) in names]


def _of_role(state: ClusterState, entity: Entity, _: Manifest) -> list[Entity]:
    found: list[Entity] = []
    for binding in state.of("RoleBinding", entity.namespace):
        ref = binding.get("roleRef", {})
        if (ref.get("kind"), ref.get("name")) == (entity.kind, entity.name):
            found += _of_binding(state, Entity.of(binding), binding)
    return found


_BY_KIND: dict[str, Callable[[ClusterState, Entity, Manifest], list[Entity]]] = {
    "Pod": _of_pod,
    "ReplicaSet": _of_replica_set,
    "Service": _of_service,
    "Ingress": _of_ingress,
    "NetworkPolicy": _of_policy,
    "ConfigMap": _of_config,
    "Secret": _of_config,
    "HorizontalPodAutoscaler": _of_scaler,
    "ServiceAccount": _of_account,
    "RoleBinding": _of_binding,
    "Role": _of_role,
}

KINDS = tuple(_BY_KIND)
