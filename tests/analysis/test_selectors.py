from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.selectors import matches, subset

LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [("In", ["x"], True), ("In", ["y"], False), ("NotIn", ["x"], False), ("NotIn", ["y"], True)],
)
def test_values(operator: str, values: list[str], expected: bool) -> None:
    expression = {"key": "a", "operator": operator, "values": values}
    assert matches({"matchExpressions": [expression]}, {"a": "x"}) is expected


def test_absent_keys() -> None:
    def one(operator: str, **more: object) -> dict[str, object]:
        return {"matchExpressions": [{"key": "a", "operator": operator, **more}]}

    assert matches(one("NotIn", values=["x"]), {})
    assert not matches(one("In", values=["x"]), {})
    assert matches(one("DoesNotExist"), {})
    assert not matches(one("Exists"), {})


def test_an_unknown_operator_is_named() -> None:
    with pytest.raises(ValueError, match="'Gt'"):
        matches({"matchExpressions": [{"key": "a", "operator": "Gt"}]}, {})


@given(LABELS)
def test_an_empty_selector_selects_all_and_none_selects_nothing(labels: dict[str, str]) -> None:
    assert matches({}, labels)
    assert not matches(None, labels)


@given(LABELS, LABELS)
def test_pairs_have_to_be_there(wanted: dict[str, str], labels: dict[str, str]) -> None:
    assert subset(wanted, labels) == (wanted.items() <= labels.items())
    assert matches({"matchLabels": wanted}, labels) == subset(wanted, labels)
