"""The conditions of a pod that its kubelet writes, with their reasons. As Kubernetes' `pkg/kubelet/status`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.sequence import init_containers, is_sidecar
from aiops.lab.control.kubelet.worker import PodWorker

Condition = dict[str, Any]
OWN = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
NOT_READY, NOT_INITIALIZED = "ContainersNotReady", "ContainersNotInitialized"
GATES_NOT_READY = "ReadinessGatesNotReady"
_TERMINAL = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds, and why not."""

    holds: bool
    reason: str = ""
    message: str = ""


def conditions(pod: Manifest, worker: PodWorker, phase: str, now: float) -> list[Condition]:
    """All conditions: those of others as they are, then the kubelet's own."""
    before = pod.get("status", {}).get("conditions") or ()
    known = {entry["type"]: entry for entry in before}
    foreign = [entry for entry in before if entry["type"] not in OWN]
    if worker.ending is not None and worker.ending.condition is not None:
        foreign = [entry for entry in foreign if entry["type"] != worker.ending.condition["type"]]
        foreign.append(worker.ending.condition)
    ready = _containers_ready(pod, worker, phase)
    verdicts = (
        ("PodReadyToStartContainers", Verdict(bool(worker.ip))),
        ("Initialized", _initialized(pod, worker, phase)),
        ("Ready", _gated(pod, ready, {entry["type"]: entry for entry in foreign})),
        ("ContainersReady", ready),
        ("PodScheduled", Verdict(True)),
    )
    generation = pod["metadata"].get("generation")
    return foreign + [_condition(known.get(kind), kind, verdict, generation, now) for kind, verdict in verdicts]


def _condition(old: Condition | None, kind: str, verdict: Verdict, generation: int | None, now: float) -> Condition:
    status = "True" if verdict.holds else "False"
    known = old.get("lastTransitionTime") if old is not None and old["status"] == status else None
    since = known or rfc3339(now)
    made: Condition = {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": since}
    if generation:
        made["observedGeneration"] = generation
    for field, text in (("reason", verdict.reason), ("message", verdict.message)):
        if text:
            made[field] = text
    return made


def _containers_ready(pod: Manifest, worker: PodWorker, phase: str) -> Verdict:
    if phase in _TERMINAL:
        return Verdict(False, _TERMINAL[phase])
    specs = [*(spec for spec in init_containers(pod) if is_sidecar(spec)), *pod["spec"]["containers"]]
    unready = [spec["name"] for spec in specs if not worker.container(spec["name"]).ready]
    if not unready:
        return Verdict(True)
    return Verdict(False, NOT_READY, f"containers with unready status: [{' '.join(unready)}]")


def _initialized(pod: Manifest, worker: PodWorker, phase: str) -> Verdict:
    if phase == "Succeeded":
        return Verdict(True, "PodCompleted")
    if worker.initialized:
        return Verdict(True)
    pending = []
    for spec in init_containers(pod):
        container = worker.container(spec["name"])
        done = container.started if is_sidecar(spec) else container.ended and container.exit_code == 0
        if not done:
            pending.append(spec["name"])
    if not pending:
        return Verdict(True)
    return Verdict(False, NOT_INITIALIZED, f"containers with incomplete status: [{' '.join(pending)}]")


def _gated(pod: Manifest, ready: Verdict, foreign: dict[str, Condition]) -> Verdict:
    """Readiness gates hold up the pod's readiness, not its containers'."""
    if not ready.holds:
        return ready
    missing = []
    for gate in pod["spec"].get("readinessGates") or ():
        kind = gate["conditionType"]
        status = (foreign.get(kind) or {}).get("status")
        if status is None:
            missing.append(f'corresponding condition of pod readiness gate "{kind}" does not exist.')
        elif status != "True":
            missing.append(f'the status of pod readiness gate "{kind}" is not "True", but {status}')
    return Verdict(False, GATES_NOT_READY, ", ".join(missing)) if missing else ready
