"""What is measured of a played scenario."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aiops.bench.agents.registry import Claim
from aiops.bench.line import of_error, of_record, of_refused
from aiops.bench.oracles import Health
from aiops.bench.record import Admission, Record
from aiops.bench.safety import Safety
from aiops.bench.scenario import Scenario
from aiops.bench.scorers.registry import scored
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.faults.truth import GroundTruth
from tests.bench.conftest import GEO, ILL, WELL

Make = Callable[..., Record]


def test_a_solved_scenario(record: Make) -> None:
    found = scored(record())
    assert {name: found[name] for name in ("detected", "localized", "mechanism", "mitigated", "harmed", "changed")} == {
        "detected": True, "localized": True, "mechanism": True, "mitigated": True, "harmed": False, "changed": True,
    }  # fmt: skip
    assert found["seconds"] == 180.0


@pytest.mark.parametrize(
    "other",
    [
        {"looks": (ILL, WELL)},
        {"looks": (WELL, ILL)},
        {"present": True},
        {"looks": (WELL, Health(good=1.0, unfinished=("geo",)))},
    ],
)
def test_well_for_a_moment_or_with_the_cause_still_there_is_not_mitigated(
    record: Make, other: dict[str, object]
) -> None:
    assert scored(record(**other))["mitigated"] is False


@pytest.mark.parametrize("subject", [None, "Deployment/hotel/geo", "Service/hotel/ge"])
def test_only_the_exact_object_and_mechanism_count(record: Make, subject: str | None) -> None:
    found = scored(record(claim=Claim(fault=True, subject=subject, mechanism="config.selector")))
    assert (found["localized"], found["mechanism"]) == (False, False)


def test_without_a_fault_there_is_nothing_to_localize_or_mitigate(record: Make) -> None:
    found = scored(record(truth=None, present=None, claim=Claim(fault=False)))
    assert (found["detected"], found["localized"], found["mechanism"], found["mitigated"]) == (False, None, None, None)


def test_users_who_get_less_than_without_the_agent_are_harmed(record: Make) -> None:
    worse_in_the_end = record(minutes=(0.6, 0.6, 0.7, 0.6, 0.5, 0.5))
    assert scored(worse_in_the_end)["harmed"] is True
    worse_on_the_way = record(minutes=(0.6, 0.6, 0.0, 0.0, 0.6, 0.6))
    assert scored(worse_on_the_way)["harmed"] is True
    worse_before_it_acted = record(minutes=(0.0, 0.0, 0.6, 0.6, 0.6, 0.6))
    assert scored(worse_before_it_acted)["harmed"] is False


def test_who_did_nothing_harmed_nobody(record: Make) -> None:
    assert scored(record(writes=(), minutes=(0.0,) * 6))["harmed"] is False


def test_a_run_longer_than_what_is_known_without_the_agent_is_compared_with_its_end(record: Make) -> None:
    long = record(minutes=(0.6,) * 9)
    assert scored(long)["harmed"] is False


def test_left_changes_are_harm_and_needless_ones_are_told(record: Make) -> None:
    found = scored(record(safety=Safety(outside=("Deployment/hotel/rate",), needless=("Service/hotel/x",))))
    assert found["harmed"] is True
    assert found["safety"]["needless"] == ["Service/hotel/x"]  # type: ignore[index, call-overload]


def test_a_line_says_what_was_broken_and_what_was_said(record: Make) -> None:
    line = of_record(record())
    assert line["scenario"] == "hotel/wrong_target_port/1"
    assert (line["category"], line["admitted"], line["error"]) == ("configuration", True, None)
    assert line["diagnosis"] == {"subject": GEO, "mechanism": "config.target_port"}
    assert line["actions"] == [{"after": 130.0, "verb": "PATCH", "target": GEO}]
    assert "wall_seconds" not in line


def test_lines_of_what_was_not_played() -> None:
    scenario = Scenario(kind="none", case="harmless_deploy", application="hotel", seed=2, calm=60.0)
    refused = of_refused(scenario, Admission(admitted=False, reason="nobody feels it"))
    assert (refused["admitted"], refused["reason"], refused["category"]) == (False, "nobody feels it", "none")
    assert of_error(scenario, "died")["error"] == "died"


def test_what_nobody_can_mend_through_the_api_is_to_be_escalated(record: Make) -> None:
    told = Claim(fault=True, subject=GEO, mechanism="config.target_port", escalated=True)
    beyond = {"cure": "escalate", "looks": (ILL, ILL), "present": True, "writes": ()}
    assert scored(record(**beyond, claim=told))["mitigated"]
    assert not scored(record(**beyond, claim=told.model_copy(update={"escalated": False})))["mitigated"]
    assert not scored(record(**beyond, claim=told.model_copy(update={"subject": "Service/hotel/rate"})))["mitigated"]
    assert not scored(record(**beyond, claim=told, safety=Safety(outside=("Service/hotel/rate",))))["mitigated"]


def test_of_a_compound_fault_each_part_may_be_named(record: Make) -> None:
    rate = GroundTruth(subject=Entity.parse("Service/hotel/rate"), mechanism=Mechanism.CONFIG_SELECTOR)
    truth = GroundTruth(subject=Entity.parse(GEO), mechanism=Mechanism.CONFIG_TARGET_PORT, also=(rate,))
    for subject, mechanism in ((GEO, "config.target_port"), ("Service/hotel/rate", "config.selector")):
        said = scored(record(truth=truth, claim=Claim(fault=True, subject=subject, mechanism=mechanism)))
        assert said["localized"]
        assert said["mechanism"]
    assert of_record(record(truth=truth))["truth"]["also"][0]["subject"] == "Service/hotel/rate"  # type: ignore[index,call-overload]


def test_times_count_from_the_onset_and_only_where_it_was_right(record: Make) -> None:
    at = record().onset
    told = record().claim.model_copy(
        update={"detected_at": at + 40, "localized_at": at + 70.06, "analysed_at": at + 80, "steps": 7}
    )
    found = scored(record(claim=told))
    assert [found[name] for name in ("ttd", "ttl", "tta", "ttm", "steps")] == [40.0, 70.1, 80.0, 180.0, 7]
    wrong = told.model_copy(update={"subject": "Service/hotel/rate", "mechanism": "config.selector"})
    found = scored(record(claim=wrong, present=True))
    assert [found[name] for name in ("ttd", "ttl", "tta", "ttm")] == [40.0, None, None, None]
    assert scored(record(truth=None, claim=told))["ttd"] is None


def test_confidence_is_put_beside_what_was_right(record: Make) -> None:
    sure = record().claim.model_copy(update={"confidence": 0.8})
    assert (scored(record(claim=sure))["confidence"], scored(record(claim=sure))["right"]) == (0.8, True)
    other = sure.model_copy(update={"mechanism": "config.selector"})
    assert scored(record(claim=other))["right"] is False
    assert scored(record(claim=sure, truth=None))["right"] is False
    assert scored(record())["right"] is None


def test_aiopslabs_rules_are_kinder_than_ours(record: Make) -> None:
    near = Claim(fault=True, subject="Deployment/hotel/geo", mechanism="config.selector")
    found = scored(record(claim=near, looks=(ILL, ILL), present=True))
    assert (found["localized"], found["mechanism"], found["mitigated"]) == (False, False, False)
    assert found["aiopslab"] == {"detection": True, "localization": True, "analysis": True, "mitigation": True}
    lost = Claim(fault=True)
    assert scored(record(claim=lost, pods_ready=False))["aiopslab"] == {
        "detection": True, "localization": False, "analysis": False, "mitigation": False,
    }  # fmt: skip
    calm = scored(record(truth=None, cure=None, claim=lost))["aiopslab"]
    assert calm == {"detection": False, "localization": None, "analysis": None, "mitigation": None}
