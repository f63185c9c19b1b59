"""DaemonSets: one pod on each node that fits, and updates node by node."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import labels_of
from aiops.lab.ports import ProcessStatus

READINESS = {"readinessProbe": {"httpGet": {"port": 80}, "periodSeconds": 5}}
ROLLING = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}}


def _daemons(lab: Any, pod: Manifest | None = None, **spec: Any) -> Manifest:
    labels = {"app": "agent"}
    template = {"containers": [{"name": "app", "image": "app:1", **READINESS}], **(pod or {})}
    whole = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": template},
        "revisionHistoryLimit": 10,
        "updateStrategy": ROLLING,
        **spec,
    }
    made: Manifest = lab.create("apps/v1", "DaemonSet", "agent", spec=whole)
    return made


def _places(lab: Any) -> list[str]:
    return sorted(pod["spec"].get("nodeName", "") for pod in lab.pods())


def _images(lab: Any) -> list[str]:
    return sorted(pod["spec"]["containers"][0]["image"] for pod in lab.pods())


def _image(lab: Any, image: str) -> None:
    lab.edit("DaemonSet", "agent", lambda s: s["spec"]["template"]["spec"]["containers"][0].update(image=image))


def test_every_node_has_a_pod_and_new_ones_get_theirs(lab: Any) -> None:
    _daemons(lab)
    lab.settle()
    assert _places(lab) == ["node-0", "node-1", "node-2"]
    lab.create("v1", "Node", "node-3")
    lab.settle()
    status = lab.status("DaemonSet", "agent")
    counted = ("desired", "current", "updated")
    assert [status[f"{name}NumberScheduled"] for name in counted] == [4, 4, 4]
    assert (status["numberReady"], status["numberAvailable"], status["numberMisscheduled"]) == (4, 4, 0)
    assert "numberUnavailable" not in status
    (revision,) = lab.store.objects("ControllerRevision", "default")
    assert labels_of(lab.pods()[0])["controller-revision-hash"] == labels_of(revision)["controller-revision-hash"]


def test_selectors_and_taints_say_which_nodes(lab: Any) -> None:
    lab.edit("Node", "node-0", lambda n: n["metadata"].setdefault("labels", {}).update(disk="ssd"), namespace="")
    lab.edit("Node", "node-1", lambda n: n["metadata"].setdefault("labels", {}).update(disk="ssd"), namespace="")
    _daemons(lab, {"nodeSelector": {"disk": "ssd"}})
    lab.settle()
    assert _places(lab) == ["node-0", "node-1"]
    taint = {"key": "role", "value": "db", "effect": "NoSchedule"}
    lab.edit("Node", "node-0", lambda n: n["spec"].update(taints=[taint]), namespace="")
    lab.settle()
    status = lab.status("DaemonSet", "agent")
    assert _places(lab) == ["node-0", "node-1"]
    assert (status["desiredNumberScheduled"], status["numberMisscheduled"]) == (1, 1)
    lab.edit("Node", "node-0", lambda n: n["spec"].update(taints=[{**taint, "effect": "NoExecute"}]), namespace="")
    lab.edit("Node", "node-1", lambda n: n["metadata"]["labels"].pop("disk"), namespace="")
    lab.settle()
    assert _places(lab) == []


def test_a_cordoned_node_keeps_its_daemons(lab: Any) -> None:
    _daemons(lab)
    lab.settle()
    taint = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
    lab.edit("Node", "node-0", lambda n: n["spec"].update(unschedulable=True, taints=[taint]), namespace="")
    lab.store.delete("Pod", "default", lab.pods()[0]["metadata"]["name"])
    lab.settle()
    assert _places(lab) == ["node-0", "node-1", "node-2"]


@pytest.mark.parametrize(("unavailable", "surge", "least", "most"), [(1, 0, 2, 3), (2, 0, 1, 3), (0, 1, 3, 4)])
def test_an_update_keeps_its_bounds(lab: Any, unavailable: int, surge: int, least: int, most: int) -> None:
    rolling = {"maxUnavailable": unavailable, "maxSurge": surge}
    _daemons(lab, updateStrategy={"type": "RollingUpdate", "rollingUpdate": rolling})
    lab.settle()
    _image(lab, "app:2")
    lowest, highest = 3, 0
    for _ in range(60):
        lab.ticks()
        ready = [pod for pod in lab.pods() if "deletionTimestamp" not in pod["metadata"]]
        available = lab.status("DaemonSet", "agent").get("numberAvailable", 0)
        lowest, highest = min(lowest, available), max(highest, len(ready))
    assert _images(lab) == ["app:2"] * 3
    assert lowest >= least
    assert highest <= most


def test_on_delete_waits_for_somebody_to_delete_the_pods(lab: Any) -> None:
    _daemons(lab, updateStrategy={"type": "OnDelete"})
    lab.settle()
    _image(lab, "app:2")
    lab.settle()
    assert _images(lab) == ["app:1"] * 3
    lab.store.delete("Pod", "default", lab.pods()[0]["metadata"]["name"])
    lab.settle()
    assert _images(lab) == ["app:1", "app:1", "app:2"]
    assert lab.status("DaemonSet", "agent")["updatedNumberScheduled"] == 1


def test_going_back_numbers_the_old_revision_anew(lab: Any) -> None:
    _daemons(lab, revisionHistoryLimit=1)
    for image in ("app:2", "app:3", "app:2"):
        lab.settle()
        _image(lab, image)
    lab.settle()
    revisions = lab.store.objects("ControllerRevision", "default")
    kept = {r["revision"]: r["data"]["spec"]["template"]["spec"]["containers"][0]["image"] for r in revisions}
    assert kept == {3: "app:3", 4: "app:2"}


def test_a_failed_daemon_is_replaced_later_and_later(lab: Any) -> None:
    lab.processes.exits["app:1"] = ProcessStatus(running=False, exit_code=1, reason="Error")
    _daemons(lab, {"restartPolicy": "Always"})
    lab.ticks(3)
    for pod in lab.pods():
        lab.store.update({**pod, "status": {**pod["status"], "phase": "Failed"}}, manager="test", subresource="status")
    lab.control.step()
    failed = [message for reason, message, _ in lab.events("agent") if reason == "FailedDaemonPod"]
    assert len(failed) == 3
    assert failed[0].startswith("Found failed daemon pod default/agent-")
    assert failed[0].endswith("on node node-0, will try to kill it")
