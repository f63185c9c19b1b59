"""Several faults as one: present while one of them is, fixed when all of them are."""

from __future__ import annotations

from pathlib import Path

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Edge, Entity
from aiops.core.mechanism import Mechanism
from aiops.faults.injection import fix_otherwise, inject, is_present
from aiops.faults.registry import FAULTS

WEB = Entity(kind="Service", namespace="shop", name="web")
CART = Entity(kind="Deployment", namespace="shop", name="cart")
PAIR = FAULTS.get("masking_pair")


async def test_one_of_two_is_enough_to_be_present(kube: KubernetesClient, tmp_path: Path) -> None:
    journal = tmp_path / "faults.jsonl"
    injection = await inject(PAIR, kube, journal, {"pair": Edge(source=WEB, target=CART), "port": 9100})
    assert [part.mechanism for part in injection.truth.parts] == [
        Mechanism.CONFIG_TARGET_PORT,
        Mechanism.SCALING_REPLICAS,
    ]
    await kube.patch(CART, {"spec": {"replicas": 1}}, "merge")
    assert await is_present(PAIR, kube, journal, injection)


async def test_both_are_fixed_in_their_other_ways(kube: KubernetesClient, tmp_path: Path) -> None:
    journal = tmp_path / "faults.jsonl"
    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "web-1", "namespace": "shop"}}
    pod["metadata"]["labels"] = {"app": "web"}  # type: ignore[index]
    ports = [{"name": "http", "containerPort": 80}]
    await kube.create({**pod, "spec": {"containers": [{"name": "web", "image": "web:1.0.0", "ports": ports}]}})
    injection = await inject(PAIR, kube, journal, {"pair": Edge(source=WEB, target=CART), "port": 9100})
    await fix_otherwise(PAIR, kube, journal, injection)
    assert not await is_present(PAIR, kube, journal, injection)
    assert (await kube.get(CART))["spec"]["replicas"] == 2
