"""The people of a test cluster: what each may do, and a kubeconfig for each.

Made through the admin's kubeconfig with kubectl alone, so it is the same on the control plane here and on any other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.cluster.credentials import write_kubeconfig
from tests.cluster.kubectl import Kubectl

RBAC = "rbac.authorization.k8s.io"
ROLES = {"engineer": "edit", "viewer": "view"}
"""The ClusterRole of each person in every namespace."""

ASSISTANT = {"name": "aiops", "namespace": "aiops"}
"""The assistant's service account. It has no rights until a test grants it some."""

HOURS = 24
"""How long the assistant's token is good for."""


def write_people(admin: Path, folder: Path) -> dict[str, Path]:
    """Bind the roles, and write a kubeconfig for the engineer, the viewer and the assistant; returns all four by name.

    The engineer and the viewer act by impersonation. Raises `KubectlError` where the admin may not do all this."""
    kubectl = Kubectl(admin)
    kubectl.apply(*manifests())
    config = kubectl.json("config", "view", "--raw", "--minify", "--flatten")
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    written = {name: write_kubeconfig(folder, name, cluster, {**user, "as": name}) for name in ROLES}
    token = kubectl.run("create", "token", ASSISTANT["name"], "-n", ASSISTANT["namespace"], f"--duration={HOURS}h")
    assistant = write_kubeconfig(folder, "assistant", cluster, {"token": token.strip()})
    return {"admin": admin, "assistant": assistant, **written}


def manifests() -> list[dict[str, Any]]:
    """The assistant's account and the bindings of the others."""
    bindings = [
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": f"test-{person}"},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
            "subjects": [{"apiGroup": RBAC, "kind": "User", "name": person}],
        }
        for person, role in ROLES.items()
    ]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ASSISTANT["namespace"]}}
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": ASSISTANT}
    return [namespace, account, *bindings]
