"""How far an injection may reach."""

from __future__ import annotations

import pytest

from aiops.core.entity import Entity
from aiops.core.errors import NotPossibleError
from aiops.faults.fence import Fence

WEB = Entity(kind="Service", namespace="shop", name="web")
CONFIG = Entity(kind="ConfigMap", namespace="shop", name="web")
NODE = Entity(kind="Node", namespace="", name="node-1")
ELSEWHERE = Entity(kind="Service", namespace="bank", name="web")


def test_without_bounds_it_reaches_everywhere() -> None:
    for entity in (WEB, CONFIG, NODE, ELSEWHERE):
        Fence().check(entity)


@pytest.mark.parametrize("entity", [NODE, ELSEWHERE])
def test_a_namespace_is_all_that_it_writes_to(entity: Entity) -> None:
    fence = Fence(namespace="shop")
    fence.check(WEB)
    with pytest.raises(NotPossibleError, match="outside of namespace 'shop'"):
        fence.check(entity)


def test_objects_count_once_however_often_they_are_written() -> None:
    fence = Fence(objects=1)
    fence.check(WEB)
    fence.check(WEB)
    with pytest.raises(NotPossibleError, match="one object more than the 1 that may be broken"):
        fence.check(CONFIG)
