"""Pods that wait for a claim: what is missing, does not fit, or is held elsewhere."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from aiops.core.clock import rfc3339
from aiops.core.mechanism import Mechanism

CART, CLAIM = "Deployment/shop/cart", "PersistentVolumeClaim/shop/data"
VOLUMES = "spec.template.spec.volumes"


def named(kind: str, name: str, namespace: str = "", **rest: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, **rest}


def waiting(shop: Any, message: str, *, new: bool = True, **spec: Any) -> None:
    """The newest revision of the cart mounts the claim, and its pod waits; `new`: the one before did not mount it."""
    deployment = shop.get("Deployment", "cart")
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    if not new:
        shop.get("ReplicaSet", "cart-1")["spec"]["template"]["spec"]["volumes"] = [volume]
    template = copy.deepcopy(deployment["spec"]["template"])
    template["spec"] |= {"volumes": [volume], **spec}
    deployment["spec"] |= {"template": template, "strategy": {"type": "RollingUpdate"}}
    condition = {"type": "PodScheduled", "status": "False", "message": message}
    pod = shop.pod("cart", template, "b", 2)
    pod["status"] = {"phase": "Pending", "conditions": [{**condition, "lastTransitionTime": rfc3339(shop.now - 60)}]}
    shop.objects += [shop.replica_set("cart", 2, template), pod]


def claim(shop: Any, phase: str = "Pending", **spec: Any) -> None:
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}, **spec}
    shop.objects.append(named("PersistentVolumeClaim", "data", "shop", spec=wanted, status={"phase": phase}))


def volume(shop: Any, name: str = "pv", **spec: Any) -> None:
    offered = {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "10Gi"}, "storageClassName": "fast", **spec}
    shop.objects.append(named("PersistentVolume", name, spec=offered))


def event(shop: Any, kind: str, name: str, reason: str, message: str) -> None:
    about = {"kind": kind, "namespace": "shop", "name": name}
    at = {"firstTimestamp": rfc3339(shop.now - 60), "lastTimestamp": rfc3339(shop.now)}
    shop.objects.append(named("Event", reason, "shop", involvedObject=about, reason=reason, message=message, **at))


def blamed(shop: Any) -> list[tuple[str, Mechanism, str | None]]:
    found = shop.find("claims")
    assert {str(finding.subject) for finding in found} <= {CART}
    return [
        (str(h.subject), h.mechanism, h.field)
        for finding in found
        for h in sorted(finding.suggests, key=lambda h: -h.strength)[:1]
    ]


def test_a_claim_that_is_gone_or_that_the_workload_names_anew(shop: Any) -> None:
    waiting(shop, 'persistentvolumeclaim "data" not found')
    assert blamed(shop) == [(CART, Mechanism.STORAGE_CLAIM, VOLUMES)]


def test_a_claim_that_is_gone(shop: Any) -> None:
    waiting(shop, 'persistentvolumeclaim "data" not found', new=False, priorityClassName="x")
    assert blamed(shop) == [(CLAIM, Mechanism.STORAGE_CLAIM, None)]


@pytest.mark.parametrize(
    ("offer", "field"),
    [
        ({"accessModes": ["ReadOnlyMany"]}, "spec.accessModes"),
        ({"capacity": {"storage": "5Gi"}}, "spec.resources.requests.storage"),
        ({"volumeMode": "Block"}, "spec.volumeMode"),
    ],
)
def test_a_claim_that_no_volume_of_its_class_fits(shop: Any, offer: dict[str, Any], field: str) -> None:
    waiting(shop, "pod has unbound immediate PersistentVolumeClaims")
    claim(shop, storageClassName="fast")
    volume(shop, **offer)
    volume(shop, "taken", claimRef={"namespace": "shop", "name": "other"})
    assert blamed(shop) == [(CLAIM, Mechanism.STORAGE_CLAIM, field)]


def test_a_class_that_is_missing_or_provisions_nothing(shop: Any) -> None:
    waiting(shop, "pod has unbound immediate PersistentVolumeClaims")
    claim(shop, storageClassName="fast")
    assert blamed(shop) == [(CLAIM, Mechanism.STORAGE_CLASS, "spec.storageClassName")], "nobody ever had this class"
    volume(shop, claimRef={"namespace": "shop", "name": "other"})
    assert blamed(shop) == [("StorageClass//fast", Mechanism.STORAGE_CLASS, None)]
    shop.objects.append(named("StorageClass", "fast", volumeBindingMode="WaitForFirstConsumer"))
    assert blamed(shop) == [], "it waits for its pod to be placed"
    event(shop, "PersistentVolumeClaim", "data", "ProvisioningFailed", "no space")
    assert blamed(shop) == [("StorageClass//fast", Mechanism.STORAGE_CLASS, None)]


def test_a_claim_without_a_class_where_none_is_the_default(shop: Any) -> None:
    waiting(shop, "pod has unbound immediate PersistentVolumeClaims")
    claim(shop)
    assert blamed(shop) == [(CLAIM, Mechanism.STORAGE_CLASS, "spec.storageClassName")]
    default = named("StorageClass", "plain")
    default["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    shop.objects.append(default)
    assert blamed(shop) == [("StorageClass//plain", Mechanism.STORAGE_CLASS, None)]


def test_a_claim_whose_volume_is_lost(shop: Any) -> None:
    waiting(shop, "bound to a lost volume")
    claim(shop, "Lost")
    assert blamed(shop) == [(CLAIM, Mechanism.STORAGE_CLAIM, "spec.volumeName")]


def place(host: str) -> dict[str, Any]:
    expression = {"key": "disk", "operator": "In", "values": [host]}
    return {"nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}}}


def test_a_volume_that_lives_where_its_pod_may_not_run(shop: Any) -> None:
    claim(shop, "Bound", volumeName="pv")
    volume(shop, **place("ssd"))
    waiting(shop, "1 node(s) had volume node affinity conflict", new=False, nodeSelector={"disk": "hdd"})
    assert blamed(shop) == [(CART, Mechanism.STORAGE_AFFINITY, "spec.template.spec.nodeSelector")]


def test_a_volume_whose_node_is_cordoned_or_gone(shop: Any) -> None:
    claim(shop, "Bound", volumeName="pv")
    volume(shop, **place("ssd"))
    waiting(shop, "1 node(s) didn't match PersistentVolume's node affinity", new=False, priorityClassName="x")
    shop.get("Node", "n1")["spec"] = {"unschedulable": True}
    assert blamed(shop) == [("Node//n1", Mechanism.SCHEDULING_CORDON, "spec.unschedulable")]
    shop.get("PersistentVolume", "pv")["spec"] |= place("nvme")
    assert blamed(shop) == [("PersistentVolume//pv", Mechanism.STORAGE_AFFINITY, "spec.nodeAffinity")]


def test_a_volume_whose_node_is_ill(shop: Any) -> None:
    claim(shop, "Bound", volumeName="pv")
    volume(shop, **place("ssd"))
    waiting(shop, "1 node(s) didn't match PersistentVolume's node affinity", new=False, priorityClassName="x")
    shop.get("Node", "n1").update(spec={}, status={"conditions": [{"type": "DiskPressure", "status": "True"}]})
    assert blamed(shop) == [("Node//n1", Mechanism.NODE_DISK_PRESSURE, None)]
    shop.get("Node", "n1")["status"] = {"conditions": [{"type": "Ready", "status": "Unknown"}]}
    silent = [("Node//n1", mechanism, None) for mechanism in (Mechanism.NODE_NOT_READY, Mechanism.NODE_DOWN)]
    assert blamed(shop) in (silent, silent[:1])


@pytest.mark.parametrize(("new", "field"), [(True, VOLUMES), (False, "spec.strategy")])
def test_a_volume_that_another_node_holds(shop: Any, new: bool, field: str) -> None:
    claim(shop, "Bound")
    waiting(shop, "", new=new, priorityClassName="x")
    assert blamed(shop) == []
    event(
        shop, "Pod", "cart-2-b", "FailedAttachVolume", "Multi-Attach error for volume: already used by pod(s) cart-1-a"
    )
    assert blamed(shop) == [(CART, Mechanism.STORAGE_ACCESS_MODE, field)]


def test_a_volume_for_one_pod(shop: Any) -> None:
    claim(shop, "Bound")
    said = "3 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use"
    waiting(shop, said, new=False, priorityClassName="x")
    shop.get("Deployment", "cart")["spec"]["replicas"] = 2
    assert blamed(shop) == [(CART, Mechanism.STORAGE_ACCESS_MODE, "spec.replicas")]
