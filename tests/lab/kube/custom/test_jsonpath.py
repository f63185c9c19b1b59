"""Paths of definitions."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.lab.kube.custom.jsonpath import assign, find, first, parse_path

ITEM = {
    "spec": {"a.b": 1, "list": [{"n": "x", "v": 1}, {"n": "y", "v": 2}]},
    "status": {"conditions": [{"type": "Ready", "status": "True"}, {"type": "Old", "status": "False"}]},
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".spec.list[0].v", [1]),
        (".spec.list[-1].v", [2]),
        (".spec.list[*].n", ["x", "y"]),
        (r".spec.a\.b", [1]),
        (".spec['a.b']", [1]),
        ('.status.conditions[?(@.type=="Ready")].status', ["True"]),
        ("{.spec.list[?(@.v==2)].n}", ["y"]),
        (".spec.nothing.more", []),
        (".spec.list[7]", []),
    ],
)
def test_what_paths_find(path: str, found: list[Any]) -> None:
    assert find(ITEM, path) == found


@pytest.mark.parametrize("path", ["spec", ".a[", ".a[?(@.b)]", ".a..b"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_path(path)


@given(st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), min_size=1, max_size=4), st.integers())
def test_what_is_assigned_is_found(names: list[str], value: int) -> None:
    item: dict[str, Any] = {}
    path = "".join(f".{name}" for name in names)
    assign(item, path, value)
    assert first(item, path) == value


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidInputError):
        find(ITEM, text)
