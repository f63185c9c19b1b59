"""What the change history tells of programs: those that put values back, and autoscalers that swing."""

from __future__ import annotations

from typing import Any

import httpx2

from aiops.agents.registry import Observation
from aiops.agents.specialists.rewriting import AGAIN, ONCE, rewriting
from aiops.agents.specialists.scaling import scaling
from aiops.agents.toolbox import Toolbox
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.changes import Change, FieldChange
from aiops.core.clock import VirtualClock
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism
from aiops.tools.kit.context import Context
from tests.support.history import Past
from tests.support.investigation import ONSET, make_scope

CART = Entity(kind="Deployment", namespace="shop", name="cart")
NOTHING = {"kind": "X", "metadata": {"name": "x"}}


class History(Past):
    """Knows changes besides."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__(NOTHING)
        self._changes = changes

    async def changes(self, start: float, end: float, namespaces: tuple[str, ...] = ()) -> list[Change]:
        return self._changes


def write(after: float, actor: str, old: Any, new: Any, path: str = "spec.minReadySeconds") -> Change:
    fields = (FieldChange(path=path, old=old, new=new),)
    return Change(at=ONSET + after, entity=CART, verb="updated", actor=actor, fields=fields)


async def look(specialist: Any, changes: list[Change]) -> list[Observation]:
    def serve(request: httpx2.Request) -> httpx2.Response:
        meta = {"namespace": "shop", "name": "sizer"}
        target = {"scaleTargetRef": {"kind": "Deployment", "name": "cart"}}
        found = {
            "deployments": [{"metadata": meta, "spec": {"template": {"spec": {}}}}],
            "horizontalpodautoscalers": [{"metadata": meta, "spec": target}],
        }
        return httpx2.Response(200, json={"items": found.get(request.url.path.rpartition("/")[2], [])})

    kube = KubernetesClient.at("http://cluster", transport=httpx2.MockTransport(serve))
    ctx = Context(kube=kube, clock=VirtualClock(ONSET + 300), changes=History(changes))
    tools = Toolbox(ctx, ("recent_changes", "list_objects"))
    found: list[Observation] = await specialist(make_scope(namespaces=("shop",)), tools)
    return found


async def test_a_program_that_takes_back_what_others_write() -> None:
    fight = [write(0, "ann", 1, 2), write(5, "sizer", 2, 1), write(100, "bob", 1, 2), write(110, "sizer", 2, 1)]
    (seen,) = await look(rewriting, fight)
    (guess,) = seen.suggests
    assert (seen.subject, seen.onset) == (CART, None)
    assert (str(guess.subject), guess.mechanism) == ("Deployment/shop/sizer", Mechanism.RESOURCE_REAPPLIED)
    assert guess.strength == AGAIN
    assert [h.strength for one in await look(rewriting, fight[:2]) for h in one.suggests] == [ONCE]


async def test_a_person_who_takes_something_back_is_no_program() -> None:
    assert await look(rewriting, [write(0, "ann", 1, 2), write(5, "bob", 2, 1)]) == []


async def test_an_autoscaler_that_swings() -> None:
    numbers = ((2, 6), (6, 2), (2, 6), (6, 2))
    steps = [
        write(60.0 * index, "kube-controller-manager", old, new, "spec.replicas")
        for index, (old, new) in enumerate(numbers)
    ]
    (seen,) = await look(scaling, steps)
    (guess,) = seen.suggests
    assert (str(guess.subject), guess.mechanism) == (
        "HorizontalPodAutoscaler/shop/sizer",
        Mechanism.SCALING_FLAPPING,
    )
    assert seen.observed == "2 -> 6 -> 2 -> 6 -> 2"
    assert await look(scaling, steps[:2]) == []
