"""Firing alerts: those that may be looked at, and never "none" where Prometheus did not say so."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock
from aiops.core.errors import RetryWithOtherArgumentsError
from aiops.tools.firing_alerts import firing_alerts
from aiops.tools.kit.context import Context

SINCE = "2026-01-01T00:00:00.5Z"


def alert(name: str, namespace: str = "", state: str = "firing", **labels: str) -> dict[str, Any]:
    place = {"namespace": namespace} if namespace else {}
    notes = {"summary": f"{name} summary"}
    labels = {"alertname": name, "severity": "Critical", **place, **labels}
    return {"labels": labels, "state": state, "activeAt": SINCE, "annotations": notes}


SEVERAL = [
    alert("Slow", "a", deployment="web"),
    alert("Slow", "b", deployment="web"),
    alert("Soon", "b", "pending"),
    alert("Late", "a", "pending"),
    alert("NodeDown", node="n1"),
    alert("Down", "monitoring", exported_namespace="b", pod="x"),
]


def context(answer: Any, *namespaces: str, status: int = 200) -> Context:
    def serve(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/api/v1/alerts"
        return httpx2.Response(status, json={"status": "success", "data": answer})

    metrics = PrometheusClient.at("http://prom", transport=httpx2.MockTransport(serve), retry=Retry(1, 0.0))
    kube = KubernetesClient.at("http://cluster", transport=httpx2.MockTransport(serve))
    return Context(kube=kube, clock=VirtualClock(0.0), metrics=metrics, namespaces=namespaces)


async def test_all_that_fire_in_order_with_what_they_are_about() -> None:
    found = await firing_alerts(context({"alerts": SEVERAL}))
    about = ["Pod/b/x", "Node//n1", "Deployment/a/web", "Deployment/b/web"]
    assert [str(one.subject) for one in found.alerts] == about
    assert (found.pending, found.no_data, found.left_out) == (2, None, 0)
    first = found.alerts[0]
    assert (first.name, first.severity, first.summary) == ("Down", "critical", "Down summary")
    assert first.since == pytest.approx(1767225600.5)


@pytest.mark.parametrize(
    ("allowed", "namespace", "about", "pending"),
    [
        (("a",), "", ["Node//n1", "Deployment/a/web"], 1),
        (("a", "b"), "b", ["Pod/b/x", "Deployment/b/web"], 1),
        ((), "a", ["Deployment/a/web"], 1),
        (("c",), "", ["Node//n1"], 0),
    ],
)
async def test_other_namespaces_are_not_told(
    allowed: tuple[str, ...], namespace: str, about: list[str], pending: int
) -> None:
    found = await firing_alerts(context({"alerts": SEVERAL}, *allowed), namespace)
    assert [str(one.subject) for one in found.alerts] == about
    assert found.pending == pending


async def test_a_namespace_out_of_bounds_is_refused() -> None:
    with pytest.raises(RetryWithOtherArgumentsError, match="outside the allowed ones: a"):
        await firing_alerts(context({"alerts": SEVERAL}, "a"), "b")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({}, 200),
        ({"alerts": None}, 200),
        ({"alerts": [1]}, 200),
        ({"alerts": [{"state": "firing"}]}, 200),
        ({"alerts": []}, 503),
    ],
)
async def test_what_is_no_answer_is_said(answer: Any, status: int) -> None:
    found = await firing_alerts(context(answer, status=status))
    assert found.alerts == ()
    assert found.no_data


async def test_none_fires() -> None:
    found = await firing_alerts(context({"alerts": []}))
    assert (found.alerts, found.no_data) == ((), None)


async def test_strange_parts_of_an_alert_do_no_harm() -> None:
    strange = {**alert("Odd", "a"), "activeAt": "yesterday", "annotations": ["x"]}
    (one,) = (await firing_alerts(context({"alerts": [strange]}))).alerts
    assert (one.since, one.summary) == (None, "")


async def test_more_than_are_wanted_are_counted() -> None:
    found = await firing_alerts(context({"alerts": SEVERAL}), "", 1)
    assert (len(found.alerts), found.left_out) == (1, 3)
