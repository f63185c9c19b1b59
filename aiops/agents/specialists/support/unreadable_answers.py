"""Whom to blame for answers that their readers cannot make sense of."""

from __future__ import annotations

from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.logs.unreadable import named_in
from aiops.core.entity import Entity
from aiops.core.evidence import Hypothesis, Window
from aiops.core.mechanism import Mechanism
from aiops.tools.recent_changes import recent_changes

EARLIER = 900.0
"""Seconds before the guessed onset in which a new version may have begun to answer nonsense."""

NEW_VERSION, STORED, UNKNOWN = 0.75, 0.75, 0.45
"""Strengths: its image was changed lately; it was not, and what it answers is what it stores; it asks others itself."""


def callee_in(line: str, workload: Entity, scope: Scope) -> Entity | None:
    """Which of the workloads that it calls a workload's log line names, by its own name or that of its Service."""
    callees = scope.call_map.graph().callees(workload)
    names = {callee.name: callee for callee in callees}
    for text, behind in scope.call_map.belongs.items():
        kind, _, rest = text.partition("/")
        if kind == "Service" and behind and behind[0] in callees:
            names.setdefault(rest.partition("/")[2], behind[0])
    name = named_in(line, names)
    return names[name] if name is not None else None


async def blamed_for_answers(callee: Entity, scope: Scope, tools: Toolbox) -> tuple[Hypothesis, ...]:
    """What makes a workload answer nonsense: the version that came lately, else what it stores."""
    window = Window(start=scope.onset - EARLIER, end=scope.window.end)
    told = await tools.read(recent_changes, window, callee.namespace, 500)
    for change in reversed(told.changes if told else ()):
        image = next((field for field in change.fields if field.path.endswith(".image")), None)
        if change.entity == callee and image is not None:
            return _blame(callee, Mechanism.APP_VERSION, NEW_VERSION, image.path, image.old)
    if scope.call_map.graph().callees(callee):
        return _blame(callee, Mechanism.APP_VERSION, UNKNOWN)
    return _blame(callee, Mechanism.DATA_CORRUPTION, STORED)


def _blame(
    callee: Entity, mechanism: Mechanism, strength: float, field: str | None = None, wanted: object = None
) -> tuple[Hypothesis, ...]:
    return (Hypothesis(subject=callee, mechanism=mechanism, strength=strength, field=field, wanted=wanted),)
