"""Sidecars, hooks, graces, deadlines, refusals: what a pod goes through beside plain starts and restarts."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.kube.storage.deletion import DeleteOptions
from aiops.lab.ports import ContainerUse, ProcessStatus

DONE = ProcessStatus(running=False, exit_code=0, reason="Completed")
FAILED = ProcessStatus(running=False, exit_code=3, reason="Error")
MIB = 2**20


def _pod(lab: Any, name: str = "one", **spec: Any) -> Manifest:
    containers = spec.pop("containers", [{"name": "app", "image": "app:1"}])
    return dict(lab.create("v1", "Pod", name, spec={"containers": containers, **spec}))


def _status(lab: Any, name: str = "one") -> dict[str, Any]:
    return dict(lab.status("Pod", name))


def _one(lab: Any, container: str = "app", field: str = "containerStatuses", name: str = "one") -> dict[str, Any]:
    return next(entry for entry in _status(lab, name)[field] if entry["name"] == container)


def _texts(lab: Any, about: str = "one") -> list[tuple[str, str]]:
    return [(reason, message) for reason, message, _ in lab.events(about)]


def test_a_pod_whose_init_containers_wait_says_so(lab: Any) -> None:
    _pod(lab, initContainers=[{"name": "first", "image": "init:1"}, {"name": "second", "image": "init:2"}])
    lab.ticks(3)
    status = _status(lab)
    assert status["phase"] == "Pending"
    assert "running" in _one(lab, "first", "initContainerStatuses")["state"]
    assert _one(lab)["state"] == {"waiting": {"reason": "PodInitializing"}}
    condition = next(each for each in status["conditions"] if each["type"] == "Initialized")
    assert (condition["status"], condition["message"]) == (
        "False",
        "containers with incomplete status: [first second]",
    )
    lab.processes.exits["init:1"] = DONE
    lab.processes.exits["init:2"] = DONE
    lab.settle()
    assert _status(lab)["phase"] == "Running"
    assert _one(lab, "first", "initContainerStatuses")["ready"] is True


def test_a_failing_init_container_is_tried_again_unless_never(lab: Any) -> None:
    lab.processes.exits["init:1"] = FAILED
    init = [{"name": "prep", "image": "init:1"}]
    _pod(lab, "again", initContainers=init)
    _pod(lab, "never", initContainers=init, restartPolicy="Never")
    lab.ticks(6)
    assert _one(lab, "prep", "initContainerStatuses", "again")["restartCount"] >= 1
    assert _status(lab, "again")["phase"] == "Pending"
    assert _status(lab, "never")["phase"] == "Failed"
    assert [c.name for c in lab.processes.started.values() if c.image == "app:1"] == []


def test_a_sidecar_starts_before_and_ends_after(lab: Any) -> None:
    sidecar = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}
    _pod(lab, initContainers=[sidecar, {"name": "prep", "image": "init:1"}])
    lab.processes.exits["init:1"] = DONE
    lab.settle()
    assert [c.name for c in lab.processes.started.values()] == ["proxy", "prep", "app"]
    assert _one(lab, "proxy", "initContainerStatuses")["ready"] is True
    lab.store.delete("Pod", "default", "one")
    lab.control.step()
    assert ("Killing", "Stopping container app") in _texts(lab)
    assert ("Killing", "Stopping container proxy") not in _texts(lab)
    lab.ticks(3)
    assert ("Killing", "Stopping container proxy") in _texts(lab)
    lab.ticks(2)
    assert lab.store.find("Pod", "default", "one") is None


def test_a_sidecar_does_not_keep_a_finished_pod_alive(lab: Any) -> None:
    sidecar = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}
    lab.processes.exits["app:1"] = DONE
    _pod(lab, initContainers=[sidecar], restartPolicy="Never")
    lab.settle()
    status = _status(lab)
    assert status["phase"] == "Succeeded"
    assert "terminated" in _one(lab, "proxy", "initContainerStatuses")["state"]
    ready = next(each for each in status["conditions"] if each["type"] == "Ready")
    assert (ready["status"], ready["reason"]) == ("False", "PodCompleted")
    assert lab.processes.running == {}


def test_a_sidecar_waits_for_its_startup_probe_and_is_restarted(lab: Any) -> None:
    probe = {"tcpSocket": {"port": 1}, "periodSeconds": 5}
    sidecar = {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always", "startupProbe": probe}
    lab.processes.sick["proxy:1"] = "connection refused"
    _pod(lab, initContainers=[sidecar])
    lab.ticks(3)
    assert [c.name for c in lab.processes.started.values()] == ["proxy"]
    lab.processes.sick.clear()
    lab.settle()
    assert _status(lab)["phase"] == "Running"
    lab.processes.exits["proxy:1"] = FAILED
    lab.ticks()
    lab.processes.exits.clear()
    lab.settle()
    assert _one(lab, "proxy", "initContainerStatuses")["restartCount"] >= 1
    assert _one(lab)["restartCount"] == 0


def test_a_process_that_ignores_sigterm_is_killed_after_its_grace(lab: Any) -> None:
    lab.processes.stubborn = True
    _pod(lab, terminationGracePeriodSeconds=20)
    lab.settle()
    lab.store.delete("Pod", "default", "one")
    lab.ticks(3)
    assert lab.store.find("Pod", "default", "one") is not None
    lab.ticks(3)
    assert lab.store.find("Pod", "default", "one") is None


def test_a_second_deletion_may_leave_less_time(lab: Any) -> None:
    lab.processes.stubborn = True
    _pod(lab, terminationGracePeriodSeconds=300)
    lab.settle()
    lab.store.delete("Pod", "default", "one")
    lab.ticks(2)
    lab.store.delete("Pod", "default", "one", DeleteOptions(grace_seconds=1))
    lab.ticks(3)
    assert lab.store.find("Pod", "default", "one") is None


@pytest.mark.parametrize(
    ("hook", "ticks"),
    [({"sleep": {"seconds": 12}}, 3), ({"exec": {"command": ["drain"]}}, 1), ({"httpGet": {"port": 80}}, 1)],
)
def test_the_pre_stop_hook_takes_its_time(lab: Any, hook: Manifest, ticks: int) -> None:
    _pod(lab, containers=[{"name": "app", "image": "app:1", "lifecycle": {"preStop": hook}}])
    lab.settle()
    lab.store.delete("Pod", "default", "one")
    lab.ticks(ticks)
    assert lab.store.find("Pod", "default", "one") is not None
    lab.ticks(2)
    assert lab.store.find("Pod", "default", "one") is None


def test_hooks_that_fail_are_told(lab: Any) -> None:
    hook = {"exec": {"command": ["false"]}}
    container = {"name": "app", "image": "app:1", "lifecycle": {"preStop": hook, "postStart": hook}}
    _pod(lab, containers=[container])
    lab.ticks(4)
    assert ("FailedPostStartHook", "PostStartHook failed") in _texts(lab)
    assert ("FailedPreStopHook", "PreStopHook failed") in _texts(lab)
    assert _one(lab)["restartCount"] >= 1


def test_a_deadline_ends_the_pod(lab: Any) -> None:
    _pod(lab, activeDeadlineSeconds=60)
    lab.settle()
    assert _status(lab)["phase"] == "Running"
    lab.ticks(16)
    status = _status(lab)
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert status["message"] == "Pod was active on the node longer than the specified deadline"
    assert lab.processes.running == {}


def test_restart_rules_go_before_the_policy(lab: Any) -> None:
    rules = [{"action": "Restart", "exitCodes": {"operator": "In", "values": [3]}}]
    container = {"name": "app", "image": "app:1", "restartPolicy": "Never", "restartPolicyRules": rules}
    lab.processes.exits["app:1"] = FAILED
    _pod(lab, "ruled", containers=[container], restartPolicy="Never")
    _pod(lab, "plain", containers=[{"name": "app", "image": "app:1"}], restartPolicy="Never")
    lab.ticks(3)
    assert _one(lab, name="ruled")["restartCount"] >= 1
    assert _status(lab, "plain")["phase"] == "Failed"


def test_a_program_that_is_not_there(lab: Any) -> None:
    lab.processes.broken["app:1"] = 'exec: "nope": executable file not found in $PATH: unknown'
    _pod(lab)
    lab.ticks(2)
    container = _one(lab)
    assert container["lastState"]["terminated"]["reason"] == "StartError"
    assert container["lastState"]["terminated"]["exitCode"] == 128
    assert container["state"]["waiting"]["reason"] in ("RunContainerError", "CrashLoopBackOff")
    assert ("Failed", f"Error: {lab.processes.broken['app:1']}") in _texts(lab)


def test_the_end_of_the_log_becomes_the_message(lab: Any) -> None:
    lab.processes.exits["app:1"] = FAILED
    container = {"name": "app", "image": "app:1", "terminationMessagePolicy": "FallbackToLogsOnError"}
    _pod(lab, containers=[container], restartPolicy="Never")
    lab.settle()
    assert _one(lab)["state"]["terminated"]["message"].endswith("app line 4\n")


@pytest.mark.parametrize(
    ("container", "user", "message"),
    [
        ({}, "0", "container has runAsNonRoot and image will run as root"),
        ({}, "nobody", "image has non-numeric user (nobody), cannot verify user is non-root"),
        ({"securityContext": {"runAsUser": 0}}, "7", "container's runAsUser breaks non-root policy"),
    ],
)
def test_root_is_refused_where_it_must_not_be(lab: Any, container: Manifest, user: str, message: str) -> None:
    lab.processes.users["app:1"] = user
    containers = [{"name": "app", "image": "app:1", **container}]
    _pod(lab, containers=containers, securityContext={"runAsNonRoot": True})
    lab.ticks(2)
    waiting = _one(lab)["state"]["waiting"]
    assert waiting["reason"] == "CreateContainerConfigError"
    assert message in waiting["message"]
    _pod(lab, "two", containers=[{**containers[0], "securityContext": {"runAsUser": 9}}])
    lab.settle()
    assert _status(lab, "two")["phase"] == "Running"


def test_images_that_cannot_be_had(lab: Any) -> None:
    _pod(lab, "loud", containers=[{"name": "app", "image": "Library/App:1"}])
    _pod(lab, "absent", containers=[{"name": "app", "image": "app:9", "imagePullPolicy": "Never"}])
    lab.ticks(2)
    assert _one(lab, name="loud")["state"]["waiting"]["reason"] == "InvalidImageName"
    assert any(reason == "InspectFailed" and "must be lowercase" in text for reason, text in _texts(lab, "loud"))
    absent = _one(lab, name="absent")["state"]["waiting"]
    assert absent == {
        "reason": "ErrImageNeverPull",
        "message": 'Container image "app:9" is not present with pull policy of Never',
    }


def test_pull_secrets_are_shown_to_the_registry(lab: Any) -> None:
    auth = base64.b64encode(b"ann:secret").decode()
    config = json.dumps(
        {"auths": {"https://index.docker.io/v1/": {"auth": auth}, "r.example": {"username": "bo", "password": "x"}}}
    )
    data = {".dockerconfigjson": base64.b64encode(config.encode()).decode()}
    lab.create("v1", "Secret", "pull", type="kubernetes.io/dockerconfigjson", data=data)
    _pod(lab, imagePullSecrets=[{"name": "pull"}, {"name": "gone"}])
    lab.ticks()
    assert lab.processes.logins[-1] == {"docker.io": ("ann", "secret"), "r.example": ("bo", "x")}
    assert ("FailedToRetrieveImagePullSecret" in [reason for reason, _ in _texts(lab)]) is True


def test_a_node_takes_no_more_than_it_has(lab: Any) -> None:
    big = {"name": "app", "image": "app:1", "resources": {"requests": {"cpu": "3"}}}
    for name in ("first", "second"):
        _pod(lab, name, containers=[big], nodeName="node-0")
    lab.settle()
    assert _status(lab, "first")["phase"] == "Running"
    status = _status(lab, "second")
    assert (status["phase"], status["reason"]) == ("Failed", "OutOfcpu")
    assert status["message"] == (
        "Pod was rejected: Node didn't have enough resource: cpu, requested: 3000, used: 3000, capacity: 4000"
    )
    lab.store.delete("Pod", "default", "first")
    lab.settle()
    _pod(lab, "third", containers=[big], nodeName="node-0")
    lab.settle()
    assert _status(lab, "third")["phase"] == "Running"


def test_a_host_port_is_given_once(lab: Any) -> None:
    container = {"name": "app", "image": "app:1", "ports": [{"containerPort": 80, "hostPort": 8080}]}
    for name in ("first", "second"):
        _pod(lab, name, containers=[container], nodeName="node-0")
    _pod(lab, "selective", nodeName="node-0", nodeSelector={"disk": "ssd"})
    lab.settle()
    assert _status(lab, "second")["reason"] == "NodePorts"
    assert _status(lab, "selective")["reason"] == "NodeAffinity"


def test_a_changed_config_map_is_seen_after_about_a_minute(lab: Any) -> None:
    lab.create("v1", "ConfigMap", "settings", data={"mode": "slow"})
    mounts = [{"name": "v", "mountPath": "/etc/app"}, {"name": "v", "mountPath": "/fixed", "subPath": "mode"}]
    container = {"name": "app", "image": "app:1", "volumeMounts": mounts}
    _pod(lab, containers=[container], volumes=[{"name": "v", "configMap": {"name": "settings"}}])
    lab.settle()
    lab.edit("ConfigMap", "settings", lambda item: item["data"].update(mode="fast"))
    lab.ticks(6)
    assert lab.processes.files == {}
    lab.ticks(12)
    (files,) = lab.processes.files.values()
    assert files["/etc/app/mode"] == "fast"


def test_a_readiness_gate_is_waited_for(lab: Any) -> None:
    _pod(lab, readinessGates=[{"conditionType": "example.com/gate"}])
    lab.settle()
    assert lab.conditions("Pod", "one")["Ready"] == ("False", "ReadinessGatesNotReady")
    assert lab.conditions("Pod", "one")["ContainersReady"] == ("True", "")
    pod = lab.store.get("Pod", "default", "one")
    gate = {"type": "example.com/gate", "status": "True", "lastTransitionTime": None}
    status = {**pod["status"], "conditions": [*pod["status"]["conditions"], gate]}
    lab.store.update({**pod, "status": status}, manager="gate", subresource="status")
    lab.settle()
    assert lab.conditions("Pod", "one")["Ready"] == ("True", "")


def test_an_ephemeral_container_starts_beside_and_never_again(lab: Any) -> None:
    _pod(lab)
    lab.settle()
    pod = lab.store.get("Pod", "default", "one")
    extra = {"name": "look", "image": "busybox:1", "command": ["sh"]}
    changed = {**pod, "spec": {**pod["spec"], "ephemeralContainers": [extra]}}
    lab.store.update(changed, manager="kubectl", subresource="ephemeralcontainers")
    lab.settle()
    assert "running" in _one(lab, "look", "ephemeralContainerStatuses")["state"]
    lab.processes.exits["busybox:1"] = DONE
    lab.settle()
    assert _one(lab, "look", "ephemeralContainerStatuses")["state"]["terminated"]["exitCode"] == 0
    assert sum(c.name == "look" for c in lab.processes.started.values()) == 1
    assert _status(lab)["phase"] == "Running"


@pytest.mark.parametrize(("policy", "restarts"), [("NotRequired", 0), ("RestartContainer", 1)])
def test_a_container_is_resized(lab: Any, policy: str, restarts: int) -> None:
    resources = {"requests": {"memory": "64Mi"}, "limits": {"memory": "128Mi"}}
    policies = [{"resourceName": "memory", "restartPolicy": policy}]
    _pod(lab, containers=[{"name": "app", "image": "app:1", "resources": resources, "resizePolicy": policies}])
    lab.settle()
    pod = lab.store.get("Pod", "default", "one")
    container = {**pod["spec"]["containers"][0], "resources": {**resources, "limits": {"memory": "256Mi"}}}
    changed = {**pod, "spec": {**pod["spec"], "containers": [container]}}
    lab.store.update(changed, manager="kubectl", subresource="resize")
    lab.settle()
    assert _one(lab)["restartCount"] == restarts
    assert _one(lab)["resources"]["limits"] == {"memory": "256Mi"}
    (running,) = lab.processes.running.values()
    limit = running.memory_limit if restarts else lab.processes.sizes[running.id][0]
    assert limit == 256 * MIB


def test_a_node_without_memory_evicts_who_uses_most_over_its_request(lab: Any) -> None:
    asks = {"resources": {"requests": {"memory": "100Mi"}}}
    _pod(lab, "modest", containers=[{"name": "app", "image": "modest:1", **asks}], nodeName="node-0")
    _pod(lab, "greedy", containers=[{"name": "app", "image": "greedy:1", **asks}], nodeName="node-0")
    lab.settle()
    lab.processes.uses = {"modest:1": ContainerUse(memory=50 * MIB), "greedy:1": ContainerUse(memory=900 * MIB)}
    lab.processes.nodes = {"node-0": ContainerUse(memory=8 * 1024 * MIB - 60 * MIB)}
    lab.ticks(3)
    status = _status(lab, "greedy")
    assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
    assert status["message"] == (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 60Mi. "
        "Container app was using 900Mi, request is 100Mi, has larger consumption of memory. "
    )
    assert ("DisruptionTarget", ("True", "TerminationByKubelet")) in lab.conditions("Pod", "greedy").items()
    assert lab.conditions("Node", "node-0", "")["MemoryPressure"] == ("True", "KubeletHasInsufficientMemory")
    lab.processes.nodes = {"node-0": ContainerUse(memory=MIB)}
    _pod(lab, "poor", nodeName="node-0")
    lab.ticks(2)
    assert _status(lab, "poor")["message"] == "Pod was rejected: The node had condition: [MemoryPressure]. "
    assert _status(lab, "modest")["phase"] == "Running"
    lab.ticks(65)
    assert lab.conditions("Node", "node-0", "")["MemoryPressure"] == ("False", "KubeletHasSufficientMemory")


def test_a_pod_that_uses_more_storage_than_it_may_goes(lab: Any) -> None:
    limit = {"resources": {"limits": {"ephemeral-storage": "10Mi"}}}
    _pod(lab, "full", containers=[{"name": "app", "image": "full:1", **limit}])
    _pod(lab, "free", containers=[{"name": "app", "image": "full:1"}])
    lab.settle()
    lab.processes.uses = {"full:1": ContainerUse(disk=20 * MIB)}
    lab.ticks(4)
    status = _status(lab, "full")
    assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
    assert status["message"] == "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. "
    assert _status(lab, "free")["phase"] == "Running"


def test_a_machine_that_is_down_says_nothing(lab: Any) -> None:
    _pod(lab, nodeName="node-0")
    lab.settle()
    lab.control.machines.stop("node-0")
    lab.processes.exits["app:1"] = FAILED
    lab.ticks(2)
    assert "running" in _one(lab)["state"]
    lab.control.machines.start("node-0")
    lab.ticks(2)
    assert _one(lab)["restartCount"] >= 1


def test_a_pod_declared_over_by_others_is_ended(lab: Any) -> None:
    _pod(lab)
    lab.settle()
    pod = lab.store.get("Pod", "default", "one")
    status = {**pod["status"], "phase": "Failed", "reason": "Shutdown", "message": "by somebody"}
    lab.store.update({**pod, "status": status}, manager="other", subresource="status")
    lab.settle()
    assert lab.processes.running == {}
    assert (_status(lab)["phase"], _status(lab)["reason"]) == ("Failed", "Shutdown")
