"""Who may do what: the documented cases, and what must hold for any set of roles and bindings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.policy.rbac import (
    RbacSubject,
    Request,
    account_of,
    account_user,
    allowed,
    covers,
    is_meant,
    subjects_of,
    who_can,
)
from aiops.core.entity import Entity

CART = account_user("shop", "cart")


def role(name: str, *rules: dict[str, Any], namespace: str = "shop") -> dict[str, Any]:
    kind = "Role" if namespace else "ClusterRole"
    return {"kind": kind, "metadata": {"namespace": namespace, "name": name}, "rules": list(rules)}


def rule(verbs: str, resources: str, groups: str = "", names: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {
        "verbs": verbs.split(","),
        "resources": resources.split(","),
        "apiGroups": groups.split(","),
    }
    return made | ({"resourceNames": names.split(",")} if names else {})


def account(name: str, namespace: str | None = "shop") -> dict[str, Any]:
    return {"kind": "ServiceAccount", "name": name} | ({"namespace": namespace} if namespace else {})


def bind(
    name: str, role_name: str, *subjects: dict[str, Any], namespace: str = "shop", kind: str = "Role"
) -> dict[str, Any]:
    return {
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": {"namespace": namespace, "name": name},
        "roleRef": {"kind": kind, "name": role_name},
        "subjects": list(subjects),
    }


READER = role("reader", rule("get,list", "configmaps"))
BOUND = [READER, bind("b", "reader", account("cart"))]


def test_a_binding_grants_what_its_role_says_and_no_more() -> None:
    assert allowed(BOUND, CART, "get", "configmaps", "", "shop")
    assert allowed(BOUND, CART, "get", "configmaps", "", "shop", "settings")
    assert not allowed(BOUND, CART, "watch", "configmaps", "", "shop")
    assert not allowed(BOUND, CART, "get", "secrets", "", "shop")
    assert not allowed(BOUND, CART, "get", "configmaps", "apps", "shop")
    assert not allowed(BOUND, CART, "get", "configmaps", "", "other")
    assert not allowed(BOUND, CART, "get", "configmaps", "", "")
    assert not allowed(BOUND, account_user("other", "cart"), "get", "configmaps", "", "shop")


def test_who_can_names_the_binding_and_the_role() -> None:
    objects = [*BOUND, role("all", rule("*", "*", "*"), namespace="")]
    objects.append(bind("root", "all", {"kind": "Group", "name": "admins"}, namespace="", kind="ClusterRole"))
    found = who_can(objects, "list", "configmaps", "", "shop")
    assert [(str(g.subject), str(g.binding), str(g.role)) for g in found] == [
        ("Group admins", "ClusterRoleBinding//root", "ClusterRole//all"),
        ("ServiceAccount shop/cart", "RoleBinding/shop/b", "Role/shop/reader"),
    ]
    assert [str(g.subject) for g in who_can(objects, "list", "configmaps", "", "")] == ["Group admins"]


@pytest.mark.parametrize(
    ("one", "wanted", "expected"),
    [
        (rule("get", "pods/log"), Request("get", "pods/log"), True),
        (rule("get", "pods"), Request("get", "pods/log"), False),
        (rule("get", "*"), Request("get", "pods/log"), True),
        (rule("update", "*/scale", "apps"), Request("update", "deployments/scale", "apps"), True),
        (rule("update", "*/scale", "apps"), Request("update", "deployments", "apps"), False),
        (rule("get", "configmaps", "", "a,b"), Request("get", "configmaps", name="b"), True),
        (rule("get", "configmaps", "", "a,b"), Request("get", "configmaps", name="c"), False),
        (rule("list", "configmaps", "", "a"), Request("list", "configmaps"), False),
        (rule("get", "pods", "*"), Request("get", "pods", "metrics.k8s.io"), True),
        ({"verbs": ["get"], "nonResourceURLs": ["/healthz"]}, Request("get", "pods"), False),
        ({}, Request("get", "pods"), False),
    ],
)
def test_one_rule(one: dict[str, Any], wanted: Request, expected: bool) -> None:
    assert covers(one, wanted) is expected


def test_a_cluster_role_bound_in_a_namespace_grants_there_only() -> None:
    viewer = role("view", rule("get", "pods"), namespace="")
    objects = [viewer, bind("v", "view", account("cart"), kind="ClusterRole")]
    assert allowed(objects, CART, "get", "pods", "", "shop")
    assert not allowed(objects, CART, "get", "pods", "", "other")
    assert not allowed(objects, CART, "get", "pods", "", "")


def test_what_refers_to_nothing_grants_nothing() -> None:
    assert who_can([bind("b", "gone", account("cart"))], "get", "configmaps", "", "shop") == []
    foreign = bind("b", "reader", account("cart"), namespace="other")
    assert who_can([READER, foreign], "get", "configmaps", "", "other") == []
    wide = bind("b", "reader", account("cart"), namespace="", kind="Role")
    assert who_can([READER, wide], "get", "configmaps", "", "shop") == []


def test_groups_and_users() -> None:
    everyone = RbacSubject("Group", "system:serviceaccounts:shop")
    assert is_meant(everyone, CART)
    assert not is_meant(everyone, account_user("other", "cart"))
    assert is_meant(RbacSubject("Group", "system:authenticated"), "ann")
    assert is_meant(RbacSubject("Group", "ops"), "ann", ("ops",))
    assert is_meant(RbacSubject("User", CART), CART)
    assert not is_meant(RbacSubject("User", "ann"), "bob")
    assert subjects_of(bind("b", "r", account("cart", None))) == [RbacSubject("ServiceAccount", "cart", "shop")]


@pytest.mark.parametrize("user", ["ann", "system:serviceaccount:shop", "system:serviceaccount::x", ""])
def test_other_users_are_no_service_accounts(user: str) -> None:
    assert account_of(user) is None


def test_a_service_account_is_read_from_its_user_name() -> None:
    assert account_of(CART) == Entity(kind="ServiceAccount", namespace="shop", name="cart")


words = st.sampled_from(["a", "b", "*"])
some = st.lists(words, max_size=2)
plain_rules = st.fixed_dictionaries({"verbs": some, "resources": some, "apiGroups": some})
names = st.sampled_from(["a", "b"])
requests = st.builds(Request, verb=names, resource=names, group=names, namespace=st.sampled_from(["shop", "", "x"]))


@given(st.lists(plain_rules, max_size=4), plain_rules, requests)
def test_rights_only_add_up(rules: list[dict[str, Any]], more: dict[str, Any], wanted: Request) -> None:
    def ask(given_rules: list[dict[str, Any]]) -> bool:
        objects = [role("r", *given_rules), bind("b", "r", account("cart"))]
        return allowed(objects, CART, wanted.verb, wanted.resource, wanted.group, wanted.namespace)

    assert ask([*rules, more]) >= ask(rules)
    if ask(rules):
        assert wanted.namespace == "shop"
        assert any(covers(one, wanted) for one in rules)


@given(st.lists(plain_rules, max_size=4), requests)
def test_who_can_and_allowed_agree_whatever_the_order(rules: list[dict[str, Any]], wanted: Request) -> None:
    objects = [role("r", *rules), bind("b", "r", account("cart"), {"kind": "Group", "name": "g"})]
    call = (wanted.verb, wanted.resource, wanted.group, wanted.namespace)
    found = who_can(objects, *call)
    assert found == who_can(list(reversed(objects)), *call)
    assert allowed(objects, CART, *call) is bool(found)
