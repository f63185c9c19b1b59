"""Claims: whether there will be a volume for each that a Deployment names."""

from __future__ import annotations

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.volumes import claim, claims_met, classes, mounting, volume
from aiops.lab.kube import ObjectStore

WEB = Entity(kind="Deployment", namespace="shop", name="web")
MANY = ("ReadWriteMany",)


@pytest.fixture
async def target(kube: KubernetesClient) -> DirectTarget:
    target = DirectTarget(kube)
    await target.patch(WEB, mounting(await target.get(WEB), "web-data", "/var/data"))
    return target


async def test_a_claim_is_mounted_beside_what_is_there(target: DirectTarget) -> None:
    spec = (await target.get(WEB))["spec"]["template"]["spec"]
    assert spec["volumes"] == [{"name": "var-data", "persistentVolumeClaim": {"claimName": "web-data"}}]
    assert spec["containers"][0]["volumeMounts"] == [{"name": "var-data", "mountPath": "/var/data"}]
    assert spec["containers"][0]["env"]


async def test_a_claim_that_is_not_there_is_not_met(target: DirectTarget) -> None:
    assert not await claims_met(target, WEB)


async def test_a_deployment_that_is_not_there_has_nothing(target: DirectTarget) -> None:
    assert not await claims_met(target, Entity(kind="Deployment", namespace="shop", name="none"))


async def test_a_class_that_is_there_makes_a_volume(target: DirectTarget, store: ObjectStore) -> None:
    await target.create(claim("shop", "web-data", "5Gi", "slow"))
    assert not await claims_met(target, WEB)
    made = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "slow"}}
    store.create({**made, "provisioner": "rancher.io/local-path"}, manager="helm")
    assert await classes(target) == ["slow"]
    assert await claims_met(target, WEB)


@pytest.mark.parametrize(
    ("size", "kind", "modes", "met"),
    [("5Gi", "shared", MANY, True), ("4Gi", "shared", MANY, False), ("9Gi", "other", MANY, False),
     ("9Gi", "shared", ("ReadWriteOnce",), False)],
)  # fmt: skip
async def test_a_free_volume_has_to_fit(
    target: DirectTarget, size: str, kind: str, modes: tuple[str, ...], met: bool
) -> None:
    await target.create(claim("shop", "web-data", "5Gi", "shared", MANY))
    await target.create(volume("by-hand", size, kind, modes))
    assert await claims_met(target, WEB) is met


async def test_a_bound_claim_is_met(target: DirectTarget, store: ObjectStore) -> None:
    made = await target.create(claim("shop", "web-data", "5Gi", "gone"))
    store.update({**made, "status": {"phase": "Bound"}}, manager="binder", subresource="status")
    assert await claims_met(target, WEB)
