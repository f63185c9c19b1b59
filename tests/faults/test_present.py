"""Whether the root condition is there, after right fixes of other kinds and after wrong ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Edge, Entity, Manifest
from aiops.faults.injection import Injection, inject, is_present, revert
from aiops.faults.kit.environment import Variable
from aiops.faults.registry import FAULTS
from aiops.lab.kube import ObjectStore
from tests.faults.conftest import deployment, made, service

RBAC = "rbac.authorization.k8s.io/v1"
GRANT = Edge(
    source=Entity(kind="RoleBinding", namespace="shop", name="web"),
    target=Entity(kind="Role", namespace="shop", name="web"),
)
RULES = [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list"]}]
WEB = Entity(kind="Deployment", namespace="shop", name="web")
PROBE = {"httpGet": {"path": "/healthz", "port": 80}}


class Case:
    """One injected fault, and its cluster."""

    def __init__(self, kube: KubernetesClient, folder: Path, injection: Injection) -> None:
        self.kube = kube
        self.journal = folder / "faults.jsonl"
        self.injection = injection

    @classmethod
    async def of(cls, kube: KubernetesClient, folder: Path, name: str, **arguments: Any) -> Case:
        injection = await inject(FAULTS.get(name), kube, folder / "faults.jsonl", arguments)
        return cls(kube, folder, injection)

    async def present(self) -> bool:
        return await is_present(FAULTS.get(self.injection.fault), self.kube, self.journal, self.injection)

    async def revert(self) -> int:
        return await revert(self.kube, self.journal, self.injection.id)


def pod(owner: str, name: str, status: Manifest | None = None, **container: Any) -> Manifest:
    """A pod of a Deployment, with one container; `status` is that of the container."""
    spec = {"name": owner, "image": f"registry.example.com/{owner}:1.2.0", **container}
    found = made("Pod", name, spec={"containers": [spec]})
    found["metadata"]["labels"] = {"app": owner}
    if status is not None:
        found["status"] = {"containerStatuses": [{"name": owner, "image": spec["image"], **status}]}
    return found


def put(store: ObjectStore, manifest: Manifest) -> None:
    """Create an object with its status, as a kubelet would."""
    store.create(manifest, manager="kubelet")
    if "status" in manifest:
        stored = store.get(manifest["kind"], "shop", manifest["metadata"]["name"])
        store.update({**stored, "status": manifest["status"]}, manager="kubelet", subresource="status")


def role(name: str, rules: list[Manifest]) -> Manifest:
    return made("Role", name, RBAC, rules=rules)


def binding(name: str, role_name: str, account: str = "web") -> Manifest:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role_name}
    subject = {"kind": "ServiceAccount", "name": account, "namespace": "shop"}
    return made("RoleBinding", name, RBAC, roleRef=reference, subjects=[subject])


@pytest.fixture
async def granted(kube: KubernetesClient) -> KubernetesClient:
    await kube.create(role("web", RULES))
    await kube.create(binding("web", "web"))
    return kube


FORMS = ["verb", "resource", "subject", "subject_namespace"]


@pytest.mark.parametrize("form", FORMS)
async def test_rights_that_come_by_another_role_are_there(form: str, granted: KubernetesClient, tmp_path: Path) -> None:
    case = await Case.of(granted, tmp_path, "rbac_denied", grant=GRANT, form=form)
    assert await case.present()
    for entity in (GRANT.source, GRANT.target):
        await granted.delete(entity)
    assert await case.present()
    await granted.create(role("config-reader", RULES))
    assert await case.present()
    await granted.create(binding("config-reader", "config-reader"))
    assert not await case.present()


@pytest.mark.parametrize("form", FORMS)
async def test_rights_for_another_account_are_no_cure(form: str, granted: KubernetesClient, tmp_path: Path) -> None:
    case = await Case.of(granted, tmp_path, "rbac_denied", grant=GRANT, form=form)
    await granted.create(role("config-reader", RULES))
    await granted.create(binding("config-reader", "config-reader", account="cart"))
    assert await case.present()


async def test_half_of_the_rights_is_no_cure(granted: KubernetesClient, tmp_path: Path) -> None:
    case = await Case.of(granted, tmp_path, "rbac_denied", grant=GRANT, form="subject")
    await granted.create(role("half", [{**RULES[0], "verbs": ["get"]}]))
    await granted.create(binding("half", "half"))
    assert await case.present()


async def test_what_was_only_read_is_not_put_back(granted: KubernetesClient, tmp_path: Path) -> None:
    case = await Case.of(granted, tmp_path, "rbac_denied", grant=GRANT, form="subject")
    more = [*RULES, {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}]
    await granted.patch(GRANT.target, {"rules": more}, "merge")
    assert await case.revert() == 1
    assert (await granted.get(GRANT.target))["rules"] == more
    assert not await case.present()


@pytest.fixture
def addressed(store: ObjectStore) -> Variable:
    """A variable that names a Service which has a pod."""
    variables = [{"name": "CART", "value": "cart:8080"}]
    store.create(deployment("caller", variables), manager="helm")
    put(store, pod("cart", "cart-1", {"ready": True}, ports=[{"containerPort": 8080}]))
    caller = Entity(kind="Deployment", namespace="shop", name="caller")
    return Variable(deployment=caller, container="caller", name="CART")


async def test_a_service_of_the_mistaken_name_cures(
    addressed: Variable, store: ObjectStore, kube: KubernetesClient, tmp_path: Path
) -> None:
    case = await Case.of(kube, tmp_path, "wrong_env_address", variable=addressed, form="name")
    assert await case.present()
    alias = service("cart-svc", 8080)
    alias["spec"]["selector"] = {"app": "web"}
    await kube.create(alias)
    assert await case.present()
    await kube.patch(Entity.of(alias), {"spec": {"selector": {"app": "cart"}}}, "merge")
    assert not await case.present()


async def test_a_port_more_of_the_service_cures(addressed: Variable, kube: KubernetesClient, tmp_path: Path) -> None:
    case = await Case.of(kube, tmp_path, "wrong_env_address", variable=addressed, form="port")
    ports = [
        {"name": "http", "port": 8080, "targetPort": 8080},
        {"name": "more", "port": 8090, "targetPort": 8090},
    ]
    cart = Entity(kind="Service", namespace="shop", name="cart")
    await kube.patch(cart, {"spec": {"ports": ports}}, "merge")
    assert await case.present()
    await kube.patch(cart, {"spec": {"ports": [ports[0], {**ports[1], "targetPort": 8080}]}}, "merge")
    assert not await case.present()


@pytest.mark.parametrize(
    ("value", "there"),
    [
        ("cart:8080", False),
        ("cart.shop:8080", False),
        ("cart.shop.svc.cluster.local:8080", False),
        ("cart.other:8080", True),
        ("web:80", True),
        ("", True),
        ("cart", True),
    ],
)
async def test_every_way_to_write_the_address_is_right(
    addressed: Variable, kube: KubernetesClient, tmp_path: Path, value: str, there: bool
) -> None:
    case = await Case.of(kube, tmp_path, "wrong_env_address", variable=addressed, form="namespace")
    container = {"name": "caller", "env": [{"name": "CART", "value": value}]}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    await kube.patch(addressed.deployment, body, "strategic")
    assert await case.present() is there


async def test_the_address_of_the_service_is_right(
    addressed: Variable, store: ObjectStore, kube: KubernetesClient, tmp_path: Path
) -> None:
    case = await Case.of(kube, tmp_path, "wrong_env_address", variable=addressed, form="name")
    address = (await kube.get(Entity(kind="Service", namespace="shop", name="cart")))["spec"].get("clusterIP")
    container = {"name": "caller", "env": [{"name": "CART", "value": f"{address or 'cart'}:8080"}]}
    await kube.patch(addressed.deployment, {"spec": {"template": {"spec": {"containers": [container]}}}}, "strategic")
    assert not await case.present()


async def with_probe(kube: KubernetesClient) -> None:
    container = {"name": "web", "readinessProbe": PROBE, "ports": [{"containerPort": 80}]}
    await kube.patch(WEB, {"spec": {"template": {"spec": {"containers": [container]}}}}, "strategic")


async def set_probe(kube: KubernetesClient, probe: Manifest | None) -> None:
    container = {"name": "web", "readinessProbe": probe}
    await kube.patch(WEB, {"spec": {"template": {"spec": {"containers": [container]}}}}, "strategic")


async def test_a_probe_that_a_pod_passes_is_right(store: ObjectStore, kube: KubernetesClient, tmp_path: Path) -> None:
    await with_probe(kube)
    case = await Case.of(kube, tmp_path, "failing_readiness_probe", deployment=WEB, form="path")
    other = {"httpGet": {"path": "/ready", "port": 80}}
    put(store, pod("web", "web-1", {"ready": False}, readinessProbe=other))
    await set_probe(kube, other)
    assert await case.present()
    put(store, pod("web", "web-2", {"ready": True}, readinessProbe=other))
    assert not await case.present()


async def test_a_ready_pod_of_the_old_probe_does_not_make_the_new_one_right(
    store: ObjectStore, kube: KubernetesClient, tmp_path: Path
) -> None:
    await with_probe(kube)
    put(store, pod("web", "web-old", {"ready": True}, readinessProbe=PROBE))
    case = await Case.of(kube, tmp_path, "failing_readiness_probe", deployment=WEB, form="path")
    assert await case.present()
    await set_probe(kube, None)
    assert not await case.present()


def limited(memory: str, name: str, **status: Any) -> Manifest:
    return pod("web", name, {"ready": True, **status}, resources={"limits": {"memory": memory}})


async def set_memory(kube: KubernetesClient, memory: str | None) -> None:
    container = {"name": "web", "resources": {"limits": {"memory": memory}, "requests": {"memory": "10Mi"}}}
    await kube.patch(WEB, {"spec": {"template": {"spec": {"containers": [container]}}}}, "strategic")


@pytest.mark.parametrize(("memory", "there"), [("200Mi", False), ("171Mi", False), ("120Mi", True), (None, False)])
async def test_about_the_limit_before_is_enough_without_a_look_at_pods(
    kube: KubernetesClient, tmp_path: Path, memory: str | None, there: bool
) -> None:
    case = await Case.of(kube, tmp_path, "low_memory_limit", deployment=WEB, percent=40)
    assert await case.present()
    await set_memory(kube, memory)
    assert await case.present() is there


async def test_a_lower_limit_is_enough_when_every_pod_lives_with_it(
    store: ObjectStore, kube: KubernetesClient, tmp_path: Path
) -> None:
    case = await Case.of(kube, tmp_path, "low_memory_limit", deployment=WEB, percent=40)
    await set_memory(kube, "120Mi")
    put(store, limited("120Mi", "web-1"))
    assert not await case.present()
    put(store, limited("80Mi", "web-old"))
    assert await case.present()


@pytest.mark.parametrize(
    "status", [{"ready": False}, {"lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}]
)
async def test_a_limit_that_kills_is_too_low(
    store: ObjectStore, kube: KubernetesClient, tmp_path: Path, status: Manifest
) -> None:
    case = await Case.of(kube, tmp_path, "low_memory_limit", deployment=WEB, percent=40)
    await set_memory(kube, "120Mi")
    put(store, limited("120Mi", "web-1", **status))
    assert await case.present()


async def test_the_limit_of_the_fault_is_too_low_before_anything_was_killed(
    store: ObjectStore, kube: KubernetesClient, tmp_path: Path
) -> None:
    case = await Case.of(kube, tmp_path, "low_memory_limit", deployment=WEB, percent=40)
    put(store, limited("80Mi", "web-1"))
    assert await case.present()


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("low_memory_limit", {"percent": 40}),
        ("scaled_to_zero", {}),
        ("bad_image_tag", {"suffix": "-rc1"}),
        ("failing_readiness_probe", {"form": "path"}),
    ],
)
async def test_a_deleted_workload_is_no_cure(
    kube: KubernetesClient, tmp_path: Path, name: str, arguments: dict[str, Any]
) -> None:
    await with_probe(kube)
    case = await Case.of(kube, tmp_path, name, deployment=WEB, **arguments)
    await kube.delete(WEB)
    assert await case.present()
    assert await case.revert() == 1
    assert not await case.present()
