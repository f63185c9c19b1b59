"""A node whose device plugin went away offers no devices; what has one keeps it."""

from __future__ import annotations

from aiops.core.disturbance.machine import AcceleratorFailed
from aiops.core.disturbance.scope import Nodes
from aiops.core.entity import Manifest
from aiops.lab.world import World
from tests.support.worlds import aged

GPU = "nvidia.com/gpu"
PLUGIN = ("DaemonSet", "gpu-operator", "device-plugin")


def offered(world: World) -> dict[str, str]:
    nodes = [node for node in world.cluster.objects("Node") if GPU in node["status"]["capacity"]]
    return {node["metadata"]["name"]: node["status"]["allocatable"][GPU] for node in nodes}


def run(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


def only_on(daemons: Manifest, labels: dict[str, str]) -> Manifest:
    template = daemons["spec"]["template"]
    pods = {**template, "spec": {**template["spec"], "nodeSelector": labels}}
    return {**daemons, "spec": {**daemons["spec"], "template": pods}}


def test_devices_are_offered_while_their_plugin_runs() -> None:
    world = aged(60, application="training")
    before = offered(world)
    assert set(before.values()) == {"2", "4"}
    daemons = world.cluster.get(*PLUGIN)
    world.cluster.update(only_on(daemons, {"pool": "none"}), manager="kubectl-edit")
    run(world, 30)
    assert set(offered(world).values()) == {"0"}
    assert world.service_level(world.now - 15, world.now).good > 0.97
    world.cluster.update(
        only_on(world.cluster.get(*PLUGIN), {"nvidia.com/gpu.present": "true"}), manager="kubectl-edit"
    )
    run(world, 60)
    assert offered(world) == before


def test_what_needs_a_device_that_failed_does_not_come_up_again() -> None:
    world = aged(60, application="training")
    pod = next(each for each in world.cluster.objects("Pod") if each["metadata"]["name"].startswith("rank-server"))
    node = pod["spec"]["nodeName"]
    world.disturbances.begin("x", AcceleratorFailed(nodes=Nodes(names=(node,))))
    run(world, 90)
    status = world.cluster.get("Pod", "inference", pod["metadata"]["name"])["status"]["containerStatuses"][0]
    assert status["restartCount"] > 1
    assert not status["ready"]
    world.disturbances.end("x")
    run(world, 240)
    assert world.cluster.get("Pod", "inference", pod["metadata"]["name"])["status"]["containerStatuses"][0]["ready"]
