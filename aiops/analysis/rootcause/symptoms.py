"""What suffers, and which of it is not explained by what it calls.

A service that fails because its callee fails is a victim. So each node's symptoms count only as far as the calls
that it makes are well: the deepest anomalous callee keeps its blame (the traversal of Liu et al., "MicroHECL", ICSE
SEIP 2021, in soft form).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from aiops.analysis.rootcause.graph import CallGraph
from aiops.core.entity import Edge, Entity
from aiops.core.evidence import Evidence, Source

TELEMETRY = frozenset({Source.METRICS, Source.TRACES, Source.LOGS})

EXPLAINED = 0.85
"""Share of a symptom that a failing callee explains."""

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
        if item.score <= 0 or not is_live(item, since):
            continue
        if isinstance(item.subject, Edge):
            for source in components(item.subject.source):
                for target in components(item.subject.target):
                    found.add_call(source, target, item.score)
        else:
            for node in components(item.subject):
                found.add_node(node, item.score)
    return found


def blame(symptoms: Symptoms, graph: CallGraph) -> dict[Entity, float]:
    """Each suffering node's symptom as far as no failing callee explains it, in 0..1."""
    nodes = sorted({*symptoms.nodes, *(callee for _, callee in symptoms.calls)}, key=str)
    return {node: symptoms.suffering(node) * (1 - EXPLAINED * _below(node, symptoms, graph)) for node in nodes}


def _below(node: Entity, symptoms: Symptoms, graph: CallGraph) -> float:
    """The worst call that a node makes. What the caller sees counts; without it, how the callee itself does."""
    seen = {callee: score for (caller, callee), score in symptoms.calls.items() if caller == node}
    guessed = {callee: symptoms.nodes.get(callee, 0.0) for callee in graph.callees(node)}
    return max((guessed | seen).values(), default=0.0)
