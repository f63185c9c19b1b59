"""What is remembered of admissions."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiops.bench.admission_cache import KEPT, AdmissionCache, case_hash, code_hash, default_folder
from aiops.bench.record import Admission
from aiops.bench.scenario import Scenario
from aiops.faults.registry import FAULTS

ONE = Scenario(kind="fault", case="wrong_target_port", application="hotel", seed=1, calm=60.0)
KNOWN = Admission(admitted=True, idle=(0.5, 0.6), related=("Service/hotel/geo",))


def test_it_outlives_the_process_and_knows_scenarios_apart(tmp_path: Path) -> None:
    AdmissionCache(tmp_path).put(ONE, KNOWN)
    later = AdmissionCache(tmp_path)
    assert later.get(ONE) == KNOWN
    for other in ({"seed": 2}, {"calm": 75.0}, {"decoys": ("extra_label",)}):
        assert later.get(ONE.model_copy(update=other)) is None


def test_a_line_that_a_crash_cut_off_is_not_read(tmp_path: Path) -> None:
    AdmissionCache(tmp_path).put(ONE, KNOWN)
    (file,) = tmp_path.glob("admission-*.jsonl")
    with file.open("ab") as out:
        out.write(b'{"key": "half')
    assert AdmissionCache(tmp_path).get(ONE) == KNOWN


def test_another_state_of_the_code_asks_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    AdmissionCache(tmp_path).put(ONE, KNOWN)
    for number in range(KEPT + 2):
        monkeypatch.setattr("aiops.bench.admission_cache.code_hash", lambda number=number: f"other{number}")
        other = AdmissionCache(tmp_path)
        assert other.get(ONE) is None
        other.put(ONE, KNOWN)
    assert len(list(tmp_path.glob("admission-*.jsonl"))) <= KEPT + 1


def test_only_those_admissions_are_asked_anew_whose_fault_is_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ONE.model_copy(update={"case": "wrong_selector"})
    for scenario in (ONE, other):
        AdmissionCache(tmp_path).put(scenario, KNOWN)
    known = case_hash
    changed = {ONE.case: "another"}
    monkeypatch.setattr(
        "aiops.bench.admission_cache.case_hash", lambda kind, case: changed.get(case) or known(kind, case)
    )
    assert AdmissionCache(tmp_path).get(ONE) is None
    assert AdmissionCache(tmp_path).get(other) == KNOWN


def test_what_is_made_of_several_faults_follows_from_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[int] = []
    monkeypatch.setattr("aiops.bench.admission_cache._hash", lambda paths: hashed.append(len(list(paths))) or "")
    for kind, case in (("fault", "wrong_target_port"), ("fault", "masking_pair"), ("none", "lower_load")):
        case_hash.__wrapped__(kind, case)
    assert hashed == [1, len(FAULTS), 1]


def test_the_hash_is_stable_and_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_hash() == code_hash()
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_folder() == Path("/somewhere/aiops/bench")
