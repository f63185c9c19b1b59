"""All faults by name: one file, one decorated function, one fault."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiops.core.mechanism import Mechanism
from aiops.core.registry import Registry
from aiops.faults.parameters import Draw, draws_of
from aiops.faults.truth import GroundTruth

FaultFunction = Callable[..., Awaitable[GroundTruth]]
"""(target, **arguments) -> what is broken. It only injects; the journal takes it back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`entity` is the kind of object that is at fault; `parameters` say how each argument is drawn."""

    name: str
    mechanism: Mechanism
    entity: str
    family: str
    tags: frozenset[str]
    summary: str
    parameters: dict[str, Draw]
    function: FaultFunction

    def describe(self) -> dict[str, Any]:
        """The fault as JSON."""
        return {
            "name": self.name,
            "mechanism": self.mechanism.value,
            "entity": self.entity,
            "family": self.family,
            "tags": sorted(self.tags),
            "parameters": {name: draw.describe() for name, draw in self.parameters.items()},
            "summary": self.summary,
        }


FAULTS: Registry[Fault] = Registry("fault", "aiops.faults")


def fault(
    mechanism: str, *, entity: str, family: str, tags: frozenset[str] = frozenset()
) -> Callable[[FaultFunction], FaultFunction]:
    """Register a fault under its function's name; the first line of its docstring is its summary."""

    def register(function: FaultFunction) -> FaultFunction:
        name = function.__name__
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        FAULTS.add(
            name,
            Fault(name, Mechanism(mechanism), entity, family, tags, summary, draws_of(function), function),
        )
        return function

    return register
