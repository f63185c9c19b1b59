"""A scenario's line: what is written of it. Equal scenarios and equal code give equal lines but for `wall_seconds`."""

from __future__ import annotations

from pydantic import JsonValue

from aiops.bench.record import Admission, Record
from aiops.bench.scenario import Scenario
from aiops.bench.scorers.registry import scored
from aiops.faults.registry import FAULTS
from aiops.faults.truth import GroundTruth

Line = dict[str, JsonValue]


def of_record(record: Record) -> Line:
    """The line of a scenario that was played to its end."""
    claim = record.claim
    return {
        **_head(record.scenario, record.admission),
        "parameters": dict(record.arguments),
        "decoys": dict(record.decoys),
        "truth": _truth(record.truth) if record.truth else None,
        "state": claim.state,
        "diagnosis": {"subject": claim.subject, "mechanism": claim.mechanism},
        "actions": [write.model_dump(mode="json") for write in record.writes],
        "minutes": list(record.minutes),
        "good_answers": [round(look.good, 4) for look in record.looks],
        "error": None,
        **scored(record),
    }


def of_refused(scenario: Scenario, admission: Admission) -> Line:
    """The line of a scenario that does not count, or that was only admitted."""
    return {**_head(scenario, admission), "error": None}


def of_error(scenario: Scenario, error: str) -> Line:
    """A scenario that could not be played to its end: it counts as not solved."""
    return {**_head(scenario, Admission(admitted=True)), "error": error}


def _truth(truth: GroundTruth) -> Line:
    also: list[JsonValue] = [_truth(part) for part in truth.also]
    told: Line = {"subject": str(truth.subject), "mechanism": truth.mechanism.value, "field": truth.field}
    return {**told, "also": also} if also else told


def category(scenario: Scenario) -> str:
    """The family of a scenario's fault; `none` without one."""
    return FAULTS.get(scenario.case).family if scenario.kind == "fault" else "none"


def _head(scenario: Scenario, admission: Admission) -> Line:
    return {**head_of(scenario), "admitted": admission.admitted, "reason": admission.reason}


def head_of(scenario: Scenario) -> Line:
    """What tells a scenario from others."""
    return {
        "scenario": scenario.id,
        "kind": scenario.kind,
        "case": scenario.case,
        "category": category(scenario),
        "application": scenario.application,
        "seed": scenario.seed,
        "renamed": scenario.renamed,
        "load": scenario.load,
        "with_decoys": bool(scenario.decoys),
    }
