"""The container runtime: images, processes, probes, commands. The kubelet drives it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from math import inf

from aiops.core.entity import Manifest
from aiops.lab.apps.images import ARCHITECTURE, Image, ImageRegistry, split_reference
from aiops.lab.apps.model import Program
from aiops.lab.logs.entries import LogEntry
from aiops.lab.logs.phrases import Phrases
from aiops.lab.ports import (
    ClusterView,
    ContainerStart,
    ContainerUse,
    ExecResult,
    HttpReply,
    ImageFacts,
    Listener,
    ProcessStatus,
)
from aiops.lab.traffic.network.network import Network, peer_of
from aiops.lab.traffic.processes.process import UTILITY, Process, facts
from aiops.lab.traffic.runtime.commands.inside import Inside
from aiops.lab.traffic.runtime.commands.reach import listener
from aiops.lab.traffic.runtime.commands.requests import http_reply
from aiops.lab.traffic.runtime.commands.table import executable, run
from aiops.lab.traffic.runtime.container_logs import ContainerLogs
from aiops.lab.traffic.runtime.courses import Course, StartError, course_of, is_server, loop_lines, open_files
from aiops.lab.traffic.runtime.probes import kubelet, probe
from aiops.lab.traffic.runtime.starting import START_CODES, meant_to_end, start_problem
from aiops.lab.traffic.runtime.surroundings import Alone, Surroundings

_CRASH_SECONDS = 0.6
TERMINATION_SECONDS = 2.0
"""How long a server takes to end when it is asked to."""

_PATIENT = 0.9
"""Seconds that every probe waits for its answer."""

KILLED, TERMINATED, HEAP_EXHAUSTED = 137, 143, 3
_STOP_CODES = {"go": 2, "java": TERMINATED, "python": TERMINATED, "nodejs": TERMINATED}
"""How SIGTERM ends a server that does nothing about it; those of other languages end well."""


class ContainerRuntime:
    """Implements `Runtime`. `revision` rises whenever a process starts, begins to listen, or ends."""

    def __init__(
        self, programs: Mapping[str, Program], view: ClusterView, now: Callable[[], float], phrases: Phrases
    ) -> None:
        self.revision = 0
        self.oom_kills: Counter[tuple[str, str, str]] = Counter()
        self.surroundings: Surroundings = Alone()
        self.unsound = False
        """Whether packets between kubelets and their pods may be late or lost now."""
        self._probe_epoch = 0
        self._probed_revision = -1
        self._registry = ImageRegistry(programs)
        self._view = view
        self._now = now
        self._phrases = phrases
        self._processes: dict[str, Process] = {}
        self.container_logs = ContainerLogs(self._processes, self._entries, phrases, now)
        self._by_pod: dict[tuple[str, str], dict[str, Process]] = {}
        self._courses: dict[str, Course] = {}
        self._waiting: dict[str, Image] = {}
        self._events: list[float] = []
        self._ends: list[tuple[float, str]] = []
        self._network: tuple[int, Network] | None = None

    # ---- images

    def pull(self, image: str, logins: Mapping[str, tuple[str, str]]) -> str | None:
        return self._registry.pull(image, logins)

    def facts(self, image: str) -> ImageFacts:
        return self._registry.image(image).facts

    # ---- processes

    def start(self, container: ContainerStart) -> str | None:
        image = self._registry.image(container.image)
        if image.program is not None and is_server(container, image):
            self._start_server(container, image, image.program)
            return None
        return self._start_command(container, image)

    def _start_server(self, container: ContainerStart, image: Image, program: Program) -> None:
        files = open_files(container)
        if files:
            limits = {"max_open_files": files, "max_connections": min(program.max_connections, files)}
            program = program.model_copy(update=limits)
        process = Process(
            container,
            image.name,
            program,
            listens_at=container.started_at + _startup_seconds(container, program),
            files=container.files,
            tools=image.tools,
            stop_code=_STOP_CODES.get(program.language, 0),
            uid=_number(image.facts.user),
        )
        process.plight = self.surroundings.plight(process)
        problem = self._start_problem(process, image)
        if problem is None:
            self._say(process, "startup", container.started_at, program.startup_seconds)
        else:
            self._say(process, problem[0], container.started_at, _CRASH_SECONDS, variable=problem[1])
            process.end(container.started_at + _CRASH_SECONDS, START_CODES.get(problem[0], 1), "Error")
        self._adopt(process)

    def _start_problem(self, process: Process, image: Image) -> tuple[str, str] | None:
        container = process.container
        node = self._view.find("Node", "", container.pod["spec"].get("nodeName", ""))
        return start_problem(process, image, self._registry.architecture(container.image), node)

    def _start_command(self, container: ContainerStart, image: Image) -> str | None:
        """A command in the place of a server. Returns why it cannot be started."""
        process = Process(
            container,
            image.name,
            UTILITY,
            listens_at=container.started_at,
            files=container.files,
            tools=image.tools,
            uid=_number(image.facts.user),
        )
        process.plight = self.surroundings.plight(process)
        try:
            course = course_of(self._inside(process), container, image, ends=meant_to_end(container))
        except StartError as error:
            return str(error)
        start = container.started_at
        process.log.extend(LogEntry(start + offset, line) for offset, line in course.lines)
        process.made = [(start + offset, path, there) for offset, path, there in course.made]
        process.stop_code = 0 if course.stops else None
        if course.loop:
            self._courses[container.id] = course
            if course.waits:
                self._waiting[container.id] = image
        elif course.seconds < inf:
            process.end(start + course.seconds, course.exit_code, "Error" if course.exit_code else "Completed")
        self._adopt(process)
        return None

    def _adopt(self, process: Process) -> None:
        container_id = process.container.id
        self._processes[container_id] = process
        self._by_pod.setdefault((process.namespace, process.pod), {})[container_id] = process
        heappush(self._events, process.listens_at)
        self._note_end(process)
        self.revision += 1

    def _note_end(self, process: Process) -> None:
        if process.ends_at is not None:
            heappush(self._ends, (process.ends_at, process.container.id))
            heappush(self._events, process.ends_at)

    def terminate(self, container_id: str, delay: float, grace: float) -> None:
        process, now = self._processes.get(container_id), self._now()
        if process is None or not process.running(now):
            return
        asked = now + delay
        if process.stop_code is not None and process.listening(now):
            self._say(process, "stopping", asked, min(TERMINATION_SECONDS, grace))
        if process.stop_code is not None and grace >= TERMINATION_SECONDS:
            moment, code = asked + TERMINATION_SECONDS, process.stop_code
        else:
            moment, code = asked + grace, KILLED
        if process.ends_at is None or moment < process.ends_at:
            process.end(moment, code, "Error" if code else "Completed")
            self._note_end(process)

    def stop(self, container_id: str) -> None:
        process = self._processes.pop(container_id, None)
        if process is None:
            return
        place = (process.namespace, process.pod)
        self._by_pod[place].pop(container_id)
        if not self._by_pod[place]:
            del self._by_pod[place]
        self.container_logs.keep(process)
        self._courses.pop(container_id, None)
        self._waiting.pop(container_id, None)
        self.revision += 1

    def status(self, container_id: str) -> ProcessStatus:
        process = self._processes.get(container_id)
        if process is None:
            return ProcessStatus(running=False, exit_code=0, reason="Completed", finished_at=self._now())
        return process.status(self._now())

    def ended(self) -> list[str]:
        found, now = [], self._now()
        for container_id in list(self._waiting):
            self._look_again(container_id)
        while self._ends and self._ends[0][0] <= now:
            moment, container_id = heappop(self._ends)
            process = self._processes.get(container_id)
            if process is not None and process.ends_at == moment:
                found.append(container_id)
        return found

    def resize(self, container_id: str, memory_limit: float | None, cpu_limit: float | None) -> None:
        process = self._processes.get(container_id)
        if process is not None:
            process.container = replace(process.container, memory_limit=memory_limit, cpu_limit=cpu_limit)
            self.revision += 1

    def rewrite(self, container_id: str, files: Mapping[str, str]) -> None:
        if container_id in self._processes:
            self._processes[container_id].files = files

    def running(self) -> list[Process]:
        """The processes that run now, in the order of namespace, pod and container."""
        now = self._now()
        found = [process for process in self._processes.values() if process.running(now)]
        return sorted(found, key=lambda p: (p.namespace, p.pod, p.container.name, p.container.id))

    def kill_for_memory(self, process: Process) -> None:
        """What the kernel does to a process above its memory limit."""
        process.end(self._now(), KILLED, "OOMKilled")
        self._note_end(process)
        self.oom_kills[process.place] += 1
        self.revision += 1

    def end_for_heap(self, process: Process) -> None:
        """What a virtual machine does whose heap is used up."""
        if process.running(self._now()):
            self._say(process, "heap", self._now(), 0.0)
            process.end(self._now(), HEAP_EXHAUSTED, "Error")
            self._note_end(process)
            self.revision += 1

    def end_for_disk(self, process: Process) -> None:
        """What a store does that cannot write its own records."""
        if process.program.disk is not None and process.running(self._now()):
            self._say(process, "full", self._now(), 0.0)
            self.end(process, process.program.disk.abort_code)

    def end(self, process: Process, exit_code: int) -> None:
        """What happens to a process that ends by itself, or is ended by somebody beside the kubelet."""
        if process.running(self._now()):
            process.end(self._now(), exit_code, "Error")
            self._note_end(process)
            self.revision += 1

    def publish(self, repository: str, version: str, architecture: str = ARCHITECTURE) -> None:
        """Let a registry hold a version of an image. Raises `InvalidInputError` for an image that it does not know."""
        self._registry.publish(repository, version, architecture)

    def withdraw(self, repository: str, version: str) -> None:
        """Let a registry forget a version that was published."""
        self._registry.withdraw(repository, version)

    def listen_later(self, process: Process, moment: float) -> None:
        """A process that has not got enough CPU for its start yet listens at `moment` or later."""
        if process.listens_at < moment:
            was_listening = process.listens_at <= self._now()
            process.listens_at = moment
            heappush(self._events, moment)
            self.revision += was_listening

    def settle(self) -> None:
        """Notice the processes that began to listen, or ended, since the last call."""
        now, changed = self._now(), False
        while self._events and self._events[0] <= now:
            heappop(self._events)
            changed = True
        if changed:
            self.revision += 1

    def _look_again(self, container_id: str) -> None:
        """Whether what a script waits for has come about, so that it goes on to its end."""
        process, image = self._processes[container_id], self._waiting[container_id]
        course = course_of(self._inside(process), process.container, image, ends=meant_to_end(process.container))
        if course.loop or not process.running(self._now()):
            return
        del self._waiting[container_id]
        written = len(self._courses[container_id].lines)
        process.log.extend(LogEntry(self._now() + offset, line) for offset, line in course.lines[written:])
        if course.seconds < inf:
            process.end(self._now() + course.seconds, course.exit_code, "Error" if course.exit_code else "Completed")
            self._note_end(process)

    # ---- what can be asked of them

    def probe(self, container_id: str, probe_spec: Manifest) -> str | None:
        process = self._processes.get(container_id)
        if process is None:
            return "container is not running"
        command = (probe_spec.get("exec") or {}).get("command") or ()
        if command and executable(command[0], process.tools):
            result = self.execute(container_id, command)
            late = result.seconds > float(probe_spec.get("timeoutSeconds", 1))
            if late:
                return (
                    f'command timed out: "{" ".join(command)}" timed out after {probe_spec.get("timeoutSeconds", 1)}s'
                )
            return None if result.exit_code == 0 else result.stdout + result.stderr
        pod = self._view.find("Pod", process.namespace, process.pod) or process.container.pod
        wait = self.surroundings.wait(container_id)
        paths = self.surroundings.paths() if self.unsound else None
        if paths is None:
            return probe(process, pod, probe_spec, self._now(), wait)
        server, limit = peer_of(pod), float(probe_spec.get("timeoutSeconds", 1))
        way = paths.between(kubelet(server.node), server, limit)
        return probe(process, pod, probe_spec, self._now(), wait, way)

    def probe_epoch(self) -> int:
        slow = self.unsound or self.surroundings.longest_wait() > _PATIENT
        if slow or self.revision != self._probed_revision:
            self._probed_revision = self.revision
            self._probe_epoch += 1
        return self._probe_epoch

    def execute(self, container_id: str, command: Sequence[str]) -> ExecResult:
        process = self._processes.get(container_id)
        if process is None or not process.running(self._now()):
            return ExecResult(1, problem=f"container {container_id} is not running")
        return run(self._inside(process), command, process.tools)

    def dial(self, namespace: str, pod: str, port: int) -> Listener | None:
        process = listener(self._by_pod.get((namespace, pod), {}).values(), port, self._now())
        if process is None:
            return None
        if process.program.protocol != "http":
            return Listener()

        def answer(method: str, path: str) -> HttpReply:
            return http_reply(self.surroundings.answer, process, method, path)

        return Listener(answer)

    def logs(self, container_id: str, since: float | None, tail: int | None) -> list[tuple[float, str]]:
        lines = self.container_logs.written(container_id, -inf if since is None else since, inf, tail)
        if tail is not None:
            lines = lines[max(len(lines) - tail, 0) :]
        return [(line.time, line.text) for line in lines]

    def use(self, container_id: str) -> ContainerUse | None:
        process = self._processes.get(container_id)
        if process is None or not process.running(self._now()):
            return None
        return self.surroundings.use(container_id)

    def node_use(self) -> Mapping[str, ContainerUse]:
        return self.surroundings.node_use()

    # ---- inside

    def _say(self, process: Process, event: str, start: float, seconds: float, **more: str) -> None:
        """Put the lines of an event into a process' log, spread over some seconds."""
        book = self._phrases.of(process.program.language)
        lines = {"startup": book.startup, "stopping": book.stopping}
        templates = lines[event] if event in lines else (self._phrases.problem(process.program.language, event),)
        container = process.container
        values = {
            **facts(process),
            "version": split_reference(container.image)[1],
            "seconds": process.program.startup_seconds,
            **more,
        }
        for index, template in enumerate(templates):
            moment = start + seconds / len(templates) * (index + 0.7)
            process.log.append(LogEntry(moment, template, values, book.stream(event), process.plight.clock_offset))

    def _entries(self, process: Process) -> list[LogEntry]:
        course = self._courses.get(process.container.id)
        if course is None:
            return list(process.log)
        until = self._now() if process.ends_at is None else min(process.ends_at, self._now())
        rounds = loop_lines(self._inside(process), course, process.container.started_at, until)
        return [*process.log, *(LogEntry(moment, line) for moment, line in rounds)]

    def _inside(self, process: Process) -> Inside:
        pod = self._view.find("Pod", process.namespace, process.pod) or process.container.pod
        return Inside(
            process=process,
            pod=pod,
            node=self._view.find("Node", "", pod["spec"].get("nodeName", "")),
            now=self._now(),
            network=self._present_network,
            listeners=lambda namespace, name: list(self._by_pod.get((namespace, name), {}).values()),
            use=lambda: self.surroundings.use(process.container.id),
            answers=self.surroundings.answer,
            paths=self.surroundings.paths,
        )

    def _present_network(self) -> Network:
        """The network as it is now, read once for each state of the objects."""
        revision = self._view.revision
        if self._network is None or self._network[0] != revision:
            self._network = revision, Network(self._view)
        return self._network[1]


def _startup_seconds(container: ContainerStart, program: Program) -> float:
    """How long a program takes until it listens, where it gets all the CPU that it may have."""
    return max(program.startup_seconds, program.startup_cpu_seconds / (container.cpu_limit or 1.0))


def _number(user: str) -> int:
    """A named user has some number; which one is the image's affair."""
    return int(user) if user.isdecimal() else 1000
