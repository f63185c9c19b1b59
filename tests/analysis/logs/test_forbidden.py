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


FORGED = f"configmaps is forbidden: {TAIL}"
ESCAPED = FORGED.replace('"', '\\"')


@pytest.mark.parametrize(
    "line",
    [
        f'10.0.0.9 - - "GET / HTTP/1.1" 200 12 "-" "{ESCAPED}"',
        f'10.0.0.9 - - "GET /{ESCAPED} HTTP/1.1" 200 12',
        f'{{"level":"info","user_agent":"{ESCAPED}"}}',
        '{"user_agent":"a\\",\\"msg\\":\\"' + FORGED.replace('"', '\\\\\\"') + '"}',
        f'level=info msg=request path="/{ESCAPED}"',
        f'level=info body="{ESCAPED}"',
    ],
)
def test_what_a_line_only_quotes_is_no_denial(line: str) -> None:
    assert denial_of(line) is None


@pytest.mark.parametrize(
    "line",
    [
        f'{{"level":"error","msg":"cannot read: {ESCAPED}"}}',
        f'time=1 level=error msg="no settings" err="{ESCAPED}"',
        f'{{"user_agent":"curl","error": "{ESCAPED}"}}',
        f'E1121 08:00:00.1 1 reflector.go:1] "Unhandled Error" err="{ESCAPED}"',
    ],
)
def test_a_field_that_holds_messages_may_quote_it(line: str) -> None:
    assert denial_of(line) is not None


@pytest.mark.parametrize("part", ["a", "a.", 'a "', "forbidden: ", 'x forbidden: User "', "\\", '"', '\\"'])
def test_a_long_line_is_not_looked_at_again_and_again(part: str) -> None:
    line = part * (2_000_000 // len(part))  # to look again from each place takes hours
    assert denial_of(line) is None
    assert denial_of(f"{line} {FORGED}") is None, "nobody looks that far"


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    assert denial_of(text) is None
    denial_of(f'x is forbidden: User "{text}" cannot get resource "pods" in API group ""')
