"""Secrets that were written lately, and what users get at an Ingress, from figures alone."""

from __future__ import annotations

import httpx2
import pytest

from aiops.agents.registry import Observation
from aiops.agents.specialists.front_door import altering, front_door
from aiops.agents.specialists.secrets import TYPE, VERSION, secrets
from aiops.agents.specialists.support.tokens import misses_token
from aiops.agents.toolbox import Toolbox
from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.prometheus import PrometheusClient
from aiops.clients.transport import Retry
from aiops.core.clock import VirtualClock
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from tests.support.investigation import ONSET, make_scope

Points = list[tuple[float, float]]
Figures = list[tuple[dict[str, str], Points]]

INGRESS = {
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "annotations": {"nginx.ingress.kubernetes.io/rewrite-target": "/", "owner": "shop"},
    },
    "spec": {},
}


def tools_on(figures: dict[str, Figures]) -> Toolbox:
    """Figures by a word of the query that asks for them, the first that is in it."""

    def serve(request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("query_range"):
            return httpx2.Response(200, json={"items": [INGRESS]})
        asked = str(request.url.params.get("query"))
        start = float(request.url.params["start"])
        found = next((f for word, f in figures.items() if word in asked and (word != "rate(" or start > ONSET)), [])
        result = [{"metric": labels, "values": [[at, str(value)] for at, value in points]} for labels, points in found]
        return httpx2.Response(200, json={"status": "success", "data": {"resultType": "matrix", "result": result}})

    wire = httpx2.MockTransport(serve)
    metrics = PrometheusClient.at("http://prom", transport=wire, retry=Retry(1, 0.0))
    kube = KubernetesClient.at("http://cluster", transport=wire)
    return Toolbox(Context(kube=kube, clock=VirtualClock(ONSET), metrics=metrics), ("metric_query", "list_objects"))


def version(name: str, *points: tuple[float, float]) -> tuple[dict[str, str], Points]:
    return {"namespace": "shop", "object": name}, list(points)


async def look_at_secrets(*versions: tuple[dict[str, str], Points], kind: str = "Opaque") -> list[Observation]:
    types = [({**labels, "type": kind}, points[-1:]) for labels, points in versions]
    tools = tools_on({TYPE: types, VERSION: list(versions)})
    found = await secrets(make_scope(namespaces=("shop",)), tools)
    assert tools.missing == []
    return found


STEADY = version("steady", (ONSET - 900, 1.0), (ONSET - 15, 1.0))


@pytest.mark.parametrize(
    ("kind", "mechanism"),
    [("Opaque", Mechanism.AUTH_CREDENTIAL), ("kubernetes.io/tls", Mechanism.TLS_CERTIFICATE_NAME)],
)
async def test_a_secret_that_was_written(kind: str, mechanism: Mechanism) -> None:
    written = version("login", (ONSET - 900, 1.0), (ONSET - 60, 7.0), (ONSET - 15, 7.0))
    (found,) = await look_at_secrets(STEADY, written, kind=kind)
    assert found.onset == ONSET - 60
    assert [(str(h.subject), h.mechanism) for h in found.suggests] == [("Secret/shop/login", mechanism)]


async def test_a_secret_that_was_made() -> None:
    (found,) = await look_at_secrets(STEADY, version("login", (ONSET - 60, 3.0), (ONSET - 15, 3.0)))
    assert found.onset == ONSET - 60


async def test_secrets_that_nobody_wrote_and_clusters_that_do_not_tell() -> None:
    assert await look_at_secrets(STEADY) == []
    assert await look_at_secrets() == []


async def test_users_who_are_told_that_nothing_is_there() -> None:
    labels = {"namespace": "shop", "ingress": "web"}
    rates: Figures = [({**labels, "status": "404"}, [(ONSET, 30.0)]), ({**labels, "status": "200"}, [(ONSET, 10.0)])]
    (found,) = await front_door(make_scope(namespaces=("shop",)), tools_on({"rate(": rates}))
    assert found.score > 0.9
    assert [(h.mechanism, h.field) for h in found.suggests] == [
        (Mechanism.NETWORK_PROXY, "metadata.annotations[nginx.ingress.kubernetes.io/rewrite-target]"),
        (Mechanism.CONFIG_INGRESS, "spec.rules"),
    ]


async def test_users_who_get_what_they_ask_for() -> None:
    rates: Figures = [({"namespace": "shop", "ingress": "web", "status": "200"}, [(ONSET, 30.0)])]
    assert await front_door(make_scope(namespaces=("shop",)), tools_on({"rate(": rates})) == []


def test_annotations_that_say_nothing_to_a_gateway() -> None:
    assert altering({"metadata": {"annotations": {"owner": "auth", "cert-manager.io/issuer": "a"}}}) == []


@pytest.mark.parametrize(
    ("line", "misses"),
    [
        ("open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file or directory", True),
        (
            "[Errno 2] No such file or directory: '/run/secrets/kubernetes.io/serviceaccount/ca.crt'",
            True,
        ),
        ("Service token file does not exist.", True),
        ("open /etc/app/token: no such file or directory", False),
        ("token of the session has expired", False),
    ],
)
def test_wordings_of_a_missing_token(line: str, misses: bool) -> None:
    assert misses_token(line) is misses
