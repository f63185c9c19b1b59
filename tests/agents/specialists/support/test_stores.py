"""Whom a store's own line blames."""

from __future__ import annotations

import httpx2
import pytest

from aiops.agents.scoping.scope import CallMap
from aiops.agents.specialists.support.stores import blamed_by_store, may_be_store
from aiops.agents.toolbox import Toolbox
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import VirtualClock
from aiops.core.entity import Edge, Entity
from aiops.tools.kit.context import Context
from tests.support.investigation import make_scope

WEB, DB = (
    Entity(kind=kind, namespace="shop", name=name) for kind, name in (("Deployment", "web"), ("StatefulSet", "db"))
)
BAD_DISK = 'PANIC:  could not fsync file "pg_wal/3": Input/output error'
BAD_PAGE = "WARNING:  page verification failed, calculated checksum 3482 but expected 1920"


async def blamed(line: str, pods: tuple[str, ...]) -> list[str]:
    def serve(request: httpx2.Request) -> httpx2.Response:
        items = [
            {
                "metadata": {"namespace": "shop", "name": f"db-{i}"},
                "spec": {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": f"data-db-{i}"}}]},
            }
            for i in range(2)
        ]
        return httpx2.Response(200, json={"items": items})

    kube = KubernetesClient.at("http://cluster", transport=httpx2.MockTransport(serve))
    tools = Toolbox(Context(kube=kube, clock=VirtualClock(1000.0)), ("list_objects",))
    found = await blamed_by_store(DB, line, pods, tools)
    return [f"{h.mechanism.value} {h.subject}" for h in found]


@pytest.mark.parametrize(
    ("line", "pods", "expected"),
    [
        (BAD_DISK, ("db-1",), ["storage.io_error PersistentVolumeClaim/shop/data-db-1"]),
        (BAD_DISK, ("another",), ["storage.io_error StatefulSet/shop/db"]),
        (BAD_PAGE, ("db-1",), ["data.corruption StatefulSet/shop/db"]),
        ("connection accepted", ("db-1",), []),
    ],
)
async def test_trouble_of_a_disk_is_the_claims_of_who_wrote_of_it(
    line: str, pods: tuple[str, ...], expected: list[str]
) -> None:
    assert await blamed(line, pods) == expected


def test_whoever_calls_others_is_no_store() -> None:
    scope = make_scope(call_map=CallMap(workloads=(WEB, DB), calls=(Edge(source=WEB, target=DB),)))
    assert may_be_store(DB, scope)
    assert not may_be_store(WEB, scope)
