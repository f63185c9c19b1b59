"""Every tool keeps the contract: schema, description, bounds, rights, and changes that are taken back whole."""

from __future__ import annotations

import inspect
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2
import pytest

from aiops.clients.jaeger import JaegerClient
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.loki import LokiClient
from aiops.clients.prometheus import PrometheusClient
from aiops.core.action import AccessRule, Edit
from aiops.core.clock import VirtualClock
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.core.fields import desired
from aiops.knowledge.library import Library
from aiops.lab.jaeger.api import jaeger_app
from aiops.lab.kube import User, kubernetes_app
from aiops.lab.kube.api.request import parse_request
from aiops.lab.loki.api import loki_app
from aiops.lab.prometheus import prometheus_app
from aiops.tools.kit.context import Context
from aiops.tools.kit.registry import TOOLS, Tool
from aiops.tools.kit.results import Result
from tests.support.tool_changes import (
    ASSISTANT,
    CASE_IDS,
    CASES,
    GEO,
    GONE,
    SEVERAL,
    Memory,
    furnished,
    run,
    taken_back_whole,
)
from tests.support.worlds import copy_of

LARGEST = 600_000
"""Bytes of JSON that a result of the sample application may have at most."""

READS = [tool.name for tool in TOOLS if tool.effect == "reads"]
CHANGES = [tool.name for tool in TOOLS if tool.effect == "changes"]


