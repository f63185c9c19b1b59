"""Replicas that go up and down without end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from aiops.analysis.changes.flapping import swings
from aiops.core.changes import Change, FieldChange
from aiops.core.entity import Entity

CART = Entity(kind="Deployment", namespace="shop", name="cart")


def steps(numbers: Sequence[int], every: float = 60.0, actor: str = "kube-controller-manager") -> list[Change]:
    return [
        Change(
            at=100.0 + every * index,
            entity=CART,
            verb="updated",
            actor=actor,
            fields=(FieldChange(path="spec.replicas", old=old, new=new),),
        )
        for index, (old, new) in enumerate(pairwise(numbers))
    ]


def test_replicas_that_turn_in_quick_steps() -> None:
    (found,) = swings(list(reversed(steps([2, 6, 2, 6, 2]))))
    assert (found.entity, found.numbers, found.since) == (CART, (2, 6, 2, 6, 2), 100.0)


@pytest.mark.parametrize(
    "changes",
    [
        steps([2, 4, 6, 8, 6, 4, 2]),
        steps([2, 6, 2, 6, 2], every=1200.0),
        steps([2, 6, 2, 6, 2], actor="ann"),
        steps([2, 6, 2]),
        [],
    ],
    ids=["a day", "slowly", "by hand", "once", "never"],
)
def test_what_follows_its_load_does_not_flap(changes: list[Change]) -> None:
    assert swings(changes) == []
