"""When users count as well, on levels and objects that are written here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.bench import oracles
from aiops.bench.oracles import Health
from aiops.core.clock import rfc3339
from aiops.core.disturbance import Pods
from aiops.core.disturbance.behaviour import ConsumerStalled
from aiops.core.disturbance.process import Misbehaviour
from tests.support.worlds import aged

START = 1000.0


@dataclass
class Objective:
    availability: float = 0.98


@dataclass
class Level:
    good: float


@dataclass
class Told:
    """A world whose users got these shares of good answers, half a minute each."""

    shares: list[float]
    deployments: list[dict[str, Any]] = field(default_factory=list)
    objective: Objective = field(default_factory=Objective)
    namespaces: tuple[str, ...] = ("hotel",)
    jobs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def now(self) -> float:
        return START + 30 * len(self.shares)

    @property
    def cluster(self) -> Told:
        return self

    def objects(self, kind: str, _namespace: str) -> list[dict[str, Any]]:
        return {"Deployment": self.deployments, "Job": self.jobs}.get(kind, [])

    def service_level(self, start: float, end: float) -> Level:
        first, last = round((start - START) / 30), round((end - START) / 30)
        part = self.shares[max(first, 0) : max(last, 0)]
        return Level(sum(part) / len(part) if part else 1.0)


def deployment(**status: int) -> dict[str, Any]:
    whole = {"observedGeneration": 3, "updatedReplicas": 2, "replicas": 2, "availableReplicas": 2}
    return {
        "metadata": {"name": "geo", "namespace": "hotel", "generation": 3},
        "spec": {"replicas": 2},
        "status": {**whole, **status},
    }


def test_well_means_users_and_rollouts() -> None:
    assert oracles.health(Told([1.0] * 8, [deployment()])).well(0.97)  # type: ignore[arg-type]
    assert not oracles.health(Told([1.0] * 5 + [0.5] * 3, [deployment()])).well(0.97)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "status", [{"observedGeneration": 2}, {"updatedReplicas": 1}, {"replicas": 3}, {"availableReplicas": 1}]
)
def test_a_rollout_that_has_not_ended_is_named(status: dict[str, int]) -> None:
    health = oracles.health(Told([1.0] * 8, [deployment(**status)]))  # type: ignore[arg-type]
    assert health.unfinished == ("Deployment/hotel/geo",)
    assert not health.well(0.0)


def job(age: float, *, owned: bool = False, **status: Any) -> dict[str, Any]:
    metadata = {"name": "backup", "namespace": "hotel", "creationTimestamp": rfc3339(START + 240 - age)}
    owners = {"ownerReferences": [{"kind": "CronJob", "name": "backup"}]} if owned else {}
    return {"metadata": {**metadata, **owners}, "spec": {}, "status": status}


FAILED = {"conditions": [{"type": "Failed", "status": "True"}]}
COMPLETE = {"conditions": [{"type": "Complete", "status": "True"}]}


@pytest.mark.parametrize(
    ("found", "well"),
    [
        (job(30), True),
        (job(3600), False),
        (job(3600, ready=1), True),
        (job(3600, **COMPLETE), True),
        (job(30, **FAILED), False),
        (job(30, owned=True, **FAILED), True),
    ],
)
def test_a_job_must_begin_to_work_and_not_fail(found: dict[str, Any], well: bool) -> None:
    health = oracles.health(Told([1.0] * 8, jobs=[found]))  # type: ignore[arg-type]
    assert health.well(0.97) is well
    assert health.unfinished == (() if well else ("Job/hotel/backup",))


def test_well_is_the_objective_or_how_it_was() -> None:
    onset = START + 240
    assert oracles.objective_of(Told([1.0] * 8), onset) == 0.98  # type: ignore[arg-type]
    assert oracles.objective_of(Told([0.96] * 8), onset) == pytest.approx(0.94)  # type: ignore[arg-type]


def test_since_when_users_are_well() -> None:
    assert oracles.well_since(Told([0.5] * 3 + [1.0] * 7), START, START + 300, 0.97) == 90.0  # type: ignore[arg-type]
    assert oracles.well_since(Told([1.0] * 10), START, START + 300, 0.97) == 0.0  # type: ignore[arg-type]
    assert oracles.well_since(Told([1.0] * 8 + [0.5] * 2), START, START + 300, 0.97) is None  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40))
def test_minutes_hold_every_whole_minute_once(shares: list[float]) -> None:
    world = Told(shares)
    minutes = oracles.by_minute(world, START, world.now)  # type: ignore[arg-type]
    assert len(minutes) == len(shares) // 2
    assert sum(minutes) == pytest.approx(sum(shares[: 2 * len(minutes)]) / 2, abs=1e-3 * len(minutes))


def test_a_share_at_what_is_wanted_is_well() -> None:
    assert Health(good=0.97, unfinished=()).well(0.97)
    assert not Health(good=0.9699, unfinished=()).well(0.97)


def test_messages_that_wait_for_long_are_unfinished_where_they_are_asked_for() -> None:
    world = aged(300.0, application="social")
    assert not oracles.health(world, messages=True).unfinished
    fan_out = Pods(namespace="social", labels={"app": "fan-out"})
    world.disturbances.begin("d1", Misbehaviour(pods=fan_out, behaviours=(ConsumerStalled(),)))
    for _ in world.ticks(240.0):
        pass
    late = {name: seconds for name, seconds in world.waiting_messages().items() if name.startswith("new-posts of ")}
    assert all(seconds > oracles.MESSAGE_DEADLINE for seconds in late.values())
    assert not oracles.health(world).unfinished
    assert oracles.health(world, messages=True).unfinished == tuple(late) != ()
