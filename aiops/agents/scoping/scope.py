"""Where and when to look: what every specialist is given."""

from __future__ import annotations

from pydantic import Field

from aiops.analysis.calls.graph import CallGraph
from aiops.core.entity import Edge, Entity
from aiops.core.evidence import Window
from aiops.core.incident import Signal
from aiops.core.model import Value


class CallMap(Value):
    """Workloads, who calls whom, and which workloads every other object belongs to, selects or configures.

    `belongs` maps an entity's text to its workloads. `entries` are the workloads that users' requests reach first.
    """

    workloads: tuple[Entity, ...] = ()
    calls: tuple[Edge, ...] = ()
    belongs: dict[str, tuple[Entity, ...]] = Field(default_factory=dict)
    entries: tuple[Entity, ...] = ()

    def components(self, entity: Entity) -> tuple[Entity, ...]:
        """The workloads of any object; itself for a workload and for what belongs to none."""
        return self.belongs.get(str(entity)) or (entity,)

    def graph(self) -> CallGraph:
        """The calls alone."""
        return CallGraph((call.source, call.target) for call in self.calls)


class Scope(Value):
    """One investigation. Times in unix seconds.

    `namespaces` is empty where all that may be looked at are meant. `onset` is a first guess from the signals;
    `reported` is when the first signal came. `focus` are the objects that the signals name. `attempt` counts the
    investigations of one incident from 1.
    """

    namespaces: tuple[str, ...]
    signals: tuple[Signal, ...]
    onset: float
    reported: float
    window: Window
    baseline: Window
    focus: tuple[Entity, ...] = ()
    call_map: CallMap = CallMap()
    missing: tuple[str, ...] = ()
    cost: float = Field(0.0, ge=0)
    attempt: int = Field(1, ge=1)

    def each_namespace(self) -> tuple[str, ...]:
        """The namespaces as tools take them, one a call."""
        return each_namespace(self.namespaces)


def each_namespace(namespaces: tuple[str, ...]) -> tuple[str, ...]:
    """Arguments of tools that read one namespace; the empty one stands for all that may be looked at."""
    return namespaces or ("",)
