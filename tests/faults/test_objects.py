"""What faults read of workloads, variables and Services."""

from __future__ import annotations

import base64
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity
from aiops.core.errors import InvalidInputError, NotPossibleError
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.environment import KeyUse, Variable, current_value, source_of, value_in, variables
from aiops.faults.kit.limits import limit_of, present_limit, too_low
from aiops.faults.kit.service_ports import reached, sends_to
from aiops.faults.kit.workloads import container_in, container_named, find, original, pods_of, pods_with, restart
from aiops.lab.kube import ObjectStore
from tests.faults.conftest import deployment, made, service
from tests.faults.test_present import pod, put

WEB = Entity(kind="Deployment", namespace="shop", name="web")
NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)


@pytest.fixture
def target(kube: KubernetesClient) -> DirectTarget:
    return DirectTarget(kube)


@given(NAMES, NAMES, NAMES, NAMES)
def test_what_was_written_down_is_read_again(namespace: str, name: str, container: str, key: str) -> None:
    owner = Entity(kind="Deployment", namespace=namespace, name=name)
    variable = Variable(deployment=owner, container=container, name=key.upper())
    assert Variable.parse(str(variable)) == variable
    use = KeyUse(variable=variable, source=Entity(kind="ConfigMap", namespace=namespace, name=name), key=key)
    assert KeyUse.parse(str(use)) == use


@pytest.mark.parametrize("text", ["", "Deployment/shop/web", "Deployment/shop/web web", "a b c d", "web web ADDRESS"])
def test_what_is_no_variable_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        Variable.parse(text)


async def test_a_variable_has_the_value_that_a_pod_would_get(target: DirectTarget, kube: KubernetesClient) -> None:
    found = dict(variables(await kube.get(WEB)))
    cart, own = (next(one for one in found if one.name == name) for name in ("CART", "SELF"))
    assert source_of(found[own], "shop") is None
    assert await current_value(target, own) == "web:80"
    assert await current_value(target, cart) == "http://cart.shop.svc.cluster.local:8080/v1"
    await kube.patch(Entity(kind="ConfigMap", namespace="shop", name="web-config"), {"data": {"cart": None}}, "merge")
    assert await current_value(target, cart) is None
    assert await current_value(target, cart.model_copy(update={"container": "other"})) is None
    await kube.delete(WEB)
    assert await current_value(target, own) is None


def test_a_secret_is_read_in_clear() -> None:
    secret = made("Secret", "s", data={"k": base64.b64encode("wört".encode()).decode()})
    assert (value_in(secret, "k"), value_in(secret, "other")) == ("wört", None)


async def test_a_service_sends_by_number_or_name_to_declared_ports(store: ObjectStore, target: DirectTarget) -> None:
    ports = [{"name": "http", "containerPort": 80}, {"name": "admin", "containerPort": 81}]
    put(store, pod("web", "web-1", ports=ports))
    put(store, pod("web", "web-2", ports=[{"name": "http", "containerPort": 8080}]))
    put(store, pod("cart", "cart-1", ports=ports))
    web = service("web", 80)
    assert await sends_to(target, web, {"port": 80, "targetPort": "http"}) == {80, 8080}
    assert await reached(target, web, {"port": 80, "targetPort": "http"}) == {("web-1", 80), ("web-2", 8080)}
    assert await sends_to(target, web, {"port": 81}) == {81}
    assert await sends_to(target, web, {"port": 80, "targetPort": 9999}) == set()
    assert await sends_to(target, service("manual", 80, selector=None), {"port": 80}) == set()


async def test_pods_are_told_by_labels(store: ObjectStore, target: DirectTarget, kube: KubernetesClient) -> None:
    for name in ("web-b", "web-a"):
        put(store, pod("web", name))
    put(store, pod("cart", "cart-a"))
    found = await pods_of(target, await kube.get(WEB))
    assert [item["metadata"]["name"] for item in found] == ["web-a", "web-b"]
    assert await pods_with(target, "shop", {}) == []
    await restart(target, await kube.get(WEB))
    assert [item["metadata"]["name"] for item in await target.list("Pod", "shop")] == ["cart-a"]


async def test_what_is_not_there_is_none_or_refused(target: DirectTarget) -> None:
    gone = Entity(kind="Deployment", namespace="shop", name="gone")
    assert await find(target, gone) is None
    with pytest.raises(NotPossibleError, match="was not there before"):
        original({gone: None}, gone)
    with pytest.raises(NotPossibleError):
        original({}, gone)


def test_a_container_is_found_by_name() -> None:
    web = deployment("web", [])
    assert container_named(web, "web") is web["spec"]["template"]["spec"]["containers"][0]
    assert container_in({"containers": []}, "web") is None


async def test_a_limit_is_read_with_its_unit(target: DirectTarget, kube: KubernetesClient) -> None:
    before = {WEB: await kube.get(WEB)}
    assert limit_of(before[WEB], "memory")[1] == 200 * 2**20
    with pytest.raises(NotPossibleError, match="no cpu limit"):
        limit_of(before[WEB], "cpu")
    assert await present_limit(target, before, WEB, "memory") == 200 * 2**20
    container = {"name": "web", "resources": {"limits": {"memory": None}, "requests": {"memory": None}}}
    await kube.patch(WEB, {"spec": {"template": {"spec": {"containers": [container]}}}}, "strategic")
    assert await present_limit(target, before, WEB, "memory") == inf
    assert not await too_low(target, before, WEB, "memory")
    await kube.delete(WEB)
    assert await present_limit(target, before, WEB, "memory") == 0.0
    assert await too_low(target, before, WEB, "memory")