class Wire(httpx2.AsyncBaseTransport):
    """Notes the right that each request uses."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx2.ASGITransport(app=app)
        self.used: dict[AccessRule, None] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        info = parse_request(request.method, request.url.path, request.url.params)
        if info.plural != "selfsubjectaccessreviews":
            rule = AccessRule(verb=info.verb, group=info.group, resource=info.plural, subresource=info.subresource)
            self.used[rule] = None
        return await self._inner.handle_async_request(request)


class Lab:
    """A world some minutes old whose assistant has the rights that the tools declare, and no others."""

    def __init__(self) -> None:
        self.world, gone = copy_of(furnished)
        app = kubernetes_app(self.world.cluster, tokens={"a": User(ASSISTANT, ())}, logs=self.world.logs)
        self.wire = Wire(app)
        clock = VirtualClock(self.world.now)
        self.folder = TemporaryDirectory()
        asgi = httpx2.ASGITransport
        self.ctx = Context(
            kube=KubernetesClient.at("http://lab", token="a", transport=self.wire),
            clock=clock,
            metrics=PrometheusClient.at(
                "http://lab",
                transport=asgi(app=prometheus_app(self.world.series, self.world.rules, self.world.clock)),
            ),
            traces=JaegerClient.at("http://lab", transport=asgi(app=jaeger_app(self.world.traces, self.world.clock))),
            logs=LokiClient.at("http://lab", transport=asgi(app=loki_app(self.world.container_logs, self.world.clock))),
            changes=Memory(gone),
            runbooks=Library.open(Path(self.folder.name)),
            read_only=False,
        )

    def run(self, seconds: float) -> None:
        run(self.world, seconds)

    def asked_for(self) -> dict[str, Manifest]:
        """The desired state of everything that people and not controllers write."""
        kinds = ("Deployment", "StatefulSet", "DaemonSet", "Service", "NetworkPolicy", "ConfigMap", "Secret", "Ingress")
        kinds += ("Role", "RoleBinding", "HorizontalPodAutoscaler", "ServiceAccount", "CronJob", "Job", "LimitRange")
        kinds += ("ResourceQuota", "PodDisruptionBudget", "Namespace", "Node", "StorageClass")
        kinds += ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
        return {str(Entity.of(m)): desired(m) for kind in kinds for m in self.world.cluster.objects(kind)}

    def arguments(self, tool: Tool[..., Any]) -> dict[str, Any]:
        """Arguments with which a reading tool finds something."""
        now = self.world.now
        known = {
            "window": {"start": now - 60, "end": now},
            "baseline": {"start": now - 120, "end": now - 60},
            "workload": GEO,
            "account": "ServiceAccount/hotel/geo",
            "verb": "get",
            "resource": "pods",
            "entity": GEO,
            "kind": "Pod",
            "query": "up",
            "logql": '{namespace="hotel"}',
            "moment": now,
            "tool": "metric_query",
            "arguments": {"query": "up", "window": {"start": now - 60, "end": now}},
            "name": "memory-limit",
            "text": "out of memory",
        }
        if tool.name == "object_before":
            known["entity"] = GONE[0]
        return {name: value for name, value in known.items() if name in tool.arguments.model_fields}


@pytest.fixture
def lab() -> Lab:
    return Lab()


def test_the_tools_are_found():
    assert len(READS) >= 10
    assert len(CHANGES) >= 7


@pytest.mark.parametrize("name", READS + CHANGES)
def test_schema_and_description(name):
    tool = TOOLS.get(name)
    assert 30 <= len(tool.description) <= 500
    assert tool.description[0].isupper()
    assert "." in tool.description
    schema = tool.schema()
    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False
    assert (tool.risk is not None) == (tool.effect == "changes")
    for argument, part in schema["properties"].items():
        assert {"type", "anyOf", "$ref", "allOf"} & part.keys(), argument


@pytest.mark.parametrize("name", READS)
def test_reads_return_a_result(name):
    returned = TOOLS.get(name).returns
    assert issubclass(returned, Result)
    assert inspect.getdoc(returned) != inspect.getdoc(Result), "a result says what is in it, in which order"


@pytest.mark.parametrize("name", CHANGES)
def test_changes_return_edits(name):
    assert TOOLS.get(name).returns == list[Edit]


@pytest.fixture(scope="module")
def watched() -> Lab:
    """A lab that nobody writes to."""
    return Lab()


@pytest.mark.parametrize("name", READS)
async def test_reads_use_declared_rights_only_and_survive_json(watched, name):
    tool = TOOLS.get(name)
    watched.wire.used.clear()
    result = await tool.call(watched.ctx, watched.arguments(tool))
    assert isinstance(result, Result)
    assert type(result).model_validate_json(result.model_dump_json()) == result
    assert set(watched.wire.used) <= set(tool.needs)


@pytest.mark.parametrize("name", READS)
async def test_reads_are_bounded(watched, name):
    tool = TOOLS.get(name)
    arguments = watched.arguments(tool)
    whole = await tool.call(watched.ctx, arguments)
    assert len(whole.model_dump_json()) < LARGEST
    if "limit" in tool.arguments.model_fields:
        few = await tool.call(watched.ctx, {**arguments, "limit": 1})
        cut = {key: len(getattr(whole, key)) - len(value) for key, value in few if isinstance(value, tuple)}
        assert few.left_out == whole.left_out + sum(cut.values())


@pytest.mark.parametrize("name", READS)
async def test_reads_say_what_is_missing(watched, name):
    """With the API server alone a tool either finds what it looks for there, or says which part it lacks."""
    tool = TOOLS.get(name)
    blind = Context(kube=watched.ctx.kube, clock=watched.ctx.clock)
    result = await tool.call(blind, watched.arguments(tool))
    needs_more = ("dependencies", "evidence_series", "firing_alerts", "golden_signals", "metric_query", "object_before")
    needs_more += (
        "inner_readings",
        "read_runbook",
        "recent_changes",
        "search_logs",
        "search_runbooks",
        "trace_breakdown",
    )
    assert bool(result.no_data) == (name in needs_more)


@pytest.mark.parametrize("name", READS)
async def test_reads_stay_in_the_allowed_namespaces(watched, name):
    tool = TOOLS.get(name)
    fields, arguments = tool.arguments.model_fields, watched.arguments(tool)
    if not fields.keys() & {"namespace", "workload", "entity"}:
        return
    confined = Context(kube=watched.ctx.kube, clock=watched.ctx.clock, namespaces=("monitoring",))
    if "namespace" in fields:
        arguments["namespace"] = "hotel"
    with pytest.raises(RetryWithOtherArgumentsError, match="namespace 'hotel' is outside the allowed ones: monitoring"):
        await tool.call(confined, arguments)


@pytest.mark.parametrize("name", READS + CHANGES)
async def test_wrong_arguments_are_named(watched, name):
    with pytest.raises(RetryWithOtherArgumentsError, match=f"{name}: .*argument nonsense"):
        await TOOLS.get(name).call(watched.ctx, {"nonsense": 1})


def test_every_change_has_a_case():
    assert sorted({case.tool for case in CASES}) == CHANGES


@pytest.mark.parametrize("case", CASES, ids=CASE_IDS)
async def test_changes_are_taken_back_whole(lab, case):
    async def asked_for():
        return lab.asked_for()

    await taken_back_whole(lab.ctx, case, asked_for, settle=lambda: lab.run(30))


@pytest.mark.parametrize("name", CHANGES)
async def test_changes_declare_the_rights_that_they_use(name):
    """All cases of a tool together use every right that it declares, and none besides."""
    lab = Lab()
    lab.run(30)
    for tool, target, arguments in CASES:
        if tool != name:
            continue
        for edit in await TOOLS.get(name).call(lab.ctx, arguments):
            kind = await lab.ctx.kube.resource(edit.target.kind)
            for verb in (edit.op,) if edit.op == "patch" else ("create", "delete"):  # each takes the other back
                lab.wire.used[AccessRule(verb=verb, group=kind.group, resource=kind.plural)] = None
            assert str(edit.target) == target or SEVERAL & arguments.keys()
    assert set(lab.wire.used) == set(TOOLS.get(name).needs)
