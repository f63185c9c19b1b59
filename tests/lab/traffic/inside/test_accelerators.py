from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.support.small_apps import small
from tests.support.traffic import failing, rows, set_rate

INFERENCE = {
    "batch": {"size": 8, "wait_ms": 10, "fixed_ms": 20},
    "route": {"cpu_ms": 1, "accelerator_ms": 5},
    "concurrency": 500,
}
TRAINER = {
    "language": "pytorch",
    "image": "registry.example.com/small/trainer",
    "versions": ["1"],
    "port": 8004,
    "training": {"members": 4, "step_seconds": 0.8, "cpu_seconds": 0.1, "collective_seconds": 0.1},
}


def test_batches_grow_with_the_load_and_carry_more_than_single_requests_could(make_cluster: Callable[..., Any]) -> None:
    """One by one an accelerator makes 40 a second; two of them in full batches 266."""
    cluster = make_cluster(small(back=INFERENCE, rate=20, call={"timeout": 3.0}))
    cluster.run(60)
    inference, sizes = cluster.traffic.engine.inference, []
    for rate in (20, 100, 200):
        set_rate(cluster, rate)
        cluster.run(40)
        assert failing(cluster, 20) < 0.01
        sizes.append(float(inference.batch.mean()))
    assert sizes == sorted(sizes)
    assert (inference.batch <= 8).all()
    assert (inference.busy <= 1).all()


def test_more_than_full_batches_can_carry_waits_in_vain(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(back=INFERENCE, rate=400, call={"timeout": 2.0}))
    cluster.run(60)
    assert failing(cluster, 60) > 0.3
    assert np.isclose(cluster.traffic.engine.inference.busy, 1.0).all()


def training(**limits: Any) -> Any:
    return small(programs={"trainer": TRAINER}, workloads={"trainer": {"replicas": 4, **limits}})


def test_a_job_steps_as_fast_as_its_members(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(training())
    cluster.run(100)
    job = cluster.traffic.engine.training
    assert 0.95 < job.seconds[0] < 1.2
    assert 80 < job.steps[0] < 105
    assert (job.busy > 0.6).all()


def test_a_missing_member_stops_everybody(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(training())
    cluster.run(20)
    job = cluster.traffic.engine.training
    cluster.traffic.runtime.stop(cluster.container("trainer-2"))
    cluster.traffic.step(cluster.now + 5, 5.0)
    before = float(job.steps[0])
    cluster.traffic.step(cluster.now + 10, 5.0)
    assert float(job.steps[0]) == before
    assert (job.busy == 0).all()
    assert np.isinf(job.seconds).all()


def test_a_slow_member_slows_everybody(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(training())
    cluster.run(60)
    usual = float(cluster.traffic.engine.training.seconds[0])
    cluster.restart("trainer-1", cpu_limit=0.05)
    cluster.run(60)
    job = cluster.traffic.engine.training
    assert job.seconds[0] > usual + 0.05
    assert len(rows(cluster, "trainer")) == 4
