"""A proven cause that still stands keeps an incident open; a guess does not."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.agents.verification.verify import is_proven, other_causes
from aiops.analysis.state.cluster import ClusterState
from aiops.core.action import Outcome
from aiops.core.diagnosis import Diagnosis, RootCause
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

CART = Entity(kind="Deployment", namespace="shop", name="cart")
WEB = Entity(kind="Service", namespace="shop", name="web")
PROOF = ("changes-1", "cluster-state-2")


def cause(subject: Entity, mechanism: Mechanism, evidence: tuple[str, ...], confidence: float = 0.7) -> RootCause:
    return RootCause(subject=subject, mechanism=mechanism, confidence=confidence, summary="s", evidence=evidence)


def state(replicas: int) -> ClusterState:
    """`cart` behind a Service, with so many replicas asked for."""
    meta, labels = {"namespace": "shop", "name": "cart"}, {"app": "cart"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": []}}
    objects: list[dict[str, Any]] = [
        {"kind": "Deployment", "metadata": meta, "spec": {"replicas": replicas, "template": template}},
        {"kind": "Service", "metadata": meta, "spec": {"selector": labels}},
    ]
    return ClusterState(objects, 1000.0)


@pytest.mark.parametrize(
    ("evidence", "confidence", "replicas", "open_"),
    [
        (PROOF, 0.7, 0, True),
        (PROOF, 0.7, 2, False),
        (PROOF, 0.2, 0, False),
        (("cluster-state-2",), 0.7, 0, False),
    ],
)
def test_what_stands_besides(evidence: tuple[str, ...], confidence: float, replicas: int, open_: bool) -> None:
    mended = cause(WEB, Mechanism.CONFIG_TARGET_PORT, PROOF)
    other = cause(CART, Mechanism.SCALING_REPLICAS, evidence, confidence)
    diagnosis = Diagnosis(fault=True, abstained=False, onset=1.0, root_causes=(mended, other), summary="s")
    found = other_causes(mended, diagnosis, state(replicas))
    assert (found is not None and found.outcome is Outcome.UNCHANGED) == open_


def test_proof_is_a_change_and_a_check_of_objects() -> None:
    assert is_proven(cause(CART, Mechanism.SCALING_REPLICAS, PROOF))
    assert not is_proven(cause(CART, Mechanism.SCALING_REPLICAS, ("changes-1", "metrics-2")))
