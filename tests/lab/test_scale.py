"""A cluster of more nodes than the scheduler asks for one pod; `python -m tests.lab.scale` measures far larger ones."""

from __future__ import annotations

from collections import Counter

from aiops.lab.kube.objects import condition_is
from tests.lab.running_cluster import RunningCluster
from tests.lab.scale import Tell, node, served


async def test_pods_of_two_deployments_run_and_are_read() -> None:
    cluster = RunningCluster()
    for index in range(130):
        cluster.store.create(node(index), manager="kubelet")
    cluster.namespace("team-0")
    for name in ("web-0", "web-1"):
        cluster.deploy(name, "team-0", 130)
    cluster.settle(260)
    pods = cluster.store.objects("Pod")
    assert all(condition_is(pod, "Ready") for pod in pods)
    assert max(Counter(pod["spec"]["nodeName"] for pod in pods).values()) <= 4
    before = cluster.store.revision
    cluster.run(60)
    assert cluster.store.revision == before
    await served(cluster.store, 260, Tell(as_json=True))
