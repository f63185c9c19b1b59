"""What an application is: programs (the code in an image), workloads (how a program is deployed), what users do.

Memory in bytes, CPU in cores, times in seconds unless a name says otherwise.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from aiops.core.model import Value
from aiops.lab.apps.calling import Call, Share
from aiops.lab.apps.demand import Bursts, Crowds, Day, Objective, Operation, Tenant
from aiops.lab.apps.program import ApiRead, Program, Quantity, Route

__all__ = [
    "ApiRead",
    "Application",
    "Autoscaler",
    "Call",
    "Day",
    "DisruptionBudget",
    "Node",
    "Objective",
    "Operation",
    "Program",
    "Resources",
    "Route",
    "SecretKey",
    "Taint",
    "Tls",
    "TlsSecret",
    "Volume",
    "Workload",
]

WorkloadKind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]

CLUSTER_NAMESPACES = ("aiops", "default", "ingress-nginx", "kube-system", "monitoring")
"""The namespaces of every cluster, which belong to no application."""


class SecretKey(Value):
    """A key of a Secret."""

    secret: str
    key: str


class Resources(Value):
    """Requests and limits of the one container; `memory_base` and `memory_warm` are shares of the memory limit that
    the process uses at its start and after it has served for a while."""

    cpu_request: str = "50m"
    cpu_limit: str = "400m"
    memory_request: str = "128Mi"
    memory_limit: str = "256Mi"
    memory_base: Share = 0.30
    memory_warm: Share = 0.67


class Volume(Value):
    """A volume at `path`: a PersistentVolumeClaim of `size`, an emptyDir of that limit where `claim` is false, or the
    node's own directory of this path where it is the `host`'s."""

    path: str
    size: str = "8Gi"
    claim: bool = True
    host: bool = False
    storage_class: str = ""


class Autoscaler(Value):
    """A HorizontalPodAutoscaler on CPU utilisation in percent of the request."""

    min_replicas: int = Field(2, gt=0)
    max_replicas: int = Field(gt=0)
    cpu_percent: int = Field(70, gt=0)


class DisruptionBudget(Value):
    """A PodDisruptionBudget; one of the two, as a number or a percentage."""

    min_available: int | str | None = None
    max_unavailable: int | str | None = None


class Taint(Value):
    """A node's taint; a toleration of it where a workload has it."""

    key: str
    value: str = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = "NoSchedule"


class Workload(Value):
    """A workload with its Service. `config` goes through a ConfigMap, `secrets` names keys of Secrets.

    `replicas` are a Job's completions and parallelism; `schedule` is a CronJob's. `spread` is the node label over which
    its pods are spread; `accelerators` each container's `nvidia.com/gpu`; `priority` names a priority class.
    `command` runs in place of the image's own program."""

    kind: WorkloadKind = "Deployment"
    program: str
    version: str
    namespace: str = ""
    replicas: int = Field(2, ge=0)
    service: str = ""
    service_port: int = 0
    cluster_ip: str = ""
    service_account: str = ""
    resources: Resources = Resources()
    env: dict[str, str] = Field(default_factory=dict)
    config: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, SecretKey] = Field(default_factory=dict)
    command: tuple[str, ...] = ()
    schedule: str = ""
    autoscaler: Autoscaler | None = None
    disruption_budget: DisruptionBudget | None = None
    volumes: dict[str, Volume] = Field(default_factory=dict)
    priority: str = ""
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: tuple[Taint, ...] = ()
    spread: str = ""
    accelerators: int = Field(0, ge=0)

    @property
    def addresses(self) -> dict[str, str]:
        """Every variable whose value is written down here."""
        return {**self.env, **self.config}


class TlsSecret(Value):
    """A certificate for the gateway in a Secret of its own. Days are counted from the beginning of the world; `hosts`
    are the names in it."""

    hosts: tuple[str, ...] = Field(min_length=1)
    from_day: float
    to_day: float


class Tls(Value):
    """What the Ingress' hosts are served with: the Secret in use, and every one that lies there, by name."""

    secret: str
    secrets: dict[str, TlsSecret]


class Node(Value):
    """A machine of the cluster. `disk` is its ephemeral storage (0: endless)."""

    name: str
    address: str
    cpu: Quantity
    memory: Quantity
    disk: Quantity = 0.0
    labels: dict[str, str] = Field(default_factory=dict)
    taints: tuple[Taint, ...] = ()
    accelerators: int = Field(0, ge=0)
    accelerator_model: str = ""


class Application(Value):
    """One application on its cluster, everything that the lab needs to run it.

    `rate` is in requests a second; `impatience` is the share of failed requests that users try again within seconds.
    Where there are `tenants`, their shares sum to 1. `priorities` are the priority classes by name."""

    name: str
    namespace: str
    host: str
    entry: str
    rate: float = Field(gt=0)
    day: Day = Day()
    bursts: Bursts = Bursts()
    crowds: Crowds = Crowds()
    tenants: tuple[Tenant, ...] = ()
    impatience: Share = 0.0
    operations: tuple[Operation, ...]
    programs: dict[str, Program]
    workloads: dict[str, Workload]
    secrets: dict[str, dict[str, str]] = Field(default_factory=dict)
    configs: dict[str, dict[str, str]] = Field(default_factory=dict)
    tls: Tls
    objective: Objective = Objective()
    nodes: tuple[Node, ...]
    priorities: dict[str, int] = Field(default_factory=dict)
    alerts: dict[str, Any]

    @property
    def alert_rules(self) -> dict[str, Any]:
        """A Prometheus rule file: `{"groups": [{"name", "rules": [...]}]}`."""
        return self.alerts

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of its own, the main one first."""
        others = {workload.namespace for workload in self.workloads.values()}
        return (self.namespace, *sorted(others - {self.namespace, "", *CLUSTER_NAMESPACES}))

    def namespace_of(self, workload: str) -> str:
        return self.workloads[workload].namespace or self.namespace

    def entry_of(self, operation: Operation) -> str:
        """The workload that users' requests of an operation come to."""
        return operation.entry or self.entry

    def host_of(self, operation: Operation) -> str:
        return operation.host or self.host

    def manifests(self, *, now: float, seed: int) -> list[dict[str, Any]]:
        """The cluster's objects at the start, in an order in which they can be created.

        `now` (unix seconds) dates the certificates, `seed` draws their keys."""
        from aiops.lab.apps.manifests import manifests  # it needs this module's classes

        return manifests(self, now, seed)
