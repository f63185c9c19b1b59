"""All faults by name: one file, one decorated function, one fault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import ConfigurationError
from aiops.core.mechanism import Mechanism
from aiops.core.registry import Registry, summary_of
from aiops.faults.parameters import Draw, draws_of
from aiops.faults.truth import GroundTruth

FaultFunction = Callable[..., Awaitable[GroundTruth]]
"""(target, **arguments) -> what is broken. It only injects; the journal takes it back."""

Before = Mapping[Entity, Manifest | None]
"""The objects that a fault read or wrote, as they were before it; None: there was none."""

PresentFunction = Callable[..., Awaitable[bool]]
"""(target, before, **arguments) -> whether the root condition is still there, from the objects alone."""

FixFunction = Callable[..., Awaitable[None]]
"""(target, before, **arguments): removes the root condition in another way than by putting things back."""

Felt = Literal["requests", "rollout", "drain", "job", "answers", "messages"]
"""Which service level breaks: that of users' requests, that a rollout, the drain of a node or a Job ends within its
deadline, that what users are told is right, or that messages are handled soon after they were sent."""

Cure = Literal["change", "restart", "escalate"]
"""What helps: a change through the Kubernetes API; a restart of pods, too; or nothing that this API can do, so that the
right answer is to tell somebody who can."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`entities` are the kinds of objects that may be at fault; `parameters` say how each argument is drawn. `family`
    is the folder of its file. `other_fix` is None where the cure is to escalate."""

    name: str
    mechanism: Mechanism
    entities: tuple[str, ...]
    family: str
    tags: frozenset[str]
    summary: str
    parameters: dict[str, Draw]
    function: FaultFunction
    felt: Felt
    present: PresentFunction
    other_fix: FixFunction | None
    cure: Cure = "change"

    def describe(self) -> dict[str, Any]:
        """The fault as JSON."""
        return {
            "name": self.name,
            "mechanism": self.mechanism.value,
            "entities": list(self.entities),
            "family": self.family,
            "felt": self.felt,
            "cure": self.cure,
            "tags": sorted(self.tags),
            "parameters": {name: draw.describe() for name, draw in self.parameters.items()},
            "summary": self.summary,
        }


FAULTS: Registry[Fault] = Registry("fault", "aiops.faults")


def fault(
    mechanism: Mechanism,
    *,
    entities: tuple[str, ...],
    felt: Felt,
    present: PresentFunction,
    other_fix: FixFunction | None,
    cure: Cure = "change",
    tags: frozenset[str] = frozenset(),
) -> Callable[[FaultFunction], FaultFunction]:
    """Register a fault under its function's name; the first line of its docstring is its summary.

    Raises `ConfigurationError` where a fault that can be cured has no other fix, or one that cannot has."""

    def register(function: FaultFunction) -> FaultFunction:
        if (other_fix is None) != (cure == "escalate"):
            raise ConfigurationError(
                f"fault {function.__name__}: another fix is given where there is a cure, and only there"
            )
        made = Fault(
            name=function.__name__,
            mechanism=mechanism,
            entities=entities,
            family=function.__module__.split(".")[-2],
            tags=tags,
            summary=summary_of(function),
            parameters=draws_of(function),
            function=function,
            felt=felt,
            present=present,
            other_fix=other_fix,
            cure=cure,
        )
        FAULTS.add(made.name, made)
        return function

    return register
