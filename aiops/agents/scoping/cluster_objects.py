"""Reads the raw objects that a picture of the cluster needs."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.agents.scoping.scope import each_namespace
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.core.entity import WORKLOAD_KINDS, Manifest
from aiops.tools.list_objects import list_objects

EVERYWHERE = ("Node", "Namespace")
"""Kinds of no namespace."""

NEIGHBOURS = (*WORKLOAD_KINDS, "Service")
"""Kinds read in every namespace: callers and gateways may live in another one."""

IN_SCOPE = (
    "ReplicaSet",
    "Pod",
    "ConfigMap",
    "Ingress",
    "NetworkPolicy",
    "HorizontalPodAutoscaler",
    "ServiceAccount",
    "Role",
    "RoleBinding",
)

PAGE = 500


async def read_state(toolbox: Toolbox, namespaces: tuple[str, ...], calls: Sequence[ObservedCall] = ()) -> ClusterState:
    """The objects of the namespaces (none: all that may be looked at), with nodes and namespaces."""
    objects: list[Manifest] = []
    for kind in (*EVERYWHERE, *NEIGHBOURS):
        objects += await read_kind(toolbox, kind)
    for namespace in each_namespace(namespaces):
        for kind in IN_SCOPE:
            objects += await read_kind(toolbox, kind, namespace)
    return ClusterState(objects, await toolbox.now(), calls)


async def read_kind(toolbox: Toolbox, kind: str, namespace: str = "") -> list[Manifest]:
    """All objects of one kind, page by page, each with its kind. That there is none is no gap in the data."""
    found: list[Manifest] = []
    start: int | None = 0
    noted = len(toolbox.missing)
    while start is not None:
        page = await toolbox.read(list_objects, kind, namespace, start=start, limit=PAGE)
        if page is None:
            return found
        found += [{"kind": kind, **item} for item in page.objects]
        start = page.next
    if not found:
        del toolbox.missing[noted:]
    return found
