"""Which workload the name of a service in a trace means."""

from __future__ import annotations

import pytest

from aiops.agents.specialists.traces import named
from aiops.core.entity import Entity
from tests.support.investigation import CART, make_scope


@pytest.mark.parametrize(
    ("name", "expected"),
    [("cart", CART), ("cart.shop.svc.cluster.local:80", CART), ("cart.other", None), ("nobody", None)],
)
def test_a_span_names_a_workload(name: str, expected: Entity | None) -> None:
    assert named(name, make_scope()) == expected
