"""More replicas for workloads that cannot carry their load."""

from __future__ import annotations

import math
from collections.abc import Sequence

from aiops.agents.remedies.kit.registry import RemedyCase, remedy
from aiops.agents.scoping.scope import CallMap
from aiops.core.action import Proposal
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism
from aiops.tools.golden_signals import EntitySignals, golden_signals
from aiops.tools.kit.signal_sources import SignalName
from aiops.tools.scale import scale
from aiops.tools.scale_together import MOST, scale_together
from aiops.tools.set_autoscaler import set_autoscaler

GROWTH = 2
"""Factor by which the replicas grow at least: how much more would come was never seen."""

MOST_GROWTH = 5
"""Factor up to which a single step may be right: more is for people to plan."""

BUSY = 0.65
"""Share of the CPU limits at which a workload still answers in time, with room for what retries add."""

READ: tuple[SignalName, ...] = ("rate", "cpu_of_limit")


@remedy(Mechanism.LOAD_INCREASE)
async def scale_out(case: RemedyCase) -> list[Proposal]:
    """As many replicas as what users send now takes, by what they used before; or more of what its autoscaler may ask
    for. Where one alone only passes the load on, whatever else is full by the same load grows in the same step.

    Only of Deployments that run as several already: a single one may hold what two of it would not share."""
    workload = case.cause.subject
    if not isinstance(workload, Entity) or workload.kind != "Deployment":
        return []
    now = _replicas(case, workload)
    if now < GROWTH:
        return []
    scaler = _scaler(case, workload)
    if scaler is not None:
        return _further(case, workload, scaler, now)
    growth = await _growth(case)
    full = _full(case, workload, growth)
    sizes = {one: math.ceil(_replicas(case, one) * growth.get(one, GROWTH)) for one in full}
    effect = f"{workload} carries the requests that come."
    reason = f"Users send more than {now} replicas of {workload} can carry."
    alone = case.propose(scale, workload, reason, effect, workload=workload, replicas=sizes[workload])
    names = [str(one) for one in sizes]
    if len(names) == 1:
        return [alone]
    reason += f" So it is with {', '.join(names[1:])}."
    arguments = {"workloads": names, "replicas": list(sizes.values())}
    return [alone, case.propose(scale_together, workload, reason, effect, **arguments)]


def _further(case: RemedyCase, workload: Entity, scaler: Manifest, now: int) -> list[Proposal]:
    most, entity = scaler["spec"].get("maxReplicas", now), Entity.of(scaler)
    if now < most:
        return []
    effect = f"{workload} carries the requests that come."
    reason = f"{entity} may not ask for more than {most} replicas of {workload}, and these are too few."
    return [case.propose(set_autoscaler, entity, reason, effect, autoscaler=entity, max_replicas=GROWTH * most)]


def _full(case: RemedyCase, first: Entity, growth: dict[Entity, float]) -> list[Entity]:
    """The workload, and those that evidence found full by the same load or that would be next."""
    told = [e.subject for e in case.cited if any(h.mechanism is Mechanism.LOAD_INCREASE for h in e.suggests)]
    named = dict.fromkeys([first, *(one for one in told if isinstance(one, Entity)), *growth])
    mine = [
        one
        for one in named
        if one.kind == "Deployment" and _replicas(case, one) >= GROWTH and _scaler(case, one) is None
    ]
    return mine[:MOST]


async def _growth(case: RemedyCase) -> dict[Entity, float]:
    found: list[EntitySignals] = []
    window, baseline = case.scope.window, case.scope.baseline
    for namespace in case.scope.each_namespace():
        result = await case.tools.read(golden_signals, window, baseline, namespace, signal=READ)
        found += result.entities if result else ()
    return growth_needed(found, case.scope.call_map)


def growth_needed(signals: Sequence[EntitySignals], calls: CallMap) -> dict[Entity, float]:
    """By which factor each workload has to grow that what users send now would fill, of those that users' requests
    reach: its use of before times the rise of users' requests, over what it may use."""
    graph = calls.graph()
    rises = [_rise(one) for one in signals if set(calls.components(one.entity)) & set(calls.entries)]
    users = max(rises, default=0.0)
    needed: dict[Entity, float] = {}
    for one in signals:
        used = one.signal("cpu_of_limit")
        served = used is not None and bool(graph.path_to_caller(one.entity, calls.entries))
        wanted = users * (used.baseline or 0.0) / BUSY if used is not None and served else 0.0
        if wanted > 1:
            needed[one.entity] = min(max(wanted, GROWTH), MOST_GROWTH)
    return needed


def _rise(item: EntitySignals) -> float:
    rate = item.signal("rate")
    return rate.value / rate.baseline if rate is not None and rate.value and rate.baseline else 0.0


def _replicas(case: RemedyCase, workload: Entity) -> int:
    manifest = case.state.find(workload.kind, workload.namespace, workload.name) or {}
    replicas: int = manifest.get("spec", {}).get("replicas", 1)
    return replicas


def _scaler(case: RemedyCase, workload: Entity) -> Manifest | None:
    for scaler in case.state.of("HorizontalPodAutoscaler", workload.namespace):
        target = scaler["spec"].get("scaleTargetRef", {})
        if (target.get("kind"), target.get("name")) == (workload.kind, workload.name):
            return scaler
    return None
