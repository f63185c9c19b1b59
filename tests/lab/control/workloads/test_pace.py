"""How fast workloads that ask for far too many pods get them, and what a full database does to controllers."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from aiops.lab.control import plane
from aiops.lab.control.workloads.pace import BURST, QPS, Pace, earliest

HUGE = 2_000_000_000
KEY = ("default", "web")


def test_a_burst_takes_as_long_as_its_requests() -> None:
    pace = Pace()
    pace.spent(KEY, BURST - 1, 100.0)
    assert pace.free_at(KEY, 100.0) is None
    pace.spent(KEY, BURST, 100.0)
    assert pace.free_at(KEY, 100.0) == 100.0 + BURST / QPS
    assert pace.free_at(("default", "other"), 100.0) is None
    assert pace.free_at(KEY, 100.0 + BURST / QPS) is None


def test_the_earliest_is_of_those_that_there_are() -> None:
    assert earliest(None, 3.0, 2.0) == 2.0
    assert earliest(None, None) is None


def _create(lab: Any, kind: str) -> None:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "app:1"}]}}
    spec = {"replicas": HUGE, "selector": {"matchLabels": labels}, "template": template}
    if kind == "StatefulSet":
        spec |= {"podManagementPolicy": "Parallel", "serviceName": "web"}
    if kind == "Job":
        template["spec"] |= {"restartPolicy": "Never"}
        spec = {"parallelism": HUGE, "template": template}
    lab.create("batch/v1" if kind == "Job" else "apps/v1", kind, "web", spec=spec)


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "Job"])
def test_two_thousand_million_pods_come_in_bursts(make_lab: Any, kind: str) -> None:
    lab = make_lab(nodes=0)
    _create(lab, kind)
    lab.ticks(1)
    assert len(lab.pods()) == BURST
    lab.ticks(4)
    assert len(lab.pods()) == BURST
    lab.ticks(2)
    assert len(lab.pods()) == 2 * BURST


def test_in_order_a_huge_set_gets_one_pod_after_the_other(lab: Any) -> None:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": "app:1"}]}}
    spec = {"replicas": HUGE, "selector": {"matchLabels": labels}, "serviceName": "web", "template": template}
    lab.create("apps/v1", "StatefulSet", "web", spec=spec)
    lab.ticks(4)
    assert 0 < len(lab.pods()) < BURST


def test_a_full_database_stops_pods_and_no_controller(lab: Any, caplog: pytest.LogCaptureFixture) -> None:
    lab.store.space.quota = lab.store.space.used + 400_000
    lab.deploy(replicas=HUGE)
    lab.ticks(20)
    there = len(lab.pods())
    assert 0 < there < BURST
    lab.ticks(20)
    assert len(lab.pods()) == there
    lab.store.delete("Deployment", "default", "web")
    lab.ticks(300)
    assert not [pod for pod in lab.pods() if not pod["spec"].get("nodeName")]
    assert lab.store.space.used < 0.9 * lab.store.space.quota
    lab.deploy("later", replicas=1)
    lab.ticks(10)
    assert lab.words("later") == ["Running"]
    assert not [one for one in caplog.records if one.name == plane.__name__ and one.levelno >= logging.ERROR]
