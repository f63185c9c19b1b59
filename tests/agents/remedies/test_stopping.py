"""What is stopped, what is restarted, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from aiops.agents.remedies.culprit import stop
from aiops.agents.remedies.kit.registry import READS, RemedyCase
from aiops.agents.remedies.restart import restart
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import VirtualClock, rfc3339
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context

WINDOW = Window(start=0, end=1)
ONSET = 100_000.0
SCOPE = Scope(namespaces=("shop",), signals=(), onset=ONSET, reported=ONSET, window=WINDOW, baseline=WINDOW)


def case(kind: str, mechanism: Mechanism, age: float = 60.0, more: tuple[dict[str, Any], ...] = ()) -> RemedyCase:
    meta = {"namespace": "shop", "name": "report", "creationTimestamp": rfc3339(ONSET - age)}
    template = {"metadata": {"labels": {"app": "report"}}, "spec": {"containers": []}}
    spec = {"replicas": 1, "template": template, "selector": {"matchLabels": {"app": "report"}}}
    objects = [{"kind": kind, "metadata": meta, "spec": spec}, *more]
    subject = Entity(kind=kind, namespace="shop", name="report")
    cause = RootCause(subject=subject, mechanism=mechanism, confidence=0.9, summary="s", evidence=())
    return RemedyCase(cause, SCOPE, ClusterState(objects, ONSET), (), ONSET, Toolbox(None, ()))  # type: ignore[arg-type]  # nothing is read


SERVICE: dict[str, Any] = {
    "kind": "Service",
    "metadata": {"namespace": "shop", "name": "report"},
    "spec": {"selector": {"app": "report"}},
}


@pytest.mark.parametrize(("kind", "age"), [("Deployment", 60.0), ("CronJob", 90_000.0), ("Job", 90_000.0)])
async def test_a_culprit_that_came_or_can_wait_is_stopped(kind: str, age: float) -> None:
    (proposal,) = await stop(case(kind, Mechanism.DATA_SLOW_QUERY, age))
    assert (proposal.tool, proposal.arguments) == ("stop_workload", {"workload": f"{kind}/shop/report"})
    assert "stops" in proposal.expected_effect


async def test_what_is_there_for_long_or_is_called_by_others_goes_on() -> None:
    assert await stop(case("Deployment", Mechanism.LOAD_TENANT, 90_000.0)) == []
    assert await stop(case("Deployment", Mechanism.LOAD_TENANT, 60.0, (SERVICE,))) == []


async def test_a_culprit_whose_kind_could_not_be_listed_is_read_by_itself() -> None:
    known = case("Deployment", Mechanism.NODE_API_SERVER)
    manifest = known.state.find("Deployment", "shop", "report")
    wire = httpx2.MockTransport(lambda _: httpx2.Response(200, json=manifest))
    ctx = Context(kube=KubernetesClient.at("http://cluster", transport=wire), clock=VirtualClock(ONSET))
    tools = Toolbox(ctx, READS)
    unread = replace(known, state=ClusterState([], ONSET, unread=frozenset({"Deployment"})), tools=tools)
    assert [one.tool for one in await stop(unread)] == ["stop_workload"]
    assert await stop(replace(unread, state=ClusterState([], ONSET))) == [], "it is not there any more"


async def test_a_deadlock_is_restarted() -> None:
    (proposal,) = await restart(case("StatefulSet", Mechanism.APP_DEADLOCK))
    assert (proposal.tool, proposal.arguments) == ("rollout_restart", {"workload": "StatefulSet/shop/report"})


async def test_a_leak_is_restarted_for_a_while_only() -> None:
    (proposal,) = await restart(case("DaemonSet", Mechanism.APP_FILE_LEAK))
    assert "until" in proposal.expected_effect
