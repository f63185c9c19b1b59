"""What suffers, and which of it is not explained by what it calls.

A service that fails because its callee fails is a victim. So each node's symptoms count only as far as the calls
that it makes are well: the deepest anomalous callee keeps its blame (the traversal of Liu et al., "MicroHECL", ICSE
SEIP 2021, in soft form). A call that fails tells against its callee only as far as nobody else finds that callee well:
neither its own figures nor its other callers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiops.analysis.calls.graph import CallGraph
from aiops.core.entity import Edge, Entity, ends
from aiops.core.evidence import Evidence, Source

TELEMETRY = frozenset({Source.METRICS, Source.TRACES, Source.LOGS})

EXPLAINED = 0.85
"""Share of a symptom that a failing callee explains."""

FOUND_WELL = 0.25
"""Share of a failing call that is the callee's where others find the callee well: the rest is the caller's or the
way's."""

NOBODY_ELSE = 0.95
"""Share of a failing call that clears its caller where nobody finds the callee well."""

Components = Callable[[Entity], tuple[Entity, ...]]
"""Maps any object to the workloads that it belongs to, selects or configures."""


@dataclass(slots=True)
class Symptoms:
    """Scores in 0..1 of nodes, and of calls as their callers see them."""

    nodes: dict[Entity, float] = field(default_factory=dict)
    calls: dict[tuple[Entity, Entity], float] = field(default_factory=dict)

    def add_node(self, node: Entity, score: float) -> None:
        """The worst score of a node counts."""
        self.nodes[node] = max(self.nodes.get(node, 0.0), score)

    def add_call(self, source: Entity, target: Entity, score: float) -> None:
        """A gateway in front of a workload belongs to it: what it sees is how the workload does."""
        if source == target:
            self.add_node(target, score)
        else:
            self.calls[source, target] = max(self.calls.get((source, target), 0.0), score)

    def suffering(self, node: Entity) -> float:
        """How badly a node does, by itself or as its callers see it."""
        seen = [score for (_, callee), score in self.calls.items() if callee == node]
        return max([self.nodes.get(node, 0.0), *seen])


def is_live(evidence: Evidence, since: float) -> bool:
    """Is this a symptom of now? Telemetry is; an object only tells where it says since when."""
    if evidence.source in TELEMETRY:
        return True
    return evidence.source == Source.KUBERNETES and evidence.onset is not None and evidence.onset >= since


def collect(evidence: Iterable[Evidence], components: Components, since: float) -> Symptoms:
    """The symptoms in the evidence that are live since `since` (unix seconds)."""
    found = Symptoms()
    for item in evidence:
        if item.score <= 0 or item.begins or not is_live(item, since):
            continue
        if isinstance(item.subject, Edge):
            sources, targets = components(item.subject.source), components(item.subject.target)
            # Of workloads behind one gateway none calls the other: what the gateway sees is how each of them does.
            own = [target for target in targets if target in sources]
            for target in own:
                found.add_node(target, item.score)
            for source in sources if not own else ():
                for target in targets:
                    found.add_call(source, target, item.score)
        else:
            for node in components(item.subject):
                found.add_node(node, item.score)
    return found


def begun_at(evidence: Iterable[Evidence], components: Components) -> dict[Entity, float]:
    """How likely the trouble as a whole begins at each workload, in 0..1, by observations of the whole."""
    found: dict[Entity, float] = {}
    for item in evidence:
        for end in ends(item.subject) if item.begins else ():
            for node in components(end):
                found[node] = max(found.get(node, 0.0), item.begins)
    return found


def joined(first: dict[Entity, float], second: dict[Entity, float]) -> dict[Entity, float]:
    """The larger blame of two ways to tell it: one sees calls and their errors, the other amounts."""
    return {node: max(first.get(node, 0.0), second.get(node, 0.0)) for node in {**first, **second}}


def blame(symptoms: Symptoms, graph: CallGraph, answering: frozenset[Entity] = frozenset()) -> dict[Entity, float]:
    """Each suffering node's symptom as far as no failing callee explains it, in 0..1. `answering` are the nodes whose
    own figures would show it, were they ill."""
    calls = {(a, b): score * _of_callee(a, b, symptoms, graph, answering) for (a, b), score in symptoms.calls.items()}
    nodes = sorted({*symptoms.nodes, *(end for pair in calls for end in pair)}, key=str)
    suffering: dict[Entity, float] = {node: symptoms.nodes.get(node, 0.0) for node in nodes}
    below: dict[Entity, float] = {}
    for (caller, callee), score in calls.items():
        suffering[callee] = max(suffering[callee], score)
        known = NOBODY_ELSE if score == symptoms.calls[caller, callee] else 1.0
        below[caller] = max(below.get(caller, 0.0), known * score)
    failing = {caller for caller, _ in symptoms.calls}
    for node in nodes:
        suffering[node] = max(suffering[node], _own_calls(node, symptoms, calls) if node in failing else 0.0)
        guessed = [symptoms.nodes.get(c, 0.0) for c in graph.callees(node) if (node, c) not in calls]
        below[node] = max([below.get(node, 0.0), *guessed])
    return {node: suffering[node] * (1 - EXPLAINED * below[node]) for node in nodes}


def _own_calls(node: Entity, symptoms: Symptoms, calls: dict[tuple[Entity, Entity], float]) -> float:
    """What a node's failing calls say against the node itself: what is not their callees'."""
    return max(score - calls[pair] for pair, score in symptoms.calls.items() if pair[0] == node)


def _of_callee(
    caller: Entity, callee: Entity, symptoms: Symptoms, graph: CallGraph, answering: frozenset[Entity]
) -> float:
    """Which share of a failing call is its callee's."""
    seen = symptoms.calls[caller, callee]
    others = [symptoms.calls.get((other, callee), 0.0) for other in graph.callers(callee) if other != caller]
    if callee in answering:
        others.append(symptoms.nodes.get(callee, 0.0))
    if not others or seen <= 0:
        return 1.0
    return max(FOUND_WELL, min(1.0, max(others) / seen))
