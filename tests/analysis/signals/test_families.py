"""Every family of request metrics, from a recorded exposition to the golden signals of an entity."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from aiops.analysis.signals.families import TRAEFIK, Told, families, recognise
from aiops.analysis.signals.promql import figure_of, figures
from aiops.analysis.signals.recognising import recognised, usual_span
from aiops.clients.prometheus import PrometheusClient
from aiops.core.entity import Entity
from aiops.core.telemetry import Series
from tests.support.expositions import FOLDER, client_of, recorded, scraped

END = 1_790_000_000.0
OF_PROGRAMS = {"namespace": "shop", "service": "cart", "pod": "cart-5d4c-x2x", "job": "cart"}
OF_A_GATEWAY = {"namespace": "ingress", "service": "controller", "pod": "controller-1", "job": "controller"}
OF_PROXIES = {"job": "proxies"}
SCRAPED_WITH = {
    "traefik": {"namespace": "traefik", "job": "traefik"},
    "ingress-nginx": OF_A_GATEWAY,
    "istio": OF_PROXIES,
    "linkerd": OF_PROXIES,
}
KINDS = {"linkerd": "Deployment", "ingress-nginx": "Ingress"}
NAMES = [family.name for family in families()]


def _asking(metrics: PrometheusClient) -> Callable[[str], Awaitable[list[Series]]]:
    return lambda promql: metrics.query(promql, END)


def test_every_family_has_an_exposition() -> None:
    assert sorted(NAMES) == sorted(path.stem for path in FOLDER.glob("*.prom"))


@pytest.mark.parametrize("name", NAMES)
def test_a_family_is_recognised_and_gives_its_figures(name: str) -> None:
    metrics = client_of(scraped(recorded(name, SCRAPED_WITH.get(name, OF_PROGRAMS)), END), END)

    async def read() -> dict[tuple[str, str], float]:
        (found,) = await recognised(_asking(metrics))
        assert found.family.name == name
        series = await metrics.query(figures([(found, "")], await usual_span(_asking(metrics), [found])), END)
        entities = [found.told.entity(one.labels, ("shop", "shop-old")) for one in series]
        told = [figure_of(one.labels) for one in series]
        assert {family for family, _ in told} == {name}
        read = zip(entities, told, series, strict=True)
        return {(str(entity), figure): float(one.values[-1]) for entity, (_, figure), one in read}

    entity = str(Entity(kind=KINDS.get(name, "Service"), namespace="shop", name="cart"))
    wanted = {(entity, "requests"): 10.0, (entity, "failed"): 2.0, (entity, "busy"): 1.0}
    if name in ("ingress-nginx", "traefik"):
        wanted[entity, "refused"] = 1.0
    assert asyncio.run(read()) == pytest.approx(wanted)


def test_rates_are_taken_over_four_scrapes() -> None:
    slow = scraped(recorded("spring", OF_PROGRAMS), END, interval=60.0)
    metrics = client_of(slow, END)

    async def span() -> float:
        return await usual_span(_asking(metrics), await recognised(_asking(metrics)))

    assert 200.0 <= asyncio.run(span()) <= 300.0


def test_where_programs_tell_no_service_their_pods_are_told_apart() -> None:
    (http,) = [family for family in families() if family.name == "opentelemetry-http"]
    found = recognise(http, [{"namespace": "shop", "pod": "cart-1"}, {"namespace": "shop", "pod": "cart-2"}])
    assert found is not None
    assert found.told.kind == "Pod"
    assert recognise(http, [{"instance": "10.0.0.1:80"}]) is None
    assert recognise(http, []) is None


@pytest.mark.parametrize(
    ("written", "namespaces", "entity"),
    [
        ("shop-cart-80@kubernetes", ("shop",), "Service/shop/cart"),
        ("shop-old-cart-v2-http@kubernetescrd", ("shop", "shop-old"), "Service/shop-old/cart-v2"),
        ("shop-cart-80@kubernetes", (), "Service/shop/cart"),
        ("dashboard@internal", ("shop",), "Service//dashboard"),
    ],
)
def test_the_names_of_traefik_are_taken_apart(written: str, namespaces: tuple[str, ...], entity: str) -> None:
    told = Told(kind="Service", namespace="", name="service", written=TRAEFIK)
    assert str(told.entity({"service": written}, namespaces)) == entity
