"""Leases of nodes: seldom written, seen renewed, and left as they were when a machine stops."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import from_rfc3339
from aiops.lab.kube import MASTERS, User, kubernetes_app
from tests.lab.kube.conftest import Api

LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases"


def _api(lab: Any) -> Api:
    return Api(kubernetes_app(lab.store, tokens={"t": User("admin", (MASTERS,))}, logs=lambda *_: []), "t")


def _age(lab: Any, lease: Any) -> float:
    return float(lab.now - from_rfc3339(lease["spec"]["renewTime"]))


async def test_a_lease_is_read_as_its_kubelet_renews_it(lab: Any) -> None:
    lab.ticks(20)
    before = lab.store.revision
    lab.ticks(20)
    assert lab.store.revision == before
    _, one = await _api(lab)("GET", f"{LEASES}/node-1")
    _, every = await _api(lab)("GET", LEASES)
    assert one["metadata"]["resourceVersion"] == every["items"][1]["metadata"]["resourceVersion"]
    assert all(0 <= _age(lab, lease) < 10 for lease in [one, *every["items"]])


async def test_a_machine_that_stopped_renews_nothing(lab: Any) -> None:
    lab.ticks(20)
    stopped = lab.now
    lab.control.machines.stop("node-1")
    lab.ticks(20)
    _, lease = await _api(lab)("GET", f"{LEASES}/node-1")
    assert stopped - 10 < from_rfc3339(lease["spec"]["renewTime"]) <= stopped
    lab.control.machines.start("node-1")
    lab.ticks(3)
    _, lease = await _api(lab)("GET", f"{LEASES}/node-1")
    assert _age(lab, lease) < 10
