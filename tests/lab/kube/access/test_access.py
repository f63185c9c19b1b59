"""Tokens, impersonation, RBAC and access reviews."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.kube import ObjectStore
from aiops.lab.kube.access.rbac import Access, rule_allows

API = "rbac.authorization.k8s.io"
PODS = "/api/v1/namespaces/default/pods"
REVIEWS = "/apis/authorization.k8s.io/v1"


def _role(store: ObjectStore, name: str, *rules: dict[str, Any], kind: str = "Role") -> None:
    body = {"apiVersion": f"{API}/v1", "kind": kind, "metadata": {"name": name}, "rules": list(rules)}
    store.create(body, manager="m")


def _bind(store: ObjectStore, name: str, role: tuple[str, str], *subjects: tuple[str, str], kind: str) -> None:
    body = {
        "apiVersion": f"{API}/v1",
        "kind": kind,
        "metadata": {"name": name},
        "roleRef": {"kind": role[0], "name": role[1]},
        "subjects": [{"kind": kind_, "name": subject, "namespace": "default"} for kind_, subject in subjects],
    }
    store.create(body, manager="m")


READ_PODS = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}


async def test_tokens(api: Any) -> None:
    status, body = await api.as_user("wrong")("GET", PODS)
    assert (status, body["reason"]) == (401, "Unauthorized")
    anonymous = api.as_user("admin", authorization="")
    status, body = await anonymous("GET", PODS)
    assert status == 403
    assert body["message"] == (
        'pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" '
        'in the namespace "default"'
    )
    assert (await anonymous("GET", "/version"))[0] == 200
    assert (await anonymous("GET", "/apis"))[1][
        "message"
    ] == 'forbidden: User "system:anonymous" cannot get path "/apis"'
    assert (await api.as_user("", authorization="Basic YWRtaW46YWRtaW4=")("GET", PODS))[0] == 403


async def test_a_role_gives_rights_in_its_namespace(api: Any, store: ObjectStore) -> None:
    bob = api.as_user("bob")
    assert (await bob("GET", PODS))[0] == 403
    _role(store, "reader", READ_PODS)
    _bind(store, "readers", ("Role", "reader"), ("User", "bob"), kind="RoleBinding")
    assert (await bob("GET", PODS))[0] == 200
    assert (await bob("GET", f"{PODS}/x"))[0] == 404
    assert (await bob("GET", "/api/v1/pods"))[0] == 403
    assert (await bob("GET", "/api/v1/namespaces/kube-system/pods"))[0] == 403
    assert (await bob("GET", f"{PODS}/x/log"))[0] == 403
    assert (await bob("DELETE", f"{PODS}/x"))[0] == 403
    assert (await bob("GET", PODS, watch="1", timeoutSeconds="1"))[0] == 403


async def test_a_cluster_role_by_group(api: Any, store: ObjectStore) -> None:
    _bind(store, "devs", ("ClusterRole", "view"), ("Group", "developers"), kind="ClusterRoleBinding")
    assert (await api.as_user("alice")("GET", "/api/v1/pods"))[0] == 200
    assert (await api.as_user("alice")("GET", "/api/v1/secrets"))[0] == 403
    assert (await api.as_user("bob")("GET", "/api/v1/pods"))[0] == 403


async def test_impersonation_needs_a_right(api: Any, store: ObjectStore) -> None:
    as_bob = {"impersonate-user": "bob"}
    assert (await api.as_user("admin", **as_bob)("GET", PODS))[0] == 403
    status, body = await api.as_user("alice", **as_bob)("GET", PODS)
    assert (status, 'cannot impersonate-on:user-info:list resource "pods"' in body["message"]) == (403, True)
    account = {"impersonate-user": "system:serviceaccount:default:robot"}
    _role(store, "reader", READ_PODS)
    _bind(store, "robots", ("Role", "reader"), ("ServiceAccount", "robot"), kind="RoleBinding")
    assert (await api.as_user("admin", **account)("GET", PODS))[0] == 200
    assert (await api.as_user("admin", **{"impersonate-group": "x"})("GET", PODS))[0] == 400


async def test_access_reviews(api: Any, store: ObjectStore) -> None:
    attributes = {"verb": "list", "resource": "pods", "namespace": "default"}
    body = {"spec": {"resourceAttributes": attributes}}
    own = f"{REVIEWS}/selfsubjectaccessreviews"
    status, answer = await api.as_user("bob")("POST", own, {**body, "kind": "SelfSubjectAccessReview"})
    assert (status, answer["status"]) == (201, {"allowed": False})
    _, answer = await api("POST", own, {**body, "kind": "SelfSubjectAccessReview"})
    assert answer["status"]["allowed"] is True
    other = {"kind": "SubjectAccessReview", "spec": {**body["spec"], "user": "alice", "groups": ["system:masters"]}}
    _, answer = await api("POST", f"{REVIEWS}/subjectaccessreviews", other)
    assert answer["status"]["allowed"] is True
    assert (await api.as_user("bob")("POST", f"{REVIEWS}/subjectaccessreviews", other))[0] == 403
    path = {"kind": "SelfSubjectAccessReview", "spec": {"nonResourceAttributes": {"verb": "get", "path": "/version"}}}
    _, answer = await api.as_user("bob")("POST", own, path)
    assert answer["status"]["allowed"] is True
    assert (await api("POST", own, {"kind": "SelfSubjectAccessReview", "spec": {}}))[0] == 422


async def test_the_rules_of_a_user(api: Any, store: ObjectStore) -> None:
    _role(store, "reader", READ_PODS)
    _bind(store, "readers", ("Role", "reader"), ("User", "bob"), kind="RoleBinding")
    body = {"kind": "SelfSubjectRulesReview", "spec": {"namespace": "default"}}
    _, answer = await api.as_user("bob")("POST", f"{REVIEWS}/selfsubjectrulesreviews", body)
    assert READ_PODS in answer["status"]["resourceRules"]


@pytest.mark.parametrize(
    ("rule", "access", "expected"),
    [
        (READ_PODS, Access("get", resource="pods"), True),
        (READ_PODS, Access("get", group="apps", resource="pods"), False),
        (READ_PODS, Access("get", resource="pods", subresource="log"), False),
        ({**READ_PODS, "resources": ["pods/log"]}, Access("get", resource="pods", subresource="log"), True),
        ({**READ_PODS, "resources": ["*/log"]}, Access("get", resource="pods", subresource="log"), True),
        ({**READ_PODS, "resources": ["*/log"]}, Access("get", resource="pods"), False),
        ({**READ_PODS, "resources": ["*"]}, Access("get", resource="pods", subresource="log"), True),
        ({**READ_PODS, "resourceNames": ["a"]}, Access("get", resource="pods", name="a"), True),
        ({**READ_PODS, "resourceNames": ["a"]}, Access("get", resource="pods", name="b"), False),
        ({**READ_PODS, "resourceNames": ["a"]}, Access("list", resource="pods"), False),
        ({"nonResourceURLs": ["/logs/*"], "verbs": ["get"]}, Access("get", path="/logs/a"), True),
        ({"nonResourceURLs": ["/logs"], "verbs": ["get"]}, Access("get", path="/logs/a"), False),
    ],
)
def test_rules(rule: dict[str, Any], access: Access, expected: bool) -> None:
    assert rule_allows(rule, access) is expected


words = st.sampled_from(["a", "b", "*"])


@given(st.lists(words), st.lists(words), st.lists(words), st.sampled_from("ab"), st.sampled_from("ab"))
def test_more_words_never_take_rights_away(
    verbs: list[str], groups: list[str], resources: list[str], verb: str, resource: str
) -> None:
    rule = {"verbs": verbs, "apiGroups": groups, "resources": resources}
    wider = {name: [*values, "*"] for name, values in rule.items()}
    access = Access(verb, group="a", resource=resource)
    assert rule_allows(wider, access)
    expected = all(
        wanted in values or "*" in values for wanted, values in ((verb, verbs), ("a", groups), (resource, resources))
    )
    assert rule_allows(rule, access) is expected
