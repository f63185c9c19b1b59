"""Reads the raw objects that a picture of the cluster needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from aiops.agents.scoping.scope import each_namespace
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.analysis.state.relations import KINDS
from aiops.core.entity import WORKLOAD_KINDS, Manifest
from aiops.core.wellknown import SYSTEM_NAMESPACE
from aiops.tools.list_objects import list_objects

EVERYWHERE = (
    "Node",
    "Namespace",
    "PersistentVolume",
    "StorageClass",
    "PriorityClass",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
)
"""Kinds of no namespace."""

NEIGHBOURS = (*WORKLOAD_KINDS, "Service")
"""Kinds read in every namespace: callers and gateways may live in another one."""

IN_SCOPE = (
    "ReplicaSet",
    "ControllerRevision",
    "Pod",
    "ConfigMap",
    "Ingress",
    "NetworkPolicy",
    "HorizontalPodAutoscaler",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ResourceQuota",
    "LimitRange",
    "PodDisruptionBudget",
    "PersistentVolumeClaim",
    "Job",
    "CronJob",
    "EndpointSlice",
)

SYSTEM = ("Pod", "ConfigMap", "NetworkPolicy")
"""Kinds read of the namespace whose DNS and network every workload leans on."""

TELLING_EVENTS = ("type=Warning", "type=Normal,reason=Preempted")
"""Field selectors of the events that are read: what went wrong, and what the scheduler took a pod's place for."""

PAGE = 500

Wanted = tuple[str, str, str]
"""Kind, namespace and field selector of a list."""

Read = Callable[[Toolbox], Awaitable[tuple[str, list[Manifest], bool]]]
"""A kind, its objects, and whether they could be read."""


async def read_state(toolbox: Toolbox, namespaces: tuple[str, ...], calls: Sequence[ObservedCall] = ()) -> ClusterState:
    """The objects of the namespaces (none: all that may be looked at), with those of no namespace, and what the
    cluster's own namespace runs for everybody."""
    inside = each_namespace(namespaces)
    wanted = [(kind, "", "") for kind in EVERYWHERE]
    wanted += _related(toolbox, inside, IN_SCOPE, SYSTEM)
    wanted += [("Event", namespace, fields) for namespace in inside for fields in TELLING_EVENTS]
    return await _state(toolbox, wanted, calls)


async def read_relations(toolbox: Toolbox, namespaces: tuple[str, ...], calls: Sequence[ObservedCall]) -> ClusterState:
    """Only what tells who calls whom, and which workloads an object belongs to: as `read_state` without the rest."""
    wanted = [("Namespace", "", "")]
    wanted += _related(toolbox, each_namespace(namespaces), [kind for kind in IN_SCOPE if kind in KINDS], ())
    return await _state(toolbox, wanted, calls)


def _related(toolbox: Toolbox, inside: tuple[str, ...], kinds: Sequence[str], system: Sequence[str]) -> list[Wanted]:
    """What is read of all namespaces, of those `inside`, and of the cluster's own where that is neither."""
    wanted = [(kind, "", "") for kind in NEIGHBOURS]
    wanted += [(kind, namespace, "") for namespace in inside for kind in kinds]
    seen = toolbox.is_allowed(SYSTEM_NAMESPACE)
    if not seen:
        wanted += [(kind, SYSTEM_NAMESPACE, "") for kind in NEIGHBOURS]
    if SYSTEM_NAMESPACE not in inside and not (seen and "" in inside):
        wanted += [(kind, SYSTEM_NAMESPACE, "") for kind in system]
    return wanted


async def _state(toolbox: Toolbox, wanted: Sequence[Wanted], calls: Sequence[ObservedCall]) -> ClusterState:
    lists = await toolbox.together([_read(*one) for one in wanted])
    unread = frozenset(kind for kind, _, whole in lists if not whole)
    return ClusterState([item for _, found, _ in lists for item in found], await toolbox.now(), calls, unread)


def _read(kind: str, namespace: str, fields: str) -> Read:
    async def read(toolbox: Toolbox) -> tuple[str, list[Manifest], bool]:
        noted = len(toolbox.missing)
        found = await read_kind(toolbox, kind, namespace, fields)
        return kind, found, len(toolbox.missing) == noted

    return read


async def read_kind(toolbox: Toolbox, kind: str, namespace: str = "", fields: str = "") -> list[Manifest]:
    """All objects of one kind, page by page, each with its kind. That there is none is no gap in the data."""
    found: list[Manifest] = []
    start: int | None = 0
    while start is not None:
        page = await toolbox.read_any(list_objects, kind, namespace, fields=fields, start=start, limit=PAGE)
        if page is None:
            return found
        found += [{"kind": kind, **item} for item in page.objects]
        start = page.next
    return found
