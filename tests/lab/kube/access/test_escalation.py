"""Nobody gives what they don't have."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube.access.escalation import check_escalation
from aiops.lab.kube.access.rbac import GROUP, Access, Rule, rule_allows
from aiops.lab.kube.access.user import User
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import RESOURCES

ROLE = next(resource for resource in RESOURCES if resource.kind == "Role")
EVE = User("eve", ("system:authenticated",))

VERBS, GROUPS = ["get", "list", "*"], ["", "apps", "*"]
PLURALS, NAMES = ["pods", "pods/log", "*/log", "*"], ["one", "two"]


def _some(values: list[str]) -> Any:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


RULES = st.lists(
    st.fixed_dictionaries(
        {"verbs": _some(VERBS), "apiGroups": _some(GROUPS), "resources": _some(PLURALS)},
        optional={"resourceNames": _some(NAMES)},
    ),
    max_size=2,
)


class _Objects:
    """A cluster in which eve has some rules in the namespace `shop`."""

    def __init__(self, rules: list[Rule]) -> None:
        self._role: Manifest = {"kind": "Role", "metadata": {"name": "held"}, "rules": rules}
        self._binding: Manifest = {
            "metadata": {"name": "held"},
            "roleRef": {"apiGroup": GROUP, "kind": "Role", "name": "held"},
            "subjects": [{"kind": "User", "name": "eve"}],
        }

    def objects(self, kind: str, namespace: str = "") -> list[Manifest]:
        return [self._binding] if (kind, namespace) == ("RoleBinding", "shop") else []

    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        return self._role if (kind, namespace, name) == ("Role", "shop", "held") else None


def _accesses() -> Iterator[Access]:
    for verb, group, resource, part, name in product(
        ("get", "list", "delete"), ("", "apps", "batch"), ("pods", "nodes"), ("", "log", "exec"), ("", "one", "three")
    ):
        yield Access(verb, group, resource, part, "shop", name)


@given(held=RULES, wanted=RULES)
def test_a_role_that_is_let_in_gives_its_writer_nothing_new(held: list[Rule], wanted: list[Rule]) -> None:
    new = {"metadata": {"name": "new", "namespace": "shop"}, "rules": wanted}
    try:
        check_escalation(_Objects(held), EVE, ROLE, new, None)
    except ApiError:
        assume(False)
    for access in _accesses():
        if any(rule_allows(rule, access) for rule in wanted):
            assert any(rule_allows(rule, access) for rule in held) or _escalates(held)


@given(held=RULES)
def test_what_one_has_one_may_give(held: list[Rule]) -> None:
    new = {"metadata": {"name": "new", "namespace": "shop"}, "rules": held}
    check_escalation(_Objects(held), EVE, ROLE, new, None)


def _escalates(held: list[Rule]) -> bool:
    access = Access("escalate", GROUP, "roles", namespace="shop")
    return any(rule_allows(rule, access) for rule in held)
