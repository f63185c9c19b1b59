"""Limits that fit what a container needs."""

from __future__ import annotations

import json

from aiops.agents.remedies.kit.field_paths import container_in
from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.analysis.state.cluster import container_of, containers, pod_template
from aiops.core.action import Proposal
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.core.quantity import cpu, memory, parse_quantity
from aiops.tools.kit.pod_names import pods_of
from aiops.tools.metric_query import metric_query
from aiops.tools.set_resources import set_resources

HEADROOM = 1.5
"""Limit over the largest working set seen while it was well."""

LEAST_GROWTH = 2.0
"""Factor over a limit that killed: what the process would have gone on to need was never seen."""


@remedy(Mechanism.RESOURCE_MEMORY_LIMIT)
async def memory_limit(case: RemedyCase) -> list[Proposal]:
    """Set the limit of the revision before; else one with headroom over the working set seen before the trouble."""
    workload = case.cause.subject
    found = _limit(case, "memory")
    if found is None or not isinstance(workload, Entity):
        return []
    container, now = found
    if isinstance(case.cause.wanted, str) and parse_quantity(case.cause.wanted) > now:
        wanted, why = case.cause.wanted, "as it was at the revision before"
    else:
        peak = await _peak(case, workload, container)
        wanted = memory(max(HEADROOM * peak, LEAST_GROWTH * now))
        why = f"{HEADROOM:g} times the largest working set seen" if peak else f"{LEAST_GROWTH:g} times the present one"
    reason = f"Container {container} reaches its limit of {memory(now)}; {wanted} is {why}."
    effect = f"{workload} is no longer killed for memory."
    arguments = {"workload": workload, "container": container, "limits": {"memory": wanted}}
    return [case.propose(set_resources, workload, reason, effect, **arguments)]


@remedy(Mechanism.RESOURCE_CPU_LIMIT)
async def cpu_limit(case: RemedyCase) -> list[Proposal]:
    """Double a CPU limit that throttles."""
    workload = case.cause.subject
    found = _limit(case, "cpu")
    if found is None or not isinstance(workload, Entity):
        return []
    container, now = found
    wanted = cpu(LEAST_GROWTH * now)
    reason = f"Container {container} is throttled at its limit of {cpu(now)}."
    effect = f"{workload} is throttled less, and answers faster."
    arguments = {"workload": workload, "container": container, "limits": {"cpu": wanted}}
    return [case.propose(set_resources, workload, reason, effect, **arguments)]


def _limit(case: RemedyCase, resource: str) -> tuple[str, float] | None:
    """(container, limit) of the container at fault: the one that the field names, else the one with the least."""
    workload = case.cause.subject
    if not isinstance(workload, Entity):
        return None
    manifest = case.state.find(workload.kind, workload.namespace, workload.name)
    if manifest is None:
        return None
    name = container_in(case.cause.field)
    named = container_of(pod_template(manifest), name) if name else None
    limits = [
        (c["name"], parse_quantity(limit))
        for c in ([named] if named else containers(manifest))
        if (limit := c.get("resources", {}).get("limits", {}).get(resource)) is not None
    ]
    return min(limits, key=lambda pair: pair[1], default=None)


async def _peak(case: RemedyCase, workload: Entity, container: str) -> float:
    """The largest working set of the container before the trouble, in bytes; 0 where it was not measured."""
    labels = f"{pods_of(workload)},container={json.dumps(container)}"
    window = Window(start=case.scope.baseline.start, end=case.scope.window.end)
    result = await case.tools.read(metric_query, f"max(container_memory_working_set_bytes{{{labels}}})", window, 30)
    values = [value for series in (result.series if result else ()) for value in series.values]
    return max(values, default=0.0)
