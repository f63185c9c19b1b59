"""Packets: which node, pair of nodes or edge the calls have in common that fail without an answer or wait."""

from __future__ import annotations

from collections.abc import Mapping

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.cluster_objects import read_kind, read_relations
from aiops.agents.scoping.scope import Scope
from aiops.agents.specialists.support.machines import RISE, sent_again, sent_again_share
from aiops.agents.specialists.support.pod_calls import (
    LEAST_RATE,
    SLOW_SECONDS,
    CallSums,
    calls_of_pods,
    own_delays,
    trouble_of,
)
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.calls.machines import outstanding_node
from aiops.analysis.calls.places import Leg, Place, locate
from aiops.analysis.state.cluster import ClusterState, is_ready
from aiops.core.entity import Edge, Entity, Manifest, Subject
from aiops.core.evidence import Hypothesis, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.call_metrics import CLIENTS
from aiops.tools.metric_query import metric_query

NEWEST = 120.0
"""Seconds at the end of the window in which the trouble has to be."""

CLEARLY = 0.8
"""Share of the trouble that a node or a pair explains, from which counters of machines have nothing to add."""

STRENGTHS = {"node": 0.85, "pair": 0.9, "edge": 0.5, "edge to a server": 0.7, "lossy edge": 0.85}
"""How far a place that explains the trouble tells the cause. What a store that measures nothing does itself looks like
the way to it; a server that finds itself well does not."""

BY_ITSELF = 0.4
"""Share of its callers' waiting that a Service is slower by itself, from which it is no matter of the way."""


