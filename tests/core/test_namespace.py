"""What can be a namespace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import InvalidInputError
from aiops.core.namespace import LONGEST, check_namespace


@given(st.from_regex(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", fullmatch=True))
def test_a_label_is_one(name: str) -> None:
    assert check_namespace(name) == name
    assert check_namespace("") == ""


@pytest.mark.parametrize("name", ["A", "a b", "-a", "a-", "a/b", "a.b", "a\n", "\n", "é", "x" * (LONGEST + 1)])
def test_what_is_none_is_named(name: str) -> None:
    with pytest.raises(InvalidInputError, match="is no namespace"):
        check_namespace(name)
