"""The container runtime: images, processes, probes, logs. The kubelet drives it."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Mapping
from math import inf

from aiops.core.entity import Manifest
from aiops.lab.apps.images import ImageRegistry, split_reference
from aiops.lab.apps.model import Program
from aiops.lab.ports import ClusterView, ContainerStart, ProcessStatus
from aiops.lab.traffic.languages import Phrases
from aiops.lab.traffic.probes import probe
from aiops.lab.traffic.process import LogEntry, Process, configuration_problem

_KEPT_LOGS = 512
_CRASH_SECONDS = 0.6


class ContainerRuntime:
    """Implements `Runtime`. `revision` rises whenever a process starts, begins to listen, or ends."""

    def __init__(
        self, programs: Mapping[str, Program], view: ClusterView, now: Callable[[], float], phrases: Phrases
    ) -> None:
        self.revision = 0
        self.waits: dict[str, float] = {}
        self.oom_kills: Counter[tuple[str, str, str]] = Counter()
        self._registry = ImageRegistry(programs)
        self._view = view
        self._now = now
        self._phrases = phrases
        self._processes: dict[str, Process] = {}
        self._old_logs: OrderedDict[str, deque[LogEntry]] = OrderedDict()
        self._next_event = inf

    def pull(self, image: str) -> str | None:
        return self._registry.pull(image)

    def start(self, container: ContainerStart) -> None:
        name, program = self._registry.program(container.image)
        process = Process(container, name, program, listens_at=container.started_at + program.startup_seconds)
        problem = configuration_problem(program, container.env)
        values = {
            "name": name,
            "version": split_reference(container.image)[1],
            "port": program.port,
            "pod": process.pod,
            "seconds": program.startup_seconds,
        }
        if problem is None:
            templates = self._phrases.startup(program.language)
        else:
            values["variable"] = problem[1]
            templates = [self._phrases.problem(program.language, problem[0])]
            process.end(container.started_at + _CRASH_SECONDS, 1, "Error")
        pause = (program.startup_seconds if problem is None else _CRASH_SECONDS) / len(templates)
        for index, template in enumerate(templates):
            moment = container.started_at + pause * (index + 0.7)
            process.log.append(LogEntry(moment, template, values))
        self._processes[container.id] = process
        self._changed()

    def stop(self, container_id: str) -> None:
        process = self._processes.pop(container_id, None)
        if process is None:
            return
        self._old_logs[container_id] = process.log
        if len(self._old_logs) > _KEPT_LOGS:
            self._old_logs.popitem(last=False)
        self._changed()

    def status(self, container_id: str) -> ProcessStatus:
        process = self._processes.get(container_id)
        if process is None:
            return ProcessStatus(running=False, exit_code=0, reason="Completed", finished_at=self._now())
        return process.status(self._now())

    def probe(self, container_id: str, probe_spec: Manifest) -> str | None:
        process = self._processes.get(container_id)
        if process is None:
            return "container is not running"
        pod = self._view.find("Pod", process.namespace, process.pod) or process.container.pod
        return probe(process, pod, probe_spec, self._now(), self.waits.get(container_id, 0.0))

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        now = self._now()
        process = self._processes.get(container_id)
        log = process.log if process else self._old_logs.get(container_id, ())
        kept = [entry for entry in log if entry.time <= now and (since is None or entry.time >= since)]
        kept.sort(key=lambda entry: entry.time)
        if tail is not None:
            kept = kept[len(kept) - tail :] if 0 < tail < len(kept) else kept[: len(kept) if tail else 0]
        return [(entry.time, self._phrases.line(entry)) for entry in kept]

    def running(self) -> list[Process]:
        """The processes that run now, in the order of namespace, pod and container."""
        now = self._now()
        found = [process for process in self._processes.values() if process.running(now)]
        return sorted(found, key=lambda p: (p.namespace, p.pod, p.container.name, p.container.id))

    def kill_for_memory(self, process: Process) -> None:
        """What the kernel does to a process above its memory limit."""
        process.end(self._now(), 137, "OOMKilled")
        self.oom_kills[process.place] += 1
        self._changed()

    def settle(self) -> None:
        """Notice the processes that began to listen, or ended, since the last call."""
        now = self._now()
        if now < self._next_event:
            return
        self.revision += 1
        moments = [m for p in self._processes.values() for m in (p.listens_at, p.ends_at) if m is not None and m > now]
        self._next_event = min(moments, default=inf)

    def _changed(self) -> None:
        self.revision += 1
        self._next_event = -inf