@specialist(name="packets", source=Source.METRICS, tools=("metric_query", "list_objects"))
async def packets(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Compares the calls of each pod to each Service with those of before, and looks for the place that they share."""
    window = Window(start=max(scope.window.end - NEWEST, scope.window.start), end=scope.window.end)
    with tools.unnoted():  # whoever has no such metrics is told by the specialist of calls
        calls = await calls_of_pods(window, scope, tools)
    if not any(trouble_of(sums)[0] > 0 for sums in calls.values()):
        return []
    state = await read_relations(tools, scope.namespaces, ())
    legs = _legs(calls, state, await own_delays(window, scope, tools))
    nodes = await read_kind(tools, "Node")
    place = await _by_machines(locate(legs), legs, (window, scope.baseline), nodes, tools)
    if place is None:
        return []
    return [_observation(place, await sent_again(window, scope.baseline, nodes, tools), scope)]


async def _by_machines(
    place: Place | None, legs: list[Leg], windows: tuple[Window, Window], nodes: list[Manifest], tools: Toolbox
) -> Place | None:
    """The place that the calls tell, or the node that its own counters tell where the calls tell none clearly."""
    if place is not None and place.nodes and place.explains >= CLEARLY:
        return place
    found = outstanding_node(legs, await sent_again_share(*windows, nodes, tools))
    clear = found is not None and (place is None or not place.nodes or found.nodes[0] in place.nodes)
    return found if clear else place


def _legs(calls: dict[tuple[str, str, str], CallSums], state: ClusterState, own: dict[Entity, float]) -> list[Leg]:
    pods = {(p["metadata"].get("namespace", ""), p["metadata"]["name"]): p for p in state.of("Pod")}
    merged: dict[tuple[Entity, str, Entity], CallSums] = {}
    for (namespace, name, address), sums in sorted(calls.items()):
        pod, service = pods.get((namespace, name)), state.service_of_host(address, namespace)
        caller = state.workload(pod) if pod else None
        if pod is None or service is None or caller is None or not pod["spec"].get("nodeName"):
            continue
        key = caller, pod["spec"]["nodeName"], Entity.of({"kind": "Service", **service})
        whole = merged.setdefault(key, CallSums())
        whole.now.add(sums.now)
        whole.before.add(sums.before)
    found = []
    for (caller, node, service_entity), sums in merged.items():
        service = state.find("Service", service_entity.namespace, service_entity.name)
        callees = tuple(Entity.of(w) for w in state.backends(service)) if service else ()
        targets = _targets(state, callees)
        if targets and sums.now.calls >= LEAST_RATE:
            trouble, failing = trouble_of(sums)
            if _is_its_own(sums, own.get(service_entity)):
                continue
            measured = service_entity in own
            found.append(Leg(caller, node, service_entity, callees, targets, trouble, failing, measured))
    return found


def _is_its_own(sums: CallSums, delay: float | None) -> bool:
    """Is the Service itself slower by much of what its callers wait longer?"""
    if delay is None or not sums.before.calls:
        return False
    waits = sums.now.seconds / sums.now.calls - sums.before.seconds / sums.before.calls
    return delay > SLOW_SECONDS and delay >= BY_ITSELF * waits


def _targets(state: ClusterState, callees: tuple[Entity, ...]) -> dict[str, float]:
    """The share of the callees' pods by node."""
    pods = [pod for callee in callees for pod in state.pods_of(callee) if is_ready(pod)]
    nodes = [pod["spec"].get("nodeName", "") for pod in pods]
    return {node: nodes.count(node) / len(nodes) for node in sorted(set(nodes)) if node}


def _observation(place: Place, machines: Mapping[str, float], scope: Scope) -> Observation:
    subject, mechanism, strength, why = _verdict(place, machines)
    # The trouble is seen at the leg that suffers most; what is to blame is the place.
    worst = max(place.legs, key=lambda leg: (leg.trouble, str(leg.caller), str(leg.service)))
    seen = Edge(source=worst.caller, target=worst.callees[0] if worst.callees else worst.service)
    metric = CLIENTS[0][1]
    return Observation(
        subject=seen,
        query=query(
            metric_query,
            query=f"sum by (namespace, pod, server_address, error_type) (rate({metric}_count[{NEWEST:.0f}s]))",
            window=scope.window,
        ),
        window=scope.window,
        summary=f"Calls over {subject} fail without an answer or wait, and others do not.",
        observed=f"{place.share:.0%} of the calls that touch it suffer, which explains {place.explains:.0%} of the "
        f"trouble; {why}",
        score=min(0.3 + 0.6 * place.share, 0.95),
        suggests=(
            Hypothesis(subject=subject, mechanism=mechanism, strength=strength * min(place.explains / 0.9, 1.0)),
        ),
    )


def _verdict(place: Place, machines: Mapping[str, float]) -> tuple[Subject, Mechanism, float, str]:
    resent = [machines.get(node, 0.0) for node in _nodes(place)]
    lossy = bool(resent) and max(resent) >= RISE
    told = "segments are sent again" if lossy else "no more segments are sent again than before"
    if len(place.nodes) == 1:
        node = Entity(kind="Node", name=place.nodes[0])
        # A bad card or cable loses packets; a link that is too narrow makes them wait.
        narrow = place.nodes[0] in machines and not lossy
        mechanism = Mechanism.NETWORK_BANDWIDTH if narrow else Mechanism.NODE_NETWORK
        return node, mechanism, STRENGTHS["node"], told
    if len(place.nodes) == 2:
        one, other = (Entity(kind="Node", name=name) for name in place.nodes)
        failing = any(leg.failing for leg in place.legs)
        mechanism = Mechanism.NETWORK_LOSS if lossy else Mechanism.NETWORK_PARTITION
        mechanism = mechanism if failing else Mechanism.NETWORK_LATENCY
        return Edge(source=one, target=other), mechanism, STRENGTHS["pair"], told
    leg = place.legs[0]
    edge = Edge(source=leg.caller, target=leg.service)
    mechanism = Mechanism.NETWORK_LOSS if lossy else Mechanism.NETWORK_LATENCY
    known = "lossy edge" if lossy else "edge to a server" if leg.measured else "edge"
    return edge, mechanism, STRENGTHS[known], told


def _nodes(place: Place) -> set[str]:
    """The nodes on which the legs begin and end."""
    return {leg.node for leg in place.legs} | {node for leg in place.legs for node in leg.targets}
