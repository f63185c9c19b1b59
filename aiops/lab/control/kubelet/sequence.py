"""Which containers of a pod should run now: init containers one after the other, sidecars beside, then the main ones.

As the kubelet's `computePodActions` and `computeInitContainerActions` decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.worker import ContainerState, PodWorker


@dataclass(frozen=True, slots=True)
class Plan:
    """`start`: the containers that should run and do not. `over`: nothing of the pod runs again."""

    start: tuple[Manifest, ...] = ()
    over: bool = False


def is_sidecar(spec: Manifest) -> bool:
    """An init container that keeps running beside the main ones."""
    return spec.get("restartPolicy") == "Always"


def init_containers(pod: Manifest) -> list[Manifest]:
    return pod["spec"].get("initContainers") or []


def ephemeral_containers(pod: Manifest) -> list[Manifest]:
    return pod["spec"].get("ephemeralContainers") or []


def all_containers(pod: Manifest) -> Iterator[Manifest]:
    """Every container of a pod, in the order in which they start."""
    yield from init_containers(pod)
    yield from pod["spec"]["containers"]
    yield from ephemeral_containers(pod)


def restarts(pod: Manifest, spec: Manifest, exit_code: int) -> bool:
    """Is a container started again that has ended so? As Kubernetes' `ContainerShouldRestart`."""
    own = spec.get("restartPolicy")
    if own and _rule_matches(spec, exit_code):
        return True
    policy = own or pod["spec"].get("restartPolicy", "Always")
    return policy == "Always" or (policy == "OnFailure" and exit_code != 0)


def _rule_matches(spec: Manifest, exit_code: int) -> bool:
    """Does one of the container's restart rules name this exit code? Rules only ever restart."""
    for rule in spec.get("restartPolicyRules") or ():
        codes: dict[str, Any] = rule.get("exitCodes") or {}
        named = exit_code in (codes.get("values") or ())
        if named == (codes.get("operator") == "In"):
            return True
    return False


def plan(pod: Manifest, worker: PodWorker) -> Plan:
    """What to do next for a pod that is not being ended."""
    extra = tuple(spec for spec in ephemeral_containers(pod) if not _ever_ran(worker.container(spec["name"])))
    if not worker.initialized:
        start, over = _initialise(pod, worker)
        if over or not worker.initialized:
            return Plan((*extra, *start), over)
    main = [(spec, worker.container(spec["name"])) for spec in pod["spec"]["containers"]]
    due = tuple(spec for spec, container in main if _should_start(pod, spec, container))
    if not due and not any(container.running for _, container in main):
        return Plan(extra, over=True)
    sidecars = tuple(
        spec for spec in init_containers(pod) if is_sidecar(spec) and not worker.container(spec["name"]).running
    )
    return Plan((*extra, *sidecars, *due))


def _initialise(pod: Manifest, worker: PodWorker) -> tuple[list[Manifest], bool]:
    """(the init containers to start, whether one failed for good); notes once all are done."""
    start: list[Manifest] = []
    for spec in init_containers(pod):
        container = worker.container(spec["name"])
        if is_sidecar(spec):
            if not container.running:
                start.append(spec)
            if not container.started:
                return start, False
        elif container.exit_code is None:
            return ([*start, spec] if not container.running else start), False
        elif container.exit_code != 0:
            init_policy = {**spec, "restartPolicy": spec.get("restartPolicy") or _init_policy(pod)}
            return ([*start, spec], False) if restarts(pod, init_policy, container.exit_code) else ([], True)
    worker.initialized = True
    return start, False


def _init_policy(pod: Manifest) -> str:
    """An init container that has ended well is never started again, whatever the pod's policy."""
    return "Never" if pod["spec"].get("restartPolicy") == "Never" else "OnFailure"


def _should_start(pod: Manifest, spec: Manifest, container: ContainerState) -> bool:
    if container.running:
        return False
    code = container.exit_code
    return code is None or restarts(pod, spec, code)


def _ever_ran(container: ContainerState) -> bool:
    return bool(container.id)
