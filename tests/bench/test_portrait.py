"""Portraits of kinds: what they tell apart, without playing one."""

from __future__ import annotations

import numpy as np
import pytest

from aiops.bench.portrait.failures import _cadence
from aiops.bench.portrait.likeness import Portrait, as_markdown, likenesses
from aiops.bench.portrait.lines import _told
from aiops.bench.portrait.signals import by_workload
from aiops.bench.portrait.states import version_of
from aiops.core.entity import Manifest
from aiops.core.telemetry import Series


def portrait(case: str, symptoms: str, fix: str = "x") -> Portrait:
    return Portrait(case=case, symptoms=frozenset(symptoms.split()), fix=frozenset(fix.split()))


def test_two_are_as_alike_as_what_they_share_least() -> None:
    one, other, third = portrait("a", "s t", "x"), portrait("b", "s t u v", "x"), portrait("c", "s t", "y")
    nearest, *others = likenesses([third, other, one])
    assert (nearest.one, nearest.other, nearest.symptoms, nearest.fix, nearest.least) == ("a", "b", 0.5, 1.0, 0.5)
    assert [pair.least for pair in others] == [0.0, 0.0]


def test_a_row_says_what_is_seen_of_one_alone() -> None:
    *_, row = as_markdown([portrait("a", "s a|b"), portrait("b", "s")], 5).splitlines()
    assert row == "| a | b | 0.50 | 1.00 | a\\|b | - |"


@pytest.mark.parametrize(
    ("values", "course"),
    [
        ([1, 1.1, 1, 0.9, 1, 1], "are steady"),
        ([0.1, 0.2, 1, 2, 3, 4], "grow"),
        ([4, 3, 2, 1, 0.5, 0.1], "go back"),
        ([1, 9, 0, 9, 0, 9, 1, 9, 0], "come and go"),
    ],
)
def test_failures_have_a_course(values: list[float], course: str) -> None:
    assert _cadence(np.array(values, dtype=np.float64)) == course


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"msg":"call failed","error":"dial tcp: lookup a on 10.96.0.10:53: no such host"}', "no such host"),
        ("java.net.SocketException: Too many open files", "too many files"),
        ("ERROR: column r1_0.state does not exist", "no such column"),
        ("zrange to store: ClientPool pop timeout", "pool used up"),
        ("lock wait timeout exceeded; try restarting transaction", "lock"),
    ],
)
def test_a_line_says_the_same_in_any_language(line: str, said: str) -> None:
    assert said in _told(line)


def test_what_is_usual_says_nothing() -> None:
    assert _told('{"level":"info","msg":"request","status":200,"duration_ms":5.0}') == []


def test_instances_are_told_by_their_workload() -> None:
    def of(pod: str, times: list[float], values: list[float]) -> Series:
        return Series({"namespace": "n", "pod": pod}, np.array(times), np.array(values))

    found = by_workload([of("geo-6d6dff7c55-ppbc6", [1, 2], [4, 6]), of("geo-7f7dff7c55-aabc6", [2, 3], [8, 9])])
    assert list(found) == ["geo"]
    assert found["geo"].values.tolist() == [4, 7, 9]


def test_versions_are_in_order() -> None:
    def of(tag: str) -> Manifest:
        return {"spec": {"template": {"spec": {"containers": [{"image": f"registry.example.com/a/geo:{tag}"}]}}}}

    assert version_of(of("1.10.0")) > version_of(of("1.9.3"))
    assert version_of(of("v2.0.0")) > version_of(of("v1.20.0"))
    assert version_of(of("24.08")) == version_of(of("24.08"))
