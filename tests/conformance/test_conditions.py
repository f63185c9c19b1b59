"""Paths and conditions of scripts."""

from __future__ import annotations

import pytest

from tests.conformance.conditions import met, value_at

BODY = {
    "metadata": {"labels": {"example.com/a": "1"}, "name": "x"},
    "items": [{"name": "a", "n": 1}, {"name": "b", "n": 2, "deep": [[5]]}],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "x"),
        ('metadata.labels["example.com/a"]', "1"),
        ("items[1].n", 2),
        ("items[name=b].n", 2),
        ("items[1].deep[0][0]", 5),
        ("items[7].n", None),
        ("items[name=c].n", None),
        ("metadata.name.more", None),
        ("metadata[0]", None),
        ("nothing.at.all", None),
    ],
)
def test_paths(path, value):
    assert value_at(BODY, path) == value


@pytest.mark.parametrize("path", ["a..b", "a[", "a]", "a."])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match="no path"):
        value_at({"a": {"": {"b": 1}}}, path)


@pytest.mark.parametrize(
    ("until", "status", "expected"),
    [
        ("gone", 404, True),
        ("gone", 200, False),
        ("exists", 200, True),
        ("exists", 404, False),
        ({"metadata.name": "x"}, 200, True),
        ({"metadata.name": "x"}, 404, False),
        ({"metadata.name": "x", "metadata.uid": None}, 200, True),
        ({"metadata.name": "y"}, 200, False),
        ({"count": 2}, 200, True),
        ({"count": 3}, 200, False),
        ({"any": {"n": 2, "name": "b"}}, 200, True),
        ({"any": {"n": 2, "name": "a"}}, 200, False),
        ({"every": {"n": 1}}, 200, False),
        ({"every": {"missing": None}, "count": 2}, 200, True),
    ],
)
def test_conditions(until, status, expected):
    assert met(until, status, BODY) is expected


def test_every_needs_one():
    assert not met({"every": {"a": 1}}, 200, {"items": []})
    assert not met({"every": {"a": 1}}, 200, {"items": None})
