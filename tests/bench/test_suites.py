"""Scenarios follow from a suite and its seeds."""

from __future__ import annotations

from itertools import pairwise

import pytest

from aiops.bench import fitting
from aiops.bench.aiopslab import KINDS, analysis_of
from aiops.bench.decoys.registry import DECOYS
from aiops.bench.nofault.registry import NO_FAULTS
from aiops.bench.scenario import CALM
from aiops.bench.suites import smoke
from aiops.bench.suites.aiopslab import stand_ins
from aiops.bench.suites.registry import SUITES, check_held_out, scenarios_of
from aiops.bench.suites.spread import LOADS
from aiops.core.errors import InvalidInputError, UnknownNameError
from aiops.core.mechanism import Mechanism
from aiops.faults.registry import FAULTS


def test_smoke_is_small_and_fixed() -> None:
    scenarios = scenarios_of("smoke", [0, 1])
    assert len(scenarios) == 2 * (len(smoke.FAULTS) + len(smoke.HEALTHY))
    assert len({scenario.id for scenario in scenarios}) == len(scenarios)
    assert set(smoke.FAULTS) <= set(FAULTS.names())
    assert set(smoke.HEALTHY) <= set(NO_FAULTS.names())
    assert len(DECOYS) >= 8


def test_half_of_the_faults_have_decoys_and_each_fault_has_both() -> None:
    scenarios = [s for s in scenarios_of("smoke", range(4)) if s.kind == "fault"]
    assert sum(bool(s.decoys) for s in scenarios) == len(scenarios) / 2
    for name in smoke.FAULTS:
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


@pytest.fixture
def everything_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """No world is made to ask what fits."""
    monkeypatch.setattr(fitting, "_fitting", lambda *_: frozenset([*FAULTS.names(), *NO_FAULTS.names()]))


@pytest.mark.parametrize("suite", ["full", "kinds", "noise", "multi", "aiopslab"])
@pytest.mark.usefixtures("everything_fits")
def test_a_larger_suite_draws_world_names_and_load_from_its_seed(suite: str) -> None:
    scenarios = scenarios_of(suite, [3, 4])
    assert scenarios == scenarios_of(suite, [3]) + scenarios_of(suite, [4])
    assert len({scenario.id for scenario in scenarios}) == len(scenarios)
    assert {scenario.load for scenario in scenarios} <= set(LOADS)
    assert all((s.renamed is None) == s.application.startswith("random:") for s in scenarios)
    worlds = [scenario.world for scenario in scenarios]
    changes = sum(one != other for one, other in pairwise(worlds))
    assert changes + 1 == len(set(worlds)), "scenarios of one world come one after the other"


@pytest.mark.usefixtures("everything_fits")
def test_the_full_suite_holds_every_fault_and_a_quarter_without_one() -> None:
    scenarios = scenarios_of("full", [0])
    faults = [s for s in scenarios if s.kind == "fault"]
    assert sorted(s.case for s in faults) == FAULTS.names()
    assert 0.2 <= 1 - len(faults) / len(scenarios) <= 0.3
    assert len({s.application for s in faults}) > 2
    assert abs(sum(bool(s.decoys) for s in faults) - len(faults) / 2) <= 1


def test_a_fault_comes_only_where_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    fits = {"hotel": frozenset(["rbac_denied", "lower_load"])}
    monkeypatch.setattr(fitting, "_fitting", lambda name, _: fits.get(name, frozenset()))
    faults = [s for s in scenarios_of("full", range(3)) if s.kind == "fault"]
    assert {(s.case, s.application) for s in faults} == {("rbac_denied", "hotel")}
    assert {(s.case, s.application) for s in scenarios_of("noise", range(3))} == {("lower_load", "hotel")}


def test_kinds_come_on_the_smallest_application_that_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    fits = {"ticket": {"rbac_denied", "lock_contention"}, "social": {"rbac_denied"}, "hotel": {"flash_crowd"}}
    monkeypatch.setattr(fitting, "_fitting", lambda name, _: frozenset(fits.get(name, ())))
    chosen = {s.case: s.application for s in scenarios_of("kinds", [1])}
    assert (chosen["rbac_denied"], chosen["lock_contention"], chosen["flash_crowd"]) == ("social", "ticket", "hotel")
    assert list(chosen.values()).count("hotel") == len(FAULTS) - 2, "what fits none does not go unseen"


def test_what_fits_is_asked_of_a_world() -> None:
    found = fitting.applications_that_fit(["hotel"], 3)["hotel"]
    assert {"wrong_target_port", "expired_certificate", "renewed_certificate"} <= found
    assert not {"accelerator_failed"} & found


def test_a_generated_application_is_asked_as_the_seed_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(fitting, "_fitting", lambda *place: asked.append(place) or frozenset())
    fitting.applications_that_fit(["hotel", "random:20"], 7)
    assert asked == [("hotel", fitting.SEED), ("random:20", 7)]


@pytest.mark.usefixtures("everything_fits")
def test_nothing_is_wrong_in_the_suite_of_noise() -> None:
    assert {scenario.kind for scenario in scenarios_of("noise", [0])} == {"none"}


def test_kinds_of_aiopslab_have_stand_ins() -> None:
    found = stand_ins()
    assert len(KINDS) == 28
    assert found["k8s_target_port-misconfig"] == "wrong_target_port"
    assert all(name is None or name in FAULTS.names() for name in found.values())
    assert all((kind.level is None) == ("analysis" not in kind.tasks) for kind in KINDS)
    assert analysis_of("config.target_port") == ("Virtualization", "Misconfiguration")
    assert all(analysis_of(mechanism.value) for mechanism in Mechanism)


def test_seeds_that_are_held_out_are_refused_unless_one_says_so() -> None:
    check_held_out([899_999], allowed=False)
    check_held_out([900_000], allowed=True)
    with pytest.raises(InvalidInputError, match="--seeds: 900000 is held out"):
        check_held_out([1, 900_000], allowed=False)


def test_every_suite_says_what_it_is() -> None:
    assert all(suite.summary.endswith(".") for suite in SUITES)
