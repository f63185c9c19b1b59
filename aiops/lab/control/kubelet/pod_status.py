"""The status of a pod, computed from what its containers do."""

from __future__ import annotations

from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.worker import ContainerState, PodWorker, waiting

Condition = dict[str, Any]


def pod_status(pod: Manifest, worker: PodWorker, host_ip: str, now: float) -> dict[str, Any]:
    """The whole `status` of a pod that a node runs."""
    spec, before = pod["spec"], pod.get("status", {})
    main = [worker.container(c["name"]) for c in spec["containers"]]
    init = [worker.container(c["name"]) for c in spec.get("initContainers") or ()]
    status: dict[str, Any] = {
        "phase": phase(spec, init, main),
        "conditions": _conditions(pod, init, main, now),
        "hostIP": host_ip,
        "hostIPs": [{"ip": host_ip}],
        "podIP": worker.ip,
        "podIPs": [{"ip": worker.ip}],
        "startTime": before.get("startTime") or rfc3339(now),
        "qosClass": before.get("qosClass", "BestEffort"),
    }
    if init:
        status["initContainerStatuses"] = [_container(c, spec["initContainers"][i]) for i, c in enumerate(init)]
    status["containerStatuses"] = [
        _container(c, spec["containers"][i], initialising=not initialised(init)) for i, c in enumerate(main)
    ]
    return status


def initialised(init: list[ContainerState]) -> bool:
    return all(container.exit_code == 0 for container in init)


def phase(spec: Manifest, init: list[ContainerState], main: list[ContainerState]) -> str:
    """Pending until every container has run; Succeeded or Failed once they all ended for good."""
    policy = spec.get("restartPolicy", "Always")
    if not initialised(init):
        return "Failed" if policy == "Never" and any(c.exit_code not in (0, None) for c in init) else "Pending"
    if any("waiting" in c.state and not c.last_state for c in main):
        return "Pending"
    if policy == "Always" or not all(c.ended for c in main):
        return "Running"
    if all(c.exit_code == 0 for c in main):
        return "Succeeded"
    return "Failed" if policy == "Never" else "Running"


def is_ready(container: ContainerState) -> bool:
    """Runs, has started, and its readiness probe (where it has one) passes."""
    probes = container.probes
    return container.running and all(probes[kind].good for kind in ("startupProbe", "readinessProbe") if kind in probes)


def _container(container: ContainerState, spec: Manifest, *, initialising: bool = False) -> dict[str, Any]:
    startup = container.probes.get("startupProbe")
    entry: dict[str, Any] = {
        "name": container.name,
        "state": waiting("PodInitializing") if initialising and not container.id else container.state,
        "lastState": container.last_state,
        "ready": container.exit_code == 0 if container.ended else is_ready(container),
        "restartCount": container.restarts,
        "image": container.image or spec["image"],
        "imageID": image_id(container.image) if container.image else "",
        "started": container.running and (startup is None or startup.good),
    }
    if container.id:
        entry["containerID"] = f"containerd://{container.id}"
    return entry


def image_id(image: str) -> str:
    """The same text for the same image, in the form of a digest."""
    return f"{image.partition(':')[0]}@sha256:{image.encode().hex():0<64.64}"


def _conditions(pod: Manifest, init: list[ContainerState], main: list[ContainerState], now: float) -> list[Condition]:
    ready = initialised(init) and all(is_ready(container) for container in main)
    names = [container.name for container in main if not is_ready(container)]
    why = (
        {}
        if ready
        else {"reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(names)}]"}
    )
    pending = [container.name for container in init if container.exit_code != 0]
    uninitialised = {
        "reason": "ContainersNotInitialized",
        "message": f"containers with incomplete status: [{' '.join(pending)}]",
    }
    sandbox = any(container.id or container.pulled_at for container in (*init, *main))
    wanted: list[tuple[str, bool, dict[str, str]]] = [
        ("PodReadyToStartContainers", sandbox, {}),
        ("Initialized", not pending, uninitialised if pending else {}),
        ("Ready", ready, why),
        ("ContainersReady", ready, why),
        ("PodScheduled", True, {}),
    ]
    known = {entry["type"]: entry for entry in pod.get("status", {}).get("conditions") or ()}
    return [_condition(known.get(kind), kind, holds, why, now) for kind, holds, why in wanted]


def _condition(old: Condition | None, kind: str, holds: bool, why: dict[str, str], now: float) -> Condition:
    status = "True" if holds else "False"
    same = old is not None and old["status"] == status
    since = old["lastTransitionTime"] if old is not None and same else rfc3339(now)
    return {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since, **why}
