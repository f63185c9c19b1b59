"""Scaling: autoscalers that go up and down without end."""

from __future__ import annotations

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.changes.flapping import swings
from aiops.analysis.state.autoscalers import KIND, scalers
from aiops.analysis.state.cluster import ClusterState
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.recent_changes import recent_changes

LOOK_BACK = 2400.0
FLAPPING = 0.8


@specialist(name="scaling", source=Source.KUBERNETES, tools=("recent_changes", "list_objects"))
async def scaling(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Finds workloads whose autoscaler turns their replicas up and down in quick steps."""
    window = Window(start=scope.onset - LOOK_BACK, end=await tools.now())
    found: list[Observation] = []
    for namespace in scope.each_namespace():
        with tools.unnoted():  # the changes specialist says what is not known of them
            result = await tools.read(recent_changes, window, namespace, 500)
        swinging = swings(result.changes) if result else []
        if not swinging:
            continue
        state = ClusterState(await read_kind(tools, KIND, namespace), window.end)
        by_target = {scaler.target: scaler.entity for scaler in scalers(state)}
        found += [
            Observation(
                subject=swing.entity,
                query=query(recent_changes, window=window, namespace=namespace),
                window=window,
                summary=f"{by_target[swing.entity]} turns the replicas of {swing.entity} up and down.",
                observed=" -> ".join(map(str, swing.numbers[-12:])),
                score=0.6,
                onset=swing.since,
                suggests=(
                    Hypothesis(
                        subject=by_target[swing.entity],
                        mechanism=Mechanism.SCALING_FLAPPING,
                        strength=FLAPPING,
                        field="spec.behavior",
                    ),
                ),
            )
            for swing in swinging
            if swing.entity in by_target
        ]
    return found
