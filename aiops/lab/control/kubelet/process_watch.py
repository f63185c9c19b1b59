"""What the kubelets see of processes: that they have ended, and what their probes find."""

from __future__ import annotations

from aiops.lab.control.events import EventRecorder
from aiops.lab.control.kubelet.endings import grace_of
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.probes import NAMES, run_probes
from aiops.lab.control.kubelet.registry import Running, RunningContainers
from aiops.lab.control.kubelet.sequence import restarts
from aiops.lab.control.kubelet.termination import Terminator
from aiops.lab.control.nodes.machines import Machines
from aiops.lab.kube.objects import Key, deleting
from aiops.lab.kube.storage.store import ObjectStore
from aiops.lab.ports import Runtime


class ProcessWatch:
    """The processes of `running`. What ends on a machine that is down is heard of when it is up again."""

    def __init__(
        self,
        store: ObjectStore,
        runtime: Runtime,
        events: EventRecorder,
        machines: Machines,
        terminator: Terminator,
        running: RunningContainers,
    ) -> None:
        self._store = store
        self._runtime = runtime
        self._events = events
        self._machines = machines
        self._terminator = terminator
        self._running = running
        self._unheard: dict[str, list[str]] = {}
        self._epoch = -1
        self._probed_at = 0.0

    def look(self, now: float) -> dict[Key, None]:
        """Note the processes that have ended and run the probes that are due. Returns the pods that need a look."""
        changed: dict[Key, None] = {}
        for container_id in self._runtime.ended():
            running = self._running.get(container_id)
            if running is not None and not self._machines.is_up(running.node):
                self._unheard.setdefault(running.node, []).append(container_id)
            elif running is not None:
                self._note_end(running, now)
                changed[running.key] = None
        epoch = self._runtime.probe_epoch()
        if epoch != self._epoch:
            self._epoch = epoch
            self._running.wake(self._probed_at)
        self._probed_at = now
        for running in self._running.due(now):
            if self._machines.is_up(running.node) and self._probe(running, now):
                changed[running.key] = None
            self._running.probe_again(running)
        return changed

    def catch_up(self, node: str) -> None:
        """Hear of what ended on a machine while it was down."""
        for container_id in self._unheard.pop(node, ()):
            running = self._running.get(container_id)
            if running is not None:
                self._note_end(running, self._store.now())

    def _note_end(self, running: Running, now: float) -> None:
        container_id = running.container.id
        self._running.remove(container_id)
        self._terminator.ended(running.container, running.spec, self._runtime.status(container_id), now)

    def _probe(self, running: Running, now: float) -> bool:
        """Run the probes that are due. Returns whether the pod needs a look."""
        pod = self._store.find("Pod", *running.key)
        if pod is None:
            return True
        container, spec = running.container, running.spec
        notes = PodNotes(self._events, pod)
        result = run_probes(self._runtime, container, spec, notes, now)
        if result.kill:
            again = ", will be restarted" if restarts(pod, spec, 1) else ""
            message = f"Container {container.name} failed {NAMES[result.kill]} probe{again}"
            own = spec[result.kill].get("terminationGracePeriodSeconds")
            grace = grace_of(pod) if own is None or deleting(pod) else float(own)
            self._terminator.kill(container, spec, notes, grace, message)
        return result.changed or bool(result.kill)
