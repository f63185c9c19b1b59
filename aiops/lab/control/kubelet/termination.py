"""Ending a container: its preStop hook, SIGTERM, SIGKILL, and what is written down of how it ended.

As the kubelet's `killContainer`.
"""

from __future__ import annotations

from typing import Any

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.events import NORMAL, WARNING
from aiops.lab.control.kubelet.hooks import run_hook
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.worker import ContainerState
from aiops.lab.ports import ProcessStatus, Runtime

MINIMUM_GRACE = 2.0
"""Seconds that a process has between SIGTERM and SIGKILL at the least."""

EPOCH = rfc3339(0.0)
START_ERROR = 128
MESSAGE_LINES, MESSAGE_BYTES = 80, 2048
"""How much of the end of its log becomes the message of a container that failed, where its policy says so."""


class Terminator:
    """Stops containers and keeps the book of how they ended."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def kill(self, container: ContainerState, spec: Manifest, notes: PodNotes, grace: float, message: str = "") -> None:
        """Ask a running container to end within `grace` seconds, of which its preStop hook takes the first part."""
        if not container.stopping:
            notes.container(spec, NORMAL, "Killing", message or f"Stopping container {spec['name']}")
            container.stopping = True
            delay = min(self._pre_stop(container, spec, notes), grace) if grace > 0 else 0.0
        else:
            delay = 0.0
        self._runtime.terminate(container.id, delay, max(grace - delay, MINIMUM_GRACE))

    def _pre_stop(self, container: ContainerState, spec: Manifest, notes: PodNotes) -> float:
        """Run the preStop hook. Returns the seconds that it takes."""
        seconds, error = run_hook(self._runtime, container, spec, "preStop")
        if error:
            notes.container(spec, WARNING, "FailedPreStopHook", "PreStopHook failed")
        return seconds

    def ended(self, container: ContainerState, spec: Manifest, status: ProcessStatus, now: float) -> None:
        """Note that the process has ended, and drop it."""
        at = now if status.finished_at is None else status.finished_at
        code = status.exit_code or 0
        entry: dict[str, Any] = {
            "exitCode": code,
            "reason": status.reason or ("Error" if code else "Completed"),
            "startedAt": rfc3339(container.started_at),
            "finishedAt": rfc3339(at),
            "containerID": f"containerd://{container.id}",
        }
        if code and spec.get("terminationMessagePolicy") == "FallbackToLogsOnError":
            entry["message"] = self._end_of_log(container.id)
        self._runtime.stop(container.id)
        _close(container, entry, at)

    def never_started(self, container: ContainerState, problem: str, now: float) -> None:
        """Note that the runtime could not start the process."""
        entry = {
            "exitCode": START_ERROR,
            "reason": "StartError",
            "message": problem,
            "startedAt": EPOCH,
            "finishedAt": rfc3339(now),
            "containerID": f"containerd://{container.id}",
        }
        _close(container, entry, now)

    def _end_of_log(self, container_id: str) -> str:
        lines = self._runtime.logs(container_id, None, MESSAGE_LINES)
        return "".join(f"{line}\n" for _, line in lines)[-MESSAGE_BYTES:]


def _close(container: ContainerState, entry: dict[str, Any], at: float) -> None:
    container.state = {"terminated": entry}
    container.finished_at = at
    container.stopping = False
    container.probes = {}
