"""What may be broken, and how a seed chooses."""

from __future__ import annotations

from random import Random
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.errors import ConfigurationError, NotPossibleError
from aiops.faults.kit.candidates import needed_calls, serving
from aiops.faults.parameters import draw_arguments, draws_of, one_of, pick, pick_call, whole


async def test_services_are_those_with_a_selector_and_ready_endpoints(kube: KubernetesClient) -> None:
    assert [service.name for service in await serving(kube, "Service", "shop")] == ["cart", "web"]


async def test_deployments_are_those_with_available_pods(kube: KubernetesClient) -> None:
    assert [deployment.name for deployment in await serving(kube, "Deployment", "shop")] == ["cart", "web"]


async def test_calls_are_read_from_environment_and_config(kube: KubernetesClient) -> None:
    """cart calls a host outside, so nobody can say what it needs; asleep has no pods."""
    assert [str(edge) for edge in await needed_calls(kube, "shop")] == [
        "Deployment/shop/web -> Service/shop/cart",
        "Deployment/shop/web -> Service/shop/web",
    ]


async def test_a_kind_without_candidates(kube: KubernetesClient) -> None:
    with pytest.raises(ConfigurationError, match="Lease"):
        await serving(kube, "Lease", "shop")


async def test_an_empty_namespace(kube: KubernetesClient) -> None:
    for draw in (pick("Service"), pick("Deployment"), pick_call()):
        with pytest.raises(NotPossibleError, match="'nowhere' has no candidate"):
            await draw.draw(kube, "nowhere", Random(1))


async def test_a_draw_is_within_its_annotation(kube: KubernetesClient) -> None:
    async def function(
        target: Any,
        service: Annotated[Any, pick("Service")],
        port: Annotated[int, whole(3, 5)],
        text: Annotated[str, one_of("a", "b")],
    ) -> None: ...

    draws = {"service": pick("Service"), "port": whole(3, 5), "text": one_of("a", "b")}
    seen = [await draw_arguments(draws, kube, "shop", Random(seed)) for seed in range(40)]
    assert {arguments["port"] for arguments in seen} == {3, 4, 5}
    assert {arguments["text"] for arguments in seen} == {"a", "b"}
    assert {arguments["service"].name for arguments in seen} == {"cart", "web"}
    assert seen[0] == await draw_arguments(draws, kube, "shop", Random(0))


async def annotated(target: Any, port: Annotated[int, "a note", whole(1, 2)]) -> None:
    """A parameter may carry other notes."""


async def plain(target: Any, port: int) -> None:
    """A parameter that nobody can draw."""


def test_draws_come_from_annotations() -> None:
    assert draws_of(annotated) == {"port": whole(1, 2)}
    with pytest.raises(ConfigurationError, match="plain: parameter 'port'"):
        draws_of(plain)


@given(st.integers(-50, 50), st.integers(0, 100), st.integers())
def test_whole_numbers_hold_their_bounds(low: int, width: int, seed: int) -> None:
    number = Random(seed).randint(whole(low, low + width).low, whole(low, low + width).high)
    assert low <= number <= low + width
