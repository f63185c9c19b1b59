"""A small cluster of the lab without a network: a world some seconds old, its API, and a journal in memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest

from aiops.clients.jaeger import JaegerClient
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.loki import LokiClient
from aiops.clients.prometheus import PrometheusClient
from aiops.core.action import Action, Applied
from aiops.core.entity import Manifest
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.loki.api import loki_app
from aiops.lab.prometheus import prometheus_app
from aiops.tools.kit.context import Context
from tests.support.clock import WorldClock
from tests.support.journal import MemoryJournal
from tests.support.worlds import aged


class Killed(BaseException):
    """The process ends here."""


class KillingJournal(MemoryJournal):
    """`fail` names the call at which the process is killed, before or after it took effect."""

    def __init__(self) -> None:
        super().__init__()
        self.fail = ""

    def _maybe(self, where: str) -> None:
        if self.fail == where:
            self.fail = ""
            raise Killed(where)

    async def intend(self, action: Action, before: tuple[Manifest | None, ...]) -> None:
        self._maybe("before intend")
        await super().intend(action, before)
        self._maybe("after intend")

    async def record(self, action_id: str, applied: tuple[Applied, ...]) -> None:
        self._maybe("before record")
        await super().record(action_id, applied)
        self._maybe("after record")


class Wire(httpx2.AsyncBaseTransport):
    """The way to the API server: counts the writes that got through, and is cut around one of them on demand.

    `meanwhile` is what others do right before dry runs, one after the other."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx2.ASGITransport(app=app)
        self.writes: list[str] = []
        self.fail = ""
        self.meanwhile: list[Callable[[], Awaitable[object]]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        writes = request.method in ("PATCH", "POST", "PUT", "DELETE") and "dryRun" not in request.url.params
        writes = writes and "accessreview" not in request.url.path
        if "dryRun" in request.url.params and self.meanwhile:
            await self.meanwhile.pop(0)()
        if writes and self.fail == "before write":
            self.fail = ""
            raise Killed("before write")
        response = await self._inner.handle_async_request(request)
        if writes and response.status_code < 300:
            self.writes.append(f"{request.method} {request.url.path}")
        if writes and self.fail == "after write":
            self.fail = ""
            raise Killed("after write")
        return response


TOKENS = {"root": User("root", (MASTERS,)), "viewer": User("viewer", ())}


class Lab:
    """A world and everything that speaks to it."""

    killed = Killed

    def __init__(self) -> None:
        self.world = aged(60)
        app = kubernetes_app(self.world.cluster, tokens=TOKENS, logs=self.world.logs)
        self.wire = Wire(app)
        self.kube = KubernetesClient.at("http://lab", token="root", transport=self.wire)
        prometheus = prometheus_app(self.world.series, self.world.rules, self.world.clock)
        jaeger = jaeger_app(self.world.traces, self.world.clock)
        loki = loki_app(self.world.container_logs, self.world.clock)
        self.ctx = Context(
            kube=self.kube,
            clock=WorldClock(self.world),
            metrics=PrometheusClient.at("http://lab", transport=httpx2.ASGITransport(app=prometheus)),
            traces=JaegerClient.at("http://lab", transport=httpx2.ASGITransport(app=jaeger)),
            logs=LokiClient.at("http://lab", transport=httpx2.ASGITransport(app=loki)),
            namespaces=("hotel", "ingress-nginx"),
            read_only=False,
        )
        self.journal = KillingJournal()

    def run(self, seconds: float) -> None:
        for _ in self.world.ticks(seconds):
            pass

    def viewer(self) -> KubernetesClient:
        """A client of a person without rights."""
        return KubernetesClient.at("http://lab", token="viewer", transport=self.wire)

    def other(self, name: str = "somebody-else") -> KubernetesClient:
        """A client of another person."""
        return KubernetesClient.at("http://lab", token="root", transport=self.wire, field_manager=name)


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture(scope="session")
def make_lab() -> type[Lab]:
    return Lab
