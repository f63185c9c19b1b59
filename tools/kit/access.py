"""The least rights with which all tools work, as ClusterRoles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from aiops.core.action import AccessRule
from aiops.core.entity import Manifest
from aiops.core.wellknown import SYSTEM_NAMESPACE
from aiops.tools.kit.registry import TOOLS
from aiops.tools.kit.rights import CLUSTER_WIDE, GIVEN_BACK, RECORDER_NEEDS, REVIEW

ACCOUNT = {"kind": "ServiceAccount", "namespace": "aiops", "name": "aiops"}
RBAC = "rbac.authorization.k8s.io"
WRITES = ("create", "delete", "patch")
DNS_NAMES = ("coredns", "kube-dns")
"""What the cluster's DNS and its objects are called where nobody called them otherwise."""


def manifests(*namespaces: str, cluster_changes: bool = False) -> tuple[Manifest, ...]:
    """Account, roles and bindings of an assistant that reads everywhere and changes in `namespaces` alone, or with
    `cluster_changes` also those objects of no namespace for which there are tools, and the cluster's DNS."""
    reader, changer = reader_role(), changer_role()
    account = {"name": ACCOUNT["name"], "namespace": ACCOUNT["namespace"]}
    return (
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ACCOUNT["namespace"]}},
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account},
        reader,
        changer,
        _binding("ClusterRoleBinding", reader, {"name": "aiops-reader"}),
        *(_cluster_changes() if cluster_changes else ()),
        *(_binding("RoleBinding", changer, {"name": "aiops-changer", "namespace": place}) for place in namespaces),
    )


def reader_role(name: str = "aiops-reader") -> Manifest:
    """What the reading tools and the change recorder need: get, list and watch, and to ask for reviews; no Secrets."""
    needs = [rule for tool in TOOLS if tool.effect == "reads" for rule in tool.needs]
    return cluster_role(name, [*needs, *RECORDER_NEEDS])


def changer_role(name: str = "aiops-changer") -> Manifest:
    """What the changing tools need in addition, and what they may give back. Bind it in the namespaces that may be
    changed."""
    return cluster_role(name, [*(rule for rule in _change_needs() if not _is_wide_write(rule)), *GIVEN_BACK])


def cluster_changer_role(name: str = "aiops-cluster-changer") -> Manifest:
    """What the changing tools need to write objects of no namespace."""
    return cluster_role(name, [rule for rule in _change_needs() if _is_wide_write(rule)])


def dns_changer_role(name: str = "aiops-dns-changer") -> Manifest:
    """A Role to mend the cluster's DNS: its own objects alone. Whoever may change what runs in that namespace can run
    as any of its accounts."""
    objects = ("configmaps", "services"), ("daemonsets", "deployments", "deployments/scale")
    rules = [
        {"apiGroups": [group], "resources": list(names), "verbs": ["get", "patch"], "resourceNames": list(DNS_NAMES)}
        for group, names in zip(("", "apps"), objects, strict=True)
    ]
    metadata = {"name": name, "namespace": SYSTEM_NAMESPACE}
    return {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": metadata, "rules": rules}


def _cluster_changes() -> tuple[Manifest, ...]:
    wide, dns = cluster_changer_role(), dns_changer_role()
    return (
        wide,
        _binding("ClusterRoleBinding", wide, {"name": wide["metadata"]["name"]}),
        dns,
        _binding("RoleBinding", dns, dns["metadata"]),
    )


def _change_needs() -> list[AccessRule]:
    return [rule for tool in TOOLS if tool.effect == "changes" for rule in tool.needs]


def _is_wide_write(rule: AccessRule) -> bool:
    return rule.verb in WRITES and (rule.group, rule.resource) in CLUSTER_WIDE and rule != REVIEW


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
        "roleRef": {"apiGroup": RBAC, "kind": role["kind"], "name": role["metadata"]["name"]},
        "subjects": [ACCOUNT],
    }
