"""What people on call do with kubectl: top, drain, autoscale, describe of what was scheduled or not."""

from __future__ import annotations

import re
from typing import Any

from aiops.lab.control.metrics.server import MetricsServer
from aiops.lab.ports import ContainerUse
from tests.lab.control.test_kubectl import Kubectl, kubectl, pytestmark

__all__ = ["kubectl", "pytestmark"]

REQUESTS = {"resources": {"requests": {"cpu": "100m"}}}


class Uses:
    """Every container uses the same."""

    def use(self, _container_id: str) -> ContainerUse:
        return ContainerUse(cpu=0.25, memory=64 * 2**20)

    def node_use(self) -> dict[str, ContainerUse]:
        return {f"node-{index}": ContainerUse(cpu=1.0, memory=2**30) for index in range(3)}


async def _until(kubectl: Kubectl, line: str, wanted: str) -> str:
    printed = ""
    for _ in range(60):
        printed = await kubectl(line)
        if re.search(wanted, printed):
            return printed
    raise AssertionError(printed)


async def test_top_and_an_autoscaler_that_follows_it(kubectl: Kubectl, lab: Any) -> None:
    MetricsServer(lab.store, Uses()).install()
    lab.deploy(replicas=1, container=REQUESTS)
    await kubectl("autoscale deployment web --min=1 --max=4 --cpu-percent=50")
    assert re.search(r"node-0\s+1000m\s+25%\s+1024Mi\s+12%", await kubectl("top nodes"))
    await _until(kubectl, "get hpa web", r"250%/50%\s+1\s+4\s+4")
    pods = await kubectl("top pods")
    assert re.search(r"web-\S+\s+250m\s+64Mi", pods)
    described = await kubectl("describe hpa web")
    assert "New size: 4; reason: cpu resource utilization (percentage of request) above target" in described


async def test_a_drain_waits_for_its_budget_and_an_uncordon_ends_it(kubectl: Kubectl, lab: Any) -> None:
    lab.deploy(replicas=3)
    lab.settle()
    await kubectl("create pdb web --selector=app=web --min-available=2")
    await _until(kubectl, "get pdb web", r"1\s+\d+s")
    drained = await kubectl("drain node-1 --timeout=20s")
    assert "node/node-1 drained" in drained
    await _until(kubectl, "get pods", r"(?s)(Running.*){3}")
    assert not [pod for pod in lab.pods() if pod["spec"].get("nodeName") == "node-1"]
    assert "SchedulingDisabled" in await kubectl("get node node-1")
    await kubectl("uncordon node-1")
    assert "SchedulingDisabled" not in await kubectl("get node node-1")


async def test_why_a_pod_is_not_scheduled_is_described(kubectl: Kubectl, lab: Any) -> None:
    lab.deploy(replicas=1, nodeSelector={"disk": "nvme"})
    described = await _until(kubectl, "describe pods", "FailedScheduling")
    assert "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector." in described
    assert "default-scheduler" in described


async def test_a_claim_and_its_volume_are_described(kubectl: Kubectl, lab: Any) -> None:
    name = "rancher.io/local-path"
    lab.create("storage.k8s.io/v1", "StorageClass", "standard", provisioner=name)
    asked = {"requests": {"storage": "1Gi"}}
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "standard", "resources": asked}
    lab.create("v1", "PersistentVolumeClaim", "data", spec=spec)
    await _until(kubectl, "get pvc data", r"Bound\s+pvc-\S+\s+1Gi\s+RWO\s+standard")
    assert "ProvisioningSucceeded" in await kubectl("describe pvc data")
    assert re.search(r"1Gi\s+RWO\s+Delete\s+Bound\s+default/data", await kubectl("get pv"))
