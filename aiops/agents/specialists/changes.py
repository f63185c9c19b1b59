"""Changes: who changed what shortly before the trouble began."""

from __future__ import annotations

import json

from aiops.agents.registry import Observation, specialist
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox, query
from aiops.analysis.changes.mechanisms import mechanism_of, mechanism_of_object
from aiops.analysis.changes.standing import standing
from aiops.analysis.changes.suspicion import LOOK_BACK, SuspectChange, rank_changes
from aiops.core.changes import FieldChange
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis, Query, Source, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.recent_changes import recent_changes

MOST_CHANGES = 20

STRENGTH = 0.6
"""What a change right before the onset says by itself: most changes are innocent."""


@specialist(name="changes", source=Source.CHANGES, tools=("recent_changes",))
async def changes(scope: Scope, tools: Toolbox) -> list[Observation]:
    """Lists the changes of desired state before the trouble, the most suspicious first."""
    window = Window(start=scope.onset - LOOK_BACK, end=scope.window.end)
    found: dict[str, Observation] = {}
    unchanged = []
    elsewhere = _called_elsewhere(scope, tools)
    for namespace in (*scope.each_namespace(), *elsewhere):
        asked = query(recent_changes, window=window, namespace=namespace)
        result = await tools.read(recent_changes, window, namespace, 500)
        if result is None or result.watched_since is None:
            continue
        suspects = rank_changes(standing(result.changes), scope.reported, lambda entity: _distance(entity, scope))
        if namespace in elsewhere:
            suspects = [
                one for one in suspects if elsewhere[namespace] & {*scope.call_map.components(one.change.entity)}
            ]
        for suspect in suspects[:MOST_CHANGES]:
            found.setdefault(f"{suspect.change.at} {suspect.change.entity}", _observation(suspect, window, asked))
        if not suspects and namespace not in elsewhere:
            unchanged.append(_nothing(namespace, window, asked))
    return [*found.values(), *unchanged]


def _called_elsewhere(scope: Scope, tools: Toolbox) -> dict[str, set[Entity]]:
    """What the workloads call in other namespaces that may be looked at, by namespace: a change of it is felt here."""
    found: dict[str, set[Entity]] = {}
    for call in scope.call_map.calls if scope.namespaces else ():
        namespace = call.target.namespace
        inside = call.source.namespace in scope.namespaces
        if inside and namespace and namespace not in scope.namespaces and tools.is_allowed(namespace):
            found.setdefault(namespace, set()).add(call.target)
    return dict(sorted(found.items()))


def _distance(entity: Entity, scope: Scope) -> int | None:
    """Calls between a changed object's workloads and what the signals name, or where users come in."""
    graph = scope.call_map.graph()
    near = [c for e in scope.focus for c in scope.call_map.components(e)] or list(scope.call_map.entries)
    calls = [
        distance
        for component in scope.call_map.components(entity)
        for other in near
        if (distance := graph.distance(component, other)) is not None
    ]
    return min(calls, default=None)


def _observation(suspect: SuspectChange, window: Window, asked: Query) -> Observation:
    change = suspect.change
    suggests: dict[Mechanism, Hypothesis] = {}
    whole = mechanism_of_object(change)
    if whole is not None:
        suggests[whole] = Hypothesis(subject=change.entity, mechanism=whole, strength=STRENGTH)
    for field in change.fields:
        mechanism = mechanism_of(change, field)
        if mechanism is not None and mechanism not in suggests:
            suggests[mechanism] = Hypothesis(
                subject=change.entity, mechanism=mechanism, strength=STRENGTH, field=field.path, wanted=field.old
            )
    who = f" by {change.actor}" if change.actor else ""
    return Observation(
        subject=change.entity,
        query=asked,
        window=window,
        summary=f"{change.entity} was {change.verb}{who}, {lead(suspect)} the first signal.",
        observed="; ".join(map(_text, change.fields[:10])) or change.verb,
        score=suspect.suspicion,
        onset=change.at,
        suggests=tuple(suggests.values()),
    )


def lead(suspect: SuspectChange) -> str:
    """How long before the first signal a change was made; one that the signal came before may still have caused it."""
    return f"{abs(suspect.lead):.0f} s {'before' if suspect.lead >= 0 else 'after'}"


def _text(field: FieldChange) -> str:
    return f"{field.path}: {json.dumps(field.old)} -> {json.dumps(field.new)}"


def _nothing(namespace: str, window: Window, asked: Query) -> Observation:
    return Observation(
        subject=Entity(kind="Namespace", name=namespace or "all"),
        query=asked,
        window=window,
        summary="Nothing was changed before the trouble began.",
        observed="no change",
        score=0.0,
    )
