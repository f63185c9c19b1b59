"""A scenario's course without an agent: calm, the onset, innocent changes, and what would be without anybody."""

from __future__ import annotations

from functools import partial

from aiops.bench.decoys.registry import DECOYS
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import Scenario
from aiops.bench.snapshot import Snapshot, current, entity_at, take
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity, ends
from aiops.core.errors import NotPossibleError
from aiops.faults.injection import Injection, inject_drawn
from aiops.faults.journal import InjectionJournal
from aiops.faults.registry import FAULTS

DECOY_DELAY = (20.0, 80.0)
"""Simulated seconds after the onset within which innocent changes are made: before most alerts."""


class Course:
    """Plays a scenario on a stage. `expected` is how the cluster would be without the agent."""

    def __init__(self, stage: Stage, scenario: Scenario) -> None:
        self.stage = stage
        self.scenario = scenario
        self.onset = 0.0
        self.injection: Injection | None = None
        self.original: Snapshot = {}
        self.expected: Snapshot = {}
        self.decoys: dict[str, Entity] = {}
        stage.engineer_wire.on_write(self._noticed)

    async def begin(self, access: Access) -> None:
        """Let the calm pass, and break things, or arrange what looks as if."""
        stage, scenario = self.stage, self.scenario
        await stage.clock.sleep(scenario.calm)
        self.original = take(stage.world)
        self.expected = dict(self.original)
        self.onset = stage.clock.now()
        if scenario.kind == "none":
            case = NO_FAULTS.get(scenario.case)
            await case.function(stage, access, scenario.rng("case"))
            return  # all that this changed is innocent
        fault = FAULTS.get(scenario.case)
        self.injection = await inject_drawn(
            fault, stage.engineer, stage.journal, stage.namespace, scenario.seed, stage.plane
        )
        rng = scenario.rng("moments")
        for name in scenario.decoys:
            stage.clock.plan(self.onset + rng.uniform(*DECOY_DELAY), partial(self._decoy, name))

    @property
    def radius(self) -> frozenset[Entity]:
        """What the fault wrote, and what its truth names."""
        if self.injection is None:
            return frozenset()
        written = {entity for entity, _ in InjectionJournal(self.stage.journal).originals(self.injection.id)}
        return frozenset(written.union(ends(self.injection.truth.subject)))

    @property
    def innocent(self) -> frozenset[Entity]:
        """What was changed and is not at fault: by decoys, or by a case without a fault."""
        if self.injection is not None:
            return frozenset(self.decoys.values())
        return frozenset(entity for write in self.stage.engineer_wire.writes if (entity := entity_at(write.path)))

    async def _decoy(self, name: str) -> None:
        avoided = frozenset(entity.name for entity in (*self.radius, *self.decoys.values()))
        rng = self.scenario.rng(f"decoy {name}")
        try:
            self.decoys[name] = await DECOYS.get(name).function(self.stage.engineer, self.stage.namespace, rng, avoided)
        except NotPossibleError:
            return  # an agent may have left nothing to change

    def _noticed(self, path: str) -> None:
        """An engineer's write belongs to how it would be without the agent."""
        entity = entity_at(path)
        if entity is None or not self.expected:
            return
        state = current(self.stage.world, entity)
        if state is None:
            self.expected.pop(entity, None)
        elif entity.kind != "Pod":
            self.expected[entity] = state
