"""A scenario's course without an agent: calm, the onset, innocent changes, and what would be without anybody."""

from __future__ import annotations

from functools import partial

from aiops.bench import oracles
from aiops.bench.decoys.registry import DECOYS
from aiops.bench.maintenance import Drain
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import Scenario
from aiops.bench.snapshot import CHURNING, Snapshot, current, entity_at, take
from aiops.bench.stage import Access, Stage
from aiops.core.entity import Entity, Subject, ends
from aiops.core.errors import NotPossibleError
from aiops.faults.injection import Injection, inject_drawn
from aiops.faults.journal import InjectionJournal
from aiops.faults.registry import FAULTS
from aiops.lab.world import World

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
        self.drain: Drain | None = None
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
        if fault.felt == "drain":
            self.drain = Drain(_place_of(stage.world, self.injection.truth.subject))
            await self.drain.begin(stage.engineer, stage.clock)
        rng = scenario.rng("moments")
        for name in scenario.decoys:
            stage.clock.plan(self.onset + rng.uniform(*DECOY_DELAY), partial(self._decoy, name))

    def health(self) -> oracles.Health:
        """How it stands with everything that this course asks for."""
        awaited = self.scenario.kind == "fault" and FAULTS.get(self.scenario.case).felt == "messages"
        return oracles.health(self.stage.world, self.drain.node if self.drain else None, messages=awaited)

    async def go_on(self, stage: Stage) -> None:
        """Go on in a fork, on a stage of its own."""
        self.stage = stage
        if self.drain is not None:
            await self.drain.go_on(stage.engineer, stage.clock)

    @property
    def radius(self) -> frozenset[Entity]:
        """What the fault wrote, and what its truth names."""
        if self.injection is None:
            return frozenset()
        written = {entity for entity, _ in InjectionJournal(self.stage.journal).originals(self.injection.id)}
        named = (entity for part in self.injection.truth.parts for entity in ends(part.subject))
        return frozenset(written.union(named))

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
        elif entity.kind not in CHURNING:
            self.expected[entity] = state


def _place_of(world: World, subject: Subject) -> str:
    """The node that is to be emptied: one on which pods run that a disruption budget is about. Raises
    `NotPossibleError`."""
    for entity in ends(subject):
        budget = world.cluster.find(entity.kind, entity.namespace, entity.name)
        wanted = ((budget or {}).get("spec") or {}).get("selector", {}).get("matchLabels") or {}
        for pod in world.cluster.objects("Pod", entity.namespace):
            labels = pod["metadata"].get("labels") or {}
            if wanted and wanted.items() <= labels.items() and pod["spec"].get("nodeName"):
                return str(pod["spec"]["nodeName"])
    raise NotPossibleError(f"{subject}: no pod that it is about runs on a node")
