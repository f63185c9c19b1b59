"""What processes read from the Kubernetes API with their service accounts, and what happens when they may not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from zlib import crc32

from aiops.core.entity import Manifest
from aiops.lab.apps.model import ApiRead
from aiops.lab.kube.access.rbac import Access, decide, forbidden
from aiops.lab.kube.access.user import service_account
from aiops.lab.kube.kinds.resources import RESOURCES
from aiops.lab.ports import ClusterView
from aiops.lab.traffic.processes.process import Process
from aiops.lab.writes import Writes

POLL = 30.0
"""Seconds between two reads of the same thing by one process."""

_CROWDED = "the server has received too many requests and has asked us to try again later"
"""What client libraries say when the API server has no place for a request."""

_TOKENS = "/var/run/secrets/kubernetes.io/serviceaccount"
_NO_TOKEN = f"open {_TOKENS}/token: no such file or directory"
"""What client libraries say in a container into which no account's token is mounted."""

_KINDS = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ConfigMap")
_BY_PLURAL = {(resource.group, resource.plural): resource for resource in RESOURCES}

Request = tuple[str, str, str, str]
"""(verb, group, resource, status code)."""


class ApiReads:
    """Which processes have what they need from the API. `requests` counts what they asked, as the API server does."""

    def __init__(self, view: ClusterView, refusals: Callable[[], float] | None = None) -> None:
        self.requests: Counter[Request] = Counter()
        self._refusals = refusals
        self._view = view
        self._writes = Writes(view, _KINDS)
        self._fingerprint: tuple[str, ...] = ()
        self._answers: dict[tuple[str, str, ApiRead], str] = {}
        self._had: dict[str, list[float]] = {}
        self._starved: dict[str, str] = {}
        self._tokens: dict[str, bool] = {}
        self._readers: tuple[Sequence[Process], list[Process]] = ((), [])

    def step(self, processes: Sequence[Process], now: float, dt: float) -> bool:
        """Let every process read what is due. Returns whether another set of processes than before cannot serve."""
        self._forget_answers()
        crowding = self._refusals() if self._refusals else 0.0
        had: dict[str, list[float]] = {}
        starved: dict[str, str] = {}
        if processes is not self._readers[0]:
            self._readers = processes, [process for process in processes if process.program.reads]
        for process in self._readers[1]:
            reads = process.program.reads
            if not process.listening(now):
                continue
            moments = had[process.container.id] = self._had.get(process.container.id, [-1.0] * len(reads))
            for index, read in enumerate(reads):
                problem = self._answer(process, read)
                if crowding and crc32(f"{process.container.id}/{now}/{index}".encode()) < crowding * 2**32:
                    problem = _CROWDED
                if problem != _NO_TOKEN and _due(moments[index], now, dt, failed=bool(problem)):
                    self._count(read, problem)
                if not problem:
                    moments[index] = now
                elif now - moments[index] > read.keep_seconds or moments[index] < 0:
                    starved.setdefault(process.container.id, problem)
        changed = starved.keys() != self._starved.keys()
        self._had, self._starved = had, starved
        return changed

    def starved(self, process: Process) -> str:
        """What the API answers to a process that cannot serve without it; empty where it can."""
        return self._starved.get(process.container.id, "")

    def refused(self, process: Process) -> list[str]:
        """Every refusal that a process gets at present, also while it still has what it read before."""
        return [problem for read in process.program.reads if (problem := self._answer(process, read))]

    def _forget_answers(self) -> None:
        if not self._writes.come():
            return
        fingerprint = tuple(
            f"{item['metadata'].get('uid')}/{item['metadata'].get('resourceVersion')}"
            for kind in _KINDS
            for item in self._view.objects(kind)
        )
        if fingerprint != self._fingerprint:
            self._fingerprint = fingerprint
            self._answers = {}

    def _answer(self, process: Process, read: ApiRead) -> str:
        """What the API server says to a read: empty where it gives the object, else its message."""
        known = self._tokens.get(process.container.id)
        if known is None:
            known = self._tokens[process.container.id] = _has_token(process)
        if not known:
            return _NO_TOKEN
        account = process.container.pod["spec"].get("serviceAccountName") or "default"
        key = (process.namespace, account, read)
        if key not in self._answers:
            self._answers[key] = self._ask(process.namespace, account, read)
        return self._answers[key]

    def _ask(self, namespace: str, account: str, read: ApiRead) -> str:
        user = service_account(namespace, account)
        named = f"{read.resource}{'.' + read.group if read.group else ''}"
        shown = f' "{read.name}"' if read.name else ""
        for verb in ("list", "watch") if read.verb == "list" else (read.verb,):
            access = Access(verb, read.group, read.resource, namespace=namespace, name=read.name)
            decision = decide(self._view, user, access)
            if not decision.allowed:
                return str(forbidden(user, access, decision.reason))
        resource = _BY_PLURAL[read.group, read.resource]
        if read.name and self._view.find(resource.kind, namespace, read.name) is None:
            return f"{named}{shown} not found"
        return ""

    def _count(self, read: ApiRead, problem: str) -> None:
        self.requests[read.verb.upper(), read.group, read.resource, _code(problem)] += 1


def _has_token(process: Process) -> bool:
    """Whether something is mounted where a container's clients look for the token of its account."""
    containers = process.container.pod["spec"].get("containers") or ()
    own: Manifest = next((container for container in containers if container["name"] == process.container.name), {})
    return any(mount["mountPath"] == _TOKENS for mount in own.get("volumeMounts") or ())


def _code(problem: str) -> str:
    """The HTTP status of what the API server says."""
    if problem == _CROWDED:
        return "429"
    return "200" if not problem else "403" if "is forbidden" in problem else "404"


def _due(last: float, now: float, dt: float, *, failed: bool) -> bool:
    """Whether a process reads in this step: at its first, every half minute, and each time while it is refused."""
    return failed or last < 0 or int(now / POLL) != int((now - dt) / POLL)
