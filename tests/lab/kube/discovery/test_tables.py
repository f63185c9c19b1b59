"""Tables: a row for every kind, spans of time, the one word for a pod."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube.discovery.tables.columns import selector_cell
from aiops.lab.kube.discovery.tables.durations import human
from aiops.lab.kube.discovery.tables.pods import pod_status, summary
from aiops.lab.kube.discovery.tables.table import COLUMNS, columns_of, table
from aiops.lab.kube.kinds.catalog import Catalog
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.schema.types import typed

NOW = 1_780_000_000.0
MOMENT = "2026-05-28T20:25:40Z"


def _minimal(resource: Resource) -> Manifest:
    """The smallest object of a kind that a client can send, as it is kept."""
    template = {"spec": {"containers": [{"name": "a", "image": "b"}]}}
    spec: Manifest = {"template": template, "jobTemplate": {"spec": {"template": template}}, **template["spec"]}
    body = {"apiVersion": resource.api_version, "kind": resource.kind, "template": template, "spec": spec}
    return typed({**body, "metadata": {"name": "a", "creationTimestamp": MOMENT}})


@pytest.mark.parametrize("kind", sorted(Catalog().shelves))
def test_every_kind_has_a_row(kind: str) -> None:
    resource = Catalog().stored(kind)
    made = table(columns_of(resource), [_minimal(resource)], NOW)
    (row,) = made["rows"]
    assert len(row["cells"]) == len(made["columnDefinitions"])
    assert all({"name", "type", "format", "description", "priority"} == set(each) for each in made["columnDefinitions"])
    assert "a" in row["cells"]
    assert row["object"]["kind"] == "PartialObjectMetadata"


def test_only_kinds_that_are_served_have_columns() -> None:
    assert set(COLUMNS) <= set(Catalog().shelves)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (119, "119s"),
        (120, "2m"),
        (125, "2m5s"),
        (600, "10m"),
        (3600 * 3, "3h"),
        (3600 * 3 + 60, "3h1m"),
        (3600 * 9, "9h"),
        (86400 * 3 + 3600, "3d1h"),
        (86400 * 9, "9d"),
        (86400 * 800, "2y70d"),
        (86400 * 3000, "8y"),
    ],
)
def test_spans_of_time(seconds: float, text: str) -> None:
    assert human(seconds) == text


def _pod(*states: Manifest, phase: str = "Running", **metadata: Any) -> Manifest:
    statuses = [{"name": f"c{i}", "ready": "running" in state, "state": state} for i, state in enumerate(states)]
    spec = {"containers": [{"name": status["name"]} for status in statuses]}
    return {"metadata": metadata, "spec": spec, "status": {"phase": phase, "containerStatuses": statuses}}


def _init(*states: Manifest, restart: str = "", started: bool = False) -> Manifest:
    pod = _pod(phase="Pending")
    names = [f"i{i}" for i in range(len(states))]
    pod["spec"]["initContainers"] = [
        {"name": name, **({"restartPolicy": restart} if restart else {})} for name in names
    ]
    pod["status"]["initContainerStatuses"] = [
        {"name": name, "state": state, "restartCount": 2, "started": started, "ready": started}
        for name, state in zip(names, states, strict=True)
    ]
    return pod


@pytest.mark.parametrize(
    ("pod", "word"),
    [
        (_pod(phase="Pending"), "Pending"),
        (_pod({"running": {"startedAt": ""}}), "Running"),
        (_pod({"waiting": {"reason": "CrashLoopBackOff"}}), "CrashLoopBackOff"),
        (_pod({"terminated": {"exitCode": 3}}), "ExitCode:3"),
        (_pod({"terminated": {"exitCode": 137, "signal": 9}}), "Signal:9"),
        (_pod({"running": {}}, deletionTimestamp="x"), "Terminating"),
        (_pod({"terminated": {"exitCode": 0, "reason": "Completed"}}), "Completed"),
        (_pod({"terminated": {"exitCode": 0, "reason": "Completed"}}, {"running": {}}), "NotReady"),
        (_pod(phase="Succeeded", deletionTimestamp="x"), "Succeeded"),
        (_init({"running": {}}), "Init:0/1"),
        (_init({"terminated": {"exitCode": 0}}, {"waiting": {"reason": "PodInitializing"}}), "Init:1/2"),
        (_init({"waiting": {"reason": "CrashLoopBackOff"}}), "Init:CrashLoopBackOff"),
        (_init({"terminated": {"exitCode": 1, "reason": "Error"}}), "Init:Error"),
        (_init({"terminated": {"exitCode": 2}}), "Init:ExitCode:2"),
        (_init({"running": {}}, restart="Always", started=True), "Pending"),
    ],
)
def test_the_word_for_a_pod(pod: Manifest, word: str) -> None:
    assert pod_status(pod) == word


def test_a_sidecar_counts_among_the_containers() -> None:
    found = summary(_init({"running": {}}, restart="Always", started=True))
    assert (found.ready, found.total, found.restarts) == (1, 1, 2)


def test_a_gated_pod_says_so() -> None:
    pod = _pod(phase="Pending")
    pod["status"]["conditions"] = [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}]
    assert pod_status(pod) == "SchedulingGated"


def test_a_selector_is_told_by_key() -> None:
    expressions = [{"key": "b", "operator": "In", "values": ["y", "x"]}, {"key": "a", "operator": "DoesNotExist"}]
    assert selector_cell({"matchLabels": {"c": "1"}, "matchExpressions": expressions}) == "!a,b in (x,y),c=1"
    assert selector_cell({}) == "<none>"


@given(st.floats(0, 1e9))
def test_a_longer_span_is_never_told_as_a_shorter_one(seconds: float) -> None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400, "y": 86400 * 365}
    told, number = 0, ""
    for char in human(seconds):
        if char.isdecimal():
            number += char
        else:
            told, number = told + int(number) * units[char], ""
    assert told <= seconds < told * 1.5 + 1
