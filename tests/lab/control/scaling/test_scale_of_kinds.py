"""Whatever has a scale can be scaled and counted on: ReplicationControllers, and custom kinds by their paths."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.control.metrics.server import MetricsServer
from aiops.lab.kube.kinds.scale import replicas_of, scale_of, with_replicas
from aiops.lab.ports import ContainerUse

GROUP = "example.com"
PATHS = {
    "specReplicasPath": ".spec.size",
    "statusReplicasPath": ".status.size",
    "labelSelectorPath": ".status.selector",
}
CPU = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
LABELS = {"app": "shard"}


class Uses:
    """Every container uses twice what it may on average."""

    def use(self, _container_id: str) -> ContainerUse:
        return ContainerUse(cpu=0.2, memory=2**20)

    def node_use(self) -> dict[str, ContainerUse]:
        return {}


@pytest.fixture
def shards(lab: Any) -> Any:
    """A lab with a custom kind whose size stands at a path of its own, and one of it with two pods."""
    MetricsServer(lab.store, Uses()).install()
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": free, "status": free}}},
        "subresources": {"status": {}, "scale": PATHS},
    }
    names = {"kind": "Shard", "plural": "shards", "singular": "shard"}
    spec = {"group": GROUP, "names": names, "scope": "Namespaced", "versions": [version]}
    lab.create("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"shards.{GROUP}", spec=spec)
    lab.ticks(2)
    shard = lab.create(f"{GROUP}/v1", "Shard", "one", spec={"size": 2})
    owner = {"apiVersion": f"{GROUP}/v1", "kind": "Shard", "name": "one", "uid": shard["metadata"]["uid"]}
    for name in ("one-0", "one-1"):
        container = {"name": "app", "image": "app:1", "resources": {"requests": {"cpu": "200m"}}}
        metadata = {"name": name, "labels": LABELS, "ownerReferences": [{**owner, "controller": True}]}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}
        lab.store.create(pod, manager="operator")
    return lab


def _autoscaled(lab: Any) -> Any:
    target = {"apiVersion": f"{GROUP}/v1", "kind": "Shard", "name": "one"}
    spec = {"scaleTargetRef": target, "minReplicas": 1, "maxReplicas": 6, "metrics": [CPU]}
    lab.create("autoscaling/v2", "HorizontalPodAutoscaler", "one", spec=spec)
    lab.ticks(30)
    return lab.conditions("HorizontalPodAutoscaler", "one")


def _size(lab: Any) -> Any:
    return _shard(lab)["spec"]["size"]


def _shard(lab: Any) -> Manifest:
    shelf = next(each.shelf for each in lab.store.catalog if each.kind == "Shard")
    found: Manifest = lab.store.get(shelf, "default", "one")
    return found


def _tell(lab: Any, **status: Any) -> None:
    lab.store.update({**_shard(lab), "status": status}, manager="operator", subresource="status")


def test_a_custom_kind_is_scaled_at_its_paths(shards: Any) -> None:
    _tell(shards, selector="app=shard,old!=yes", size=2)
    conditions = _autoscaled(shards)
    assert conditions["ScalingActive"] == ("True", "ValidMetricFound")
    assert _size(shards) == 4
    assert "replicas" not in _shard(shards)["spec"]


@pytest.mark.parametrize("selector", [None, "", "app=(", 7])
def test_without_a_selector_it_is_not_scaled(shards: Any, selector: Any) -> None:
    _tell(shards, selector=selector)
    assert _autoscaled(shards)["ScalingActive"] == ("False", "InvalidSelector")
    assert _size(shards) == 2


@pytest.mark.parametrize("size", ["many", None, {}, True, 1.5])
def test_a_size_that_is_no_number_is_none(shards: Any, size: Any) -> None:
    shards.store.update({**_shard(shards), "spec": {"size": size}}, manager="operator")
    resource = shards.store.catalog.of(_shard(shards))
    assert replicas_of(resource, _shard(shards)) == 0
    assert _autoscaled(shards)["ScalingActive"] == ("False", "ScalingDisabled")


def test_a_budget_counts_on_the_size_of_a_custom_kind(shards: Any) -> None:
    spec = {"selector": {"matchLabels": LABELS}, "maxUnavailable": 1}
    shards.create("policy/v1", "PodDisruptionBudget", "one", spec=spec)
    shards.ticks(6)
    status = shards.status("PodDisruptionBudget", "one")
    assert (status["expectedPods"], status["desiredHealthy"], status["disruptionsAllowed"]) == (2, 1, 1)


def test_the_scale_of_a_replication_controller_names_its_pods(lab: Any) -> None:
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [{"name": "app", "image": "app:1"}]}}
    spec = {"replicas": 2, "selector": LABELS, "template": template}
    item = lab.create("v1", "ReplicationController", "one", spec=spec)
    resource = lab.store.catalog.of(item)
    assert scale_of(resource, item)["status"]["selector"] == "app=shard"
    assert replicas_of(resource, with_replicas(resource, item, 5)) == 5
    assert replicas_of(resource, item) == 2
