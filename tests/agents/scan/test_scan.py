"""A scan of a small cluster: healthy, broken in several ways, without telemetry, with too few rights."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from aiops.agents.scan.report import Severity
from aiops.agents.scan.scanning import scan
from aiops.clients.prometheus import PrometheusClient
from aiops.core.entity import Entity
from aiops.core.errors import RetryWithOtherArgumentsError, UnknownNameError
from aiops.core.mechanism import Mechanism

RigOf = Callable[..., Awaitable[Any]]


async def test_nothing_is_wrong_with_a_healthy_cluster(rig_of: RigOf) -> None:
    rig = await rig_of(history=300.0)
    report = await scan(rig.ctx)
    assert [f.title for f in report.findings if f.severity != Severity.INFO] == []
    assert report.looked_at["Pod"] > 5
    assert report.looked_at["Node"] >= 1
    assert report.missing == ()
    assert report.seconds < 10


async def test_one_cause_is_one_finding_and_the_worst_comes_first(rig_of: RigOf) -> None:
    rig = await rig_of(history=300.0)
    await rig.patch_container("profile", image="registry.example.com/none:1")
    await rig.patch("Deployment", "user", {"spec": {"template": {"spec": {"nodeSelector": {"disk": "none"}}}}})
    await rig.patch("Service", "rate", {"spec": {"selector": {"app": "none", "app.kubernetes.io/name": "none"}}})
    rig.run(240)
    report = await scan(rig.ctx)
    told = [f for f in report.findings if f.severity != Severity.INFO and f.mechanism]
    found = {str(f.subject): f for f in told}
    assert found["Deployment/hotel/profile"].mechanism == Mechanism.IMAGE_UNAVAILABLE
    assert found["Deployment/hotel/user"].mechanism == Mechanism.SCHEDULING_NODE_SELECTOR
    assert found["Service/hotel/rate"].mechanism == Mechanism.CONFIG_SELECTOR
    assert found["Service/hotel/rate"].severity == Severity.CRITICAL
    ranks = [f.severity.rank for f in report.findings]
    assert ranks == sorted(ranks)
    about_profile = [f for f in report.findings if Entity.parse("Deployment/hotel/profile") in f.workloads]
    assert len(about_profile) == 1
    assert about_profile[0].also, "its events belong to it"


async def test_the_kubernetes_api_alone_is_enough(rig_of: RigOf) -> None:
    rig = await rig_of(history=300.0)
    await rig.patch_container("profile", image="registry.example.com/none:1")
    rig.run(120)
    report = await scan(replace(rig.ctx, metrics=None, traces=None, changes=None))
    assert any(f.mechanism == Mechanism.IMAGE_UNAVAILABLE for f in report.findings)
    assert any("no Prometheus" in sentence for sentence in report.missing)


async def test_a_query_of_a_finding_can_be_made_again(rig_of: RigOf) -> None:
    from aiops.tools.kit.registry import TOOLS

    rig = await rig_of(history=300.0)
    await rig.patch("Deployment", "recommendation", {"spec": {"replicas": 0}})
    rig.run(60)
    report = await scan(rig.ctx, "hotel")
    (finding,) = [f for f in report.findings if f.mechanism == Mechanism.SCALING_REPLICAS]
    again = await TOOLS.get(finding.query.tool).call(rig.ctx, finding.query.arguments)
    assert again.manifest["spec"]["replicas"] == 0


async def test_an_unknown_namespace_and_one_out_of_bounds_are_refused(rig_of: RigOf) -> None:
    rig = await rig_of(history=60.0)
    with pytest.raises(UnknownNameError, match="hotel"):
        await scan(replace(rig.ctx, namespaces=()), "hotle")
    with pytest.raises(RetryWithOtherArgumentsError):
        await scan(rig.ctx, "monitoring")


async def test_alerts_of_other_namespaces_are_neither_told_nor_counted(rig_of: RigOf) -> None:
    rig = await rig_of(history=30.0)

    def alert(namespace: str) -> dict[str, Any]:
        labels = {"alertname": f"Slow-{namespace or 'node'}", **({"namespace": namespace} if namespace else {})}
        return {"state": "firing", "labels": labels, "activeAt": "2026-01-01T00:00:00Z"}

    def serve(request: httpx2.Request) -> httpx2.Response:
        alerts = [alert(namespace) for namespace in ("hotel", "ingress-nginx", "secret", "")]
        data = {"alerts": alerts} if request.url.path.endswith("/alerts") else {"resultType": "vector", "result": []}
        return httpx2.Response(200, json={"status": "success", "data": data})

    metrics = PrometheusClient.at("http://prom", transport=httpx2.MockTransport(serve))
    allowed = await scan(replace(rig.ctx, metrics=metrics))
    assert allowed.looked_at["Alert"] == 3
    one = await scan(replace(rig.ctx, metrics=metrics), "hotel")
    assert one.looked_at["Alert"] == 2, "that of a node is of no namespace"
    for report, told in ((allowed, 3), (one, 2)):
        titles = [finding.title for finding in report.findings if finding.title.startswith("The alert")]
        assert len(titles) == told
        assert not any("secret" in title for title in titles)


async def test_alerts_that_could_not_be_read_are_said(rig_of: RigOf) -> None:
    rig = await rig_of(history=30.0)
    wire = httpx2.MockTransport(lambda _: httpx2.Response(200, json={"status": "success", "data": {}}))
    report = await scan(replace(rig.ctx, metrics=PrometheusClient.at("http://prom", transport=wire)))
    assert any(sentence.startswith("alerts: ") for sentence in report.missing)
