"""A scenario in which the lab fails does not count."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from aiops.bench import forks, runner
from aiops.bench.lab_failures import lab_failures
from aiops.bench.record import Admission
from aiops.bench.scenario import Scenario
from aiops.lab.control.plane import log
from aiops.lab.control.workloads.deployment import DeploymentController
from aiops.lab.world import World

CALM = Scenario(kind="none", case="harmless_deploy", application="hotel", seed=1, calm=60.0)


def _fail() -> None:
    try:
        raise KeyError("spec")
    except KeyError:
        log.exception("%s %s", "DeploymentController", "hotel/geo")


def test_what_fails_in_a_fork_is_told_outside(tmp_path: Path) -> None:
    with lab_failures(tmp_path) as failed:
        log.warning("slow")
        log.info("refused")
        assert failed() == ""
        forks.run(_fail, 10.0)
        forks.run(_fail, 10.0)
        assert failed() == "DeploymentController hotel/geo: KeyError: 'spec'"
    assert not [handler for handler in log.handlers if isinstance(handler, logging.FileHandler)]


@pytest.mark.timeout(120)
def test_a_scenario_in_which_a_controller_fails_is_refused(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(self: DeploymentController, key: Any) -> float | None:
        raise KeyError(key)

    monkeypatch.setattr(DeploymentController, "sync", sync)
    known = Admission(admitted=True, idle=(0.99,) * 40)
    found = forks.run(lambda: runner._one(world, CALM, "noop", known, tmp_path), 100.0)
    line = found["line"]
    assert (line["admitted"], line["error"]) == (False, None)
    assert line["reason"].startswith("the lab failed: DeploymentController hotel/")
    assert found["admission"]["admitted"], "what was found of the scenario itself stays"
