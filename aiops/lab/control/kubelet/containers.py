"""One container on its way from its spec to a running process, again and again. As the kubelet's `startContainer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.events import NORMAL, WARNING
from aiops.lab.control.kubelet.durations import go_duration
from aiops.lab.control.kubelet.environment import ConfigError, environment, expand
from aiops.lab.control.kubelet.hooks import run_hook
from aiops.lab.control.kubelet.images import RESYNC, ImageManager, Logins
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.probes import new_probes
from aiops.lab.control.kubelet.resizing import limits_of
from aiops.lab.control.kubelet.security import check_user, pod_name
from aiops.lab.control.kubelet.termination import Terminator
from aiops.lab.control.kubelet.volumes import files_of
from aiops.lab.control.kubelet.worker import ContainerState, waiting
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import ContainerStart, Runtime

BACKOFF_NOTICE = 15.0
"""Seconds between two Events about a restart that has to wait."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a pod's containers share: the pod with its addresses, its volumes' files, the variables of Services, the
    registries' logins."""

    pod: Manifest
    volumes: dict[str, dict[str, str]]
    links: Mapping[str, str]
    logins: Logins


class ContainerManager:
    """Starts containers."""

    def __init__(self, store: ObjectStore, runtime: Runtime, rng: Random, terminator: Terminator) -> None:
        self._store = store
        self._runtime = runtime
        self._rng = rng
        self._terminator = terminator
        self._images = ImageManager(runtime, rng)

    def advance(
        self, around: Surroundings, container: ContainerState, spec: Manifest, notes: PodNotes, now: float
    ) -> float | None:
        """Bring a container that should run one step on. Returns when to look again."""
        if container.id:
            retry = container.restart_backoff.until(container.finished_at)
            if now < retry:
                _back_off(around.pod, container, spec, notes)
                return min(retry, now + BACKOFF_NOTICE)
        moment = self._images.ensure(container, spec, notes, around.logins, now)
        if moment is not None:
            return moment
        try:
            env = environment(self._store, around.pod, spec, around.links)
            check_user(around.pod, spec, self._runtime.facts(spec["image"]).user)
        except ConfigError as error:
            notes.container(spec, WARNING, "Failed", f"Error: {error}")
            container.pulled_at = None
            _wait(container, "CreateContainerConfigError", str(error))
            return now + RESYNC
        return self._start(around, container, spec, env, notes, now)

    def _start(
        self,
        around: Surroundings,
        container: ContainerState,
        spec: Manifest,
        env: dict[str, str],
        notes: PodNotes,
        now: float,
    ) -> float | None:
        if container.id:
            container.restarts += 1
            container.restart_backoff.use(now)
            if container.ended:
                container.last_state = container.state
        container.id = f"{self._rng.getrandbits(256):064x}"
        container.started_at = now
        container.resources = spec.get("resources") or {}
        container.pulled_at = None
        problem = self._runtime.start(_described(around, container, spec, env))
        notes.container(spec, NORMAL, "Created", "Container created")
        if problem:
            notes.container(spec, WARNING, "Failed", f"Error: {problem}")
            self._terminator.never_started(container, problem, now)
            _wait(container, "RunContainerError", problem)
            return now + RESYNC
        container.state = {"running": {"startedAt": rfc3339(now)}}
        container.probes = new_probes(spec, now)
        notes.container(spec, NORMAL, "Started", "Container started")
        if run_hook(self._runtime, container, spec, "postStart")[1]:
            notes.container(spec, WARNING, "FailedPostStartHook", "PostStartHook failed")
            grace = float(around.pod["spec"].get("terminationGracePeriodSeconds", 30))
            self._terminator.kill(container, spec, notes, grace, "FailedPostStartHook")
        return None


def _described(around: Surroundings, container: ContainerState, spec: Manifest, env: dict[str, str]) -> ContainerStart:
    memory, cpu = limits_of(spec)
    return ContainerStart(
        id=container.id,
        pod=around.pod,
        name=spec["name"],
        image=spec["image"],
        started_at=container.started_at,
        env=env,
        files=files_of(around.volumes, spec),
        memory_limit=memory,
        cpu_limit=cpu,
        command=tuple(expand(part, env, around.links) for part in spec.get("command") or ()),
        args=tuple(expand(part, env, around.links) for part in spec.get("args") or ()),
        links=around.links,
    )


def _back_off(pod: Manifest, container: ContainerState, spec: Manifest, notes: PodNotes) -> None:
    whose = pod_name(pod)
    delay = go_duration(container.restart_backoff.delay)
    _wait(container, "CrashLoopBackOff", f"back-off {delay} restarting failed container={spec['name']} pod={whose}")
    about = f"Back-off restarting failed container {spec['name']} in pod {whose}"
    notes.container(spec, WARNING, "BackOff", about)


def _wait(container: ContainerState, reason: str, message: str) -> None:
    """The container waits; how its process ended last stays visible."""
    if container.ended:
        container.last_state = container.state
    container.state = waiting(reason, message)
