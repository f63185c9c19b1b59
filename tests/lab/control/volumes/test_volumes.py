"""Claims and volumes find each other, wait for pods, are made, held and given back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.control.volumes.provisioner import NAME

ONE = ["ReadWriteOnce"]


def _class(lab: Any, name: str = "manual", **body: Any) -> None:
    lab.create("storage.k8s.io/v1", "StorageClass", name, **{"provisioner": "example.com/none", **body})


def _volume(lab: Any, name: str, size: str = "1Gi", **spec: Any) -> None:
    body = {"capacity": {"storage": size}, "accessModes": ONE, "storageClassName": "manual", **spec}
    body.setdefault("hostPath", {"path": f"/tmp/{name}"})
    lab.create("v1", "PersistentVolume", name, spec=body)


def _claim(lab: Any, name: str = "data", size: str = "1Gi", **spec: Any) -> None:
    asked = {"requests": {"storage": size}}
    body = {"accessModes": ONE, "storageClassName": "manual", "resources": asked, **spec}
    lab.create("v1", "PersistentVolumeClaim", name, spec=body)


def _user(lab: Any, name: str = "user", claim: str = "data", **spec: Any) -> Manifest:
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": claim}}]
    containers = [{"name": "a", "image": "app:1"}]
    made: Manifest = lab.create("v1", "Pod", name, spec={"volumes": volumes, "containers": containers, **spec})
    return made


def _phase(lab: Any, kind: str, name: str) -> str:
    namespace = "default" if kind == "PersistentVolumeClaim" else ""
    found = lab.store.find(kind, namespace, name)
    return "" if found is None else str(found["status"]["phase"])


def _claimed(lab: Any, name: str = "data") -> str:
    return str(lab.store.get("PersistentVolumeClaim", "default", name)["spec"].get("volumeName", ""))


def test_the_smallest_volume_that_suits(lab: Any) -> None:
    _class(lab)
    for name, size in (("tiny", "100Mi"), ("large", "9Gi"), ("fit", "2Gi")):
        _volume(lab, name, size)
    _volume(lab, "many", "1Gi", accessModes=["ReadOnlyMany"])
    lab.settle()
    _claim(lab)
    lab.settle()
    assert _claimed(lab) == "fit"
    assert _phase(lab, "PersistentVolume", "fit") == "Bound"
    status = lab.status("PersistentVolumeClaim", "data")
    assert (status["phase"], status["capacity"], status["accessModes"]) == ("Bound", {"storage": "2Gi"}, ONE)
    marks = lab.store.get("PersistentVolumeClaim", "default", "data")["metadata"]["annotations"]
    assert marks == {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}


def test_a_claim_that_names_its_volume(lab: Any) -> None:
    _class(lab)
    _volume(lab, "small", "100Mi")
    _claim(lab, volumeName="small")
    lab.ticks(2)
    assert _phase(lab, "PersistentVolumeClaim", "data") == "Pending"
    text = 'Cannot bind to requested volume "small": requested PV is too small'
    assert ("VolumeMismatch", text) in [event[:2] for event in lab.events("data")]


def test_nothing_to_be_had(lab: Any) -> None:
    _claim(lab, storageClassName="")
    lab.ticks(2)
    text = "no persistent volumes available for this claim and no storage class is set"
    assert ("FailedBinding", text) in [event[:2] for event in lab.events("data")]
    _claim(lab, "other", storageClassName="nope")
    lab.ticks(2)
    assert ("ProvisioningFailed", 'storageclass.storage.k8s.io "nope" not found') in [
        e[:2] for e in lab.events("other")
    ]


def test_a_claim_waits_for_its_pod_and_goes_where_it_can(lab: Any) -> None:
    _class(lab, volumeBindingMode="WaitForFirstConsumer", provisioner="kubernetes.io/no-provisioner")
    term = {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": ["node-2"]}]}
    _volume(lab, "local", nodeAffinity={"required": {"nodeSelectorTerms": [term]}})
    _claim(lab)
    lab.ticks(2)
    assert _phase(lab, "PersistentVolumeClaim", "data") == "Pending"
    waiting = "waiting for first consumer to be created before binding"
    assert ("WaitForFirstConsumer", waiting) in [event[:2] for event in lab.events("data")]
    _user(lab)
    lab.settle()
    assert lab.store.get("Pod", "default", "user")["spec"]["nodeName"] == "node-2"
    assert _claimed(lab) == "local"
    _user(lab, "elsewhere", nodeSelector={"kubernetes.io/hostname": "node-0"})
    lab.ticks(2)
    why = lab.store.get("Pod", "default", "elsewhere")["status"]["conditions"][0]["message"]
    assert "1 node(s) didn't match PersistentVolume's node affinity" in why


def test_volumes_are_made_and_deleted_again(lab: Any) -> None:
    _class(lab, "standard", provisioner=NAME, volumeBindingMode="WaitForFirstConsumer")
    _claim(lab, storageClassName="standard")
    _user(lab)
    lab.settle()
    node = lab.store.get("Pod", "default", "user")["spec"]["nodeName"]
    name = _claimed(lab)
    volume = lab.store.get("PersistentVolume", "", name)
    expressions = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"][0]["matchExpressions"]
    assert expressions[0]["values"] == [node]
    assert volume["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    reasons = [reason for reason, _, _ in lab.events("data")]
    assert {"ExternalProvisioning", "Provisioning", "ProvisioningSucceeded"} <= set(reasons)
    lab.store.delete("PersistentVolumeClaim", "default", "data")
    lab.ticks(2)
    assert _phase(lab, "PersistentVolumeClaim", "data") == "Bound", "held while a pod uses it"
    lab.store.delete("Pod", "default", "user")
    lab.settle()
    assert lab.store.find("PersistentVolumeClaim", "default", "data") is None
    assert lab.store.find("PersistentVolume", "", name) is None


def test_room_is_kept_while_volumes_are_made(lab: Any) -> None:
    """Two nodes of four cores, three pods of two and a half: the third one waits, without a volume."""
    _class(lab, "standard", provisioner=NAME, volumeBindingMode="WaitForFirstConsumer")
    large = {"name": "a", "image": "app:1", "resources": {"requests": {"cpu": "2500m"}}}
    nodes = [node["metadata"]["name"] for node in lab.store.objects("Node")]
    for number in range(len(nodes) + 1):
        _claim(lab, f"data-{number}", storageClassName="standard")
        _user(lab, f"user-{number}", f"data-{number}", containers=[large])
    lab.ticks(12)
    pods = [lab.store.get("Pod", "default", f"user-{number}") for number in range(len(nodes) + 1)]
    assert sorted(pod["spec"].get("nodeName", "") for pod in pods) == sorted(["", *nodes])
    assert [bool(_claimed(lab, f"data-{number}")) for number in range(len(nodes) + 1)].count(False) == 1


@pytest.mark.parametrize(("policy", "phase"), [("Retain", "Released"), ("Delete", "Failed")])
def test_what_becomes_of_a_volume(lab: Any, policy: str, phase: str) -> None:
    _class(lab)
    _volume(lab, "v", persistentVolumeReclaimPolicy=policy)
    _claim(lab)
    lab.settle()
    lab.store.delete("PersistentVolumeClaim", "default", "data")
    lab.settle()
    assert _phase(lab, "PersistentVolume", "v") == phase


def test_a_claim_that_lost_its_volume_says_so(lab: Any) -> None:
    _class(lab)
    _volume(lab, "v")
    _claim(lab)
    lab.settle()
    lab.store.delete("PersistentVolume", "", "v")
    lab.edit("PersistentVolume", "v", lambda item: item["metadata"].pop("finalizers", None), namespace="")
    lab.ticks(2)
    assert _phase(lab, "PersistentVolumeClaim", "data") == "Lost"
    text = "Bound claim has lost its PersistentVolume. Data on the volume is lost!"
    assert ("ClaimLost", text, 1) in lab.events("data")


def test_claims_get_a_default_class_that_comes_later(lab: Any) -> None:
    _claim(lab, storageClassName=None)
    lab.ticks(2)
    assert _phase(lab, "PersistentVolumeClaim", "data") == "Pending"
    default = {"storageclass.kubernetes.io/is-default-class": "true"}
    metadata = {"name": "standard", "annotations": default}
    made = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": metadata, "provisioner": NAME}
    lab.store.create(made, manager="test")
    lab.settle()
    claim = lab.store.get("PersistentVolumeClaim", "default", "data")
    assert claim["spec"]["storageClassName"] == "standard"
    assert claim["status"]["phase"] == "Bound"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 9), max_size=6), st.lists(st.integers(1, 9), max_size=6), st.randoms())
def test_any_order_ends_with_each_volume_at_one_claim(
    make_lab: Any, sizes: list[int], asked: list[int], rng: Any
) -> None:
    lab = make_lab()
    _class(lab)
    steps = [("volume", f"v{i}", size) for i, size in enumerate(sizes)]
    steps += [("claim", f"c{i}", size) for i, size in enumerate(asked)]
    rng.shuffle(steps)
    for what, name, size in steps:
        (_volume if what == "volume" else _claim)(lab, name, f"{size}Gi")
        if rng.random() < 0.5:
            lab.ticks()
    lab.ticks(12)
    volumes = {item["metadata"]["name"]: item for item in lab.store.objects("PersistentVolume")}
    taken = [item for item in lab.store.objects("PersistentVolumeClaim") if item["status"]["phase"] == "Bound"]
    names = [claim["spec"]["volumeName"] for claim in taken]
    assert len(set(names)) == len(names)
    for claim in taken:
        volume = volumes[claim["spec"]["volumeName"]]
        assert volume["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
        wanted = parse_quantity(claim["spec"]["resources"]["requests"]["storage"])
        assert parse_quantity(volume["spec"]["capacity"]["storage"]) >= wanted
    free = [parse_quantity(v["spec"]["capacity"]["storage"]) for n, v in volumes.items() if n not in names]
    waiting = [
        parse_quantity(item["spec"]["resources"]["requests"]["storage"])
        for item in lab.store.objects("PersistentVolumeClaim")
        if item["status"]["phase"] != "Bound"
    ]
    assert not free or not waiting or min(waiting) > max(free)
