"""Whether names of the cluster lead where they should, however somebody mended them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Edge, Entity
from aiops.faults.kit.corefile import CONFIG, full_name
from aiops.lab.apps.manifests.dns import STANDARD, dns_config
from tests.faults.test_present import WEB, Case

CART = Entity(kind="Service", namespace="shop", name="cart")
OTHER = Entity(kind="Service", namespace="shop", name="web")
ADDRESS = "10.96.251.9"
FORMS: dict[str, dict[str, Any]] = {
    "dns_stale_record": {"service": CART, "number": 9},
    "dns_wrong_service": {"swap": Edge(source=CART, target=OTHER)},
    "dns_zone": {"zone": "cluster.internal"},
}


@pytest.fixture(params=sorted(FORMS))
async def case(request: pytest.FixtureRequest, kube: KubernetesClient, tmp_path: Path) -> Case:
    await kube.create(dns_config())
    return await Case.of(kube, tmp_path, request.param, **FORMS[request.param])


async def write(case: Case, text: str) -> None:
    await case.kube.patch(CONFIG, {"data": {"Corefile": text}}, "merge")


async def text_of(case: Case) -> str:
    return str((await case.kube.get(CONFIG))["data"]["Corefile"])


async def test_the_corefile_of_a_new_cluster_is_right(case: Case) -> None:
    assert await case.present()
    await write(case, STANDARD)
    assert not await case.present()


async def test_other_changes_of_the_corefile_mend_nothing(case: Case) -> None:
    await write(case, (await text_of(case)).replace("cache 30", "cache 5"))
    assert await case.present()


async def test_another_wrong_answer_is_no_better(case: Case) -> None:
    text = await text_of(case)
    await write(
        case,
        text.replace(ADDRESS, "10.96.251.10")
        .replace(f"{full_name(CART)} {full_name(OTHER)}", f"{full_name(CART)} old.shop.svc.cluster.local")
        .replace("cluster.internal", "cluster.lan"),
    )
    assert await text_of(case) != text
    assert await case.present()


async def test_an_alias_of_the_right_pods_is_right(kube: KubernetesClient, tmp_path: Path) -> None:
    case = await Case.of(kube, tmp_path, "dns_external_name", service=CART, form="renamed")
    assert await case.present()
    alias = {"type": "ExternalName", "externalName": full_name(OTHER)}
    await kube.patch(CART, {"spec": alias}, "merge")
    assert await case.present()
    await case.revert()
    assert not await case.present()


@pytest.mark.parametrize("name", ["dns_policy", "dns_search"])
async def test_pods_without_a_resolver_of_their_own_find_names(
    name: str, kube: KubernetesClient, tmp_path: Path
) -> None:
    dns = {"name": "kube-dns", "namespace": "kube-system"}
    ports = [{"name": "dns", "port": 53, "protocol": "UDP"}]
    spec = {"clusterIP": "10.96.0.10", "selector": {"k8s-app": "kube-dns"}, "ports": ports}
    await kube.create({"apiVersion": "v1", "kind": "Service", "metadata": dns, "spec": spec})
    form = {"server": "8.8.8.8"} if name == "dns_policy" else {"suffix": "prod"}
    case = await Case.of(kube, tmp_path, name, deployment=WEB, **form)
    assert await case.present()
    cleared = {"dnsPolicy": "ClusterFirst", "dnsConfig": None}
    await kube.patch(WEB, {"spec": {"template": {"spec": cleared}}}, "merge")
    assert not await case.present()
    await kube.delete(WEB)
    assert await case.present()
