"""Nodes that have devices and offer none."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism

GPU = "example.com/gpu"


def waiting(shop: Any, offered: str) -> dict[str, Any]:
    shop.get("Node", "n1")["status"] = {"capacity": {GPU: "4"}, "allocatable": {GPU: offered, "cpu": "4"}}
    pod: dict[str, Any] = shop.get("Pod", "cart-1-a")
    pod["spec"]["containers"][0]["resources"] = {"limits": {GPU: "1"}}
    message = f"0/1 nodes are available: 1 Insufficient {GPU}. preemption: none"
    condition = {"type": "PodScheduled", "status": "False", "message": message}
    pod["status"] = {"phase": "Pending", "conditions": [{**condition, "lastTransitionTime": rfc3339(shop.now - 60)}]}
    sockets = [{"name": "s", "hostPath": {"path": "/var/lib/kubelet/device-plugins"}}]
    daemon = {
        "kind": "DaemonSet",
        "metadata": {"namespace": "devices", "name": "offerer"},
        "spec": {"template": {"spec": {"containers": [], "volumes": sockets}}},
        "status": {"numberReady": 0},
    }
    shop.objects.append(daemon)
    return daemon


def test_the_plugin_that_does_not_run_there_is_blamed_before_the_node(shop: Any) -> None:
    daemon = waiting(shop, "0")
    (found,) = shop.find("device-plugin")
    assert str(found.subject) == "Deployment/shop/cart"
    assert [(str(h.subject), h.mechanism, h.strength) for h in found.suggests] == [
        ("DaemonSet/devices/offerer", Mechanism.ACCELERATOR_PLUGIN, 0.92),
        ("Node//n1", Mechanism.ACCELERATOR_PLUGIN, 0.5),
    ]
    daemon["status"]["numberReady"] = 1
    assert [str(h.subject) for h in shop.find("device-plugin")[0].suggests] == ["Node//n1"]
    assert [h.mechanism for f in shop.find("unschedulable") for h in f.suggests] == []


@pytest.mark.parametrize("offered", ["1", "4"])
def test_devices_that_are_offered_and_taken_are_another_matter(shop: Any, offered: str) -> None:
    waiting(shop, offered)
    assert shop.find("device-plugin") == []
