"""Agents by name: one file, one decorated class, one agent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

from pydantic import Field

from aiops.bench.clock import WorldClock
from aiops.bench.stage import Access
from aiops.core.entity import Manifest
from aiops.core.model import Value
from aiops.core.registry import Registry, summary_of

STEP = 15.0
"""Simulated seconds between two looks whether an alert has come."""

PATIENCE = 600.0
"""Simulated seconds after the onset, after which an agent that heard no alert is asked whether anything is wrong."""


class Claim(Value):
    """What an agent says in the end. `subject` is an entity or an edge as text; `state` is in the agent's own words;
    `escalated`: it has told a person that this is not for it to mend. `confidence` is that of its cause, from 0 to 1.
    `detected_at`, `localized_at` and `analysed_at`, in unix seconds, are when it first said that something is wrong,
    named this object, and this mechanism."""

    fault: bool
    subject: str | None = None
    mechanism: str | None = None
    state: str = ""
    escalated: bool = False
    confidence: float | None = Field(default=None, ge=0, le=1)
    detected_at: float | None = None
    localized_at: float | None = None
    analysed_at: float | None = None
    steps: int = 0
    tokens: int = 0
    cost: float = 0.0


@dataclass(slots=True)
class Room:
    """What an agent works with. `asked_at` is when it is asked though no alert came, in unix seconds."""

    access: Access
    clock: WorldClock
    namespace: str
    namespaces: tuple[str, ...]
    directory: Path
    asked_at: float
    alerts: list[Manifest] = field(default_factory=list)

    async def called(self) -> None:
        """Wait until an alert comes or somebody asks."""
        while not self.alerts and self.clock.now() < self.asked_at:
            await self.clock.sleep(STEP)


class BenchAgent(Protocol):
    """Made before the onset. `work` returns when the agent has nothing left to do; it may be cancelled."""

    async def start(self) -> None:
        """Prepare, before the onset."""
        ...

    async def work(self) -> None:
        """Find out and act, until nothing is left to do."""
        ...

    def claim(self) -> Claim:
        """What it says in the end; asked once, after `work`."""
        ...

    async def stop(self) -> None:
        """Give back what it holds."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """`user` is whom it acts as (`stage.USERS`). `configure` gives another `make` from the settings, once for a run:
    a scenario is played without any. `without` is the telemetry (`stage.TELEMETRY`) for which nobody answers it."""

    name: str
    summary: str
    user: str
    make: Callable[[Room], BenchAgent]
    configure: Callable[[], Callable[[Room], BenchAgent]] | None = None
    without: frozenset[str] = frozenset()

    def configured(self) -> Entry:
        """As the settings of this process want it. Raises `ConfigurationError`."""
        return replace(self, make=self.configure(), configure=None) if self.configure else self


AGENTS: Registry[Entry] = Registry("agent", "aiops.bench.agents")
A = TypeVar("A", bound=type)


def agent(name: str, *, user: str = "operator") -> Callable[[A], A]:
    """Register a class, whose one argument is a `Room`, as an agent."""

    def register(kind: A) -> A:
        AGENTS.add(name, Entry(name, summary_of(kind), user, kind, getattr(kind, "configured", None)))
        return kind

    return register
