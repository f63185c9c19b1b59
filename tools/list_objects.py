"""Raw objects of one kind, page by page."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from aiops.core.entity import Manifest
from aiops.tools.kit.arguments import Limit, Namespace
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded
from aiops.tools.kit.rights import rules

SHOWN_KINDS = (
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "DaemonSet",
    "Deployment",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "HorizontalPodAutoscaler",
    "Ingress",
    "Job",
    "LimitRange",
    "MutatingWebhookConfiguration",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PriorityClass",
    "ReplicaSet",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "StorageClass",
    "ValidatingWebhookConfiguration",
)
"""Kinds whose objects the assistant asks to read. Not Secret: names of keys come from what refers to them."""


class ObjectList(Result):
    """Raw objects by namespace and name, without managed fields and secrets. `next` goes on where this page ends."""

    objects: tuple[Manifest, ...] = ()
    next: int | None = None


@tool(effect="reads", needs=rules(("list",), *SHOWN_KINDS))
async def list_objects(
    ctx: Context,
    kind: Annotated[str, Field(description="a Kubernetes kind, such as Service")],
    namespace: Namespace = "",
    labels: Annotated[str, Field(description="a label selector")] = "",
    fields: Annotated[str, Field(description="a field selector, such as type=Warning for events")] = "",
    start: Annotated[int, Field(ge=0, description="`next` of the page before")] = 0,
    limit: Limit = 100,
) -> ObjectList:
    """List Kubernetes objects of one kind as they are stored, with their status. Secret values are never shown."""
    found: list[Manifest] = []
    scopes = ctx.scope(namespace) if (await ctx.kube.resource(kind)).namespaced else ("",)
    for scope in scopes:
        found += await ctx.kube.list(kind, scope, labels=labels, fields=fields)
    kept, left_out = bounded(found[start:], limit)
    return ObjectList(
        objects=tuple(map(shown, kept)),
        left_out=left_out,
        next=start + len(kept) if left_out else None,
        no_data=None if found else f"there is no {kind} in {namespace or 'any namespace that may be looked at'}",
    )


def shown(manifest: Manifest) -> Manifest:
    """The object without the bookkeeping of field managers, which is long and says nothing about its state."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "managedFields"}
    return {**manifest, "metadata": metadata}
