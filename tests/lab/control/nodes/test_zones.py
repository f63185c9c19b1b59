"""How fast nodes are given up, by how their zone does."""

from __future__ import annotations

import pytest

from aiops.core.entity import Manifest
from aiops.lab.control.nodes.zones import FULL, NORMAL, PARTIAL, EvictionRates, zone_of, zone_states


def _node(ready: bool, zone: str = "a") -> Manifest:
    conditions = [{"type": "Ready", "status": "True" if ready else "Unknown"}]
    return {"metadata": {"labels": {"topology.kubernetes.io/zone": zone}}, "status": {"conditions": conditions}}


@pytest.mark.parametrize(
    ("ready", "silent", "state", "rate"),
    [(3, 0, NORMAL, 0.1), (1, 2, NORMAL, 0.1), (2, 3, PARTIAL, 0.0), (40, 60, PARTIAL, 0.01), (0, 1, FULL, 0.1)],
)
def test_states_and_rates(ready: int, silent: int, state: str, rate: float) -> None:
    nodes = [_node(True)] * ready + [_node(False)] * silent
    (found,) = zone_states(nodes).values()
    assert (found.state, found.rate) == (state, rate)


def test_zones_are_counted_apart() -> None:
    states = zone_states([_node(True, "a"), _node(False, "b")])
    assert [states[zone_of(_node(True, zone))].state for zone in "ab"] == [NORMAL, FULL]


def test_one_node_in_ten_seconds() -> None:
    rates = EvictionRates()
    assert rates.take("a", 0.1, 100.0) is None
    assert rates.take("a", 0.1, 105.0) == 110.0
    assert rates.take("b", 0.1, 105.0) is None
    assert rates.take("a", 0.1, 110.0) is None
    assert rates.take("a", 0.0, 120.0) == 220.0
