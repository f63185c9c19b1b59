"""Golden signals on clusters whose requests are counted by others than OpenTelemetry's HTTP servers."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.clock import VirtualClock
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.tools.evidence_series import evidence_series
from aiops.tools.golden_signals import golden_signals
from aiops.tools.kit.context import Context
from tests.support.expositions import client_of, recorded, scraped

END = 1_790_000_000.0
WINDOW = Window(start=END - 300, end=END)
NO_OBJECTS = cast(KubernetesClient, None)
"""Traffic is read from metrics alone."""


def _context(family: str, **target: str) -> Context:
    metrics = client_of(scraped(recorded(family, target), END), END)
    return Context(kube=NO_OBJECTS, clock=VirtualClock(END), metrics=metrics, namespaces=("shop",))


@pytest.mark.parametrize(
    ("family", "target", "kind"),
    [
        ("istio", {"job": "proxies"}, "Service"),
        ("linkerd", {"job": "proxies"}, "Deployment"),
        ("traefik", {"namespace": "traefik", "job": "traefik"}, "Service"),
        ("ingress-nginx", {"namespace": "ingress"}, "Ingress"),
        ("spring", {"namespace": "shop", "service": "cart"}, "Service"),
        ("opentelemetry-http-old", {"namespace": "shop", "service": "cart"}, "Service"),
        ("grpc", {"namespace": "shop", "service": "cart"}, "Service"),
    ],
)
def test_rates_and_errors_of_any_family(family: str, target: dict[str, str], kind: str) -> None:
    found = asyncio.run(golden_signals(_context(family, **target), WINDOW, signal=("rate", "error_ratio")))
    (item,) = found.entities
    assert str(item.entity) == f"{kind}/shop/cart"
    values = {signal.name: signal.value for signal in item.signals}
    assert values == {"rate": pytest.approx(10.0), "error_ratio": pytest.approx(0.2)}


def test_other_namespaces_are_left_out() -> None:
    context = _context("spring", namespace="bank", service="cart")
    assert asyncio.run(golden_signals(context, WINDOW, signal="rate")).entities == ()


def test_the_chart_of_an_entity_reads_the_family_of_the_cluster() -> None:
    cart = Entity(kind="Service", namespace="shop", name="cart")
    arguments = {"window": WINDOW.model_dump(), "entity": cart.model_dump(), "signal": "rate"}
    for family, target in (("istio", {"job": "x"}), ("traefik", {"namespace": "traefik"})):
        drawn = asyncio.run(evidence_series(_context(family, **target), "golden_signals", arguments))
        assert drawn.series[0].points[-1][1] == pytest.approx(10.0)
