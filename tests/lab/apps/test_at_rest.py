"""Every application is healthy when nobody touches it: an hour without an alert, promises kept, nodes neither idle nor
full."""

from __future__ import annotations

from statistics import mean

import pytest

from aiops.core.quantity import parse_quantity
from aiops.lab.world import World
from tests.lab.apps.applications import NAMES

APPLICATIONS = [name if name == "hotel" else pytest.param(name, marks=pytest.mark.soak) for name in NAMES]
"""The smallest in every run of the tests."""
HOUR = 3600.0
"""In which all that happens by itself comes twice: nothing does less often than each half hour."""
STARTING = 300.0
"""Simulated seconds in which an application comes up."""


def busy(world: World) -> list[float]:
    """The share of each node's cores that is used now."""
    cores = {
        n["metadata"]["name"]: parse_quantity(n["status"]["capacity"]["cpu"]) for n in world.cluster.objects("Node")
    }
    return [use.cpu / cores[name] for name, use in world.runtime.node_use().items()]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", APPLICATIONS)
def test_an_hour_without_an_alert(name: str) -> None:
    world = World(name, seed=1)
    fired: dict[str, float] = {}
    begin = world.now
    for _ in world.ticks(STARTING + HOUR):
        for notification in world.alerts_due():
            for alert in notification.payload["alerts"]:
                fired.setdefault(str(alert["labels"]), world.now - begin)
            world.alert_delivered(notification)
    assert fired == {}
    assert world.service_level(begin + STARTING, world.now).good > 0.995
    assert 0.05 < mean(busy(world)) < 0.6
    assert max(busy(world)) < 0.7
