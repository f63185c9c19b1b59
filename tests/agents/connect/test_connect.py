"""What `connect` finds out: with every right, with few of them, with parts away."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx2
import orjson
import pytest

from aiops.agents.connect.connecting import connect
from aiops.agents.connect.report import Right
from aiops.agents.connect.requests import INVESTIGATION, load
from aiops.agents.connect.rights import GRANTS, grants, needs
from aiops.agents.connect.telemetry import telemetry
from aiops.agents.scan.scanning import scan
from aiops.analysis.changes.watched import WATCHED_KINDS
from aiops.clients.kinds import RESOURCES
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.loki import LokiClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock
from aiops.core.errors import ClusterUnreachableError
from aiops.lab.loki.api import loki_app
from aiops.tools.kit.context import Context
from aiops.tools.kit.rights import REVIEW

RigOf = Callable[..., Awaitable[Any]]


class Reviewer(httpx2.AsyncBaseTransport):
    """An API server that allows what `allowed` says, and counts its requests."""

    def __init__(self, allowed: Callable[[dict[str, str]], bool]) -> None:
        self._allowed = allowed
        self.requests = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        path = request.url.path
        if path == "/version":
            return httpx2.Response(200, json={"gitVersion": "v1.31.4"})
        if path.endswith("selfsubjectreviews"):
            user = {"username": "system:serviceaccount:ops:aiops", "groups": ["system:authenticated"]}
            return httpx2.Response(201, json={"status": {"userInfo": user}})
        if path.endswith("selfsubjectaccessreviews"):
            body = orjson.loads(await request.aread())
            allowed = self._allowed(body["spec"]["resourceAttributes"])
            return httpx2.Response(201, json={"status": {"allowed": allowed}})
        assert request.method == "GET", "nothing but reads and reviews"
        items = [{"metadata": {"name": "shop"}}] if path.endswith("/namespaces") else []
        return httpx2.Response(200, json={"items": items})


def _context(reviewer: httpx2.AsyncBaseTransport, **more: Any) -> Context:
    kube = KubernetesClient.at("http://cluster", token="s3cr3t", transport=reviewer, retry=Retry(attempts=1))
    return Context(kube=kube, clock=VirtualClock(1e9), **more)


async def test_with_every_right_nothing_is_missing() -> None:
    report = await connect(_context(Reviewer(lambda _: True)))
    assert report.can_read
    assert report.grants == ()
    assert report.problems == ()
    assert (report.version, report.user, report.namespaces) == ("v1.31.4", "system:serviceaccount:ops:aiops", ("shop",))
    assert [service.configured for service in report.telemetry] == [False, False]
    assert "s3cr3t" not in report.model_dump_json()


async def test_the_grant_holds_exactly_what_is_denied() -> None:
    def allowed(asked: dict[str, str]) -> bool:
        return asked["resource"] not in ("configmaps", "nodes") or asked["verb"] == "get"

    report = await connect(_context(Reviewer(allowed), namespaces=("shop",)))
    assert not report.can_read
    roles = {m["kind"]: m for m in report.grants if "rules" in m}
    assert roles.keys() == {"Role", "ClusterRole"}
    assert roles["Role"]["metadata"] == {"name": "aiops-reader-missing", "namespace": "shop"}
    assert [rule["resources"] for rule in roles["Role"]["rules"]] == [["configmaps"]]
    assert roles["Role"]["rules"][0]["verbs"] == ["list", "watch"]
    assert [rule["resources"] for rule in roles["ClusterRole"]["rules"]] == [["nodes"]]
    bindings = [m for m in report.grants if "subjects" in m]
    assert {m["kind"] for m in bindings} == {"RoleBinding", "ClusterRoleBinding"}
    assert bindings[0]["subjects"] == [{"kind": "ServiceAccount", "name": "aiops", "namespace": "ops"}]


async def test_a_review_is_granted_by_a_cluster_role_alone() -> None:
    """It lives in no namespace: a Role in one of them would be applied and grant nothing."""
    denied = Reviewer(lambda asked: asked["resource"] != REVIEW.resource)
    report = await connect(_context(denied, namespaces=("shop", "payments")))
    assert [right.namespace for right in report.rights if right.allowed is False] == [""]
    assert [m["kind"] for m in report.grants] == ["ClusterRole", "ClusterRoleBinding"]


async def test_no_watch_is_asked_for_where_nobody_watches() -> None:
    report = await connect(_context(Reviewer(lambda one: one["verb"] != "watch")))
    missing = {right.resource for right in report.rights if right.effect == "reads" and right.allowed is False}
    watched = {name.partition(".")[0] for name in missing}
    assert watched == {RESOURCES[kind].plural for kind in WATCHED_KINDS if kind != "Secret"}
    assert "pods" not in watched
    assert not report.can_read, "the recorder needs those that are left"


async def test_rights_that_are_held_for_others_are_told_as_such() -> None:
    denied = Reviewer(lambda asked: asked["resource"] != "leases")
    report = await connect(_context(denied, namespaces=("shop",), read_only=False))
    missing = [right for right in report.rights if right.allowed is False]
    assert {right.verb for right in missing} == {"create", "get", "list", "patch", "update", "watch"}
    assert {right.needed_by for right in missing} == {(GRANTS,)}
    assert [m["kind"] for m in report.grants] == ["Role", "RoleBinding"]


async def test_rights_to_change_are_granted_only_where_changes_are_allowed() -> None:
    def reads(asked: dict[str, str]) -> bool:
        return asked["verb"] in ("get", "list", "watch") or asked["resource"] == REVIEW.resource

    assert (await connect(_context(Reviewer(reads)))).grants == ()
    writing = await connect(_context(Reviewer(reads), read_only=False))
    assert [m["kind"] for m in writing.grants] == ["ClusterRole"], "no binding for the whole cluster"
    assert writing.can_read


def test_a_right_that_could_not_be_asked_is_not_granted() -> None:
    unknown = Right(verb="get", resource="pods", effect="reads", allowed=None, needed_by=("x",))
    denied = Right(verb="get", resource="deployments.apps", effect="reads", allowed=False, needed_by=("x",))
    (role,) = grants([unknown, denied], "")
    assert role["rules"] == [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}]


async def test_parts_that_are_away_are_told_and_the_rest_is_there() -> None:
    class Away(Reviewer):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.path.endswith(("/version", "selfsubjectreviews", "/namespaces")):
                return httpx2.Response(500, json={"message": "out of order"})
            return await super().handle_async_request(request)

    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    metrics = PrometheusClient.at("http://prometheus", transport=httpx2.MockTransport(refuse), retry=Retry(attempts=1))
    report = await connect(_context(Away(lambda _: True), metrics=metrics))
    assert len(report.problems) == 3
    assert report.can_read
    assert report.telemetry[0].configured
    assert not report.telemetry[0].reachable
    assert "Prometheus" in report.telemetry[0].detail


async def test_where_the_cluster_is_down_that_is_said_and_nothing_runs_on() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with pytest.raises(ClusterUnreachableError):
            await connect(_context(httpx2.MockTransport(refuse)))
        gc.collect()
    assert warned == []
    assert len(asyncio.all_tasks()) == 1


def test_no_right_to_secrets_is_needed_for_reading() -> None:
    assert "secrets" not in {rule.resource for rule in needs("reads")}
    writes = [rule for rule in needs("reads") if rule.verb not in ("get", "list", "watch")]
    assert writes == [REVIEW], "an access review is asked by creating it, and nothing is stored"


@pytest.mark.parametrize("namespaces", [(), ("a",), ("a", "b", "c")])
async def test_the_requests_of_a_scan_are_counted_right(namespaces: tuple[str, ...]) -> None:
    reviewer = Reviewer(lambda _: True)
    ctx = _context(reviewer, namespaces=namespaces)
    await scan(ctx)
    assert load(ctx, 0)[1].kubernetes == reviewer.requests


async def test_loki_is_looked_at_where_it_is_configured(rig_of: RigOf) -> None:
    rig = await rig_of(history=60.0)
    names = [service.name for service in await telemetry(rig.ctx)]
    assert names == ["Prometheus", "Jaeger"]
    app = loki_app(rig.world.container_logs, rig.world.clock)
    loki = LokiClient.at("http://lab", transport=httpx2.ASGITransport(app=app))
    found = (await telemetry(replace(rig.ctx, logs=loki)))[-1]
    assert (found.name, found.reachable) == ("Loki", True)
    assert found.detail.startswith("logs of ")
    away = (await telemetry(replace(rig.ctx, logs=LokiClient.at("http://127.0.0.1:9"))))[-1]
    assert (away.reachable, away.configured) == (False, True)


class Counting(httpx2.AsyncBaseTransport):
    """Counts the requests on their way to an application."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner
        self.requests = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.requests += 1
        return await self._inner.handle_async_request(request)


async def test_the_requests_of_an_investigation_are_about_what_is_told(rig_of: RigOf) -> None:
    rig = await rig_of(history=300.0)
    counters = {}
    for name, client in (("kubernetes", rig.ctx.kube), ("prometheus", rig.ctx.metrics), ("jaeger", rig.ctx.traces)):
        http = client._http._http
        http._transport = counters[name] = Counting(http._transport)
    rig.broken_at = rig.world.now - 100
    ctx = replace(rig.ctx, namespaces=("hotel",))
    scope = await rig.scope(ctx=ctx)
    await rig.look(scope, ctx)
    for name, counter in counters.items():
        told = getattr(INVESTIGATION, name)
        assert told * 0.8 <= counter.requests <= told * 1.2, {n: c.requests for n, c in counters.items()}
