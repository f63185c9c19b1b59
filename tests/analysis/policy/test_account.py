"""Which rights wait for a service account, by whatever name a binding means it."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.analysis.policy.account import account_rules, identities, refused_account
from aiops.core.entity import Entity

ROBOT = Entity(kind="ServiceAccount", namespace="ci", name="robot")
READ = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
EVERYTHING = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
DISCOVERY = {"nonResourceURLs": ["/api", "/apis/*"], "verbs": ["get"]}
ITSELF = {"kind": "ServiceAccount", "namespace": "ci", "name": "robot"}
NAMES: list[dict[str, Any]] = [
    ITSELF,
    {"kind": "User", "name": "system:serviceaccount:ci:robot"},
    {"kind": "Group", "name": "system:serviceaccounts"},
    {"kind": "Group", "name": "system:serviceaccounts:ci"},
    {"kind": "Group", "name": "system:authenticated"},
]
OTHERS: list[dict[str, Any]] = [
    {**ITSELF, "name": "other"},
    {**ITSELF, "namespace": "prod"},
    {"kind": "User", "name": "robot"},
    {"kind": "Group", "name": "system:serviceaccounts:prod"},
    {"kind": "Group", "name": "ops"},
]


def granted(namespace: str, subject: dict[str, Any], *rules: dict[str, Any]) -> list[dict[str, Any]]:
    """A ClusterRole, bound in one namespace or (an empty one) everywhere."""
    kind = "RoleBinding" if namespace else "ClusterRoleBinding"
    ref = {"kind": "ClusterRole", "name": "r"}
    binding = {"kind": kind, "metadata": {"namespace": namespace, "name": "b"}, "roleRef": ref, "subjects": [subject]}
    return [{"kind": "ClusterRole", "metadata": {"name": "r"}, "rules": list(rules)}, binding]


@pytest.mark.parametrize("subject", NAMES, ids=lambda one: one["name"])
@pytest.mark.parametrize("namespace", ["ci", "prod", ""])
def test_a_wide_role_is_seen_wherever_it_is_bound_and_however_the_account_is_named(
    subject: dict[str, Any], namespace: str
) -> None:
    assert refused_account(granted(namespace, subject, EVERYTHING), ROBOT)
    assert bool(refused_account(granted(namespace, subject, READ), ROBOT)) == (namespace != "ci")
    assert account_rules(granted(namespace, subject, READ), ROBOT) == ([READ] if namespace == "ci" else [])


@pytest.mark.parametrize("subject", OTHERS, ids=lambda one: str(one))
@pytest.mark.parametrize("namespace", ["ci", "prod", ""])
def test_the_rights_of_others_do_not_count(subject: dict[str, Any], namespace: str) -> None:
    assert refused_account(granted(namespace, subject, EVERYTHING), ROBOT) == ""


def test_what_everybody_may_do_hinders_nothing_and_is_not_told() -> None:
    objects = granted("", NAMES[-1], DISCOVERY)
    assert refused_account(objects, ROBOT) == ""
    assert account_rules(objects, ROBOT) == []


@pytest.mark.parametrize(
    "key",
    [
        "eks.amazonaws.com/role-arn",
        "iam.gke.io/gcp-service-account",
        "azure.workload.identity/client-id",
        "vault.hashicorp.com/role",
        "pod-identity.alibabacloud.com/role-name",
        "example.com/principal",
    ],
)
@pytest.mark.parametrize("place", ["annotations", "labels"])
def test_an_identity_of_a_cloud_is_seen(key: str, place: str) -> None:
    plain = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "app.kubernetes.io/name": "robot"}
    assert identities({"metadata": {place: {key: "x", **plain}}}) == {key: "x"}


def test_an_account_without_annotations_has_no_identity() -> None:
    assert identities({"metadata": {"name": "robot", "annotations": None}}) == {}
