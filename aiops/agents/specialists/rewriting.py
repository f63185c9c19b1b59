"""Rewriting: who puts values back that others have changed."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.changes.contested import Contest, contests
from aiops.analysis.state.writers import writing_workload
from aiops.core.entity import WORKLOAD_KINDS, Manifest
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.recent_changes import recent_changes

WRITERS = (*WORKLOAD_KINDS, "CronJob")
"""Kinds that run programs which write objects."""

LOOK_BACK = 3600.0
ONCE, AGAIN = 0.97, 0.99
"""How far a program convinces that took back what somebody else wrote once, and more often."""


@specialist(name="rewriting", source=Source.KUBERNETES, tools=("recent_changes", "list_objects"))
async def rewriting(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Finds programs of the cluster that take back what others write to an object."""
    window = Window(start=scope.onset - LOOK_BACK, end=await tools.now())
    found: list[Observation] = []
    for namespace in scope.each_namespace():
        with tools.unnoted():  # the changes specialist says what is not known of them
            result = await tools.read(recent_changes, window, namespace, 500)
        contested = contests(result.changes) if result else []
        if contested:
            programs = [item for kind in WRITERS for item in await read_kind(tools, kind)]
            found += [seen for one in contested for seen in _observed(one, programs, window, namespace)]
    return found


def _observed(one: Contest, programs: list[Manifest], window: Window, namespace: str) -> list[Observation]:
    writer = writing_workload(programs, one.writer)
    if writer is None or writer == one.entity:
        return []
    blamed = Hypothesis(
        subject=writer,
        mechanism=Mechanism.RESOURCE_REAPPLIED,
        strength=AGAIN if one.times > 1 else ONCE,
        explains=one.paths,
    )
    return [
        Observation(
            subject=one.entity,
            query=query(recent_changes, window=window, namespace=namespace),
            window=window,
            summary=f"{writer} puts back what others write to {one.entity}.",
            observed=f"{', '.join(one.paths[:5])}: taken back {one.times} time(s) by {one.writer}",
            score=0.8,
            suggests=(blamed,),
        )
    ]
