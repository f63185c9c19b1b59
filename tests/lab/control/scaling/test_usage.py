"""How many replicas a use calls for, with pods that are missing, starting or on their way out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.scaling.samples import NoMetricsError, Sample
from aiops.lab.control.scaling.usage import Target, Tolerance, propose

NOW = 1_800_000_000.0
OLD = rfc3339(NOW - 3600)


def _pod(name: str, *, ready: bool = True, phase: str = "Running", started: str = OLD, **metadata: Any) -> Manifest:
    conditions = [{"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": started}]
    container = {"name": "app", "resources": {"requests": {"cpu": "1"}}}
    return {
        "metadata": {"name": name, **metadata},
        "spec": {"containers": [container]},
        "status": {"phase": phase, "startTime": started, "conditions": conditions},
    }


def _ask(pods: list[Manifest], use: dict[str, int], percent: int = 50, current: int | None = None) -> int:
    samples = {name: Sample(value, NOW - 10, 15.0) for name, value in use.items()}
    count = len(pods) if current is None else current
    return propose(pods, samples, Target("cpu", utilisation=percent), count, Tolerance(), NOW).replicas


PODS = [_pod("a"), _pod("b"), _pod("c")]


def test_use_against_its_target() -> None:
    assert _ask(PODS, {"a": 1000, "b": 1000, "c": 1000}) == 6
    assert _ask(PODS, {"a": 100, "b": 100, "c": 100}) == 1
    assert _ask(PODS, {"a": 540, "b": 530, "c": 520}) == 3, "within a tenth nothing is done"


def test_missing_samples_speak_against_a_change() -> None:
    assert _ask(PODS, {"a": 900, "b": 900}) == 4, "up: as if the third used nothing"
    assert _ask(PODS, {"a": 100, "b": 100}) == 3, "down: as if the third used all that it asked for"
    assert _ask(PODS, {"a": 0, "b": 0}) == 2


def test_starting_pods_count_for_nothing_on_the_way_up() -> None:
    young = _pod("c", ready=False, started=rfc3339(NOW - 60))
    assert _ask([*PODS[:2], young], {"a": 900, "b": 900, "c": 900}) == 4
    assert _ask([*PODS[:2], _pod("c", phase="Pending")], {"a": 900, "b": 900}) == 4


def test_pods_on_their_way_out_are_ignored() -> None:
    leaving = _pod("c", deletionTimestamp=OLD)
    assert _ask([*PODS[:2], leaving], {"a": 500, "b": 500, "c": 9000}, current=2) == 2


def test_average_values() -> None:
    samples = {name: Sample(300, NOW, 15.0) for name in "abc"}
    found = propose(PODS, samples, Target("cpu", average=100), 3, Tolerance(), NOW)
    assert (found.replicas, found.average) == (9, 300)


def test_what_can_not_be_worked_out() -> None:
    with pytest.raises(NoMetricsError, match="no pods returned by selector"):
        _ask([], {"a": 1})
    with pytest.raises(NoMetricsError, match="did not receive metrics"):
        _ask([_pod("a", phase="Pending")], {"a": 1})
    bare = _pod("a")
    bare["spec"]["containers"][0]["resources"] = {}
    with pytest.raises(NoMetricsError, match="missing request for cpu in container app of Pod a"):
        _ask([bare], {"a": 1})


@given(st.lists(st.one_of(st.none(), st.integers(0, 3000)), min_size=1, max_size=6), st.integers(10, 200))
def test_missing_samples_never_turn_the_direction(uses: list[int | None], percent: int) -> None:
    pods = [_pod(str(index)) for index in range(len(uses))]
    known = {str(index): use for index, use in enumerate(uses) if use is not None}
    if not known:
        return
    replicas = _ask(pods, known, percent)
    share = sum(known.values()) * 100 // (1000 * len(known))
    if share > percent:
        assert replicas >= len(pods)
    elif share < percent:
        assert replicas <= len(pods)
