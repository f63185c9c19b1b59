"""Alerts about what is over and replaced."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.agents.verification.leftovers import is_leftover
from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Entity

WEB = Entity(kind="StatefulSet", namespace="shop", name="web")
OWNER = {"kind": "StatefulSet", "name": "web", "controller": True, "uid": "u", "apiVersion": "apps/v1"}


def state(phase: str) -> ClusterState:
    workload: dict[str, Any] = {"kind": "StatefulSet", "metadata": {"namespace": "shop", "name": "web", "uid": "u"}}
    pod = {"metadata": {"namespace": "shop", "name": "web-0", "ownerReferences": [OWNER]}, "status": {"phase": phase}}
    return ClusterState([{**workload, "spec": {"replicas": 1}}, {"kind": "Pod", **pod}], 0.0)


@pytest.mark.parametrize(
    ("phase", "pod", "lacking", "over"),
    [
        ("Failed", "web-0", [], True),
        ("Failed", "web-0", [WEB], False),
        ("Pending", "web-0", [], False),
        ("Failed", "web-1", [], False),
        ("Failed", "", [], False),
    ],
)
def test_a_failed_pod_whose_workload_has_all_replicas_is_over(
    phase: str, pod: str, lacking: list[Entity], over: bool
) -> None:
    assert is_leftover({"alertname": "X", "namespace": "shop", "pod": pod}, state(phase), lacking) is over
