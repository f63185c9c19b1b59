"""Scenarios follow from a suite and its seeds."""

from __future__ import annotations

import pytest

from aiops.bench.decoys.registry import DECOYS
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import CALM
from aiops.bench.suites import scenarios_of
from aiops.core.errors import UnknownNameError
from aiops.faults.registry import FAULTS


def test_smoke_holds_every_fault_and_every_case_without_one() -> None:
    scenarios = scenarios_of("smoke", [0, 1])
    assert len(scenarios) == 2 * (len(FAULTS) + len(NO_FAULTS))
    assert len({scenario.id for scenario in scenarios}) == len(scenarios)
    assert {s.case for s in scenarios if s.kind == "fault"} == set(FAULTS.names())
    assert len(NO_FAULTS) >= 4
    assert len(DECOYS) >= 8


def test_half_of_the_faults_have_decoys_and_each_fault_has_both() -> None:
    scenarios = [s for s in scenarios_of("smoke", range(4)) if s.kind == "fault"]
    assert sum(bool(s.decoys) for s in scenarios) == len(scenarios) / 2
    for name in FAULTS.names():
        assert {bool(s.decoys) for s in scenarios if s.case == name} == {True, False}
    assert all(len(s.decoys) <= 2 and set(s.decoys) <= set(DECOYS.names()) for s in scenarios)


def test_a_scenario_is_the_same_whatever_is_played_beside_it() -> None:
    alone = scenarios_of("smoke", [3])
    among = [s for s in scenarios_of("smoke", [1, 3, 2]) if s.seed == 3]
    assert alone == among
    assert all(CALM[0] <= s.calm <= CALM[1] for s in alone)


def test_an_unknown_suite_is_named() -> None:
    with pytest.raises(UnknownNameError, match="did you mean smoke"):
        scenarios_of("smok", [0])


def test_a_suite_is_played_on_any_application() -> None:
    scenarios = scenarios_of("smoke", [1], "random:20")
    assert {scenario.application for scenario in scenarios} == {"random:20"}
    assert [s.case for s in scenarios] == [s.case for s in scenarios_of("smoke", [1])]
