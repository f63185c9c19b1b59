"""What somebody changed in the cluster, from our own recorder: Kubernetes keeps no history of most objects."""

from __future__ import annotations

from aiops.core.changes import Change
from aiops.core.clock import rfc3339
from aiops.core.evidence import Window
from aiops.core.wellknown import SYSTEM_NAMESPACE
from aiops.tools.kit.arguments import Limit, Namespace
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded, missing


class ChangeList(Result):
    """Changes of desired state, newest first. The history is complete since `watched_since` (unix seconds)."""

    changes: tuple[Change, ...] = ()
    watched_since: float | None = None


@tool(effect="reads")
async def recent_changes(ctx: Context, window: Window, namespace: Namespace = "", limit: Limit = 100) -> ChangeList:
    """List who changed which field of which object in a time window. An empty list means that nothing was changed.

    What belongs to the cluster as a whole is told for every namespace: nodes, classes, webhooks, its own namespace."""
    scope = ctx.scope(namespace)
    if ctx.changes is None:
        return ChangeList(no_data="no change recorder is running")
    since = await ctx.changes.watched_since()
    namespaces = () if scope == ("",) else (*scope, "", SYSTEM_NAMESPACE)
    found = await ctx.changes.changes(window.start, window.end, namespaces)
    kept, left_out = bounded(found, limit)
    late = f"changes before {rfc3339(since)} were not recorded" if since > window.start else None
    no_data = missing(late, *ctx.changes.problems())
    return ChangeList(changes=kept, left_out=left_out, watched_since=since, no_data=no_data)
