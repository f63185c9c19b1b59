"""The least rights with which all tools work, as ClusterRoles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from aiops.core.action import AccessRule
from aiops.core.entity import Manifest
from aiops.tools.kit.registry import TOOLS
from aiops.tools.kit.rights import GIVEN_BACK, RECORDER_NEEDS

ACCOUNT = {"kind": "ServiceAccount", "namespace": "aiops", "name": "aiops"}
RBAC = "rbac.authorization.k8s.io"


def manifests(*namespaces: str) -> tuple[Manifest, ...]:
    """Account, roles and bindings of an assistant that reads everywhere and changes in `namespaces` alone."""
    reader, changer = reader_role(), changer_role()
    account = {"name": ACCOUNT["name"], "namespace": ACCOUNT["namespace"]}
    return (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ACCOUNT["namespace"]}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
        reader,
        changer,
        _binding("ClusterRoleBinding", reader, {"name": "aiops-reader"}),
        *(_binding("RoleBinding", changer, {"name": "aiops-changer", "namespace": place}) for place in namespaces),
    )


def reader_role(name: str = "aiops-reader") -> Manifest:
    """What the reading tools and the change recorder need: get, list and watch, and to ask for reviews; no Secrets."""
    needs = [rule for tool in TOOLS if tool.effect == "reads" for rule in tool.needs]
    return cluster_role(name, [*needs, *RECORDER_NEEDS])


def changer_role(name: str = "aiops-changer") -> Manifest:
    """What the changing tools need in addition, and what they may give back. Bind it in the namespaces that may be
    changed."""
    needs = [rule for tool in TOOLS if tool.effect == "changes" for rule in tool.needs]
    return cluster_role(name, [*needs, *GIVEN_BACK])


def cluster_role(name: str, needs: Iterable[AccessRule]) -> Manifest:
    """A ClusterRole with exactly these rights, one rule for each API group and set of verbs."""
    verbs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for need in needs:
        resource = f"{need.resource}/{need.subresource}" if need.subresource else need.resource
        verbs[need.group, resource].add(need.verb)
    resources: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource), allowed in sorted(verbs.items(), key=lambda item: item[0]):
        resources[group, tuple(sorted(allowed))].append(resource)
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": {"name": name},
        "rules": [
            {"apiGroups": [group], "resources": names, "verbs": list(allowed)}
            for (group, allowed), names in sorted(resources.items(), key=lambda item: item[0])
        ],
    }


def _binding(kind: str, role: Manifest, metadata: dict[str, Any]) -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role["metadata"]["name"]},
        "subjects": [ACCOUNT],
    }
