"""Denials are read from the words of Kubernetes' API server, however a logger quotes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.logs.forbidden import denial_of
from aiops.analysis.policy.rbac import Request

TAIL = 'User "system:serviceaccount:shop:cart" cannot get resource "configmaps" in API group "" in the namespace "shop"'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f'configmaps "settings" is forbidden: {TAIL}', Request("get", "configmaps", "", "shop", "settings")),
        (f"E1 reflector.go: configmaps is forbidden: {TAIL}", Request("get", "configmaps", "", "shop")),
        (
            ('{"error":"configmaps "settings" is forbidden: ' + TAIL + '"}').replace('"', '\\"'),
            Request("get", "configmaps", "", "shop", "settings"),
        ),
        (
            'deployments.apps is forbidden: User "system:serviceaccount:shop:cart" cannot list resource '
            '"deployments" in API group "apps" at the cluster scope',
            Request("list", "deployments", "apps"),
        ),
        (
            'pods "a" is forbidden: User "system:serviceaccount:shop:cart" cannot get resource "pods/log" '
            'in API group "" in the namespace "shop"',
            Request("get", "pods/log", "", "shop", "a"),
        ),
    ],
)
def test_a_denial_is_read(line: str, expected: Request) -> None:
    found = denial_of(line)
    assert found is not None
    assert (str(found.account), found.request) == ("ServiceAccount/shop/cart", expected)


@pytest.mark.parametrize("line", ["403 forbidden", "", TAIL, TAIL.replace("system:serviceaccount:shop:cart", "ann")])
def test_other_lines_are_none(line: str) -> None:
    assert denial_of(line) is None


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    assert denial_of(text) is None
    denial_of(f'x is forbidden: User "{text}" cannot get resource "pods" in API group ""')
