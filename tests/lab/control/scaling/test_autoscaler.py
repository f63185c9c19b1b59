"""The autoscaler on a cluster: with metrics, without, and with nothing to scale."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.lab.control.metrics.server import MetricsServer
from aiops.lab.ports import ContainerUse

CPU = [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}]
REQUESTS = {"resources": {"requests": {"cpu": "200m", "memory": "64Mi"}}}


class Uses:
    """What every container uses."""

    def __init__(self) -> None:
        self.cpu = 0.1

    def use(self, _container_id: str) -> ContainerUse:
        return ContainerUse(cpu=self.cpu, memory=50 * 2**20)

    def node_use(self) -> dict[str, ContainerUse]:
        return {"node-0": ContainerUse(cpu=1.25, memory=2**30)}


@pytest.fixture
def uses(lab: Any) -> Uses:
    found = Uses()
    MetricsServer(lab.store, found).install()
    return found


def _hpa(lab: Any, **spec: Any) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    body = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 5, "metrics": CPU, **spec}
    lab.create("autoscaling/v2", "HorizontalPodAutoscaler", "web", spec=body)


def _conditions(lab: Any) -> dict[str, tuple[str, str]]:
    return dict(lab.conditions("HorizontalPodAutoscaler", "web"))


def _replicas(lab: Any) -> int:
    return int(lab.store.get("Deployment", "default", "web")["spec"]["replicas"])


def test_it_follows_the_load_up_at_once_and_down_after_five_minutes(lab: Any, uses: Uses) -> None:
    lab.deploy(replicas=2, container=REQUESTS)
    _hpa(lab)
    lab.ticks(20)
    assert _replicas(lab) == 2
    assert _conditions(lab) == {
        "AbleToScale": ("True", "ReadyForNewScale"),
        "ScalingActive": ("True", "ValidMetricFound"),
        "ScalingLimited": ("False", "DesiredWithinRange"),
    }
    status = lab.status("HorizontalPodAutoscaler", "web")
    current = {"averageUtilization": 50, "averageValue": "100m"}
    assert status["currentMetrics"] == [{"type": "Resource", "resource": {"name": "cpu", "current": current}}]
    uses.cpu = 0.4
    lab.ticks(12)
    assert _replicas(lab) == 5
    reason = "New size: 4; reason: cpu resource utilization (percentage of request) above target"
    assert ("SuccessfulRescale", reason, 1) in lab.events("web")
    assert _conditions(lab)["ScalingLimited"] == ("True", "TooManyReplicas")
    uses.cpu = 0.0
    lab.ticks(50)
    assert _replicas(lab) == 5
    assert _conditions(lab)["AbleToScale"] == ("True", "ScaleDownStabilized")
    lab.ticks(20)
    assert _replicas(lab) == 1
    assert ("SuccessfulRescale", "New size: 1; reason: All metrics below target", 1) in lab.events("web")


def test_without_a_metrics_server_it_says_so(lab: Any) -> None:
    lab.deploy(replicas=2, container=REQUESTS)
    _hpa(lab)
    lab.ticks(10)
    why = (
        "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource "
        "metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)"
    )
    assert _conditions(lab)["ScalingActive"] == ("False", "FailedGetResourceMetric")
    told = {(reason, text) for reason, text, _ in lab.events("web")}
    assert ("FailedGetResourceMetric", why) in told
    assert lab.status("HorizontalPodAutoscaler", "web")["currentMetrics"] == [{"type": ""}]


def test_bounds_need_no_metrics(lab: Any) -> None:
    lab.deploy(replicas=2, container=REQUESTS)
    _hpa(lab, minReplicas=3)
    lab.ticks(6)
    assert _replicas(lab) == 3
    text = "New size: 3; reason: Current number of replicas below Spec.MinReplicas"
    assert ("SuccessfulRescale", text, 1) in lab.events("web")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"kind": "Deployment", "name": "nope"}, 'deployments.apps "nope" not found'),
        ({"kind": "Deploymnt", "name": "web"}, 'no matches for kind "Deploymnt" in group "apps"'),
    ],
)
def test_a_target_that_is_not_there(lab: Any, target: dict[str, str], message: str) -> None:
    _hpa(lab, scaleTargetRef={"apiVersion": "apps/v1", **target})
    lab.ticks(6)
    assert ("FailedGetScale", message) in [event[:2] for event in lab.events("web")]
    assert _conditions(lab) == {"AbleToScale": ("False", "FailedGetScale")}


def test_nothing_is_done_for_a_workload_scaled_to_zero(lab: Any, uses: Uses) -> None:
    lab.deploy(replicas=0, container=REQUESTS)
    _hpa(lab)
    lab.ticks(10)
    assert _replicas(lab) == 0
    assert _conditions(lab)["ScalingActive"] == ("False", "ScalingDisabled")


def test_metrics_of_pods_and_nodes(lab: Any, uses: Uses) -> None:
    lab.deploy(replicas=1, container=REQUESTS)
    lab.ticks(2)
    assert lab.store.objects("PodMetrics", "default") == [], "nothing is known of a pod that just started"
    lab.ticks(8)
    (pod,) = lab.store.objects("PodMetrics", "default")
    assert pod["containers"] == [{"name": "app", "usage": {"cpu": "100000000n", "memory": "51200Ki"}}]
    assert pod["metadata"]["labels"]["app"] == "web"
    assert pod["window"] == "15s"
    node = lab.store.get("NodeMetrics", "", "node-0")
    assert node["usage"] == {"cpu": "1250000000n", "memory": "1048576Ki"}
    assert lab.store.find("NodeMetrics", "", "node-1") is None
    uses.cpu = 0.3
    (again,) = lab.store.objects("PodMetrics", "default")
    assert again == pod, "the same until the next round"
