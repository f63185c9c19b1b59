"""Who made a pod, from its owner references."""

from __future__ import annotations

import pytest

from aiops.analysis.state.owners import controller, workload_of
from aiops.core.entity import Entity, Manifest
from aiops.core.wellknown import POD_TEMPLATE_HASH


def pod(kind: str, name: str, *, controls: bool = True, template: str = "") -> Manifest:
    labels = {POD_TEMPLATE_HASH: template} if template else {}
    owners = [{"kind": kind, "name": name, "controller": controls}]
    return {"kind": "Pod", "metadata": {"name": "p", "namespace": "shop", "labels": labels, "ownerReferences": owners}}


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (pod("ReplicaSet", "geo-5d4f9c7b8d", template="5d4f9c7b8d"), "Deployment/shop/geo"),
        (pod("ReplicaSet", "geo-cache-5d4f9c7b8d", template="5d4f9c7b8d"), "Deployment/shop/geo-cache"),
        (pod("StatefulSet", "db"), "StatefulSet/shop/db"),
        (pod("Job", "nightly-1"), "Job/shop/nightly-1"),
        (pod("ReplicaSet", "bare"), "ReplicaSet/shop/bare"),
        (pod("Node", "n", controls=False), None),
        ({"kind": "Pod", "metadata": {"name": "p"}}, None),
    ],
)
def test_the_workload_behind_a_pod(manifest: Manifest, expected: str | None) -> None:
    assert workload_of(manifest) == (Entity.parse(expected) if expected else None)


def test_only_a_controller_owns() -> None:
    assert controller(pod("Node", "n", controls=False)) is None
    assert controller(pod("StatefulSet", "db")) == ("StatefulSet", "db")
