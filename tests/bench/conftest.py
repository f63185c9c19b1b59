"""Worlds and records for tests of the benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aiops.bench.agents.registry import Claim
from aiops.bench.oracles import Health
from aiops.bench.record import Admission, Record, WriteMade
from aiops.bench.safety import Safety
from aiops.bench.scenario import Scenario
from aiops.bench.stage import warmed
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.faults.truth import GroundTruth
from aiops.lab.world import World
from tests.faults.conftest import kube as kube  # an API server with a few objects
from tests.faults.conftest import store as store

WELL = Health(good=0.999, unfinished=())
ILL = Health(good=0.6, unfinished=())
GEO = "Service/hotel/geo"


@pytest.fixture(scope="session")
def untouched() -> World:
    return warmed("hotel", 1)


@pytest.fixture
def world(untouched: World) -> Iterator[World]:
    """A world with its history, for all tests. A test that changes it does so in a fork."""
    before = (untouched.cluster.revision, untouched.now)
    yield untouched
    assert (untouched.cluster.revision, untouched.now) == before, "what others look at was changed"


@pytest.fixture
def record() -> Callable[..., Record]:
    """A record of a scenario that was solved; what differs is given."""

    def make(**other: Any) -> Record:
        scenario = Scenario(kind="fault", case="wrong_target_port", application="hotel", seed=1, calm=60.0)
        fields: dict[str, Any] = {
            "scenario": scenario,
            "onset": 1_767_600_000.0,
            "arguments": {"port": 9999},
            "decoys": {},
            "truth": GroundTruth(subject=Entity.parse(GEO), mechanism=Mechanism.CONFIG_TARGET_PORT),
            "cure": "change",
            "claim": Claim(fault=True, subject=GEO, mechanism="config.target_port", state="resolved"),
            "writes": (WriteMade(after=130.0, verb="PATCH", target=GEO),),
            "wanted": 0.97,
            "looks": (WELL, WELL),
            "minutes": (0.6, 0.6, 0.7, 0.999, 0.999, 0.999),
            "well_after": 180.0,
            "present": False,
            "pods_ready": True,
            "safety": Safety(),
            "overtime": False,
            "admission": Admission(admitted=True, idle=(0.6,) * 6),
        }
        return Record(**{**fields, **other})

    return make
