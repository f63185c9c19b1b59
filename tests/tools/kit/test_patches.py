"""Merge patches and the three-way merge of an undo."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.errors import ConflictError
from aiops.tools.kit.patches import diff_patch, three_way_undo

LEAVES = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b"]), st.lists(st.integers(0, 2), max_size=2))
ITEMS = st.lists(st.fixed_dictionaries({"name": st.sampled_from("pqr"), "v": st.integers(0, 2)}), max_size=3)
UNIQUE = ITEMS.map(lambda items: list({item["name"]: item for item in items}.values()))
OBJECTS = st.recursive(
    st.dictionaries(st.sampled_from("klm"), LEAVES | UNIQUE, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("klm"), inner | LEAVES, max_size=3),
    max_leaves=6,
)


def applied(patch, target):
    """RFC 7386, section 2, word for word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = applied(value, result.get(name))
    return result


@given(OBJECTS, OBJECTS)
def test_a_merge_patch_makes_the_new_of_the_old(old, new):
    assert applied(diff_patch(old, new), old) == new


@given(OBJECTS)
def test_nothing_to_do_is_an_empty_patch(value):
    assert diff_patch(value, copy.deepcopy(value)) == {}


@given(OBJECTS, OBJECTS)
def test_taking_back_at_once_gives_the_object_before(before, after):
    assert three_way_undo(before, after, after) == before


@given(OBJECTS, OBJECTS)
def test_taking_back_twice_is_taking_back_once(before, after):
    assert three_way_undo(before, after, three_way_undo(before, after, after)) == before


@given(OBJECTS, OBJECTS, st.dictionaries(st.sampled_from("xyz"), LEAVES, max_size=3))
def test_changes_of_other_fields_are_kept(before, after, others):
    assert three_way_undo(before, after, {**after, **others}) == {**before, **others}


def test_items_of_named_lists_are_told_apart():
    before = {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "1"}]}
    after = {"env": [{"name": "A", "value": "2"}, {"name": "C", "value": "1"}]}
    live = {"env": [{"name": "A", "value": "2"}, {"name": "C", "value": "1"}, {"name": "D", "value": "9"}]}
    names = {item["name"]: item["value"] for item in three_way_undo(before, after, live)["env"]}
    assert names == {"A": "1", "B": "1", "D": "9"}


@pytest.mark.parametrize(
    ("before", "after", "live", "path"),
    [
        ({"a": {"b": 1}}, {"a": {"b": 2}}, {"a": {"b": 3}}, "a.b"),
        ({"a": 1}, {"a": 2}, {}, "a"),
        ({}, {"a": 2}, {"a": 3}, "a"),
        ({"a": [1]}, {"a": [2]}, {"a": [2, 3]}, "a"),
        (
            {"a": [{"name": "x", "v": 1}]},
            {"a": [{"name": "x", "v": 2}]},
            {"a": [{"name": "x", "v": 3}]},
            r"a\[x\]\.v",
        ),
    ],
)
def test_a_field_that_was_changed_again_is_named(before, after, live, path):
    with pytest.raises(ConflictError, match=f"^{path} was changed again"):
        three_way_undo(before, after, live)
