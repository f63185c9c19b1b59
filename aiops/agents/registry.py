"""What a specialist is, and how one is registered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import Field

from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.core.entity import Entity, Subject
from aiops.core.evidence import Evidence, Hypothesis, Query, Source, Window
from aiops.core.model import Value
from aiops.core.registry import Registry
from aiops.core.text import cut
from aiops.tools.kit.context import Context

MOST_EVIDENCE = 60
"""Observations that one specialist may bring; the strongest are kept."""

MOST_TEXT = 600
"""Characters of a quotation from the cluster."""


class Findings(Value):
    """What one specialist found. `missing` are sentences; `cost` is in simulated seconds. `answering` are objects that
    measure how they answer and get their requests as before, so that what is not in the evidence of them is well."""

    specialist: str
    evidence: tuple[Evidence, ...] = ()
    missing: tuple[str, ...] = ()
    answering: tuple[Entity, ...] = ()
    cost: float = Field(0.0, ge=0)


class Observation(Value):
    """An evidence without its id, which it gets once the strongest are chosen."""

    subject: Subject
    query: Query
    window: Window
    summary: str
    observed: str
    baseline: str = ""
    score: float
    onset: float | None = None
    suggests: tuple[Hypothesis, ...] = ()
    begins: float = 0.0


Investigate = Callable[[Scope, Toolbox], Awaitable[list[Observation]]]


@dataclass(frozen=True, slots=True)
class Specialist:
    """One expert: what it looks at, with which reading tools."""

    name: str
    source: Source
    tools: tuple[str, ...]
    purpose: str
    investigate: Investigate

    async def run(self, scope: Scope, ctx: Context) -> Findings:
        """Investigate with the declared tools only. Raises `ClusterUnreachableError`."""
        toolbox = Toolbox(ctx, self.tools)
        observations = await self.investigate(scope, toolbox)
        strongest = sorted(observations, key=_weight, reverse=True)[:MOST_EVIDENCE]
        if len(observations) > len(strongest):
            toolbox.missing.append(f"{len(observations) - len(strongest)} weaker observations were left out")
        prefix = self.name if scope.attempt == 1 else f"{self.name}-{scope.attempt}"
        evidence = tuple(_evidence(f"{prefix}-{i}", self.source, o) for i, o in enumerate(strongest, 1))
        return Findings(
            specialist=self.name,
            evidence=evidence,
            missing=tuple(toolbox.missing),
            answering=tuple(toolbox.answering),
            cost=toolbox.cost,
        )


SPECIALISTS: Registry[Specialist] = Registry("specialist", "aiops.agents")


def specialist(*, name: str, source: Source, tools: tuple[str, ...]) -> Callable[[Investigate], Investigate]:
    """Register a function as a specialist. Its docstring says what it is for."""

    def register(function: Investigate) -> Investigate:
        purpose = " ".join((function.__doc__ or "").split())
        SPECIALISTS.add(name, Specialist(name, source, tools, purpose, function))
        return function

    return register


def _weight(observation: Observation) -> tuple[float, float]:
    return max((h.strength for h in observation.suggests), default=0.0), observation.score


def _evidence(identity: str, source: Source, observation: Observation) -> Evidence:
    fields = {name: getattr(observation, name) for name in Observation.model_fields}
    fields["observed"] = cut(observation.observed, MOST_TEXT)
    fields["baseline"] = cut(observation.baseline, MOST_TEXT)
    return Evidence(id=identity, source=source, **fields)
