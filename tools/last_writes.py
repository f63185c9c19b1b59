"""When objects were written last, and by whom, as far as Kubernetes itself keeps it."""

from __future__ import annotations

from aiops.analysis.changes.attribution import CONTROLLERS, last_write
from aiops.core.changes import Change
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import RemoteError
from aiops.core.evidence import Window
from aiops.core.moments import created_at
from aiops.tools.kit.arguments import Limit, Namespace
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded, missing
from aiops.tools.kit.rights import rules

WRITTEN_KINDS = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "ConfigMap",
    "Service",
    "Ingress",
    "NetworkPolicy",
    "Role",
    "RoleBinding",
)
"""Kinds that people write."""

SAME_WRITE = 2.0
"""Seconds between two times that are given for one write."""


class LastWrites(Result):
    """One change an object, the newest first, without its fields: Kubernetes keeps no earlier versions."""

    writes: tuple[Change, ...] = ()


@tool(effect="reads", needs=rules(("list",), *WRITTEN_KINDS))
async def last_writes(ctx: Context, window: Window, namespace: Namespace = "", limit: Limit = 100) -> LastWrites:
    """List which objects were created or last written in a time window, and by which field manager.

    Needs no change recorder. What was deleted, and any write before the last one of an object, cannot be seen."""
    found: list[Change] = []
    failed: list[str] = []
    for scope in ctx.scope(namespace):
        for kind in WRITTEN_KINDS:
            try:
                items = await ctx.kube.list(kind, scope)
            except RemoteError as error:
                failed.append(f"{kind}: {error}")
                continue
            found += [change for item in items if (change := _last(item)) and window.start <= change.at <= window.end]
    found.sort(key=lambda change: (-change.at, str(change.entity)))
    kept, left_out = bounded(found, limit)
    return LastWrites(writes=kept, left_out=left_out, no_data=missing(*dict.fromkeys(failed)))


def _last(item: Manifest) -> Change | None:
    """By its managed fields. Controllers only follow, so they do not count; nor does what they alone wrote."""
    created, entity = created_at(item), Entity.of(item)
    fields = item["metadata"].get("managedFields") or []
    mine = [field for field in fields if field.get("manager") != CONTROLLERS]
    if fields and not mine:
        return None
    write = last_write({"metadata": {"managedFields": mine}})
    if write is None:
        return Change(at=created, entity=entity, verb="created") if created else None
    new = created is not None and abs(write.at - created) <= SAME_WRITE
    return Change(at=write.at, entity=entity, verb="created" if new else "updated", actor=write.actor)
