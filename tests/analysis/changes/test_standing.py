from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.changes.standing import standing
from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity

CART = Entity(kind="Service", namespace="shop", name="cart")


def _change(at: float, verb: Any = "updated", entity: Entity = CART, **values: tuple[Any, Any]) -> Change:
    fields = tuple(FieldChange(path=path, old=old, new=new) for path, (old, new) in values.items())
    return Change(at=at, entity=entity, verb=verb, fields=fields)


def test_a_setting_that_was_changed_back_does_not_stand() -> None:
    assert standing([_change(20, port=(9999, 80)), _change(10, port=(80, 9999))]) == []


def test_what_was_changed_besides_it_stands() -> None:
    [left] = standing([_change(20, port=(9999, 80)), _change(10, port=(80, 9999), type=("ClusterIP", "NodePort"))])
    assert [field.path for field in left.fields] == ["type"]


def test_another_value_or_another_object_is_no_repair() -> None:
    other = CART.model_copy(update={"name": "web"})
    changes = [_change(20, port=(9999, 9998)), _change(15, port=(9999, 80), entity=other), _change(10, port=(80, 9999))]
    assert standing(changes) == changes


def test_an_object_that_came_and_went_leaves_nothing() -> None:
    assert standing([_change(20, "deleted"), _change(10, "created")]) == []
    gone = [_change(20, "deleted", port=(80, None))]
    assert standing(gone) == gone


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_a_change_stands_where_the_value_is_another_than_at_first(values: list[int]) -> None:
    steps = [(old, new) for old, new in zip([0, *values], values, strict=False) if old != new]
    changes = [_change(float(at), port=step) for at, step in enumerate(steps)]
    expected = changes if steps and (steps[-1][1] != 0 or len(steps) == 1) else []
    assert standing(changes[::-1]) == expected[::-1]
