"""Faults that users are to feel break what enough of their requests rely on."""

from __future__ import annotations

from random import Random

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.errors import NotPossibleError
from aiops.faults.injection import DirectTarget
from aiops.faults.kit.reliance import share_of
from aiops.faults.parameters import draw_arguments, pick, pick_call

RELIED = {
    "Deployment/shop/web": 1.0,
    "Deployment/shop/ads": 0.0,
    "Deployment/shop/web -> Service/shop/ads": 0.2,
    "Deployment/shop/web ADS_ADDRESS": 0.3,
}


@pytest.mark.parametrize(
    ("written", "share"),
    [
        ("Deployment/shop/ads", 0.0),
        ("Deployment/shop/ads 340m", 0.0),
        ("Deployment/shop/web -> Service/shop/ads", 0.2),
        ("Deployment/shop/web -> Deployment/shop/ads", 1.0),
        ("Deployment/shop/web web ADS_ADDRESS", 0.3),
        ("Deployment/shop/web web ADS_ADDRESS ConfigMap/shop/web ads", 0.3),
        ("Deployment/shop/web web OTHER", 1.0),
        ("Node//general-1", 1.0),
        ("Deployment/shop/unknown", 1.0),
    ],
)
def test_the_share_is_that_of_what_is_named(written: str, share: float) -> None:
    assert share_of(written, RELIED) == share


async def test_what_nobody_relies_on_is_not_drawn(kube: KubernetesClient) -> None:
    target = DirectTarget(kube)
    names = {str(each["metadata"]["name"]) for each in await kube.list("Deployment", "shop")}
    relied = {f"Deployment/shop/{name}": 1.0 if name == "web" else 0.0 for name in names}
    drawn = [await draw_arguments({"a": pick("Deployment")}, target, "shop", Random(n), relied) for n in range(8)]
    assert {each["a"].name for each in drawn} == {"web"}


async def test_where_nothing_is_left_it_is_not_possible(kube: KubernetesClient) -> None:
    found = await draw_arguments({"call": pick_call()}, DirectTarget(kube), "shop", Random(1))
    caller = found["call"].source
    everything = {f"Deployment/shop/{each['metadata']['name']}": 0.0 for each in await kube.list("Deployment", "shop")}
    assert str(caller) in everything
    with pytest.raises(NotPossibleError, match="no candidate"):
        await draw_arguments({"call": pick_call()}, DirectTarget(kube), "shop", Random(1), everything)
