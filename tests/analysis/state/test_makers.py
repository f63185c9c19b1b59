"""Whom a pod belongs to, and what somebody wrote that it comes from."""

from __future__ import annotations

import pytest

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.makers import maker_of, subject_of
from aiops.core.entity import Manifest


def owned(kind: str, name: str, *owner: str) -> Manifest:
    owners = [{"kind": owner[0], "name": owner[1], "controller": True}] if owner else []
    return {"kind": kind, "metadata": {"namespace": "shop", "name": name, "ownerReferences": owners}}


@pytest.mark.parametrize(
    ("pod", "subject", "maker"),
    [
        (owned("Pod", "db-0", "StatefulSet", "db"), "StatefulSet/shop/db", "StatefulSet/shop/db"),
        (owned("Pod", "cart-1-a", "ReplicaSet", "cart-1"), "Deployment/shop/cart", "Deployment/shop/cart"),
        (owned("Pod", "night-7-x", "Job", "night-7"), "Job/shop/night-7", "CronJob/shop/night"),
        (owned("Pod", "once-x", "Job", "once"), "Job/shop/once", "Job/shop/once"),
        (owned("Pod", "lost-x", "Job", "lost"), "Job/shop/lost", "Job/shop/lost"),
        (owned("Pod", "bare"), "Pod/shop/bare", "Pod/shop/bare"),
    ],
)
def test_who_made_a_pod(pod: Manifest, subject: str, maker: str) -> None:
    made = (owned("ReplicaSet", "cart-1", "Deployment", "cart"), owned("Job", "night-7", "CronJob", "night"))
    state = ClusterState([pod, *made, owned("Job", "once")], now=0.0)
    assert str(subject_of(state, pod)) == subject
    assert str(maker_of(state, pod)) == maker
