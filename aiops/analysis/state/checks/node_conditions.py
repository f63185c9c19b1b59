"""A node that is not ready, or says that it has too little of something."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.events import events_about
from aiops.analysis.state.placing.illness import PRESSURES, SAYS_SO, conditions_of, unready
from aiops.analysis.state.registry import Finding, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import moment

LATELY = 0.75
"""Strength of a condition that held within the window of the events."""

RECENT = 1800.0
"""Seconds for which an eviction says something about now."""


@check("node-conditions")
def node_conditions(state: ClusterState) -> Iterator[Finding]:
    """Nodes that are not ready or under pressure, by their conditions and, where those come and go, by evictions."""
    for node in state.of("Node"):
        entity = Entity(kind="Node", name=node["metadata"]["name"])
        conditions = conditions_of(node)
        if told := unready(entity, conditions.get("Ready", {})):
            yield _not_ready(entity, conditions["Ready"], told)
        for kind, mechanism in PRESSURES.items():
            condition = conditions.get(kind, {})
            if condition.get("status") == "True":
                yield _pressure(entity, mechanism, f"reports {kind}", condition, SAYS_SO)
            elif lately := _lately(state, entity, kind):
                yield _pressure(entity, mechanism, f"reported {kind} lately", {"message": lately}, LATELY)


def _not_ready(node: Entity, condition: Manifest, told: tuple[Hypothesis, ...]) -> Finding:
    silent = condition.get("status") == "Unknown"
    return Finding(
        subject=node,
        seen_in=node,
        summary=f"{node} {'says nothing any more' if silent else 'is not ready'}.",
        observed=f"{condition.get('reason', '')}: {condition.get('message', '')}",
        score=1.0,
        since=moment(condition.get("lastTransitionTime")),
        suggests=told,
    )


def _pressure(node: Entity, mechanism: Mechanism, what: str, condition: Manifest, strength: float) -> Finding:
    return Finding(
        subject=node,
        seen_in=node,
        summary=f"{node} {what}.",
        observed=f"{condition.get('reason', '')}: {condition.get('message', '')}".strip(": "),
        score=0.9,
        since=moment(condition.get("lastTransitionTime")),
        suggests=(Hypothesis(subject=node, mechanism=mechanism, strength=strength),),
    )


def _lately(state: ClusterState, node: Entity, condition: str) -> str:
    """The event in which a node said lately that it is under this pressure."""
    reasons = {"DiskPressure": "NodeHasDiskPressure", "MemoryPressure": "NodeHasInsufficientMemory"}
    told = events_about(state, node, reasons[condition])
    return told[0].message if told and state.now - told[0].last_at < RECENT else ""
