"""What faults of configuration and resources read of objects."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.addresses import address_variables, in_full, leads_astray, mistaken, place_of
from aiops.faults.kit.culprits import batch_deployment, room, runs, stop
from aiops.faults.kit.environment import Variable, current_value
from aiops.faults.kit.images import next_version, repository_of, running, tag_of, without_digest
from aiops.faults.kit.probes import mistaken as mistaken_action
from aiops.faults.kit.probes import network_check, port_number, question, sound_questions
from aiops.faults.kit.readiness import works
from aiops.faults.kit.selection import select_otherwise, selects_others
from aiops.faults.kit.stores import store_of, stores_in_use
from aiops.faults.registry import Before
from aiops.lab.kube import ObjectStore
from tests.faults.conftest import deployment, made, service

WEB = Entity(kind="Deployment", namespace="shop", name="web")
names = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?", fullmatch=True)
tags = st.from_regex(r"v?[0-9]{1,3}(\.[0-9]{1,3}){0,2}(-[a-z]{1,5})?", fullmatch=True)


def _variable(name: str, container: str = "web") -> Variable:
    return Variable(deployment=WEB, container=container, name=name)


def _pod(name: str, labels: dict[str, str], *, ready: bool = True, **spec: Any) -> dict[str, Any]:
    pod = made("Pod", name, spec={"containers": [{"name": "web", "image": "web:1"}], **spec})
    pod["metadata"]["labels"] = labels
    status = {"conditions": [{"type": "Ready", "status": str(ready)}]}
    return {**pod, "status": status}


def _add(store: ObjectStore, *manifests: dict[str, Any]) -> None:
    for manifest in manifests:
        stored = store.create(manifest, manager="helm")
        if "status" in manifest:
            store.update(
                {**stored, "kind": manifest["kind"], "status": manifest["status"]}, manager="x", subresource="status"
            )


# ---- images


@given(st.lists(names, min_size=1, max_size=3), tags, st.booleans())
def test_an_image_is_taken_apart(path: list[str], tag: str, pinned: bool) -> None:
    repository = "/".join(["registry.example.com:5000", *path])
    image = f"{repository}:{tag}{'@sha256:ab' if pinned else ''}"
    assert (repository_of(image), tag_of(image), without_digest(image)) == (repository, tag, f"{repository}:{tag}")


def test_an_image_without_a_tag_is_the_latest() -> None:
    assert (repository_of("mongo"), tag_of("mongo")) == ("mongo", "latest")


@given(tags, st.integers(1, 9))
def test_a_later_version_is_another_one_of_the_same_form(tag: str, step: int) -> None:
    later = next_version(tag, step)
    assert later != tag
    assert [c for c in later if not c.isdigit()] == [c for c in tag if not c.isdigit()]


@pytest.mark.parametrize(
    ("tag", "later"), [("1.4.9", "1.4.10"), ("24.10", "24.11"), ("2.0-slim", "2.1-slim"), ("main", "main-1")]
)
def test_later_versions(tag: str, later: str) -> None:
    assert next_version(tag, 1) == later


async def test_only_what_runs_and_is_ready_counts(store: ObjectStore, kube: KubernetesClient) -> None:
    pods = [_pod(f"web-{number}", {"app": "web"}) for number in range(2)]
    for pod, state in zip(pods, ({"running": {}}, {"waiting": {}}), strict=True):
        entry = {
            "name": "web",
            "image": "web:1",
            "imageID": "web@sha256:1",
            "state": state,
            "ready": "running" in state,
        }
        pod["status"]["containerStatuses"] = [{**entry, "restartCount": 0}]
    _add(store, *pods)
    assert await running(kube, await kube.get(WEB), "web") == [("web:1", "sha256:1")]


# ---- addresses and variables


async def test_addresses_are_found_wherever_they_stand(kube: KubernetesClient) -> None:
    """The one of the ConfigMap is a URL, which is no address."""
    assert [str(each) for each in await address_variables(kube, "shop")] == [
        "Deployment/shop/cart cart WEB",
        "Deployment/shop/web web SELF",
    ]


@given(names, st.integers(1, 65535), st.sampled_from(["port", "namespace", "name"]))
def test_a_mistaken_address_leads_elsewhere(name: str, port: int, form: str) -> None:
    address = f"{name}:{port}"
    assert place_of(mistaken(address, "shop", form), "shop") != place_of(address, "shop")


@given(names, st.integers(1, 65535))
def test_an_address_in_full_is_the_same_place(name: str, port: int) -> None:
    address = f"{name}:{port}"
    full = in_full(address, "shop")
    assert full != address
    assert place_of(full, "shop") == place_of(address, "shop")
    assert in_full(full, "shop") == address
    assert in_full("no address", "shop") == "no address"


async def test_the_last_entry_of_a_name_is_the_one_in_effect(store: ObjectStore, kube: KubernetesClient) -> None:
    entries = [{"name": "A", "value": "cart:8080"}, {"name": "B", "value": "x"}, {"name": "A", "value": "nowhere:1"}]
    store.delete("Deployment", "shop", "web")
    _add(store, deployment("web", entries))
    assert await current_value(kube, _variable("A")) == "nowhere:1"
    assert await leads_astray(kube, _variable("A"), "cart:8080")
    assert not await leads_astray(kube, _variable("A"), "nowhere:1")


async def test_a_value_may_come_from_a_whole_config_map(store: ObjectStore, kube: KubernetesClient) -> None:
    store.delete("Deployment", "shop", "web")
    sources = [{"configMapRef": {"name": "web-config"}, "prefix": "MY_"}, {"configMapRef": {"name": "gone"}}]
    _add(store, deployment("web", [], envFrom=sources))
    assert await current_value(kube, _variable("MY_log")) == "info"
    assert await current_value(kube, _variable("log")) is None
    assert await current_value(kube, _variable("MY_log", "other")) is None


# ---- probes

CONTAINER = {
    "name": "web",
    "ports": [{"name": "http", "containerPort": 8080}],
    "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
    "livenessProbe": {"exec": {"command": ["true"]}},
}


def test_a_probe_asks_a_number_by_whatever_name() -> None:
    by_name, by_number = ({"httpGet": {"path": "/ready", "port": port}} for port in ("http", 8080))
    assert question(CONTAINER, by_name) == question(CONTAINER, by_number)
    assert port_number(CONTAINER, "grpc") == "grpc"


@pytest.mark.parametrize("form", ["path", "scheme", "port"])
def test_a_mistaken_probe_asks_what_nobody_asked(form: str) -> None:
    action = mistaken_action(CONTAINER["readinessProbe"]["httpGet"], CONTAINER, form)
    assert question(CONTAINER, {"httpGet": action}) not in sound_questions(CONTAINER)


def test_a_connection_to_the_serving_port_is_sound() -> None:
    assert question(CONTAINER, {"tcpSocket": {"port": "http"}}) in sound_questions(CONTAINER)


def test_probes_over_the_network() -> None:
    assert network_check(CONTAINER["readinessProbe"]) == ("httpGet", {"path": "/ready", "port": "http"})
    assert network_check(CONTAINER["livenessProbe"]) is None


# ---- selectors, readiness


async def test_a_service_is_judged_by_the_pods_that_it_selects(store: ObjectStore, kube: KubernetesClient) -> None:
    entity = Entity(kind="Service", namespace="shop", name="web")
    before: Before = {entity: service("web", 80)}
    assert await selects_others(kube, before, entity), "of no pods nobody can say that they are the right ones"
    with pytest.raises(NotPossibleError, match="no pods"):
        await select_otherwise(kube, before, entity)
    _add(store, _pod("web-0", {"app": "web", "tier": "front"}), _pod("cart-0", {"app": "cart", "tier": "back"}))
    assert not await selects_others(kube, before, entity)
    await select_otherwise(kube, before, entity)
    assert (await kube.get(entity))["spec"]["selector"] == {"tier": "front"}
    assert not await selects_others(kube, before, entity)
    store.delete("Service", "shop", "web")
    assert await selects_others(kube, before, entity)


async def test_a_template_works_where_a_pod_of_it_is_ready(store: ObjectStore, kube: KubernetesClient) -> None:
    def image(spec: dict[str, Any]) -> Any:
        return spec["containers"][0]["image"]

    web = await kube.get(WEB)
    _add(store, _pod("web-0", {"app": "web"}), _pod("web-1", {"app": "web"}, ready=False))
    assert not await works(kube, web, image)
    web["spec"]["template"]["spec"]["containers"][0]["image"] = "web:1"
    assert await works(kube, web, image)
    store.delete("Pod", "shop", "web-0")
    assert not await works(kube, web, image)


# ---- culprits, stores


async def test_a_culprit_runs_as_long_as_it_asks_for_pods(kube: KubernetesClient) -> None:
    culprit = Entity(kind="Deployment", namespace="shop", name="report")
    assert await runs(kube, culprit) is None
    await kube.create(batch_deployment(culprit, {"image": "report:1"}, 2))
    assert await runs(kube, culprit)
    await stop(DirectTarget(kube), culprit)
    assert await runs(kube, culprit) is None


async def test_the_room_of_a_node_is_what_nobody_asked_for(store: ObjectStore, kube: KubernetesClient) -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}
    _add(store, {**node, "status": {"allocatable": {"cpu": "4", "memory": "8Gi"}, "capacity": {"cpu": "4"}}})
    asked = {"name": "web", "image": "web:1", "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    here = _pod("web-0", {"app": "web"}, nodeName="n1", containers=[asked])
    ended = _pod("web-1", {"app": "web"}, nodeName="n1", containers=[asked])
    elsewhere = _pod("web-2", {"app": "web"}, containers=[asked])
    _add(store, here, {**ended, "status": {"phase": "Succeeded"}}, elsewhere)
    found = await kube.get(Entity(kind="Node", name="n1"))
    assert await room(kube, found, "cpu") == pytest.approx(3.5)
    assert await room(kube, found, "memory") == pytest.approx(7 * 2**30)


async def test_stores_are_known_by_their_images(store: ObjectStore, kube: KubernetesClient) -> None:
    manifest = deployment("orders", [])
    manifest["spec"]["template"]["spec"]["containers"][0]["image"] = "docker.io/library/mongo:7"
    _add(store, manifest)
    assert [each.name for each in await stores_in_use(kube, "shop")] == ["orders"]
    assert store_of(await kube.get(WEB)) == ""
