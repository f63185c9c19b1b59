"""When a rollout has come to its end, from the status of each kind of workload."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.state.rollout import rollout_of
from aiops.core.entity import WORKLOAD_KINDS, Manifest

COUNTS = ("existing", "updated", "ready", "available")
KEYS = {
    "Deployment": ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"),
    "StatefulSet": ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"),
    "DaemonSet": ("currentNumberScheduled", "updatedNumberScheduled", "numberReady", "numberAvailable"),
}


def workload(kind: str, desired: int = 3, *, generation: int = 2, partition: int = 0, **counts: int) -> Manifest:
    status: dict[str, Any] = {"observedGeneration": 2, "desiredNumberScheduled": desired}
    status |= {key: counts.get(name, desired) for key, name in zip(KEYS[kind], COUNTS, strict=True)}
    spec = {"replicas": desired, "updateStrategy": {"rollingUpdate": {"partition": partition}}}
    return {"kind": kind, "metadata": {"name": "x", "generation": generation}, "spec": spec, "status": status}


@pytest.mark.parametrize("kind", WORKLOAD_KINDS)
def test_a_rollout_is_finished_when_all_pods_are_new_and_available(kind: str) -> None:
    assert rollout_of(workload(kind)).finished
    assert not rollout_of(workload(kind, updated=1)).finished
    assert not rollout_of(workload(kind, available=2)).finished
    assert not rollout_of(workload(kind, existing=4)).finished, "an old pod is still there"
    assert not rollout_of(workload(kind, generation=3)).finished, "the status is of an earlier spec"


def test_pods_that_a_partition_holds_back_are_not_waited_for() -> None:
    assert rollout_of(workload("StatefulSet", partition=2, updated=1)).finished
    assert not rollout_of(workload("StatefulSet", partition=2, updated=0)).finished
    assert rollout_of(workload("StatefulSet", partition=9, updated=0)).finished


@pytest.mark.parametrize("kind", WORKLOAD_KINDS)
def test_a_new_workload_has_no_status_yet(kind: str) -> None:
    new = {"kind": kind, "metadata": {"name": "x", "generation": 1}, "spec": {}}
    assert not rollout_of(new).finished
    assert rollout_of(new).available == 0


@given(st.sampled_from(WORKLOAD_KINDS), st.integers(0, 9), st.tuples(*[st.integers(0, 9)] * 4))
def test_what_is_finished_lacks_nothing(kind: str, desired: int, numbers: tuple[int, ...]) -> None:
    counts = dict(zip(COUNTS, numbers, strict=True))
    whole = counts["existing"] == counts["available"] == desired and counts["updated"] >= desired
    assert rollout_of(workload(kind, desired, **counts)).finished == whole
