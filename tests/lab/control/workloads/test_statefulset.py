"""StatefulSets: order, identity, storage, partitions, history."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import labels_of

READINESS = {"readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 5}}


def _set(lab: Any, replicas: int = 3, **spec: Any) -> Manifest:
    labels = {"app": "db"}
    container = {"name": "app", "image": "app:1", **READINESS}
    whole = {
        "replicas": replicas,
        "serviceName": "db",
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
        **spec,
    }
    made: Manifest = lab.create("apps/v1", "StatefulSet", "db", spec=whole)
    return made


def _image(lab: Any, image: str) -> None:
    lab.edit("StatefulSet", "db", lambda s: s["spec"]["template"]["spec"]["containers"][0].update(image=image))


def _images(lab: Any) -> list[str]:
    return [pod["spec"]["containers"][0]["image"] for pod in lab.pods()]


def _names(lab: Any) -> list[str]:
    return [pod["metadata"]["name"] for pod in lab.pods()]


def test_pods_come_one_after_the_other_with_an_identity(lab: Any) -> None:
    _set(lab)
    seen = []
    for _ in range(12):
        lab.ticks()
        if len(lab.pods()) not in seen:
            seen.append(len(lab.pods()))
    assert seen == [1, 2, 3]
    pod = lab.pods()[1]
    revision = lab.status("StatefulSet", "db")["currentRevision"]
    assert labels_of(pod) == {
        "app": "db",
        "apps.kubernetes.io/pod-index": "1",
        "controller-revision-hash": revision,
        "statefulset.kubernetes.io/pod-name": "db-1",
    }
    assert (pod["spec"]["hostname"], pod["spec"]["subdomain"]) == ("db-1", "db")
    status = lab.status("StatefulSet", "db")
    assert {status[f"{name}eplicas"] for name in ("r", "readyR", "availableR", "currentR", "updatedR")} == {3}
    assert status["updateRevision"] == revision


def test_parallel_pods_come_at_once_and_numbers_start_where_asked(lab: Any) -> None:
    _set(lab, podManagementPolicy="Parallel", ordinals={"start": 5})
    lab.ticks()
    assert _names(lab) == ["db-5", "db-6", "db-7"]


def test_scaling_down_takes_the_highest_first(lab: Any) -> None:
    _set(lab)
    lab.settle()
    lab.edit("StatefulSet", "db", lambda s: s["spec"].update(replicas=1))
    lab.ticks()
    terminating = [pod["metadata"]["name"] for pod in lab.pods() if "deletionTimestamp" in pod["metadata"]]
    assert terminating == ["db-2"]
    lab.settle()
    assert _names(lab) == ["db-0"]


def test_an_update_goes_from_the_last_to_the_first_and_stops_at_the_partition(lab: Any) -> None:
    _set(lab, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 1}})
    lab.settle()
    _image(lab, "app:2")
    lab.settle()
    assert _images(lab) == ["app:1", "app:2", "app:2"]
    status = lab.status("StatefulSet", "db")
    assert (status["currentReplicas"], status["updatedReplicas"]) == (1, 2)
    assert status["currentRevision"] != status["updateRevision"]
    lab.store.delete("Pod", "default", "db-0")
    lab.settle()
    assert _images(lab)[0] == "app:1"
    lab.edit("StatefulSet", "db", lambda s: s["spec"]["updateStrategy"]["rollingUpdate"].update(partition=0))
    lab.settle()
    assert _images(lab) == ["app:2"] * 3
    status = lab.status("StatefulSet", "db")
    assert status["currentRevision"] == status["updateRevision"]


def test_a_broken_update_stays_stuck_after_the_template_is_put_right(lab: Any) -> None:
    """As in reality: the pod that never became ready has to be deleted by hand."""
    _set(lab)
    lab.settle()
    lab.processes.sick["app:2"] = "HTTP probe failed with statuscode: 500"
    _image(lab, "app:2")
    lab.ticks(20)
    assert _images(lab) == ["app:1", "app:1", "app:2"]
    _image(lab, "app:1")
    lab.ticks(20)
    assert _images(lab) == ["app:1", "app:1", "app:2"]
    lab.store.delete("Pod", "default", "db-2")
    lab.settle()
    assert _images(lab) == ["app:1"] * 3


def test_on_delete_waits_for_somebody_to_delete_the_pods(lab: Any) -> None:
    _set(lab, updateStrategy={"type": "OnDelete"})
    lab.settle()
    _image(lab, "app:2")
    lab.settle()
    assert _images(lab) == ["app:1"] * 3
    lab.store.delete("Pod", "default", "db-1")
    lab.settle()
    assert _images(lab) == ["app:1", "app:2", "app:1"]


def test_revisions_are_kept_up_to_the_limit_and_numbered(lab: Any) -> None:
    _set(lab, replicas=1, revisionHistoryLimit=1)
    for image in ("app:2", "app:3", "app:4", "app:2"):
        lab.settle()
        _image(lab, image)
    lab.settle()
    revisions = lab.store.objects("ControllerRevision", "default")
    kept = {r["revision"]: r["data"]["spec"]["template"]["spec"]["containers"][0]["image"] for r in revisions}
    assert kept == {4: "app:4", 5: "app:2"}
    assert all(r["data"]["spec"]["template"]["$patch"] == "replace" for r in revisions)


CLAIMS = [
    {
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
]


def _claims(lab: Any) -> dict[str, list[str]]:
    claims = lab.store.objects("PersistentVolumeClaim", "default")
    return {c["metadata"]["name"]: [o["kind"] for o in c["metadata"].get("ownerReferences") or ()] for c in claims}


def test_each_pod_has_a_claim_that_outlives_it(lab: Any) -> None:
    _set(lab, replicas=2, volumeClaimTemplates=CLAIMS, podManagementPolicy="Parallel")
    lab.ticks(3)
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-1"}}
    assert volume in lab.pods()[1]["spec"]["volumes"]
    lab.edit("StatefulSet", "db", lambda s: s["spec"].update(replicas=0))
    lab.ticks(20)
    assert lab.pods() == []
    assert _claims(lab) == {"data-db-0": [], "data-db-1": []}
    told = [message for reason, message, _ in lab.events("db") if reason == "SuccessfulCreate"]
    assert told[:2] == [
        "Create Claim data-db-0 Pod db-0 in StatefulSet db success",
        "Create Pod db-0 in StatefulSet db successful",
    ]


@pytest.mark.parametrize(
    ("deleted", "scaled", "running", "removed"),
    [
        ("Retain", "Retain", [], []),
        ("Delete", "Retain", ["StatefulSet"], ["StatefulSet"]),
        ("Retain", "Delete", [], ["Pod"]),
        ("Delete", "Delete", ["StatefulSet"], ["Pod"]),
    ],
)
def test_the_retention_policy_says_who_owns_a_claim(
    lab: Any, deleted: str, scaled: str, running: list[str], removed: list[str]
) -> None:
    policy = {"whenDeleted": deleted, "whenScaled": scaled}
    spec = {"volumeClaimTemplates": CLAIMS, "persistentVolumeClaimRetentionPolicy": policy}
    _set(lab, replicas=2, podManagementPolicy="Parallel", **spec)
    lab.ticks(10)
    assert _claims(lab)["data-db-1"] == running
    lab.edit("StatefulSet", "db", lambda s: s["spec"].update(replicas=1))
    lab.control.step()
    assert _claims(lab).get("data-db-1", removed) == removed
    lab.ticks(10)
    assert ("data-db-1" in _claims(lab)) == (scaled == "Retain")
