"""Whatever a user may write, nobody in the control plane falls over it, and nobody else waits for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control import plane
from aiops.lab.control.workloads.deployment import DeploymentController
from aiops.lab.kube.discovery.tables.table import columns_of, table
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.schema.decode import DecodingError, decode
from tests.lab.control.odd_bodies import BODIES, NAMES
from tests.support.odd_objects import odd_object, parts_of

OTHERS = ("Pod", "Node", "ReplicaSet", "Job", "Endpoints", "EndpointSlice", "Lease", "PersistentVolume", "Event")
"""Kinds that controllers make objects of, which users may write to."""


def _decoded(manifest: Manifest) -> Manifest:
    """As the API server reads it."""
    return decode(manifest, manifest["apiVersion"], manifest["kind"]).manifest


def _create(lab: Any, kind: str, rng: Random) -> None:
    """An object of a kind, odd where the API server takes it so."""
    version, body = BODIES[kind]
    metadata = {"name": NAMES.get(kind, kind.lower()), **body.get("metadata", {})}
    good = {"apiVersion": version, "kind": kind, **body, "metadata": metadata}
    part = rng.choice([each for each in parts_of(good) if each not in ("metadata", "status")] or ["metadata"])
    for manifest in (odd_object(good, part, rng), good):
        with suppress(ApiError, DecodingError):
            lab.store.create(_decoded(manifest), manager="odd")
            return


def _write(lab: Any, item: Manifest, rng: Random) -> None:
    part = "status" if "status" in parts_of(item) and rng.random() < 0.6 else rng.choice(parts_of(item))
    resource = lab.store.catalog.of(item)
    changed = odd_object(item, part, rng)
    named = {field: item["metadata"][field] for field in ("name", "namespace") if field in item["metadata"]}
    changed["metadata"] = {**(changed.get("metadata") or {}), **named, "resourceVersion": ""}
    subresource = "status" if part == "status" and resource.has_status else ""
    with suppress(ApiError, DecodingError):
        lab.store.update(_decoded(changed), manager="odd", subresource=subresource)


def _one_of(lab: Any, kind: str, rng: Random) -> Manifest | None:
    found = lab.store.objects(kind)
    return rng.choice(found) if found else None


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_odd_objects_of_any_kind_stop_no_controller(
    make_lab: Callable[..., Any], caplog: pytest.LogCaptureFixture, seed: int
) -> None:
    rng, lab = Random(seed), make_lab()
    kinds = rng.sample(list(BODIES), 5)
    for kind in kinds:
        _create(lab, kind, rng)
    lab.ticks(rng.randint(0, 3))
    for _ in range(rng.randint(1, 4)):
        for kind in [*kinds, *rng.sample(OTHERS, 2)]:
            if (item := _one_of(lab, kind, rng)) is not None:
                _write(lab, item, rng)
        lab.ticks(rng.randint(1, 4))
        lab.now += rng.choice((0, 0, 0, 60, 4000))
    for kind in kinds:
        assert table(columns_of(lab.store.catalog.stored(kind)), lab.store.objects(kind), lab.now)["kind"] == "Table"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


ENDED = "2026-05-28T20:26:40Z"
ONCE_FATAL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("CronJob", {"active": [{}, {"kind": "Job"}]}),
    ("CronJob", {"active": [{"uid": "a", "namespace": "default"}], "lastScheduleTime": "2026-05-28T20:20:40Z"}),
    ("CronJob", {"lastScheduleTime": "0001-01-01T00:00:00Z"}),
    ("CronJob", {"lastScheduleTime": "9999-12-31T23:59:59Z"}),
    ("Deployment", {"conditions": [{"type": "Progressing", "status": "True"}]}),
    ("Deployment", {"conditions": [{"type": "Progressing"}, {"type": "Available"}, {}]}),
    ("ReplicaSet", {"replicas": 1, "conditions": [{"type": "ReplicaFailure", "status": "True"}]}),
    ("Job", {"conditions": [{"type": "FailureTarget", "status": "True"}]}),
    ("Job", {"startTime": ENDED, "completionTime": ENDED, "conditions": [{"type": "Complete", "status": "True"}]}),
    ("Node", {"images": [{}, {"sizeBytes": 5}]}),
    ("Namespace", {"conditions": [{"type": "NamespaceContentRemaining", "status": "False"}]}),
    ("ResourceQuota", {"used": {}}),
    ("APIService", {"conditions": [{}]}),
    ("FlowSchema", {"conditions": [{}]}),
)
"""Statuses that have stopped the lab or a table."""


@pytest.mark.parametrize(("kind", "status"), ONCE_FATAL)
def test_a_partial_status_is_borne(
    lab: Any, caplog: pytest.LogCaptureFixture, kind: str, status: dict[str, Any]
) -> None:
    version, body = BODIES[kind]
    body = {name: value for name, value in body.items() if name != "metadata"}
    item = lab.create(version, kind, NAMES.get(kind, kind.lower()), **body)
    lab.ticks(3)
    odd = _decoded({**item, "status": status, "metadata": {**item["metadata"], "resourceVersion": ""}})
    with suppress(ApiError):
        lab.store.update(odd, manager="odd", subresource="status")
    lab.ticks(2)
    if kind == "Namespace":
        lab.store.delete(kind, "", "namespace")
    lab.deploy("beside")
    lab.now += 120
    lab.ticks(6)
    table(columns_of(lab.store.catalog.stored(kind)), lab.store.objects(kind), lab.now)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert lab.words("beside") == ["Running", "Running"]


@pytest.mark.parametrize(
    "fields", [{"a": 1}, {"f:spec": []}, {"k:{": {}}, {"k:[]": {}}, {"v:x": {}}, {"i:x": {}}, {"f:spec": {"b": {}}}]
)
def test_field_managers_that_are_none_leave_those_that_were(lab: Any, fields: Any) -> None:
    lab.deploy()
    entry = {"manager": "odd", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1"}

    def claim(item: Manifest) -> None:
        item["metadata"]["managedFields"] = [{**entry, "fieldsV1": fields}]
        item["spec"]["minReadySeconds"] = 7

    after = lab.edit("Deployment", "web", claim)
    assert {each["manager"] for each in after["metadata"]["managedFields"]} == {"test"}
    assert after["spec"]["minReadySeconds"] == 7


def test_a_field_manager_without_fields_has_none(lab: Any) -> None:
    lab.deploy()
    entry = {"manager": "odd", "operation": "Update", "apiVersion": "apps/v1", "fieldsType": "FieldsV1"}
    after = lab.edit("Deployment", "web", lambda item: item["metadata"].update(managedFields=[entry]))
    assert "managedFields" not in after["metadata"]


def test_an_owner_that_is_named_twice_is_one_owner(lab: Any, caplog: pytest.LogCaptureFixture) -> None:
    lab.deploy("owner", replicas=0)
    uid = lab.store.get("Deployment", "default", "owner")["metadata"]["uid"]
    twice = [{"apiVersion": "v1", "kind": kind, "name": "owner", "uid": uid} for kind in ("Deployment", "ReplicaSet")]
    lab.create("v1", "ConfigMap", "owned")
    lab.edit("ConfigMap", "owned", lambda item: item["metadata"].update(ownerReferences=twice))
    assert [item["metadata"]["name"] for item in lab.store.owned(uid, "ConfigMap")] == ["owned"]
    lab.store.delete("ConfigMap", "default", "owned")
    assert lab.store.owned(uid, "ConfigMap") == []
    lab.ticks(2)
    assert caplog.records == []


def test_a_revision_without_its_label_stops_no_daemons(lab: Any, caplog: pytest.LogCaptureFixture) -> None:
    version, body = BODIES["DaemonSet"]
    lab.create(version, "DaemonSet", "daemonset", **body)
    lab.ticks(4)
    (revision,) = lab.store.objects("ControllerRevision")
    lab.edit("ControllerRevision", revision["metadata"]["name"], lambda item: item["metadata"].update(labels={}))
    lab.ticks(10)
    assert len(lab.pods("web")) == 3
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def _explode(_self: Any, key: tuple[str, str]) -> None:
    if key[1] == "bad":
        raise KeyError("lastTransitionTime")


def test_what_one_controller_cannot_bear_stops_nobody_else(
    lab: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sync = DeploymentController.sync
    monkeypatch.setattr(DeploymentController, "sync", lambda self, key: _explode(self, key) or sync(self, key))
    lab.deploy("bad")
    lab.deploy("good")
    lab.ticks(40)
    assert lab.words("good") == ["Running", "Running"]
    assert lab.pods("bad") == []
    told = [record for record in caplog.records if record.name == plane.__name__ and record.levelno == logging.ERROR]
    assert {record.getMessage() for record in told} == {"DeploymentController default/bad"}
    assert 3 <= len(told) <= 20, "it is tried again, later and later"
    monkeypatch.undo()
    lab.now += 2000
    lab.ticks(6)
    assert lab.words("bad") == ["Running", "Running"]


def test_a_write_that_one_controller_cannot_read_is_heard_by_the_others(
    lab: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def keys(_self: Any, _write: Any) -> Any:
        raise TypeError("no list")

    monkeypatch.setattr(DeploymentController, "keys", keys)
    lab.deploy("idle")
    pod = {"metadata": {"labels": {"app": "own"}}, "spec": {"containers": [{"name": "app", "image": "app:1"}]}}
    lab.create("apps/v1", "ReplicaSet", "own", spec={"replicas": 1, "selector": {"matchLabels": {"app": "own"}},
                                                     "template": pod})  # fmt: skip
    lab.ticks(6)
    assert lab.words("own") == ["Running"]
    assert lab.pods("idle") == []
    assert any(record.getMessage() == "DeploymentController: ADDED Deployment" for record in caplog.records)
