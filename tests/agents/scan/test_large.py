"""A cluster of five thousand pods: each list is read once, page by page, and twice the pods are twice the work."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx2
import orjson
import pytest

from aiops.agents.ask.answering import answer
from aiops.agents.scan import reading
from aiops.agents.scan.report import Severity
from aiops.agents.scan.scanning import scan
from aiops.agents.scoping.cluster_objects import EVERYWHERE
from aiops.clients.kinds import RESOURCES
from aiops.clients.kubernetes import PAGE, KubernetesClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock, rfc3339
from aiops.core.entity import Manifest
from aiops.core.errors import ClusterUnreachableError
from aiops.tools.kit.context import Context
from tests.support.work import TWICE, counted

NOW = 1_800_000_000.0
PODS, PER_WORKLOAD, NAMESPACES = 5000, 10, 20
BROKEN = "w7"


def _workload(number: int, namespaces: int) -> list[Manifest]:
    namespace, name = f"ns{number % namespaces}", f"w{number}"
    labels, broken = {"app": name}, name == BROKEN
    meta = {"namespace": namespace, "creationTimestamp": rfc3339(NOW - 9000), "labels": labels}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i:1"}]}}
    spec = {"replicas": PER_WORKLOAD, "selector": {"matchLabels": labels}, "template": template}
    owner = {"kind": "Deployment", "name": name, "controller": True}
    deployment = {
        "metadata": {**meta, "name": name},
        "spec": spec,
        "status": {"availableReplicas": 0 if broken else 10},
    }
    replica_set = {"metadata": {**meta, "name": f"{name}-5d", "ownerReferences": [owner]}, "spec": spec}
    service = {"metadata": {**meta, "name": name}, "spec": {"selector": labels, "ports": [{"port": 80}]}}
    waiting = {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}
    pods = [
        {
            "metadata": {
                **meta,
                "name": f"{name}-5d-{i}",
                "ownerReferences": [{"kind": "ReplicaSet", "name": f"{name}-5d", "controller": True}],
            },
            "spec": {**template["spec"], "nodeName": f"node-{i}"},
            "status": {
                "phase": "Pending" if broken else "Running",
                "conditions": [{"type": "Ready", "status": "False" if broken else "True"}],
                "containerStatuses": [
                    {"name": "c", "image": "i:1", "ready": not broken, "state": waiting if broken else {"running": {}}}
                ],
            },
        }
        for i in range(PER_WORKLOAD)
    ]
    return [
        {**item, "kind": kind}
        for kind, items in (
            ("Deployment", [deployment]),
            ("ReplicaSet", [replica_set]),
            ("Service", [service]),
            ("Pod", pods),
        )
        for item in items
    ]


class Api(httpx2.AsyncBaseTransport):
    """Serves lists page by page, and counts the requests. `only`: the one namespace in which anything is allowed;
    `size`: in namespaces, all of which have as many pods."""

    def __init__(self, denied: tuple[str, ...] = (), *, only: str = "", size: int = NAMESPACES) -> None:
        workloads = PODS // PER_WORKLOAD * size // NAMESPACES
        objects = [item for number in range(workloads) for item in _workload(number, size)]
        namespaces = [{"kind": "Namespace", "metadata": {"name": f"ns{i}"}} for i in range(size)]
        self._lists = {
            resource.plural: [item for item in [*objects, *namespaces] if item["kind"] == kind]
            for kind, resource in RESOURCES.items()
        }
        self._denied = denied
        self._only = only
        self.requests: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        parts = request.url.path.split("/")
        plural, inside = parts[-1], parts[-2] if "namespaces" in parts[:-1] else ""
        self.requests[plural] += 1
        assert request.method == "GET"
        if plural in self._denied or (self._only and inside != self._only):
            return httpx2.Response(403, json={"kind": "Status", "message": f"{plural} is forbidden"})
        start = int(request.url.params.get("continue", "0"))
        items = [item for item in self._lists[plural] if not inside or item["metadata"]["namespace"] == inside]
        more = {"continue": str(start + PAGE)} if start + PAGE < len(items) else {}
        body = {"metadata": more, "items": items[start : start + PAGE]}
        return httpx2.Response(200, content=orjson.dumps(body))


def _context(api: Api) -> Context:
    return Context(kube=KubernetesClient.at("http://cluster", transport=api), clock=VirtualClock(NOW))


@pytest.mark.slow
async def test_five_thousand_pods_are_read_once() -> None:
    api = Api()
    report = await scan(_context(api))
    assert report.looked_at["Pod"] == PODS
    assert api.requests["pods"] == PODS // PAGE
    assert sum(api.requests.values()) < 60
    (finding,) = [f for f in report.findings if f.severity == Severity.CRITICAL]
    assert finding.subject.name == BROKEN  # type: ignore[union-attr]  # a workload, no edge
    assert finding.times == PER_WORKLOAD


async def test_twice_the_namespaces_are_twice_the_work() -> None:
    calls = []
    for size in (1, 4, 8):
        with counted() as work:
            await scan(_context(Api(size=size)))
        calls.append(work.calls)
    assert calls[2] < calls[1] * TWICE, "the first has filled what is kept"


async def test_what_is_denied_is_told_and_the_rest_is_seen() -> None:
    report = await scan(_context(Api(denied=("networkpolicies", "nodes", "events"))), "ns7")
    told = " ".join(report.missing)
    assert all(kind in told for kind in ("NetworkPolicy in ns7: denied", "Node: denied", "Event in ns7: denied"))
    assert report.looked_at["Pod"] == PODS // NAMESPACES
    assert [f.subject.name for f in report.findings if f.severity == Severity.CRITICAL] == [BROKEN]  # type: ignore[union-attr]


async def test_where_no_pod_may_be_seen_nothing_is_said_to_be_well() -> None:
    every = tuple(resource.plural for resource in RESOURCES.values())
    report = await scan(_context(Api(denied=every)))
    assert report.blind
    assert report.findings == ()
    assert any("Pod: denied" in sentence for sentence in report.missing)


async def test_rights_in_one_namespace_are_enough_to_scan_it() -> None:
    report = await scan(_context(Api(only="ns7")), "ns7")
    assert report.looked_at["Deployment"] == PODS // PER_WORKLOAD // NAMESPACES
    assert [f.subject.name for f in report.findings if f.severity == Severity.CRITICAL] == [BROKEN]  # type: ignore[union-attr]
    assert sorted(sentence for sentence in report.missing if "denied" in sentence) == sorted(
        f"{kind}: denied" for kind in EVERYWHERE
    )


async def test_rights_in_one_namespace_are_enough_to_ask_about_it() -> None:
    given = await answer("how many replicas does w7 have?", _context(Api(only="ns7")), namespace="ns7")
    assert given.answered is False, "the object itself is not served here"
    assert "Deployment/ns7/w7" in " ".join(sentence.text for sentence in given.sentences)


async def test_a_list_that_never_answers_is_told_when_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Hanging(Api):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            if request.url.path.endswith("/configmaps"):
                await asyncio.Event().wait()
            return await super().handle_async_request(request)

    monkeypatch.setattr(reading, "DEADLINE", 3.0)
    report = await scan(_context(Hanging()), "ns7")
    assert "ConfigMap in ns7: no answer within 3 s" in report.missing
    assert report.looked_at["Pod"] == PODS // NAMESPACES


async def test_a_cluster_that_is_away_is_an_error_and_no_healthy_cluster() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    kube = KubernetesClient.at("http://cluster", transport=httpx2.MockTransport(refuse), retry=Retry(attempts=1))
    with pytest.raises(ClusterUnreachableError):
        await scan(Context(kube=kube, clock=VirtualClock(NOW)))
