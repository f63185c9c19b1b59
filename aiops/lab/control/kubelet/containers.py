"""One container on its way from its spec to a running process, again and again."""

from __future__ import annotations

from random import Random
from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.control.events import NORMAL, WARNING
from aiops.lab.control.kubelet.configuration import ConfigError, MountError, environment, files
from aiops.lab.control.kubelet.images import ImageManager
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.probes import new_probes
from aiops.lab.control.kubelet.worker import INFINITY, ContainerState, waiting
from aiops.lab.kube.objects import uid_of
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import ContainerStart, Runtime

RESYNC = 10.0
"""Seconds until a container whose configuration is broken is tried again."""

BACKOFF_NOTICE = 15.0
"""Seconds between two Events about a restart that has to wait."""


class ContainerManager:
    """Starts containers and keeps the book of how they ended."""

    def __init__(self, store: ObjectStore, runtime: Runtime, rng: Random) -> None:
        self._store = store
        self._runtime = runtime
        self._rng = rng
        self._images = ImageManager(runtime, rng)

    def advance(
        self, pod: Manifest, container: ContainerState, spec: Manifest, notes: PodNotes, now: float
    ) -> float | None:
        """Start the container where it should run and does not. Returns when to look again."""
        if container.running or (container.ended and not _restarts(pod, container)):
            return None
        if container.id:
            retry = container.restart_backoff.until(container.finished_at)
            if now < retry:
                self._back_off(pod, container, spec, notes)
                return min(retry, now + BACKOFF_NOTICE)
        try:
            content = files(self._store, pod, spec)
        except MountError as error:
            notes.pod_event(WARNING, "FailedMount", str(error))
            return now + RESYNC
        moment = self._images.ensure(container, spec, notes, now)
        if moment is not None:
            return moment
        try:
            env = environment(self._store, pod, spec)
        except ConfigError as error:
            notes.container(spec, WARNING, "Failed", f"Error: {error}")
            container.state = waiting("CreateContainerConfigError", str(error))
            return now + RESYNC
        self._start(pod, container, spec, env, content, now)
        notes.container(spec, NORMAL, "Created", f"Created container: {spec['name']}")
        notes.container(spec, NORMAL, "Started", f"Started container {spec['name']}")
        return None

    def _start(
        self,
        pod: Manifest,
        container: ContainerState,
        spec: Manifest,
        env: dict[str, str],
        content: dict[str, str],
        now: float,
    ) -> None:
        if container.id:
            container.restarts += 1
            container.restart_backoff.use(now)
            if container.ended:
                container.last_state = container.state
        container.id = f"{self._rng.getrandbits(256):064x}"
        container.state = {"running": {"startedAt": rfc3339(now)}}
        container.started_at = now
        container.pulled_at = None
        container.probes = new_probes(spec, now)
        container.next_probe_at = now
        limits = (spec.get("resources") or {}).get("limits") or {}
        self._runtime.start(
            ContainerStart(
                id=container.id,
                pod=pod,
                name=spec["name"],
                image=spec["image"],
                started_at=now,
                env=env,
                files=content,
                memory_limit=parse_quantity(limits["memory"]) if "memory" in limits else None,
                cpu_limit=parse_quantity(limits["cpu"]) if "cpu" in limits else None,
            )
        )

    def end(self, container: ContainerState, exit_code: int, reason: str, at: float) -> None:
        """Note that the process has ended, and drop it."""
        self._runtime.stop(container.id)
        ended: dict[str, Any] = {
            "exitCode": exit_code,
            "reason": reason,
            "startedAt": rfc3339(container.started_at),
            "finishedAt": rfc3339(at),
            "containerID": f"containerd://{container.id}",
        }
        container.state = {"terminated": ended}
        container.finished_at = at
        container.probes = {}
        container.next_probe_at = INFINITY

    def _back_off(self, pod: Manifest, container: ContainerState, spec: Manifest, notes: PodNotes) -> None:
        metadata = pod["metadata"]
        whose = f"{metadata['name']}_{metadata['namespace']}({uid_of(pod)})"
        if container.ended:
            container.last_state = container.state
        delay = go_duration(container.restart_backoff.delay)
        message = f"back-off {delay} restarting failed container={spec['name']} pod={whose}"
        container.state = waiting("CrashLoopBackOff", message)
        about = f"Back-off restarting failed container {spec['name']} in pod {whose}"
        notes.container(spec, WARNING, "BackOff", about)


def _restarts(pod: Manifest, container: ContainerState) -> bool:
    """Is a container that has ended started again?"""
    policy = pod["spec"].get("restartPolicy", "Always")
    init = any(entry["name"] == container.name for entry in pod["spec"].get("initContainers") or ())
    if policy == "Never":
        return False
    return container.exit_code != 0 or (policy == "Always" and not init)


def go_duration(seconds: float) -> str:
    """Whole seconds as Go writes them: `40s`, `2m40s`."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"
