"""What is known of one scenario once it was played: what scorers read, and nothing that an agent could see."""

from __future__ import annotations

from aiops.bench.agents.registry import Claim
from aiops.bench.oracles import Health
from aiops.bench.safety import Safety
from aiops.bench.scenario import Scenario
from aiops.core.model import Value
from aiops.faults.registry import Cure
from aiops.faults.truth import GroundTruth


class Admission(Value):
    """Whether a scenario counts. `idle` is the share of good answers by minute from the onset when nobody acts;
    `related` are the objects that another correct fix writes."""

    admitted: bool
    reason: str = ""
    idle: tuple[float, ...] = ()
    related: tuple[str, ...] = ()


class WriteMade(Value):
    """A write that an agent made. `after` is in simulated seconds from the onset."""

    after: float
    verb: str
    target: str


class Record(Value):
    """`wanted` is the share of good answers that counts as well; `looks` are how it stood after the agent was done, and
    later again; `minutes` the share of good answers by minute from the onset; `well_after` the seconds until users were
    well for good; `present` whether the root condition is there in the end (None without a fault); `pods_ready` whether
    all pods of the application run and are ready then."""

    scenario: Scenario
    onset: float
    arguments: dict[str, str | int]
    decoys: dict[str, str]
    truth: GroundTruth | None
    cure: Cure | None
    claim: Claim
    writes: tuple[WriteMade, ...]
    wanted: float
    looks: tuple[Health, ...]
    minutes: tuple[float, ...]
    well_after: float | None
    present: bool | None
    pods_ready: bool
    safety: Safety
    overtime: bool
    admission: Admission
