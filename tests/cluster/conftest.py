"""A cluster for the whole run: the one that AIOPS_TEST_KUBECONFIG names, else a control plane on loopback.

The build takes longer than a test may: `make cluster-test` builds first, then runs these.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest

from aiops.clients.kubeconfig import load_access
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest
from aiops.tools.kit.access import manifests
from tests.cluster.application import NAMESPACE, NODES, TAINT, of_no_namespace, written
from tests.cluster.build import binary
from tests.cluster.kubectl import Kubectl
from tests.cluster.launch import GIVEN, control_plane
from tests.cluster.people import write_people
from tests.support.tool_changes import furnished

RIGHTS = ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, Path]]:
    """Kubeconfigs of `admin`, `engineer`, `viewer` and `assistant`."""
    folder = tmp_path_factory.mktemp("people")
    if GIVEN in os.environ:
        yield write_people(Path(os.environ[GIVEN]), folder)
        return
    with control_plane(binary()) as admin:
        yield write_people(admin, folder)


@pytest.fixture(scope="session")
def kubectl(people: dict[str, Path]) -> dict[str, Kubectl]:
    """kubectl as each of the people."""
    return {name: Kubectl(path) for name, path in people.items()}


@pytest.fixture
def admin(kubectl: dict[str, Kubectl]) -> Kubectl:
    return kubectl["admin"]


@pytest.fixture
def namespace(admin: Kubectl) -> Generator[str]:
    """A namespace of the test's own, gone afterwards with all that is in it."""
    name = f"test-{secrets.token_hex(4)}"
    admin.run("create", "namespace", name)
    admin.wait("create", "serviceaccount/default", "-n", name)
    yield name
    admin.run("delete", "namespace", name, "--wait=false")


@pytest.fixture(scope="session")
def gone(kubectl: dict[str, Kubectl]) -> Generator[list[Manifest]]:
    """The sample application in its namespace and what is beside it, where the assistant has the rights that its tools
    declare.

    Gives the objects that are gone from the application, which a tool may bring back."""
    admin = kubectl["admin"]
    world, missing = furnished()
    admin.run("create", "namespace", NAMESPACE)
    admin.wait("create", "serviceaccount/default", "-n", NAMESPACE)
    admin.create(*of_no_namespace(), *written(world))
    rights = manifests(NAMESPACE, cluster_changes=True)
    admin.apply(*rights)
    if _has_nodes(admin):
        admin.run("taint", "node", Entity.parse(NODES[1]).name, TAINT)
    # a second revision, to have one to go back to
    admin.wait("jsonpath={.status.observedGeneration}=1", "deployment", "--all", "-n", NAMESPACE)
    admin.run("set", "env", "deployment/geo", "LATER=1", "-n", NAMESPACE)
    admin.wait("jsonpath={.status.observedGeneration}=2", "deployment/geo", "-n", NAMESPACE)
    yield missing
    admin.run("delete", "namespace", NAMESPACE, "--wait=false")
    admin.delete(*of_no_namespace(), *(each for each in rights if each["kind"] in RIGHTS))
    if _has_nodes(admin):
        admin.run("taint", "node", Entity.parse(NODES[1]).name, f"{TAINT}-")


def _has_nodes(admin: Kubectl) -> bool:
    return NODES[1] in {str(Entity.of(node)) for node in admin.json("get", "nodes")["items"]}


@pytest.fixture
async def admin_client(people: dict[str, Path]) -> AsyncGenerator[KubernetesClient]:
    kube = KubernetesClient.connect(load_access(people["admin"]), field_manager="kubectl-edit")
    yield kube
    await kube.close()


@pytest.fixture
async def assistant_client(people: dict[str, Path]) -> AsyncGenerator[KubernetesClient]:
    kube = KubernetesClient.connect(load_access(people["assistant"]))
    yield kube
    await kube.close()
