"""Limits, policies and stabilisation, against the documented examples."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.lab.control.scaling.behavior import Limits, Memory, normalise

UP = {
    "selectPolicy": "Max",
    "stabilizationWindowSeconds": 0,
    "policies": [
        {"type": "Pods", "value": 4, "periodSeconds": 15},
        {"type": "Percent", "value": 100, "periodSeconds": 15},
    ],
}
DOWN = {"selectPolicy": "Max", "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}]}


@pytest.mark.parametrize(
    ("current", "desired", "count", "reason"),
    [
        (2, 3, 3, "DesiredWithinRange"),
        (2, 9, 4, "ScaleUpLimit"),
        (3, 9, 6, "ScaleUpLimit"),
        (8, 99, 10, "TooManyReplicas"),
        (3, 1, 2, "TooFewReplicas"),
    ],
)
def test_without_behavior(current: int, desired: int, count: int, reason: str) -> None:
    result, able, limited = normalise(Memory(), Limits(2, 10, current), desired, None, 1000.0)
    assert (result, limited[1]) == (count, reason)
    assert limited[0] == ("False" if reason == "DesiredWithinRange" else "True")
    assert able[1] == "ReadyForNewScale"


def test_a_lower_recommendation_waits_for_five_minutes() -> None:
    memory, limits = Memory(), Limits(1, 10, 6)
    assert normalise(memory, limits, 6, None, 0.0)[0] == 6
    count, able, _ = normalise(memory, limits, 2, None, 200.0)
    assert (count, able[1]) == (6, "ScaleDownStabilized")
    assert normalise(memory, limits, 2, None, 301.0)[0] == 2


def test_policies_look_back_over_their_period() -> None:
    memory, behavior = Memory(), {"scaleUp": UP, "scaleDown": DOWN}
    assert normalise(memory, Limits(1, 100, 4), 50, behavior, 0.0)[0] == 8
    memory.scaled(4, 8, behavior, 0.0)
    count, _, limited = normalise(memory, Limits(1, 100, 8), 50, behavior, 5.0)
    assert (count, limited[1]) == (8, "ScaleUpLimit")
    assert normalise(memory, Limits(1, 100, 8), 50, behavior, 20.0)[0] == 16


def test_disabled_and_smallest_policies() -> None:
    down: dict[str, Any] = {"stabilizationWindowSeconds": 0, "selectPolicy": "Disabled", "policies": DOWN["policies"]}
    behavior = {"scaleUp": UP, "scaleDown": down}
    assert normalise(Memory(), Limits(1, 100, 8), 2, behavior, 0.0)[0] == 8
    two = [{"type": "Pods", "value": 1, "periodSeconds": 60}, {"type": "Percent", "value": 50, "periodSeconds": 60}]
    for policy, expected in (("Min", 7), ("Max", 4)):
        behavior["scaleDown"] = {"stabilizationWindowSeconds": 0, "selectPolicy": policy, "policies": two}
        count, _, limited = normalise(Memory(), Limits(1, 100, 8), 2, behavior, 0.0)
        assert (count, limited[1]) == (expected, "ScaleDownLimit")


def test_a_window_for_scaling_up() -> None:
    behavior = {"scaleUp": {**UP, "stabilizationWindowSeconds": 60}, "scaleDown": DOWN}
    memory, limits = Memory(), Limits(1, 100, 4)
    normalise(memory, limits, 4, behavior, 0.0)
    count, able, _ = normalise(memory, limits, 8, behavior, 30.0)
    assert (count, able[1]) == (4, "ScaleUpStabilized")
    assert normalise(memory, limits, 8, behavior, 61.0)[0] == 8


@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 50)), min_size=1, max_size=20),
    st.integers(1, 5),
    st.integers(5, 30),
    st.booleans(),
)
def test_never_beyond_the_limits(steps: list[tuple[int, int]], least: int, most: int, policies: bool) -> None:
    memory, now, current = Memory(), 0.0, least
    behavior = {"scaleUp": UP, "scaleDown": DOWN} if policies else None
    for seconds, desired in steps:
        now += seconds
        count, _, _ = normalise(memory, Limits(least, most, current), desired, behavior, now)
        assert least <= count <= most
        if count != current:
            memory.scaled(current, count, behavior or {}, now)
        current = count
