"""What `aiops connect` tells."""

from __future__ import annotations

from typing import Literal

from aiops.core.entity import Manifest
from aiops.core.model import Value


class Right(Value):
    """One right: whether the caller has it, and which tools need it. An empty `namespace` is the whole cluster.

    `resource` is written as kubectl does (`deployments.apps`, `pods/log`). `allowed` is None where the API server
    could not be asked, which `reason` then says.
    """

    verb: str
    resource: str
    namespace: str = ""
    effect: Literal["reads", "changes"]
    allowed: bool | None
    needed_by: tuple[str, ...]
    reason: str = ""


class MetricFamily(Value):
    """One metric that the tools read, and what for."""

    name: str
    used_for: str
    there: bool


class TrafficFamily(Value):
    """A family of request metrics that was recognised: of how many entities of a kind, told by which labels."""

    title: str
    kind: str
    entities: int
    labels: tuple[str, ...]


class Telemetry(Value):
    """A service of telemetry. `detail` says what is there, or why it cannot be reached. `recognised` are the families
    of request metrics that the golden signals are made of there."""

    name: str
    configured: bool
    reachable: bool = False
    detail: str = ""
    families: tuple[MetricFamily, ...] = ()
    recognised: tuple[TrafficFamily, ...] = ()


class Load(Value):
    """Requests that an activity makes. `every_minute`: it is a rate; else a number for each time that it is done."""

    activity: str
    kubernetes: float
    prometheus: float
    jaeger: float = 0.0
    every_minute: bool = False


class ConnectReport(Value):
    """`grants` are manifests that give the rights that are missing; those for changes only where changes are allowed.

    `problems` are what could not be found out. `can_read`: every right that reading needs is there.
    """

    server: str
    version: str
    user: str
    groups: tuple[str, ...]
    namespaces: tuple[str, ...]
    all_namespaces: bool
    read_only: bool
    rights: tuple[Right, ...]
    telemetry: tuple[Telemetry, ...]
    load: tuple[Load, ...]
    grants: tuple[Manifest, ...]
    problems: tuple[str, ...]
    can_read: bool
