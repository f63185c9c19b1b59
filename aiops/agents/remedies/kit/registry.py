"""What a remedy is given, and how one is registered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.core.action import Proposal
from aiops.core.changes import Change
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.errors import DuplicateNameError
from aiops.core.evidence import Evidence
from aiops.core.mechanism import Mechanism
from aiops.core.registry import Registry
from aiops.tools.kit.registry import Tool

READS = (
    "list_objects",
    "dependencies",
    "recent_changes",
    "metric_query",
    "get_object",
    "object_before",
    "golden_signals",
)
"""The reading tools that remedies may use."""


@dataclass(frozen=True, slots=True)
class RemedyCase:
    """One root cause to be cured: the cluster as it is now, the recent changes, newest first, when the trouble began
    (unix seconds), and the evidence that the cause cites."""

    cause: RootCause
    scope: Scope
    state: ClusterState
    changes: Sequence[Change]
    onset: float
    tools: Toolbox
    cited: tuple[Evidence, ...] = ()

    def propose(self, tool: Tool[..., Any], target: Entity, reason: str, effect: str, **arguments: Any) -> Proposal:
        """A proposal that cites the cause's evidence."""
        plain = {name: str(value) if isinstance(value, Entity) else value for name, value in arguments.items()}
        return Proposal(
            tool=tool.name,
            arguments=plain,
            target=target,
            mechanism=self.cause.mechanism,
            reason=reason,
            expected_effect=effect,
            evidence=self.cause.evidence,
        )


Remedy = Callable[[RemedyCase], Awaitable[list[Proposal]]]


@dataclass(frozen=True, slots=True)
class NamedRemedy:
    """A remedy with the mechanisms that it cures."""

    mechanisms: tuple[Mechanism, ...]
    propose: Remedy


REMEDIES: Registry[NamedRemedy] = Registry("remedy", "aiops.agents")


def remedy(*mechanisms: Mechanism) -> Callable[[Remedy], Remedy]:
    """Register a function as the remedy of these mechanisms. Its docstring says what it changes."""

    def register(function: Remedy) -> Remedy:
        for mechanism in mechanisms:
            try:
                REMEDIES.add(mechanism.value, NamedRemedy(mechanisms, function))
            except DuplicateNameError as error:
                raise DuplicateNameError(f"{error}; the second one is {function.__name__}") from error
        return function

    return register
