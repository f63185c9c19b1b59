"""Rights by roles and bindings, against the lab's own authoriser."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Entity
from aiops.faults.kit.rights import binds, may, rights_of, subjects_of
from aiops.lab.kube.access.rbac import Access, allowed
from aiops.lab.kube.access.user import service_account

API = "rbac.authorization.k8s.io"
WEB = Entity(kind="ServiceAccount", namespace="shop", name="web")

VERBS, GROUPS, RESOURCES, NAMES = ("get", "list", "watch"), ("", "apps"), ("configmaps", "pods"), ("", "a", "b")


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from((*values, "*")), max_size=2, unique=True)


RULES = st.fixed_dictionaries(
    {"verbs": some(VERBS), "apiGroups": some(GROUPS), "resources": some(RESOURCES)},
    optional={"resourceNames": st.lists(st.sampled_from(NAMES[1:]), max_size=2, unique=True)},
)
SUBJECTS = st.sampled_from(
    (
        {"kind": "ServiceAccount", "name": "web", "namespace": "shop"},
        {"kind": "ServiceAccount", "name": "web", "namespace": "default"},
        {"kind": "ServiceAccount", "name": "cart", "namespace": "shop"},
        {"kind": "User", "name": "system:serviceaccount:shop:web", "apiGroup": API},
        {"kind": "Group", "name": "system:serviceaccounts:shop", "apiGroup": API},
        {"kind": "Group", "name": "system:masters", "apiGroup": API},
    )
)


class Objects:
    """Roles and bindings in a dictionary: a `Target` for reading, and the authoriser's `Reader`."""

    def __init__(self, items: list[dict[str, Any]]) -> None:
        self._items = {(i["kind"], i["metadata"].get("namespace", ""), i["metadata"]["name"]): i for i in items}

    def objects(self, kind: str, namespace: str = "") -> list[dict[str, Any]]:
        return [item for key, item in self._items.items() if key[0] == kind and namespace in ("", key[1])]

    def find(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return self._items.get((kind, namespace, name))

    async def get(self, entity: Entity) -> dict[str, Any]:
        return self._items[entity.kind, entity.namespace, entity.name]

    async def list(self, kind: str, namespace: str) -> list[dict[str, Any]]:
        return self.objects(kind, namespace)


def objects(kind: str, rules: list[dict[str, Any]], subjects: list[dict[str, Any]]) -> Objects:
    """One role and one binding of it in the namespace."""
    where = {"namespace": "shop"}
    role = {"kind": kind, "metadata": {"name": "r", **(where if kind == "Role" else {})}, "rules": rules}
    reference = {"kind": kind, "name": "r", "apiGroup": API}
    binding = {"kind": "RoleBinding", "metadata": {"name": "b", **where}, "roleRef": reference, "subjects": subjects}
    return Objects([role, binding])


@given(
    kind=st.sampled_from(("Role", "ClusterRole")),
    rules=st.lists(RULES, max_size=3),
    subjects=st.lists(SUBJECTS, max_size=2),
    right=st.tuples(*(st.sampled_from(values) for values in (VERBS, GROUPS, RESOURCES, NAMES))),
)
async def test_the_answer_is_that_of_the_authoriser(
    kind: str, rules: list[dict[str, Any]], subjects: list[dict[str, Any]], right: tuple[str, str, str, str]
) -> None:
    cluster = objects(kind, rules, subjects)
    verb, group, resource, name = right
    access = Access(verb, group, resource, namespace="shop", name=name)
    expected = allowed(cluster, service_account("shop", "web"), access)
    assert await may(cluster, WEB, right) is expected  # type: ignore[arg-type]


@given(rules=st.lists(RULES, max_size=3))
async def test_every_right_that_rules_spell_out_is_given(rules: list[dict[str, Any]]) -> None:
    cluster = objects("Role", rules, [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}])
    for right in rights_of(rules):
        assert await may(cluster, WEB, right)  # type: ignore[arg-type]


@pytest.mark.parametrize(("namespace", "bound"), [("shop", True), ("", True), ("default", False)])
def test_a_subject_without_a_namespace_is_of_the_bindings(namespace: str, bound: bool) -> None:
    subject = {"kind": "ServiceAccount", "name": "web", **({"namespace": namespace} if namespace else {})}
    binding = {"kind": "RoleBinding", "metadata": {"name": "b", "namespace": "shop"}, "subjects": [subject]}
    assert binds(binding, WEB) is bound
    assert (WEB in subjects_of(binding)) is bound
