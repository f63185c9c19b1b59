"""The demo as its users run it: one command, real processes, real HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from aiops.faults.registry import FAULTS

SECONDS = 300
SAMPLE = (
    "wrong_target_port",
    pytest.param("bad_image_tag", marks=pytest.mark.soak),
    pytest.param("expired_certificate", marks=pytest.mark.soak),
)
"""One that requests feel, one that only a rollout feels, one in front of all; `test_known_faults` has the others."""


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "aiops.cli.main", "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


def _result(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run.stdout)
    return result


@pytest.mark.slow
@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("fault", SAMPLE)
def test_a_fault_is_resolved(fault: str) -> None:
    run = _demo("--headless", "--fault", fault, "--seed", "11", "--approve", "--json", "--port", "0")
    result = _result(run)
    assert (run.returncode, result["incident"]["state"]) == (0, "resolved")
    assert result["diagnosis"]["root_causes"][0]["mechanism"] == FAULTS.get(fault).mechanism
    assert result["verdict"]["outcome"] == "better"
    assert [action["undone"] for action in result["actions"]] == [False]
    assert result["slo"]["met"] is True
    assert 60 < result["simulated_seconds"] < 3600


@pytest.mark.slow
@pytest.mark.timeout(SECONDS)
def test_a_healthy_cluster_is_left_alone() -> None:
    run = _demo("--headless", "--fault", "none", "--seed", "11", "--approve", "--json", "--port", "0")
    result = _result(run)
    assert (run.returncode, result["incident"]["state"], result["actions"]) == (0, "closed_no_fault", [])
    assert result["diagnosis"]["fault"] is False


def test_an_unknown_fault_is_named_with_the_nearest() -> None:
    run = _demo("--headless", "--fault", "wrong_port", "--approve")
    assert run.returncode == 2
    assert run.stderr.startswith("aiops: no fault named 'wrong_port'; did you mean wrong_target_port")
    assert run.stderr.count("\n") == 1


def test_headless_needs_an_answer() -> None:
    run = _demo("--headless")
    assert run.returncode == 2
    assert "--approve or --deny" in run.stderr
