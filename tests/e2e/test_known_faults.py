"""Every well-known fault is found and cured by the engine without processes, which change nothing (`test_demo`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiops.bench.play import play
from aiops.bench.record import Admission
from aiops.bench.scenario import Scenario
from aiops.bench.stage import warmed
from aiops.bench.suites import smoke
from aiops.faults.registry import FAULTS
from tests.support.worlds import copy_of

SEED = 11
ALWAYS = ("low_memory_limit", "network_policy_blocks_edge")
"""What is played in every run of the tests; `test_demo` has more."""
CASES = [name if name in ALWAYS else pytest.param(name, marks=pytest.mark.soak) for name in smoke.FAULTS]
ADMITTED = Admission(admitted=True, idle=(0.5,) * 40)
"""Stands in for an admission, which the harm done to others would be measured against."""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", CASES)
async def test_a_fault_is_resolved(fault: str, tmp_path: Path) -> None:
    scenario = Scenario(kind="fault", case=fault, application="hotel", seed=SEED, calm=60.0)
    record = await play(copy_of(warmed, "hotel", SEED), scenario, "supervisor", ADMITTED, tmp_path)
    assert (record.claim.fault, record.claim.state) == (True, "resolved")
    assert record.claim.mechanism == FAULTS.get(fault).mechanism
    assert len({write.after for write in record.writes}) == 1, "the first change helps, and is not taken back"
    assert record.present is False
    assert [(look.good >= record.wanted, look.unfinished) for look in record.looks] == [(True, ())] * 2
