"""From signals to a scope: which namespaces, which window, who calls whom."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.agents.scoping.cluster_objects import read_relations
from aiops.agents.scoping.observed_calls import observed_calls
from aiops.agents.scoping.scope import CallMap, Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.calls.graph import CallGraph
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.analysis.state.network.tried_edges import tried_edges
from aiops.analysis.state.relations import KINDS, affected
from aiops.core.entity import WORKLOAD_KINDS, Edge, Entity
from aiops.core.errors import NotPossibleError
from aiops.core.evidence import Window
from aiops.core.incident import Signal
from aiops.tools.kit.alert_labels import namespace_of, objects_of
from aiops.tools.kit.context import Context

LEAD = 150.0
"""Seconds by which trouble begins before its first alert: a rate's window, the rule's `for`, an evaluation."""

MARGIN = 90.0
"""Seconds around the guessed onset that belong neither to the baseline nor to the window for sure."""

BASELINE = 1200.0
LONGEST_WINDOW = 900.0
QUESTION_LOOKS_BACK = 900.0


async def derive_scope(signals: Sequence[Signal], ctx: Context, *, attempt: int = 1) -> Scope:
    """The scope of an investigation of `signals` (at least one)."""
    tools = Toolbox(ctx, ("list_objects", "dependencies"))
    now = await tools.now()
    namespaces = _namespaces(signals, ctx)
    reported = min(signal.starts_at for signal in signals)
    onset = _onset_guess(signals, reported)
    window = Window(start=max(onset, now - LONGEST_WINDOW), end=now)
    baseline = Window(start=onset - MARGIN - BASELINE, end=onset - MARGIN)
    calls = await observed_calls(tools, namespaces, Window(start=baseline.start, end=now))
    state = await read_relations(tools, namespaces, calls)
    return Scope(
        namespaces=namespaces,
        signals=tuple(signals),
        onset=onset,
        reported=reported,
        window=window,
        baseline=baseline,
        focus=_focus(signals, ctx),
        call_map=call_map(state),
        missing=tuple(tools.missing),
        cost=tools.cost,
        attempt=attempt,
    )


def _namespaces(signals: Sequence[Signal], ctx: Context) -> tuple[str, ...]:
    """The namespaces that the signals name, as far as they may be looked at; where they name none, none: all of those.

    Raises `NotPossibleError` where every one that they name is out of bounds."""
    named: set[str] = set()
    for signal in signals:
        named |= {signal.subject.namespace} if signal.subject and signal.subject.namespace else set()
        named |= {namespace_of(signal.labels)} - {""}
    allowed = sorted(name for name in named if ctx.allows(name))
    if named and not allowed:
        raise NotPossibleError(f"the alerts are about {', '.join(sorted(named))}, which may not be looked at")
    return tuple(allowed)


def _onset_guess(signals: Sequence[Signal], reported: float) -> float:
    if all(signal.kind == "question" for signal in signals):
        return reported - QUESTION_LOOKS_BACK
    return reported - LEAD


def _focus(signals: Sequence[Signal], ctx: Context) -> tuple[Entity, ...]:
    """What the signals name, as far as it may be looked at."""
    found: list[Entity] = []
    for signal in signals:
        found += [signal.subject] if signal.subject is not None else []
        found += objects_of(signal.labels)
    return tuple(dict.fromkeys(entity for entity in found if ctx.allows(entity.namespace)))


def call_map(state: ClusterState) -> CallMap:
    """Workloads, calls and relations of a cluster's objects and the calls seen."""
    workloads = tuple(Entity.of(w) for w in state.workloads())
    calls = {(edge.source, edge.target) for edge in tried_edges(state)}
    calls |= {(source, target) for call in state.calls for source, target in _ends(state, call)}
    belongs: dict[str, tuple[Entity, ...]] = {str(w): (w,) for w in workloads}
    for kind in KINDS:
        for item in state.of(kind):
            entity = Entity.of(item)
            belongs[str(entity)] = affected(state, entity)
    for call in state.calls:
        belongs.setdefault(str(_outside(call)), _called(state, call))
    ordered = sorted(calls, key=lambda call: (str(call[0]), str(call[1])))
    edges = tuple(Edge(source=source, target=target) for source, target in ordered if source != target)
    return CallMap(workloads=workloads, calls=edges, belongs=belongs, entries=_entries(state, edges))


def _ends(state: ClusterState, call: ObservedCall) -> list[tuple[Entity, Entity]]:
    """The workloads at the ends of an observed call."""
    targets = _called(state, call)
    sources = affected(state, call.source)
    if set(sources).intersection(targets):
        return []  # a gateway's call to what it belongs to, or of a workload to itself
    return [(source, target) for source in sources for target in targets]


def _called(state: ClusterState, call: ObservedCall) -> tuple[Entity, ...]:
    """The workloads behind the host of a call, in whatever namespace; what is outside stands for itself."""
    service = state.service_of_host(call.host, call.source.namespace)
    if service is not None:
        return affected(state, Entity.of(service))
    return _namesakes(state, call) or (_outside(call),)


def _outside(call: ObservedCall) -> Entity:
    return Entity(kind="External", name=call.host)


def _namesakes(state: ClusterState, call: ObservedCall) -> tuple[Entity, ...]:
    """The workload that a host without a Service is named after: it had one."""
    name, _, rest = call.host.partition(".")
    namespace = rest.partition(".")[0] or call.source.namespace
    found = (state.find(kind, namespace, name) for kind in WORKLOAD_KINDS)
    return tuple(Entity.of(item) for item in found if item is not None)


def _entries(state: ClusterState, edges: Sequence[Edge]) -> tuple[Entity, ...]:
    """The workloads behind Ingresses and outside-facing Services; else those that call and that nobody calls."""
    found: list[Entity] = []
    for ingress in state.of("Ingress"):
        found += affected(state, Entity.of(ingress))
    for service in state.of("Service"):
        if service.get("spec", {}).get("type") in ("LoadBalancer", "NodePort"):
            found += affected(state, Entity.of(service))
    return tuple(dict.fromkeys(found)) or tuple(CallGraph((e.source, e.target) for e in edges).entries())
