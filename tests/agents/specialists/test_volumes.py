"""Full volumes, and who fills them."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from aiops.agents.registry import Observation
from aiops.agents.specialists.volumes import FILLER, OWN, SHARED, volumes
from aiops.agents.toolbox import Toolbox
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock, rfc3339
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from tests.support.investigation import ONSET, make_scope


def workload(name: str, age: float) -> dict[str, Any]:
    meta = {"namespace": "shop", "name": name, "creationTimestamp": rfc3339(ONSET - age)}
    return {"metadata": meta, "spec": {"selector": {"matchLabels": {"app": name}}, "template": {"spec": {}}}}


def pod(name: str) -> dict[str, Any]:
    owner = {"kind": "StatefulSet", "name": name, "controller": True, "apiVersion": "apps/v1", "uid": name}
    meta = {"namespace": "shop", "name": f"{name}-0", "labels": {"app": name}, "ownerReferences": [owner]}
    source = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    return {"metadata": meta, "spec": {"volumes": [source], "containers": []}, "status": {}}


async def look(
    *users: tuple[str, float], left: str | None = "0.001", namespace: str = "shop", since: float = ONSET + 300
) -> list[Observation]:
    def serve(request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path.endswith("query_range"):
            labels = {"namespace": namespace, "persistentvolumeclaim": "data"}
            asked = "available_bytes" in f"{request.url.params.get('query')}" and left is not None
            series = (
                [{"metric": labels, "values": [[at, left] for at in sorted({since, ONSET + 300})]}] if asked else []
            )
            return httpx2.Response(200, json={"status": "success", "data": {"resultType": "matrix", "result": series}})
        found = {"statefulsets": [workload(*user) for user in users], "pods": [pod(name) for name, _ in users]}
        return httpx2.Response(200, json={"items": found.get(path.rpartition("/")[2], [])})

    wire = httpx2.MockTransport(serve)
    metrics = PrometheusClient.at("http://prom", transport=wire, retry=Retry(1, 0.0))
    kube = KubernetesClient.at("http://cluster", transport=wire)
    ctx = Context(kube=kube, clock=VirtualClock(ONSET + 300), metrics=metrics)
    tools = Toolbox(ctx, ("metric_query", "list_objects"))
    return await volumes(make_scope(namespaces=("shop",)), tools)


async def test_a_store_whose_volume_is_full() -> None:
    (seen,) = await look(("store", 90_000.0))
    assert str(seen.subject) == "StatefulSet/shop/store"
    (guess,) = seen.suggests
    assert (str(guess.subject), guess.mechanism, guess.strength) == (
        "PersistentVolumeClaim/shop/data",
        Mechanism.RESOURCE_DISK_FULL,
        OWN,
    )


async def test_whoever_came_to_it_lately_is_blamed_first() -> None:
    (seen,) = await look(("store", 90_000.0), ("dump", 600.0))
    assert str(seen.subject) == "StatefulSet/shop/store"
    assert [(str(h.subject), h.strength) for h in seen.suggests] == [
        ("StatefulSet/shop/dump", FILLER),
        ("PersistentVolumeClaim/shop/data", SHARED),
    ]


@pytest.mark.parametrize("given", [{"left": None}, {"namespace": "elsewhere"}])
async def test_no_full_volume_here(given: dict[str, Any]) -> None:
    assert await look(("store", 90_000.0), **given) == []


async def test_what_was_full_while_all_was_well_is_no_news() -> None:
    assert await look(("store", 90_000.0), since=make_scope().baseline.start) == []
