"""Which version a program goes to when a migration has changed its store."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.agents.remedies.kit.registry import RemedyCase
from aiops.agents.remedies.schema import schema
from aiops.agents.scoping.scope import Scope
from aiops.agents.toolbox import Toolbox
from aiops.analysis.state.cluster import ClusterState
from aiops.core.clock import rfc3339
from aiops.core.diagnosis import RootCause
from aiops.core.entity import Entity
from aiops.core.evidence import Window
from aiops.core.mechanism import Mechanism

WINDOW = Window(start=0, end=1)
ONSET = 100_000.0
SCOPE = Scope(namespaces=("shop",), signals=(), onset=ONSET, reported=ONSET, window=WINDOW, baseline=WINDOW)
ORDERS = Entity(kind="Deployment", namespace="shop", name="orders")


def running(kind: str, name: str, image: str, age: float) -> dict[str, Any]:
    meta = {"namespace": "shop", "name": name, "creationTimestamp": rfc3339(ONSET - age)}
    return {
        "kind": kind,
        "metadata": meta,
        "spec": {"template": {"spec": {"containers": [{"name": "c", "image": image}]}}},
    }


def case(image: str, *jobs: tuple[str, float]) -> RemedyCase:
    objects = [running("Deployment", "orders", image, 90_000.0)]
    objects += [running("Job", f"migrate-{i}", of, age) for i, (of, age) in enumerate(jobs)]
    cause = RootCause(subject=ORDERS, mechanism=Mechanism.DATA_SCHEMA, confidence=0.9, summary="s", evidence=())
    return RemedyCase(cause, SCOPE, ClusterState(objects, ONSET), (), ONSET, Toolbox(None, ()))  # type: ignore[arg-type]  # nothing is read


@pytest.mark.parametrize(
    ("image", "jobs", "expected"),
    [
        ("reg:5000/orders:1.4", [("reg:5000/orders:1.5", 60.0)], ["reg:5000/orders:1.5"]),
        ("orders", [("orders:1.5", 60.0), ("orders:1.6", 30.0)], ["orders:1.6", "orders:1.5"]),
        ("orders@sha256:ab", [("orders@sha256:cd", 60.0)], ["orders@sha256:cd"]),
        ("orders:1.4", [("orders:1.4", 60.0)], []),
        ("orders:1.4", [("orders:1.5", 9000.0)], []),
        ("orders:1.4", [("reports:1.5", 60.0)], []),
    ],
)
async def test_the_program_follows_the_job_that_changed_its_schema(
    image: str, jobs: list[tuple[str, float]], expected: list[str]
) -> None:
    found = await schema(case(image, *jobs))
    assert [(p.tool, p.target, p.arguments["image"]) for p in found] == [("set_image", ORDERS, i) for i in expected]
