"""The baseline that looks at one metric alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from aiops.bench import forks
from aiops.bench.agents.single_metric import SURE, z_score
from aiops.bench.line import of_record
from aiops.bench.play import play
from aiops.bench.record import Admission
from aiops.bench.scenario import Scenario
from aiops.core.telemetry import Series
from aiops.lab.world import World

SLOW = Scenario(kind="fault", case="low_cpu_limit", application="hotel", seed=1, calm=60.0)


def series(*values: float) -> Series:
    return Series(labels={}, times=np.arange(len(values), dtype=float), values=np.array(values))


def test_a_surprise_is_measured_by_what_is_usual() -> None:
    assert z_score(series(1.0, 3.0, 1.0, 3.0, 7.0), 3.5) == 5.0
    assert z_score(series(1.0, 1.0, 1.0, 1.1), 2.5) == pytest.approx(5.0)
    assert z_score(series(1.0, float("nan"), 1.0, float("nan")), 2.5) == 0.0
    assert z_score(series(7.0, 9.0, 7.0, 9.0, 3.0), 3.5) == -5.0
    assert z_score(series(0.0, 0.0, 0.0, 1.0), 2.5) > SURE


@pytest.mark.slow
def test_it_names_a_workload_and_changes_nothing(world: World, tmp_path: Path) -> None:
    admission = Admission(admitted=True, idle=(0.5,))
    line = forks.run(lambda: of_record(asyncio.run(play(world, SLOW, "single-metric", admission, tmp_path))), 120.0)
    assert line["detected"]
    assert line["diagnosis"]["subject"].startswith("Deployment/hotel/")
    assert (line["diagnosis"]["mechanism"], line["changed"], line["mechanism"]) == (None, False, False)
