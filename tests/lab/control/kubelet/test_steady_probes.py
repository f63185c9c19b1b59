"""Probes that pass are not run again until something may have changed; nobody can see that."""

from __future__ import annotations

from typing import Any

from aiops.lab.control.kubelet.registry import Running, RunningContainers
from aiops.lab.control.kubelet.worker import ContainerState, ProbeState
from aiops.lab.world import World

HTTP = {"httpGet": {"path": "/healthz", "port": 80}, "periodSeconds": 10}


def running(**asks: Any) -> Running:
    probe = ProbeState({**HTTP, **asks}, next_at=20.0, passed=1, good=True)
    return Running(("Pod", "shop", "cart-1"), "node-1", {}, ContainerState("cart", id="c1", probes={"ready": probe}))


def test_a_container_whose_probes_pass_sleeps_until_it_is_woken() -> None:
    containers = RunningContainers()
    containers.add(running())
    assert containers.due(1000.0) == []
    containers.wake(1000.0)
    assert containers.due(1005.0) == []
    assert [r.container.id for r in containers.due(1010.0)] == ["c1"]


def test_a_woken_probe_keeps_its_rhythm() -> None:
    found = running()
    probe = found.container.probes["ready"]
    for until, following in ((19.0, 20.0), (20.0, 30.0), (44.0, 50.0)):
        probe.skip(until)
        assert probe.next_at == following


def test_commands_and_failing_probes_never_sleep() -> None:
    for asked in (running(exec={"command": ["true"]}), running()):
        if "exec" not in asked.container.probes["ready"].asks:
            asked.container.probes["ready"].good = False
        containers = RunningContainers()
        containers.add(asked)
        assert len(containers.due(20.0)) == 1


def test_a_service_that_becomes_slow_is_still_found_unready() -> None:
    world = World("hotel", seed=1)
    for _ in world.ticks(120):
        pass
    pod = next(p for p in world.cluster.objects("Pod", "hotel") if p["metadata"]["name"].startswith("geo-"))
    status = pod["status"]["containerStatuses"][0]
    world.runtime.resize(status["containerID"].removeprefix("containerd://"), None, 0.01)
    seen = set()
    for _ in world.ticks(120):
        found = world.cluster.find("Pod", "hotel", pod["metadata"]["name"])
        seen.add(found is not None and found["status"]["containerStatuses"][0]["ready"])
    assert seen == {True, False}
