"""The kubelet: images, configuration, probes, restarts, endings."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.backoff import Backoff
from aiops.lab.control.kubelet.durations import go_duration
from aiops.lab.kube.storage.deletion import DeleteOptions
from aiops.lab.ports import ProcessStatus

OOM = ProcessStatus(running=False, exit_code=137, reason="OOMKilled")
LIVENESS = {"livenessProbe": {"httpGet": {"port": 80}, "periodSeconds": 5, "failureThreshold": 2}}
READINESS = {"readinessProbe": {"httpGet": {"port": "http"}, "periodSeconds": 5}, "ports": [
    {"name": "http", "containerPort": 8080}]}  # fmt: skip


def _container(lab: Any, app: str = "web") -> dict[str, Any]:
    return dict(lab.pods(app)[0]["status"]["containerStatuses"][0])


def _reasons(lab: Any, about: str = "web") -> list[str]:
    return [reason for reason, _, _ in lab.events(about)]


def test_a_pod_gets_an_address_a_start_and_an_identity(lab: Any) -> None:
    lab.deploy(replicas=2)
    lab.settle()
    for pod in lab.pods():
        node = lab.store.get("Node", "", pod["spec"]["nodeName"])
        status = pod["status"]
        assert status["podIP"].rsplit(".", 1)[0] == node["spec"]["podCIDR"].rsplit(".", 1)[0]
        assert status["hostIP"] == node["status"]["addresses"][0]["address"]
        assert status["phase"] == "Running"
        assert status["containerStatuses"][0]["imageID"].startswith("app@sha256:")
        assert status["containerStatuses"][0]["containerID"].removeprefix("containerd://") in lab.processes.running
    assert len({pod["status"]["podIP"] for pod in lab.pods()}) == 2


def test_the_story_of_a_start_in_events(lab: Any) -> None:
    lab.deploy(replicas=1)
    lab.settle()
    pod = lab.pods()[0]["metadata"]["name"]
    assert _reasons(lab, pod) == ["Scheduled", "Pulling", "Pulled", "Created", "Started"]


def test_an_image_that_is_there_is_not_pulled_again(make_lab: Any) -> None:
    lab = make_lab(nodes=1)
    lab.deploy("one", replicas=1)
    lab.settle()
    lab.deploy("two", replicas=1)
    lab.settle()
    assert "Pulling" not in _reasons(lab, "two")
    assert (
        "Pulled",
        'Container image "app:1" already present on machine and can be accessed by the pod',
        1,
    ) in lab.events("two")


def test_an_image_that_is_missing_backs_off(lab: Any) -> None:
    lab.processes.missing["app:1"] = 'rpc error: code = NotFound desc = failed to resolve reference "app:1"'
    lab.deploy(replicas=1)
    lab.ticks()
    assert _container(lab)["state"]["waiting"]["reason"] == "ErrImagePull"
    lab.ticks()
    assert _container(lab)["state"]["waiting"] == {
        "reason": "ImagePullBackOff",
        "message": f'Back-off pulling image "app:1": ErrImagePull: {lab.processes.missing["app:1"]}',
    }
    lab.ticks(60)
    failures = {message: count for reason, message, count in lab.events("web") if reason == "Failed"}
    pulls = failures['Failed to pull image "app:1": ' + lab.processes.missing["app:1"]]
    assert 4 <= pulls <= 6, "10 s, doubled each time, in five minutes"
    lab.processes.missing.clear()
    lab.ticks(70)
    assert lab.words() == ["Running"]


def test_a_memory_limit_too_low_shows_in_the_last_state(lab: Any) -> None:
    lab.deploy(replicas=1)
    lab.settle()
    lab.processes.exits["app:1"] = OOM
    lab.ticks()
    assert _container(lab)["lastState"]["terminated"]["reason"] == "OOMKilled"
    assert _container(lab)["restartCount"] == 1, "the first restart comes at once"
    lab.ticks()
    container = _container(lab)
    assert container["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert container["state"]["waiting"]["message"].startswith("back-off 10s restarting failed container=app pod=web-")
    assert container["lastState"]["terminated"]["exitCode"] == 137
    assert container["ready"] is False
    assert lab.pods()[0]["status"]["phase"] == "Running"
    assert lab.words() == ["CrashLoopBackOff"]


def test_restarts_back_off_up_to_five_minutes(lab: Any) -> None:
    lab.deploy(replicas=1)
    lab.settle()
    lab.processes.exits["app:1"] = OOM
    starts: list[float] = []
    for _ in range(400):
        before = len(lab.processes.started)
        lab.ticks()
        if len(lab.processes.started) > before:
            starts.append(lab.now)
    gaps = [after - before for before, after in itertools.pairwise(starts)]
    assert gaps[:6] == pytest.approx([15, 25, 45, 85, 165, 305], abs=5)
    assert max(gaps) <= 310
    assert _container(lab)["restartCount"] == len(starts)


def test_a_long_good_run_forgives_earlier_crashes() -> None:
    backoff = Backoff()
    for moment in range(0, 100, 10):
        backoff.use(float(moment))
    assert backoff.until(90.0) == 390.0
    assert backoff.until(1000.0) == 1000.0
    backoff.use(1000.0)
    assert backoff.delay == 10.0


def test_readiness_decides_and_liveness_restarts(lab: Any) -> None:
    lab.deploy(replicas=1, container={**LIVENESS, **READINESS})
    lab.settle()
    assert _container(lab)["ready"] is True
    lab.processes.sick["app:1"] = "HTTP probe failed with statuscode: 503"
    lab.ticks(3)
    assert _container(lab)["restartCount"] == 1
    assert _container(lab)["ready"] is False
    assert _container(lab)["lastState"]["terminated"]["exitCode"] == 143, "it heeds SIGTERM"
    reasons = {(reason, message) for reason, message, _ in lab.events("web")}
    assert ("Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503") in reasons
    assert ("Killing", "Container app failed liveness probe, will be restarted") in reasons


def test_a_failing_readiness_probe_only_takes_the_pod_out(lab: Any) -> None:
    lab.deploy(replicas=1, container=READINESS)
    lab.settle()
    lab.processes.sick["app:1"] = "HTTP probe failed with statuscode: 503"
    lab.ticks(2)
    assert _container(lab)["ready"] is True, "two failures are not enough"
    lab.ticks(2)
    pod = lab.pods()[0]
    assert _container(lab)["ready"] is False
    assert _container(lab)["restartCount"] == 0
    ready = next(entry for entry in pod["status"]["conditions"] if entry["type"] == "Ready")
    assert ready["message"] == "containers with unready status: [app]"
    assert from_rfc3339(ready["lastTransitionTime"]) > from_rfc3339(pod["metadata"]["creationTimestamp"])
    lab.processes.sick.clear()
    lab.ticks(2)
    assert _container(lab)["ready"] is True


def test_a_probe_gets_the_number_of_a_named_port(lab: Any) -> None:
    lab.deploy(replicas=1, container=READINESS)
    lab.settle()
    assert {probe["httpGet"]["port"] for _, probe in lab.processes.probed} == {8080}


def test_until_the_startup_probe_passes_no_other_runs(lab: Any) -> None:
    startup = {"startupProbe": {"tcpSocket": {"port": 1}, "periodSeconds": 5, "failureThreshold": 3}}
    lab.processes.sick["app:1"] = "connection refused"
    lab.deploy(replicas=1, container={**LIVENESS, **startup})
    lab.ticks(4)
    assert {"tcpSocket" in probe for _, probe in lab.processes.probed} == {True}
    assert _container(lab)["started"] is False
    lab.ticks(2)
    assert "Container app failed startup probe, will be restarted" in [text for _, text, _ in lab.events("web")]
    lab.processes.sick.clear()
    lab.ticks(8)
    assert _container(lab)["started"] is True
    assert _container(lab)["ready"] is True
    assert any("httpGet" in probe for _, probe in lab.processes.probed)


def test_a_missing_key_stops_the_container_until_it_is_there(lab: Any) -> None:
    lab.create("v1", "ConfigMap", "settings", data={"MODE": "fast"})
    source = {"configMapKeyRef": {"name": "settings", "key": "LEVEL"}}
    lab.deploy(replicas=1, container={"env": [{"name": "LEVEL", "valueFrom": source}]})
    lab.ticks(3)
    assert _container(lab)["state"]["waiting"] == {
        "reason": "CreateContainerConfigError",
        "message": "couldn't find key LEVEL in ConfigMap default/settings",
    }
    assert lab.pods()[0]["status"]["phase"] == "Pending"
    lab.edit("ConfigMap", "settings", lambda item: item["data"].update(LEVEL="debug"))
    lab.ticks(4)
    assert lab.words() == ["Running"]
    (started,) = lab.processes.running.values()
    assert started.env == {"LEVEL": "debug"}


def test_a_missing_volume_source_keeps_the_pod_creating(lab: Any) -> None:
    volumes = [{"name": "settings", "configMap": {"name": "settings"}}]
    mounts = {"volumeMounts": [{"name": "settings", "mountPath": "/etc/app"}]}
    lab.deploy(replicas=1, container=mounts, volumes=volumes)
    lab.ticks(3)
    assert lab.words() == ["ContainerCreating"]
    message = 'MountVolume.SetUp failed for volume "settings" : configmap "settings" not found'
    assert message in [text for _, text, _ in lab.events("web")]
    lab.create("v1", "ConfigMap", "settings", data={"app.yaml": "a: 1"})
    lab.ticks(4)
    (started,) = lab.processes.running.values()
    assert started.files["/etc/app/app.yaml"] == "a: 1"


def test_limits_reach_the_runtime_in_bytes_and_cores(lab: Any) -> None:
    resources = {"limits": {"memory": "64Mi", "cpu": "250m"}}
    lab.deploy("limited", replicas=1, container={"resources": resources})
    lab.deploy("free", replicas=1)
    lab.settle()
    limits = {c.pod["metadata"]["labels"]["app"]: (c.memory_limit, c.cpu_limit) for c in lab.processes.running.values()}
    assert limits == {"limited": (64 * 2**20, 0.25), "free": (None, None)}
    assert lab.pods("limited")[0]["status"]["qosClass"] == "Guaranteed"


def test_init_containers_run_first_and_once(lab: Any) -> None:
    lab.processes.exits["init:1"] = ProcessStatus(running=False, exit_code=0, reason="Completed")
    lab.deploy(replicas=1, initContainers=[{"name": "prepare", "image": "init:1"}])
    lab.settle()
    status = lab.pods()[0]["status"]
    assert status["initContainerStatuses"][0]["state"]["terminated"]["reason"] == "Completed"
    assert [c.name for c in lab.processes.started.values()] == ["prepare", "app"]
    assert lab.words() == ["Running"]


def test_a_pod_that_runs_once_succeeds_or_fails(lab: Any) -> None:
    lab.processes.exits |= {
        "good:1": ProcessStatus(running=False, exit_code=0, reason="Completed"),
        "bad:1": ProcessStatus(running=False, exit_code=2, reason="Error"),
    }
    for name in ("good", "bad"):
        container = {"name": "app", "image": f"{name}:1"}
        lab.create("v1", "Pod", name, spec={"restartPolicy": "Never", "containers": [container]})
    lab.settle()
    phases = {pod["metadata"]["name"]: pod["status"]["phase"] for pod in lab.pods()}
    assert phases == {"good": "Succeeded", "bad": "Failed"}


def test_a_deleted_pod_ends_gracefully(lab: Any) -> None:
    lab.deploy(replicas=1)
    lab.settle()
    name = lab.pods()[0]["metadata"]["name"]
    lab.store.delete("Pod", "default", name)
    lab.control.step()
    assert lab.store.get("Pod", "default", name)["metadata"]["deletionGracePeriodSeconds"] == 30
    assert len(lab.pods()) == 2, "its successor is there already"
    lab.ticks(2)
    assert lab.store.find("Pod", "default", name) is None
    assert ("Killing", "Stopping container app", 1) in lab.events(name)
    lab.settle()
    assert lab.words() == ["Running"]
    assert len(lab.processes.running) == 1


def test_a_pod_deleted_by_force_is_gone_at_once(lab: Any) -> None:
    lab.deploy(replicas=1, container=READINESS)
    lab.settle()
    name = lab.pods()[0]["metadata"]["name"]
    lab.store.delete("Pod", "default", name, DeleteOptions(grace_seconds=0))
    assert lab.store.find("Pod", "default", name) is None
    lab.settle()
    assert lab.words() == ["Running"]
    assert len(lab.processes.running) == 1


def test_an_image_changed_in_place_restarts_the_container(lab: Any) -> None:
    lab.create("v1", "Pod", "solo", spec={"containers": [{"name": "app", "image": "app:1"}]})
    lab.settle()

    def change(pod: Manifest) -> None:
        pod["spec"]["containers"][0]["image"] = "app:2"

    lab.edit("Pod", "solo", change)
    lab.settle()
    (status,) = lab.pods()[0]["status"]["containerStatuses"]
    assert status["image"] == "app:2"
    assert status["restartCount"] == 1


def test_addresses_are_given_back(make_lab: Any) -> None:
    lab = make_lab(nodes=1)
    lab.deploy(replicas=1)
    for _ in range(300):
        lab.store.delete("Pod", "default", lab.pods()[0]["metadata"]["name"]) if lab.pods() else None
        lab.ticks(2)
    lab.settle()
    assert lab.pods()[0]["status"]["podIP"].startswith("10.244.0.")


@pytest.mark.parametrize(("seconds", "text"), [(10, "10s"), (40, "40s"), (80, "1m20s"), (300, "5m0s")])
def test_durations_are_written_as_in_go(seconds: float, text: str) -> None:
    assert go_duration(seconds) == text
