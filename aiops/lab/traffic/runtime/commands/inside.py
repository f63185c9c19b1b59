"""What a command in a container sees: its process, its pod and node, the network around it, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from zlib import crc32

from aiops.core.entity import Manifest
from aiops.lab.ports import ContainerUse, ExecResult
from aiops.lab.traffic.network.interference import Path, Paths
from aiops.lab.traffic.network.network import Network
from aiops.lab.traffic.network.policies import Peer
from aiops.lab.traffic.network.resolver import resolver_of
from aiops.lab.traffic.processes.process import Process
from aiops.lab.traffic.runtime.commands.dns import ClusterDns

Answers = Callable[[Process, str, str], tuple[int, float]]
"""(process, method, path) -> (HTTP status, seconds) of a request to it, by the traffic model."""


@dataclass(frozen=True, slots=True)
class Inside:
    """One container at one moment. `network` and `use` are asked only where they are needed."""

    process: Process
    pod: Manifest
    node: Manifest | None
    now: float
    network: Callable[[], Network]
    listeners: Callable[[str, str], list[Process]]
    """(namespace, pod) -> the processes that run in a pod."""
    use: Callable[[], ContainerUse | None]
    answers: Answers
    paths: Callable[[], Paths | None]
    """What disturbs packets and look-ups now."""

    @property
    def clock(self) -> float:
        """What the container takes for the time, in unix seconds."""
        return self.now + self.process.plight.clock_offset

    def at(self, moment: float) -> Inside:
        return replace(self, now=moment)

    @property
    def namespace(self) -> str:
        return self.process.namespace

    @property
    def hostname(self) -> str:
        spec = self.pod["spec"]
        if spec.get("hostNetwork"):
            return str(spec.get("nodeName", ""))
        return str(spec.get("hostname") or self.process.pod)

    @property
    def address(self) -> str:
        return str((self.pod.get("status") or {}).get("podIP") or "")

    @property
    def dns(self) -> ClusterDns:
        network = self.network()
        return ClusterDns(network, resolver_of(self.pod, self.namespace, network.dns_address), self._looked_up)

    @property
    def environment(self) -> dict[str, str]:
        """Every variable of the container, as a program in it reads them."""
        base = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME": self.hostname}
        return {**base, **self.process.container.links, **self.process.container.env, "HOME": "/root"}

    def chance(self, share: float, of: str) -> bool:
        """Whether something that befalls a share of all tries befalls this one: the same for one moment and thing."""
        return self.key(of) < share * 2**32

    def key(self, of: str) -> int:
        """32 bits for what happens to something at this moment."""
        return crc32(f"{self.process.container.id}/{self.now}/{of}".encode())

    def way(self, server: Peer, timeout: float) -> Path:
        """How packets get to a pod."""
        paths, client = self.paths(), self.peer
        return Path() if paths is None or client is None else paths.between(client, server, timeout)

    @property
    def peer(self) -> Peer | None:
        return self.network().peers.get((self.namespace, self.process.pod))

    def _looked_up(self, service: str, namespace: str) -> tuple[bool, str]:
        paths, client = self.paths(), self.peer
        if paths is None or client is None:
            return False, ""
        failing, address = paths.lookup(client, service, namespace)
        return self.chance(failing, f"{service}.{namespace}"), address


def failed(code: int, message: str, seconds: float = 0.0) -> ExecResult:
    """A command that ends with a code and a line on its error stream."""
    return ExecResult(code, "", f"{message}\n" if message else "", seconds)


def printed(text: str, seconds: float = 0.0) -> ExecResult:
    return ExecResult(0, text, "", seconds)
