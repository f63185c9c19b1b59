"""The phase of a pod, from what its containers do. As the kubelet's `getPhase`."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.sequence import init_containers, is_sidecar, restarts
from aiops.lab.control.kubelet.worker import PodWorker


def phase(pod: Manifest, worker: PodWorker) -> str:
    """Pending until every container has run; Succeeded or Failed once all ended for good."""
    if worker.ending is not None and worker.ending.phase:
        return worker.ending.phase
    if not worker.initialized:
        return "Failed" if _initialisation_failed(pod, worker) else "Pending"
    main = [worker.container(spec["name"]) for spec in pod["spec"]["containers"]]
    if any(not container.running and container.exit_code is None for container in main):
        return "Pending"
    sidecars = [worker.container(spec["name"]) for spec in init_containers(pod) if is_sidecar(spec)]
    if any(container.running for container in (*main, *sidecars)):
        return "Running"
    codes = [container.exit_code or 0 for container in main]
    terminal = worker.ending is not None
    again = any(restarts(pod, spec, code) for spec, code in zip(pod["spec"]["containers"], codes, strict=True))
    if again and not terminal:
        return "Running"
    return "Failed" if any(codes) else "Succeeded"


def _initialisation_failed(pod: Manifest, worker: PodWorker) -> bool:
    """Has an init container failed that is not started again?"""
    for spec in init_containers(pod):
        code = worker.container(spec["name"]).exit_code
        if not is_sidecar(spec) and code and not restarts(pod, spec, code):
            return True
    return False
