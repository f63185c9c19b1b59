from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from aiops.lab.traffic.callgraph.graph import OUTCOMES
from tests.support.small_apps import small
from tests.support.traffic import calls, failing

MIB = 2.0**20
WRITES = {"route": {"stored_bytes": 64 * 1024, "written_bytes": 64 * 1024}}
DATA = {"disk": {"path": "/data", "base_bytes": 10 * MIB}}


def on_a_claim(cluster: Any, size: str) -> None:
    """The store's data lies on a claim of this size."""
    cluster.put(
        {
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data", "namespace": "hotel"},
            "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}},
            "status": {"capacity": {"storage": size}},
        }
    )

    def mount(pod: Any) -> None:
        pod["spec"]["volumes"] = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
        pod["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]

    cluster.edit("Pod", "store-0", mount)
    cluster.restart("store-0")


def test_a_full_disk_fails_writes(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(store={**DATA, **WRITES}))
    on_a_claim(cluster, "100Mi")
    cluster.run(5)
    assert failing(cluster, 10) < 0.01
    assert failing(cluster, 60) > 0.3
    disks = cluster.traffic.engine.disks
    assert (disks.used == disks.capacity).all()
    assert disks.capacity[0] == 100 * MIB
    seen = cluster.traffic.attempts.values[calls(cluster, "store"), OUTCOMES.index("507"), -2]
    assert (seen > 10).all()


def test_what_lies_on_a_claim_is_there_after_a_restart_and_a_layer_is_not(make_cluster: Callable[..., Any]) -> None:
    kept = []
    for claim in (True, False):
        cluster = make_cluster(small(store={**DATA, **WRITES}))
        if claim:
            on_a_claim(cluster, "10Gi")
        cluster.run(60)
        before = float(cluster.traffic.engine.disks.used[0])
        cluster.restart("store-0")
        cluster.run(5)
        kept.append(float(cluster.traffic.engine.disks.used[0]) / before)
    assert kept[0] > 1.0
    assert kept[1] < 0.5


def test_what_lies_on_no_claim_fills_the_node(make_cluster: Callable[..., Any]) -> None:
    cluster = make_cluster(small(store={**DATA, **WRITES}))
    cluster.run(60)
    resources = cluster.traffic.resources
    use = resources.use(cluster.container("store-0"))
    assert use is not None
    assert use.disk > 10 * MIB + 50 * 40 * 64 * 1024
    nodes = resources.node_use()
    assert max(node.disk for node in nodes.values()) - min(node.disk for node in nodes.values()) > 0.9 * use.disk


def test_old_data_is_forgotten_where_the_store_forgets(make_cluster: Callable[..., Any]) -> None:
    forgets = {"disk": {**DATA["disk"], "retention_seconds": 30}}
    cluster = make_cluster(small(store={**forgets, **WRITES}))
    cluster.run(180)
    expected = 10 * MIB + 50 * 30 * 64 * 1024
    assert np.isclose(cluster.traffic.engine.disks.used[0], expected, rtol=0.15)


def test_a_busy_disk_is_slow(make_cluster: Callable[..., Any]) -> None:
    slow = []
    for bandwidth in (200e6, 3.5e6):
        cluster = make_cluster(small(store={"disk": {**DATA["disk"], "bandwidth": bandwidth}, **WRITES}))
        cluster.run(60)
        flow = cluster.traffic.flow
        slow.append(float(flow.link_ok_mean[flow.graph.call_link[calls(cluster, "store")]].mean()))
    assert slow[1] > 10 * slow[0]


def test_a_store_that_cannot_write_its_own_records_ends(make_cluster: Callable[..., Any]) -> None:
    disk = {**DATA["disk"], "journal_seconds": 20, "abort_code": 14}
    cluster = make_cluster(small(store={"disk": disk}))
    on_a_claim(cluster, "10Mi")
    process = next(each for each in cluster.traffic.runtime.running() if each.pod == "store-0")
    cluster.run(15)
    assert process.running(cluster.now)
    cluster.run(30)
    assert not process.running(cluster.now)
    assert process.exit_code == 14


def test_a_store_with_room_goes_on(make_cluster: Callable[..., Any]) -> None:
    disk = {**DATA["disk"], "journal_seconds": 20}
    cluster = make_cluster(small(store={"disk": disk}))
    on_a_claim(cluster, "100Mi")
    process = next(each for each in cluster.traffic.runtime.running() if each.pod == "store-0")
    cluster.run(60)
    assert process.running(cluster.now)
