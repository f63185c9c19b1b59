"""The pods of a namespace or a workload, and what happened to them lately."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from aiops.core.entity import Entity, Manifest
from aiops.core.model import Value
from aiops.core.moments import moment
from aiops.tools.kit.arguments import EntityArg, Limit, Namespace
from aiops.tools.kit.context import Context
from aiops.tools.kit.pod_names import maker_of
from aiops.tools.kit.pod_state import PodSummary, summarise
from aiops.tools.kit.registry import tool
from aiops.tools.kit.results import Result, bounded
from aiops.tools.kit.rights import reads


class EventSummary(Value):
    """A Kubernetes event: what happened to `entity`, `count` times between `first_at` and `last_at` (unix seconds)."""

    entity: Entity
    type: str
    reason: str
    message: str
    count: int
    first_at: float
    last_at: float
    component: str = ""


class PodsAndEvents(Result):
    """Pods by namespace and name; events newest first."""

    pods: tuple[PodSummary, ...] = ()
    events: tuple[EventSummary, ...] = ()


@tool(effect="reads", needs=reads("Pod", "Event"))
async def pods_and_events(
    ctx: Context,
    namespace: Namespace = "",
    workload: EntityArg | None = None,
    since_seconds: Annotated[float, Field(gt=0, description="how far back events go, in seconds")] = 3600,
    limit: Limit = 200,
) -> PodsAndEvents:
    """Show pods with the states of their containers and last terminations, and recent Kubernetes events."""
    if workload is not None:
        namespace = workload.namespace
    now = await ctx.clock.sync()
    pods: list[PodSummary] = []
    events: list[EventSummary] = []
    for scope in ctx.scope(namespace):
        pods += map(summarise, await ctx.kube.list("Pod", scope))
        events += map(_event, await ctx.kube.list("Event", scope))
    if workload is not None:
        owners = {pod.entity: pod.workload for pod in pods}
        pods = [pod for pod in pods if pod.workload == workload]
        events = [event for event in events if _concerns(event.entity, workload, owners)]
    events = [event for event in events if event.last_at >= now - since_seconds]
    events.sort(key=lambda event: (-event.last_at, str(event.entity), event.reason))
    kept_pods, more_pods = bounded(pods, limit)
    kept_events, more_events = bounded(events, limit)
    what = str(workload) if workload else f"namespace {namespace}" if namespace else "any namespace"
    return PodsAndEvents(
        pods=kept_pods,
        events=kept_events,
        left_out=more_pods + more_events,
        no_data=None if pods else f"there is no pod of {what}",
    )


def _concerns(involved: Entity, workload: Entity, owners: Mapping[Entity, Entity | None]) -> bool:
    """Is an event about the workload, its pods (those that are gone are told by their names), or what lies between?"""
    if involved == workload:
        return True
    if involved in owners:
        return owners[involved] == workload
    gone = involved.kind in ("Pod", "ReplicaSet")
    return gone and maker_of(involved.namespace, involved.name, (workload,)) == workload


def _event(manifest: Manifest) -> EventSummary:
    about = manifest.get("involvedObject", {})
    series = manifest.get("series") or {}
    first = moment(manifest.get("firstTimestamp")) or moment(manifest.get("eventTime"))
    last = moment(series.get("lastObservedTime")) or moment(manifest.get("lastTimestamp")) or first
    source = manifest.get("reportingComponent") or manifest.get("source", {}).get("component", "")
    return EventSummary(
        entity=Entity(kind=about.get("kind", ""), namespace=about.get("namespace", ""), name=about.get("name", "")),
        type=manifest.get("type", "Normal"),
        reason=manifest.get("reason", ""),
        message=manifest.get("message", ""),
        count=int(series.get("count") or manifest.get("count") or 1),
        first_at=first or last or 0.0,
        last_at=last or 0.0,
        component=source,
    )
