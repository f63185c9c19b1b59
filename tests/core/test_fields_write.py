"""Writing a value at a path."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.fields import differences, read, write

SERVICE = {"spec": {"ports": [{"name": "http", "port": 80}, {"name": "grpc", "port": 90}], "selector": {"app": "geo"}}}


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("spec.ports[grpc].targetPort", 9),
        ("spec.ports[http].port", 81),
        ("spec.selector.app", "x"),
        ("spec.selector[example.com/tier]", "back"),
        ("spec.type", "ClusterIP"),
        ("status.fresh.deep", 1),
    ],
)
def test_what_is_written_is_read(path, new):
    before = copy.deepcopy(SERVICE)
    after = write(SERVICE, path, new)
    assert read(after, path) == new
    assert before == SERVICE
    assert len(list(differences(SERVICE, after))) == 1


def test_none_takes_away():
    assert write(SERVICE, "spec.selector", None)["spec"].keys() == {"ports"}
    assert write(SERVICE, "spec.ports[http]", None)["spec"]["ports"] == [{"name": "grpc", "port": 90}]
    assert write({"a": [1, 2]}, "a[0]", None) == {"a": [2]}


def test_an_item_that_is_not_there_is_named():
    with pytest.raises(KeyError, match="metrics"):
        write(SERVICE, "spec.ports[metrics].port", 1)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.integers())
def test_any_path_of_plain_steps(steps, new):
    assert read(write({}, ".".join(steps), new), ".".join(steps)) == new
