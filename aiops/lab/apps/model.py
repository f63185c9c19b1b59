"""What an application is: programs (the code in an image), workloads (how a program is deployed), user operations.

Memory in bytes, CPU in cores, times in seconds unless a name says otherwise.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from aiops.core.model import Value
from aiops.core.quantity import parse_quantity

Quantity = Annotated[float, BeforeValidator(parse_quantity)]
Share = Annotated[float, Field(ge=0, le=1)]
Protocol = Literal["http", "mongodb", "memcached", "dns"]
Role = Literal["service", "store", "gateway", "dns"]


class Call(Value):
    """A request that a route makes to what the environment variable `to` names (`host:port`).

    `probability` is the share of requests that need it (a cache miss); `retries` come after the first attempt;
    a failed `optional` call does not fail the route."""

    to: str
    route: str
    timeout: float = Field(1.0, gt=0)
    retries: int = Field(0, ge=0, le=3)
    probability: Share = 1.0
    optional: bool = False


class Route(Value):
    """What a program does for one kind of request. `calls` are stages one after the other, parallel inside a stage.

    `wait_ms` is time that is neither CPU nor a call (a disk, a lock); `error_ratio` fails for reasons of its own."""

    cpu_ms: float = Field(gt=0)
    wait_ms: float = Field(0.0, ge=0)
    error_ratio: Share = 0.0001
    calls: tuple[tuple[Call, ...], ...] = ()


class ApiRead(Value):
    """Something that a program reads from the Kubernetes API with its service account; every name where none is given.

    What it has read it keeps for `keep_seconds`; after that it cannot serve without reading it again."""

    verb: Literal["get", "list", "watch"] = "get"
    group: str = ""
    resource: str
    name: str = ""
    keep_seconds: float = Field(30.0, ge=0)


class Program(Value):
    """The code in an image. It listens on `port`, whatever a manifest says."""

    role: Role = "service"
    language: str
    protocol: Protocol = "http"
    image: str
    versions: tuple[str, ...] = Field(min_length=1)
    port: int
    other_ports: tuple[int, ...] = ()
    startup_seconds: float = 1.0
    concurrency: int = Field(128, gt=0)
    health_paths: tuple[str, ...] = ("/healthz", "/readyz")
    password_variable: str = ""
    idle_cpu: float = 0.002
    bytes_per_request: int = 65536
    routes: dict[str, Route] = Field(default_factory=dict)
    reads: tuple[ApiRead, ...] = ()


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


class Workload(Value):
    """A Deployment with its Service. `config` goes through a ConfigMap, `secrets` names keys of Secrets."""

    program: str
    version: str
    namespace: str = ""
    replicas: int = 2
    service: str = ""
    service_port: int = 0
    cluster_ip: str = ""
    service_account: str = ""
    resources: Resources = Resources()
    env: dict[str, str] = Field(default_factory=dict)
    config: dict[str, str] = Field(default_factory=dict)
    secrets: dict[str, SecretKey] = Field(default_factory=dict)

    @property
    def addresses(self) -> dict[str, str]:
        """Every variable whose value is written down here."""
        return {**self.env, **self.config}


class Operation(Value):
    """Something that users do: a request to the gateway, and its share of all requests."""

    name: str
    method: str
    path: str
    share: Share

    @property
    def route(self) -> str:
        return f"{self.method} {self.path}"


class Day(Value):
    """The daily shape of the load: `rate * (1 + amplitude * cos(hours from the peak))`."""

    amplitude: Share = 0.0
    peak_hour: float = 15.0


class Objective(Value):
    """What users are promised: the share of requests that succeed, and within how many seconds."""

    availability: Share = 0.98
    latency_seconds: float = Field(1.0, gt=0)


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
    """A machine of the cluster."""

    name: str
    address: str
    cpu: Quantity
    memory: Quantity


class Application(Value):
    """One application on its cluster, everything that the lab needs to run it."""

    name: str
    namespace: str
    host: str
    entry: str
    rate: float = Field(gt=0)
    day: Day = Day()
    operations: tuple[Operation, ...]
    programs: dict[str, Program]
    workloads: dict[str, Workload]
    secrets: dict[str, dict[str, str]] = Field(default_factory=dict)
    configs: dict[str, dict[str, str]] = Field(default_factory=dict)
    tls: Tls
    objective: Objective = Objective()
    nodes: tuple[Node, ...]
    alerts: dict[str, Any]

    @property
    def alert_rules(self) -> dict[str, Any]:
        """A Prometheus rule file: `{"groups": [{"name", "rules": [...]}]}`."""
        return self.alerts

    def manifests(self, *, now: float, seed: int) -> list[dict[str, Any]]:
        """The cluster's objects at the start, in an order in which they can be created.

        `now` (unix seconds) dates the certificates, `seed` draws their keys."""
        from aiops.lab.apps.manifests import manifests  # it needs this module's classes

        return manifests(self, now, seed)
