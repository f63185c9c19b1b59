"""Other versions of an object say the same."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube.kinds.conversion import to_stored, to_version
from aiops.lab.kube.kinds.resources import RESOURCES, Resource


def resource(group: str, version: str, kind: str) -> Resource:
    return next(each for each in RESOURCES if (each.group, each.version, each.kind) == (group, version, kind))


V1, V2 = (resource("autoscaling", version, "HorizontalPodAutoscaler") for version in ("v1", "v2"))
NEW, OLD = resource("events.k8s.io", "v1", "Event"), resource("", "v1", "Event")


def metric(name: str, share: int) -> dict[str, Any]:
    target = {"type": "Utilization", "averageUtilization": share}
    return {"type": "Resource", "resource": {"name": name, "target": target}}


@given(st.integers(1, 100), st.lists(st.integers(1, 100), max_size=2), st.integers(1, 9))
def test_an_autoscaler_survives_its_old_version(cpu: int, memory: list[int], most: int) -> None:
    metrics = [*(metric("memory", share) for share in memory), metric("cpu", cpu)]
    spec = {
        "scaleTargetRef": {"kind": "Deployment", "name": "web"},
        "maxReplicas": most,
        "metrics": metrics,
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
    }
    item = {"apiVersion": "autoscaling/v2", "kind": V2.kind, "metadata": {"name": "web"}, "spec": spec}
    old = to_version(item, V1, V2)
    assert old["spec"]["targetCPUUtilizationPercentage"] == cpu
    again = to_stored(old, V1, V2)
    assert again["spec"] == spec
    assert again["metadata"] == item["metadata"]


def test_an_event_has_other_names_in_its_own_group() -> None:
    item = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "e"},
        "involvedObject": {"kind": "Pod", "name": "p"},
        "message": "words",
        "count": 2,
        "reportingComponent": "",
    }
    new = to_version(item, NEW, OLD)
    assert (new["apiVersion"], new["note"], new["deprecatedCount"]) == ("events.k8s.io/v1", "words", 2)
    assert new["regarding"] == item["involvedObject"]
    assert "reportingController" not in new
    back = to_stored(new, NEW, OLD)
    assert back == {name: value for name, value in item.items() if name != "reportingComponent"}
