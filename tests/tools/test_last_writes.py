"""The last write of each object, from what Kubernetes itself keeps."""

from __future__ import annotations

from typing import Any

import httpx2

from aiops.clients.kinds import RESOURCES
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import VirtualClock, rfc3339
from aiops.core.evidence import Window
from aiops.tools.kit.context import Context
from aiops.tools.last_writes import WRITTEN_KINDS, last_writes

NOW = 1_800_000_000.0
HOUR = Window(start=NOW - 3600, end=NOW)


def written(name: str, created: float, *writes: tuple[str, float]) -> dict[str, Any]:
    """An object of `created` seconds ago, with field managers and how many seconds ago they wrote."""
    fields = [{"manager": manager, "time": rfc3339(NOW - ago)} for manager, ago in writes]
    meta = {"name": name, "namespace": "shop", "creationTimestamp": rfc3339(NOW - created), "managedFields": fields}
    return {"metadata": meta}


def context(items: dict[str, list[dict[str, Any]]], denied: str = "") -> Context:
    by_plural = {RESOURCES[kind].plural: found for kind, found in items.items()}

    def serve(request: httpx2.Request) -> httpx2.Response:
        plural = request.url.path.rpartition("/")[2]
        if plural == denied:
            return httpx2.Response(403, json={"message": f"{plural} is forbidden"})
        return httpx2.Response(200, json={"items": by_plural.get(plural, [])})

    kube = KubernetesClient.at("http://cluster", transport=httpx2.MockTransport(serve))
    return Context(kube=kube, clock=VirtualClock(NOW))


async def test_the_newest_first_with_who_wrote_them() -> None:
    items = {
        "Deployment": [written("web", 9000, ("helm", 9000), ("jane", 60), ("kube-controller-manager", 30))],
        "ConfigMap": [
            written("new", 120, ("helm", 120)),
            written("old", 9000, ("helm", 9000)),
            written("kube-root-ca.crt", 60, ("kube-controller-manager", 60)),
        ],
        "Service": [written("bare", 90)],
    }
    found = await last_writes(context(items), HOUR)
    told = [(str(one.entity), one.verb, one.actor, NOW - one.at) for one in found.writes]
    assert told == [
        ("Deployment/shop/web", "updated", "jane", 60),
        ("Service/shop/bare", "created", "", 90),
        ("ConfigMap/shop/new", "created", "helm", 120),
    ]
    assert found.no_data is None
    few = await last_writes(context(items), HOUR, limit=1)
    assert (len(few.writes), few.left_out) == (1, 2)


async def test_a_kind_that_may_not_be_read_is_said_and_the_rest_is_there() -> None:
    found = await last_writes(context({"ConfigMap": [written("new", 120)]}, denied="services"), HOUR)
    assert len(found.writes) == 1
    assert found.no_data is not None
    assert found.no_data.startswith("Service: ")


async def test_a_written_object_of_the_lab_is_found(lab: Any) -> None:
    await lab.other("jane").patch(
        (await last_writes(lab.ctx, Window(start=0, end=lab.world.now))).writes[0].entity,
        {"metadata": {"labels": {"a": "b"}}},
        "merge",
    )
    lab.run(5)
    found = await last_writes(lab.ctx, Window(start=lab.world.now - 10, end=lab.world.now))
    assert [one.actor for one in found.writes] == ["jane"]
    assert {one.entity.kind for one in found.writes} <= set(WRITTEN_KINDS)
