"""The generated role bounds what the assistant can give to others, whatever asks for it."""

from __future__ import annotations

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import DeniedError
from aiops.lab.kube import User, kubernetes_app
from tests.support.tool_changes import ASSISTANT, LARGEST_RULES, furnished
from tests.support.worlds import copy_of

RBAC = "rbac.authorization.k8s.io"
READER = Entity.parse("RoleBinding/hotel/reservation-reader")


@pytest.fixture
def assistant() -> KubernetesClient:
    world, _ = copy_of(furnished)
    app = kubernetes_app(world.cluster, tokens={"a": User(ASSISTANT, ())}, logs=world.logs)
    return KubernetesClient.at("http://cluster", token="a", transport=httpx2.ASGITransport(app=app))


def role(*rules: Manifest) -> Manifest:
    metadata = {"name": "new", "namespace": "hotel"}
    return {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": [*rules]}


async def test_every_reader_of_the_application_can_be_bound_again(assistant: KubernetesClient) -> None:
    subject = {"kind": "ServiceAccount", "namespace": "hotel", "name": "geo"}
    bindings = [Entity.of({"kind": "RoleBinding", **item}) for item in await assistant.list("RoleBinding", "hotel")]
    assert READER in bindings
    for binding in bindings:
        if binding.name.endswith("-reader"):
            await assistant.patch(binding, {"subjects": [subject]}, "merge", dry_run=True)


async def test_the_api_server_lets_it_grant_the_list_and_nothing_else(assistant: KubernetesClient) -> None:
    await assistant.create(role(*LARGEST_RULES), dry_run=True)
    for verbs, resource, group in (
        (["get"], "secrets", ""),
        (["create"], "pods/exec", ""),
        (["delete"], "pods", ""),
        (["bind"], "roles", RBAC),
        (["*"], "leases", "coordination.k8s.io"),
    ):
        rule = {"apiGroups": [group], "resources": [resource], "verbs": verbs}
        with pytest.raises(DeniedError, match="not currently held"):
            await assistant.create(role(*LARGEST_RULES, rule), dry_run=True)
