"""What the API server, etcd, the scheduler and the controllers tell of a cluster that lives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from aiops.core.disturbance.machine import ApiServerOverload
from aiops.lab.exporters.exposition.page import Durations, Page
from aiops.lab.tsdb import Matcher, TimeSeriesStore
from aiops.lab.world import World
from tests.lab.exporters.golden import lived


@pytest.fixture(scope="module")
def seen() -> World:
    """For tests that only read."""
    return lived("hotel")


@pytest.fixture
def world() -> World:
    made = World("hotel", seed=2)
    _run(made, 120)
    return made


def _run(world: World, seconds: float) -> None:
    for _ in world.ticks(seconds):
        pass


def _last(world: World, name: str, /, **labels: str) -> float:
    matchers = [Matcher("__name__", "=", name), *(Matcher(key, "=", value) for key, value in labels.items())]
    return sum(float(series.values[-1]) for series in world.series.select(matchers, world.now - 60, world.now))


def test_the_cluster_s_own_writes_are_counted(seen: World) -> None:
    pods = len(list(seen.cluster.objects("Pod")))
    created = _last(seen, "apiserver_request_total", verb="POST", resource="pods", subresource="", code="201")
    bound = _last(seen, "apiserver_request_total", verb="POST", resource="pods", subresource="binding")
    assert created == bound == pods
    assert _last(seen, "apiserver_request_total", verb="PATCH", resource="pods", subresource="status") >= pods
    assert _last(seen, "scheduler_schedule_attempts_total", result="scheduled") == pods


def test_every_request_took_its_time(seen: World) -> None:
    asked = {"verb": "POST", "resource": "pods", "subresource": ""}
    total = _last(seen, "apiserver_request_total", **asked)
    assert _last(seen, "apiserver_request_duration_seconds_count", **asked) == total
    assert _last(seen, "apiserver_request_duration_seconds_bucket", **asked, le="+Inf") == total
    assert 0.002 < _last(seen, "apiserver_request_duration_seconds_sum", **asked) / total < 0.05


def test_leases_are_renewed_without_a_write_for_each(seen: World) -> None:
    nodes = len(list(seen.cluster.objects("Node")))
    renewed = _last(seen, "apiserver_request_total", verb="PUT", resource="leases", code="200")
    assert renewed == pytest.approx(240 * (nodes / 10 + 1), rel=0.2)
    assert _last(seen, "etcd_disk_wal_fsync_duration_seconds_count") >= renewed


def test_the_database_is_as_large_as_what_is_in_it(seen: World) -> None:
    size, used = (_last(seen, f"etcd_mvcc_db_total_size{part}_in_bytes") for part in ("", "_in_use"))
    assert 2**20 < used <= size < _last(seen, "etcd_server_quota_backend_bytes")
    assert _last(seen, "apiserver_storage_size_bytes") == pytest.approx(size, rel=0.1)


def test_controllers_have_queues(seen: World) -> None:
    assert _last(seen, "workqueue_adds_total", name="deployment") > 0
    assert _last(seen, "workqueue_depth") == 0
    assert _last(seen, "workqueue_adds_total", name="replicationmanager") == 0


def test_pods_that_fit_nowhere_are_pending(world: World) -> None:
    name = next(d["metadata"]["name"] for d in world.cluster.objects("Deployment", world.namespace))
    found = world.cluster.get("Deployment", world.namespace, name)
    found["spec"]["template"]["spec"]["nodeSelector"] = {"disk": "none"}
    world.cluster.update(found, manager="kubectl")
    _run(world, 60)
    assert _last(world, "scheduler_pending_pods", queue="unschedulable") == 1
    assert _last(world, "scheduler_schedule_attempts_total", result="unschedulable") >= 1


def test_a_webhook_that_nobody_serves_is_seen(world: World) -> None:
    world.cluster.create(_webhook(world.namespace), manager="helm")
    pod = next(p["metadata"]["name"] for p in world.cluster.objects("Pod", world.namespace))
    world.cluster.delete("Pod", world.namespace, pod)
    _run(world, 90)
    asked = {"name": "check.example.com", "type": "validating", "operation": "CREATE"}
    failed = _last(world, "apiserver_admission_webhook_rejection_count", **asked, error_type="calling_webhook_error")
    assert failed >= 1
    assert _last(world, "apiserver_admission_webhook_request_total", **asked, rejected="true") == failed
    assert _last(world, "apiserver_admission_webhook_admission_duration_seconds_count", **asked) == failed
    assert _last(world, "apiserver_request_total", verb="POST", resource="pods", code="500") == failed


def _webhook(namespace: str) -> dict[str, Any]:
    service = {"namespace": namespace, "name": "nobody", "path": "/check"}
    hook = {
        "name": "check.example.com",
        "clientConfig": {"service": service},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}],
        "admissionReviewVersions": ["v1"],
        "sideEffects": "None",
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": "check"},
        "webhooks": [hook],
    }


def test_a_crowded_server_shows_its_queues(world: World) -> None:
    before = _last(world, "apiserver_current_inflight_requests")
    world.disturbances.begin("crowd", ApiServerOverload(percent=80))
    _run(world, 60)
    level = {"priority_level": "workload-low"}
    seats = _last(world, "apiserver_flowcontrol_nominal_limit_seats", **level)
    assert _last(world, "apiserver_flowcontrol_current_executing_requests", **level) == seats
    assert _last(world, "apiserver_flowcontrol_current_inqueue_requests", **level) > 0
    assert _last(world, "apiserver_current_inflight_requests", request_kind="readOnly") > before + seats
    refused = _last(world, "apiserver_request_total", code="429")
    assert _last(world, "apiserver_flowcontrol_rejected_requests_total") == refused > 0


def test_a_page_counts_whole_things_and_sums_seconds() -> None:
    page = Page(TimeSeriesStore(), {"job": "x"})
    durations = Durations(page, "took_seconds", np.array([0.1, 1.0]))
    durations.add("a", dict, 1.5, 0.2)
    page.put("b", "things", {}, 7.0)
    first = page.sheet
    samples = page.samples()
    assert samples.tolist() == [0.0, 1.0, 1.0, 1.0, pytest.approx(0.3), 7.0]
    assert page.sheet is not first
    assert page.samples() is not samples
