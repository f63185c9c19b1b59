"""What happens to nodes, their accelerators, and the API server."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from aiops.core.disturbance.scope import Bytes, Occasional, OnNodes, Percent


class KubeletStopped(OnNodes):
    """The kubelet does nothing and says nothing; containers go on."""

    kind: Literal["node.kubelet_stopped"] = "node.kubelet_stopped"


class PowerOff(OnNodes):
    """The machine is off. When it is on again, its containers have ended."""

    kind: Literal["node.power_off"] = "node.power_off"


class NodeCpu(OnNodes):
    """Something outside of Kubernetes uses the node's CPU, in cores."""

    kind: Literal["node.cpu"] = "node.cpu"
    cores: float = Field(gt=0, le=10_000)


class NodeSteal(OnNodes):
    """The node is a virtual machine, and the host below it takes this share of its CPU away."""

    kind: Literal["node.steal"] = "node.steal"
    percent: float = Field(gt=0, lt=100)


class NodeMemory(OnNodes):
    """Something outside of Kubernetes holds the node's memory."""

    kind: Literal["node.memory"] = "node.memory"
    bytes: Bytes


class NodeDisk(OnNodes):
    """Something outside of Kubernetes lies on the node's disk."""

    kind: Literal["node.disk"] = "node.disk"
    bytes: Bytes


class NodeDiskSlow(OnNodes):
    """The node's disk gives and takes only this share of its bandwidth."""

    kind: Literal["node.disk_slow"] = "node.disk_slow"
    percent: Percent


class NodeConnections(OnNodes):
    """Something opens so many connections that the node's table of tracked connections holds as many entries of it, or
    would have to: of what does not fit, new connections are dropped."""

    kind: Literal["node.connections"] = "node.connections"
    entries: float = Field(gt=0, le=1e9)


class NodeClock(OnNodes):
    """The node's clock is ahead of the true time, or behind it where this is negative."""

    kind: Literal["node.clock"] = "node.clock"
    seconds: float = Field(ge=-1e9, le=1e9)


class AcceleratorThrottled(OnNodes):
    """The nodes' accelerators are too hot and run at a lower clock."""

    kind: Literal["accelerator.throttled"] = "accelerator.throttled"
    factor: float = Field(gt=1, le=100)
    celsius: float = Field(92.0, gt=0, le=150)


class AcceleratorFailed(OnNodes):
    """The nodes' accelerators fail with this Xid: processes that use them end, and their device plugin offers none.

    79 is a device that has fallen off the bus, 48 a memory error that could not be corrected."""

    kind: Literal["accelerator.failed"] = "accelerator.failed"
    xid: int = Field(79, gt=0, le=999)


class ApiServerOverload(Occasional):
    """The API server has no place for a share of the requests, and tells them to come again later."""

    kind: Literal["api_server.overload"] = "api_server.overload"
    percent: Percent


MachineDisturbance = (
    KubeletStopped
    | PowerOff
    | NodeCpu
    | NodeSteal
    | NodeMemory
    | NodeDisk
    | NodeDiskSlow
    | NodeConnections
    | NodeClock
    | AcceleratorThrottled
    | AcceleratorFailed
)
