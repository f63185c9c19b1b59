"""Whether callers are shut out by a policy, however somebody mended it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity
from aiops.lab.kube import ObjectStore
from tests.faults.conftest import made
from tests.faults.test_present import WEB, Case, pod, put

CART = Entity(kind="Service", namespace="shop", name="cart")
POLICY = Entity(kind="NetworkPolicy", namespace="shop", name="cart-clients")
FORMS: dict[str, dict[str, Any]] = {
    "policy_wrong_port": {"port": 7001},
    "policy_wrong_protocol": {"protocol": "UDP"},
    "policy_wrong_peer": {"form": "label"},
}


@pytest.fixture(params=sorted(FORMS))
async def case(request: pytest.FixtureRequest, kube: KubernetesClient, store: ObjectStore, tmp_path: Path) -> Case:
    for owner, port in (("web", 80), ("cart", 8080)):
        put(store, pod(owner, f"{owner}-1", {}, ports=[{"name": "http", "containerPort": port}]))
    return await Case.of(kube, tmp_path, request.param, service=CART, suffix="clients", **FORMS[request.param])


def open_policy(**rule: Any) -> dict[str, Any]:
    spec = {"podSelector": {"matchLabels": {"app": "cart"}}, "policyTypes": ["Ingress"], "ingress": [rule]}
    return made("NetworkPolicy", "cart-open", "networking.k8s.io/v1", spec=spec)


async def test_without_the_policy_callers_come_in(case: Case) -> None:
    assert await case.present()
    await case.kube.delete(POLICY)
    assert not await case.present()


async def test_a_further_policy_may_let_them_in(case: Case) -> None:
    await case.kube.create(open_policy(**{"from": [{"podSelector": {"matchLabels": {"app": "web"}}}]}))
    assert not await case.present()


@pytest.mark.parametrize(
    "rule",
    [{"ports": [{"port": 9999}]}, {"from": [{"podSelector": {"matchLabels": {"app": "bank"}}}]}],
    ids=["another port", "another pod"],
)
async def test_one_for_others_does_not(case: Case, rule: dict[str, Any]) -> None:
    await case.kube.create(open_policy(**rule))
    assert await case.present()


async def test_without_its_callers_it_is_no_better(case: Case) -> None:
    await case.kube.delete(WEB)
    assert await case.present()
