"""The rules of a scanner, on objects as the API server shows them."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.bench.agents.status_checks import CHECKS, State
from aiops.bench.agents.status_fixes import previous_template
from aiops.core.mechanism import Mechanism


def deployment(**spec: Any) -> dict[str, Any]:
    meta = {"name": "geo", "namespace": "hotel", "uid": "d"}
    return {"kind": "Deployment", "metadata": meta, "spec": {"replicas": 1, **spec}}


def replica_set(uid: str, revision: int, image: str) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "geo", "pod-template-hash": uid}}, "spec": {"image": image}}
    annotations = {"deployment.kubernetes.io/revision": str(revision)}
    meta = {"name": uid, "uid": uid, "annotations": annotations, "ownerReferences": [{"uid": "d"}]}
    return {"kind": "ReplicaSet", "metadata": meta, "spec": {"template": template}}


def pod(container: dict[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    meta = {"name": "geo-1", "labels": {"app": "geo"}, "ownerReferences": [{"uid": "r10"}]}
    containers = [{"name": "geo", "ports": [{"name": "http", "containerPort": 8083}]}]
    statuses = [container or {"ready": True, "state": {"running": {}}}]
    spec = {"containers": containers, "nodeName": "node-1"}
    found = {
        "kind": "Pod",
        "metadata": meta,
        "spec": spec,
        "status": {"phase": "Running", "containerStatuses": statuses},
    }
    return {**found, **other}


def service(port: Any = "http", app: str = "geo") -> dict[str, Any]:
    spec = {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": port}]}
    return {"kind": "Service", "metadata": {"name": "geo", "namespace": "hotel"}, "spec": spec}


def waiting(reason: str) -> dict[str, Any]:
    return {"ready": False, "state": {"waiting": {"reason": reason}}}


def first(pods: list[Any] | None = None, services: list[Any] | None = None, **spec: Any) -> Mechanism | None:
    sets = [replica_set("r9", 9, "old"), replica_set("r10", 10, "new")]
    state = State([deployment(**spec)], sets, pods or [pod()], services or [service()])
    found = next((finding for check in CHECKS if (finding := check(state))), None)
    return found.mechanism if found else None


def test_a_healthy_namespace_has_no_finding() -> None:
    assert first() is None
    assert first(services=[service(8083)]) is None


@pytest.mark.parametrize(
    ("pods", "mechanism"),
    [
        (pod(waiting("ImagePullBackOff")), Mechanism.IMAGE_UNAVAILABLE),
        (pod(waiting("CreateContainerConfigError")), Mechanism.CONFIG_MISSING_KEY),
        (pod(waiting("CrashLoopBackOff")), Mechanism.APP_VERSION),
        (pod({**waiting("CrashLoopBackOff"), "lastState": {"terminated": {"reason": "OOMKilled"}}}),
         Mechanism.RESOURCE_MEMORY_LIMIT),
        (pod({"ready": False, "state": {"running": {}}}), Mechanism.CONFIG_PROBE),
        (pod(spec={"containers": []}, status={"phase": "Pending"}), Mechanism.SCHEDULING_NODE_SELECTOR),
    ],
)  # fmt: skip
def test_pods_tell_by_their_status(pods: dict[str, Any], mechanism: Mechanism) -> None:
    assert first([pods]) is mechanism


def test_services_and_scale() -> None:
    assert first(services=[service(app="rate")]) is Mechanism.CONFIG_SELECTOR
    assert first(services=[service(9999)]) is Mechanism.CONFIG_TARGET_PORT
    assert first(replicas=0) is Mechanism.SCALING_REPLICAS


def test_the_revision_before_is_the_last_but_one_by_number() -> None:
    sets = [replica_set("r10", 10, "new"), replica_set("r9", 9, "old"), replica_set("r2", 2, "older")]
    found = previous_template(deployment(), sets)
    assert found is not None
    assert found["spec"] == {"image": "old"}
    assert found["metadata"]["labels"] == {"app": "geo"}
    assert previous_template(deployment(), sets[:1]) is None
