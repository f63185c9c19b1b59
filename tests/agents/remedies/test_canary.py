"""A canary that brought the trouble is stopped; what is there for long, or serves alone, is not."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.agents.remedies.image import image
from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.core.clock import rfc3339
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism

ONSET = 100_000.0
WINDOW = Window(start=0, end=1)
SCOPE = Scope(namespaces=("shop",), signals=(), onset=ONSET, reported=ONSET, window=WINDOW, baseline=WINDOW)


def workload(name: str, age: float) -> list[dict[str, Any]]:
    labels = {"app": "cart"}
    meta = {"namespace": "shop", "name": name, "creationTimestamp": rfc3339(ONSET - age)}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "cart", "image": f"r/cart:{name}"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    owner = {"kind": "ReplicaSet", "name": f"{name}-1", "controller": True}
    maker = {"kind": "Deployment", "name": name, "controller": True}
    replica_set = {"namespace": "shop", "name": f"{name}-1", "ownerReferences": [maker]}
    pod = {"namespace": "shop", "name": f"{name}-1-a", "ownerReferences": [owner], "labels": labels}
    return [
        {"kind": "Deployment", "metadata": meta, "spec": spec},
        {"kind": "ReplicaSet", "metadata": replica_set, "spec": {"template": template}},
        {
            "kind": "Pod",
            "metadata": pod,
            "spec": template["spec"],
            "status": {"conditions": [{"type": "Ready", "status": "True"}]},
        },
    ]


SERVICE: dict[str, Any] = {
    "kind": "Service",
    "metadata": {"namespace": "shop", "name": "cart"},
    "spec": {"selector": {"app": "cart"}},
}


@pytest.mark.parametrize(
    ("age", "alone", "stopped"), [(60.0, False, True), (60.0, True, False), (50_000.0, False, False)]
)
async def test_a_canary_is_stopped(age: float, alone: bool, stopped: bool) -> None:
    objects = [SERVICE, *workload("cart-b", age), *([] if alone else workload("cart", 90_000.0))]
    subject = Entity(kind="Deployment", namespace="shop", name="cart-b")
    cause = RootCause(subject=subject, mechanism=Mechanism.APP_VERSION, confidence=0.9, summary="s", evidence=())
    tools = Toolbox(None, ())  # type: ignore[arg-type]  # nothing is read
    found = await image(RemedyCase(cause, SCOPE, ClusterState(objects, ONSET), (), ONSET, tools))
    assert [proposal.tool for proposal in found] == (["stop_workload"] if stopped else [])
