"""The control plane as a whole: nothing that happens is missed, however much it is."""

from __future__ import annotations

from typing import Any

from aiops.lab.control import plane
from aiops.lab.control.scheduling import scheduler


def test_a_controller_cares_for_no_kind_that_it_does_not_hear_of(make_lab: Any) -> None:
    lab = make_lab()
    lab.deploy(replicas=3)
    lab.create("v1", "Service", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    lab.create("v1", "ConfigMap", "settings", data={"a": "b"})
    lab.ticks(6)
    lab.scale("web", 1)
    lab.store.delete("Service", "default", "web")
    lab.store.delete("Node", "", "node-2")
    lab.ticks(12)
    writes = list(lab.store.history.since(0))
    assert {"Pod", "Event", "Node", "ReplicaSet", "EndpointSlice", "Lease"} <= {write.kind for write in writes}
    for controller, _ in lab.control._loops:
        for write in writes:
            if controller.hears is not None and write.kind not in controller.hears:
                assert list(controller.keys(write)) == [], (type(controller).__name__, write.kind)


def test_many_writes_within_one_round_are_all_heard(make_lab: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(plane, "HEARD_AT_ONCE", 7)
    monkeypatch.setattr(scheduler, "PODS_AT_ONCE", 3)
    lab = make_lab()
    lab.store.history._size = 10
    lab.deploy(replicas=20)
    lab.ticks(4)
    assert lab.store.get("Deployment", "default", "web")["status"]["readyReplicas"] == 20
    lab.scale("web", 2)
    lab.store.delete("Deployment", "default", "web")
    lab.ticks(20)
    assert lab.store.objects("Pod") == []
    assert lab.processes.running == {}
    assert not lab.store.history.reaches(lab.store.revision - 11)


def test_each_controller_has_an_account_of_its_own(lab: Any) -> None:
    users = [controller.user(("default", "web")).name for controller, _ in lab.control._loops]
    assert len(set(users)) == len(users)
    assert all(name.startswith("system:") for name in users)
    assert "system:serviceaccount:kube-system:" not in users
    assert "system:serviceaccount:local-path-storage:local-path-provisioner-service-account" in users
    accounts = [name.removeprefix("system:serviceaccount:kube-system:") for name in users]
    assert {"replicaset-controller", "replication-controller", "daemon-set-controller"} <= set(accounts)
