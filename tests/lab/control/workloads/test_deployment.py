"""Deployments: rollouts, scaling, history, conditions."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.revisions import HASH, REVISION
from aiops.lab.kube.objects import annotations_of
from aiops.lab.ports import ProcessStatus

READINESS = {"readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 5}}


def _sets(lab: Any) -> dict[str, int]:
    return {
        annotations_of(item)[REVISION]: item["spec"]["replicas"] for item in lab.store.objects("ReplicaSet", "default")
    }


def test_a_deployment_becomes_available(lab: Any) -> None:
    lab.deploy(replicas=2, container=READINESS)
    lab.settle()
    status = lab.status("Deployment", "web")
    assert {status[field] for field in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")} == {2}
    assert "unavailableReplicas" not in status
    assert lab.conditions("Deployment", "web") == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("True", "NewReplicaSetAvailable"),
    }
    assert lab.words() == ["Running", "Running"]


def test_pods_carry_the_hash_of_their_template_and_an_owner(lab: Any) -> None:
    lab.deploy()
    lab.settle()
    (replica_set,) = lab.store.objects("ReplicaSet", "default")
    digest = replica_set["metadata"]["labels"][HASH]
    assert replica_set["metadata"]["name"] == f"web-{digest}"
    assert replica_set["spec"]["selector"]["matchLabels"] == {"app": "web", HASH: digest}
    for pod in lab.pods():
        assert pod["metadata"]["labels"] == {"app": "web", HASH: digest}
        assert pod["metadata"]["ownerReferences"][0]["uid"] == replica_set["metadata"]["uid"]


def test_an_image_change_rolls_without_losing_capacity(lab: Any) -> None:
    lab.deploy(replicas=4, container=READINESS)
    lab.settle()
    lab.set_image("web", "app:2")
    lowest, highest = 4, 0
    for _ in range(40):
        lab.ticks()
        status = lab.status("Deployment", "web")
        lowest, highest = min(lowest, status["availableReplicas"]), max(highest, status["replicas"])
    assert lowest >= 3
    assert highest <= 5
    assert {pod["spec"]["containers"][0]["image"] for pod in lab.pods()} == {"app:2"}
    assert _sets(lab) == {"1": 0, "2": 4}
    assert annotations_of(lab.store.get("Deployment", "default", "web"))[REVISION] == "2"


def test_going_back_to_an_old_template_reuses_its_replica_set(lab: Any) -> None:
    lab.deploy()
    lab.settle()
    first = lab.store.objects("ReplicaSet", "default")[0]["metadata"]["name"]
    lab.set_image("web", "app:2")
    lab.settle()
    lab.set_image("web", "app:1")
    lab.settle()
    assert _sets(lab) == {"2": 0, "3": 2}
    assert lab.store.get("ReplicaSet", "default", first)["spec"]["replicas"] == 2


def test_a_bad_image_stops_the_rollout_and_keeps_the_old_pods(lab: Any) -> None:
    lab.deploy(replicas=2, container=READINESS, spec={"progressDeadlineSeconds": 60})
    lab.settle()
    lab.processes.missing["app:nope"] = "not found"
    lab.set_image("web", "app:nope")
    lab.ticks(30)
    assert sorted(lab.words()) == ["ImagePullBackOff", "Running", "Running"]
    assert lab.conditions("Deployment", "web") == {
        "Available": ("True", "MinimumReplicasAvailable"),
        "Progressing": ("False", "ProgressDeadlineExceeded"),
    }
    lab.set_image("web", "app:1")
    lab.settle()
    assert lab.words() == ["Running", "Running"]
    assert lab.conditions("Deployment", "web")["Progressing"] == ("True", "NewReplicaSetAvailable")


def test_recreate_ends_the_old_pods_first(lab: Any) -> None:
    lab.deploy(replicas=3, spec={"strategy": {"type": "Recreate"}})
    lab.settle()
    lab.set_image("web", "app:2")
    for _ in range(10):
        lab.ticks()
        assert len({pod["spec"]["containers"][0]["image"] for pod in lab.pods()}) <= 1
    assert lab.words() == ["Running"] * 3
    assert {pod["spec"]["containers"][0]["image"] for pod in lab.pods()} == {"app:2"}


def test_scaling_up_and_down_leaves_the_revision(lab: Any) -> None:
    lab.deploy(replicas=1)
    lab.settle()
    lab.scale("web", 5)
    lab.settle()
    assert len(lab.pods()) == 5
    lab.scale("web", 0)
    lab.settle()
    assert lab.pods() == []
    assert _sets(lab) == {"1": 0}
    lab.scale("web", 2)
    lab.settle()
    assert lab.words() == ["Running", "Running"]


def test_a_paused_deployment_scales_but_does_not_roll(lab: Any) -> None:
    lab.deploy(replicas=2)
    lab.settle()
    lab.edit("Deployment", "web", lambda deployment: deployment["spec"].update(paused=True))
    lab.set_image("web", "app:2")
    lab.scale("web", 3)
    lab.settle()
    assert [pod["spec"]["containers"][0]["image"] for pod in lab.pods()] == ["app:1"] * 3
    assert lab.conditions("Deployment", "web")["Progressing"] == ("Unknown", "DeploymentPaused")
    lab.edit("Deployment", "web", lambda deployment: deployment["spec"].pop("paused"))
    lab.settle()
    assert [pod["spec"]["containers"][0]["image"] for pod in lab.pods()] == ["app:2"] * 3


def test_scaling_in_the_midst_of_a_rollout_is_shared(lab: Any) -> None:
    lab.deploy(replicas=8, container=READINESS)
    lab.settle()
    lab.processes.sick["app:2"] = "HTTP probe failed with statuscode: 500"
    lab.set_image("web", "app:2")
    lab.ticks(8)
    before = _sets(lab)
    assert before["1"] >= 6
    assert before["2"] > 0
    lab.scale("web", 16)
    lab.ticks(8)
    after = _sets(lab)
    assert sum(after.values()) == 16 + 4
    assert after["1"] > after["2"] > before["2"]


def test_the_history_is_limited(lab: Any) -> None:
    lab.deploy(spec={"revisionHistoryLimit": 2})
    lab.settle()
    for version in range(2, 7):
        lab.set_image("web", f"app:{version}")
        lab.settle()
    assert sorted(_sets(lab)) == ["4", "5", "6"]


def test_what_somebody_changed_in_a_replica_set_is_put_right(lab: Any) -> None:
    lab.deploy(replicas=2)
    lab.settle()
    name = lab.store.objects("ReplicaSet", "default")[0]["metadata"]["name"]
    lab.edit("ReplicaSet", name, lambda item: item["spec"].update(replicas=5))
    lab.settle()
    assert len(lab.pods()) == 2


@pytest.mark.parametrize("replicas", [0, 1, 3])
def test_deleting_a_deployment_takes_everything_along(lab: Any, replicas: int) -> None:
    lab.deploy(replicas=replicas)
    lab.settle()
    lab.store.delete("Deployment", "default", "web")
    lab.settle()
    assert lab.store.objects("ReplicaSet", "default") == []
    assert lab.pods() == []


def test_crashing_pods_make_a_deployment_unavailable(lab: Any) -> None:
    lab.deploy(replicas=2, container=READINESS)
    lab.settle()
    lab.processes.exits["app:1"] = ProcessStatus(running=False, exit_code=1, reason="Error")
    lab.ticks(5)
    assert lab.conditions("Deployment", "web") == {
        "Available": ("False", "MinimumReplicasUnavailable"),
        "Progressing": ("True", "NewReplicaSetAvailable"),
    }
    assert lab.status("Deployment", "web")["unavailableReplicas"] == 2


def test_minimum_ready_seconds_hold_a_rollout_back(lab: Any) -> None:
    lab.deploy(replicas=1, container=READINESS, spec={"minReadySeconds": 30})
    lab.ticks(5)
    assert lab.status("Deployment", "web")["readyReplicas"] == 1
    assert "availableReplicas" not in lab.status("Deployment", "web")
    lab.ticks(6)
    assert lab.status("Deployment", "web")["availableReplicas"] == 1


def test_events_tell_the_scaling(lab: Any) -> None:
    lab.deploy(replicas=2)
    lab.settle()
    name = lab.store.objects("ReplicaSet", "default")[0]["metadata"]["name"]
    assert ("ScalingReplicaSet", f"Scaled up replica set {name} from 0 to 2", 1) in lab.events("web")


def test_annotations_are_shared_but_for_bookkeeping(lab: Any) -> None:
    def annotate(deployment: Manifest) -> None:
        notes = {"kubernetes.io/change-cause": "a try", "kubectl.kubernetes.io/last-applied-configuration": "{}"}
        deployment["metadata"]["annotations"] |= notes

    lab.deploy()
    lab.settle()
    lab.edit("Deployment", "web", annotate)
    lab.settle()
    shared = annotations_of(lab.store.objects("ReplicaSet", "default")[0])
    assert shared["kubernetes.io/change-cause"] == "a try"
    assert "kubectl.kubernetes.io/last-applied-configuration" not in shared
