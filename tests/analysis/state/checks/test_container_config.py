"""What the kubelet says about ConfigMaps and Secrets that a container needs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.analysis.state.checks.container_config import container_config
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.containers.key_references import key_references
from aiops.core.entity import Entity
from aiops.core.mechanism import Mechanism

KEYED = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
SECRET = Entity(kind="Secret", namespace="shop", name="db")


def waiting(shop: Any, message: str, reason: str = "CreateContainerConfigError") -> None:
    """The one pod of `cart` waits with this message."""
    shop.get("Pod", "cart-1-a")["spec"]["containers"][0]["env"] = [KEYED]
    shop.status("cart")["state"] = {"waiting": {"reason": reason, "message": message}}


@pytest.mark.parametrize(
    ("message", "mechanism", "field"),
    [
        ("couldn't find key password in Secret shop/db", Mechanism.CONFIG_MISSING_KEY, "data.password"),
        ('secret "db" not found', Mechanism.CONFIG_OBJECT_MISSING, None),
    ],
)
def test_the_kubelet_names_what_is_missing(shop: Any, message: str, mechanism: Mechanism, field: str | None) -> None:
    waiting(shop, message)
    (found,) = shop.find("container-config")
    (blamed,) = found.suggests
    assert str(found.subject) == "Deployment/shop/cart"
    assert (blamed.subject, blamed.mechanism, blamed.field) == (SECRET, mechanism, field)
    assert found.since is not None


@pytest.mark.parametrize(
    "message",
    [
        "",
        "container has runAsNonRoot and image will run as root",
        "couldn't find key password in Secret shop/other",
        "couldn't find key user in Secret shop/db",
        "couldn't find key password in ConfigMap shop/db",
        'configmap "db" not found',
    ],
)
def test_what_the_container_does_not_refer_to_is_not_blamed(shop: Any, message: str) -> None:
    waiting(shop, message)
    (found,) = shop.find("container-config")
    assert found.suggests == ()
    assert found.score == 1.0, "it cannot be made, whatever the reason"


def test_other_reasons_to_wait_are_none_of_this_check(shop: Any) -> None:
    waiting(shop, "couldn't find key password in Secret shop/db", reason="ContainerCreating")
    assert shop.find("container-config") == []


@given(message=st.text(), reason=st.sampled_from(["CreateContainerConfigError", "CreateContainerError"]))
def test_no_message_of_a_cluster_breaks_the_check(message: str, reason: str) -> None:
    status = {"name": "c", "state": {"waiting": {"reason": reason, "message": message}}}
    pod = {
        "kind": "Pod",
        "metadata": {"namespace": "shop", "name": "p"},
        "spec": {"containers": [{"name": "c", "env": [KEYED]}]},
        "status": {"containerStatuses": [status]},
    }
    (found,) = container_config(ClusterState([pod], 0.0))
    assert all(hypothesis.subject == SECRET for hypothesis in found.suggests)


def test_references_of_all_four_forms() -> None:
    container = {
        "env": [
            KEYED,
            {"name": "URL", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "url", "optional": True}}},
            {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "PLAIN", "value": "x"},
        ],
        "envFrom": [{"configMapRef": {"name": "all"}}, {"secretRef": {"name": "more"}}],
    }
    found = [(r.variable, str(r.config), r.key, r.optional) for r in key_references(container, "shop")]
    assert found == [
        ("PASSWORD", "Secret/shop/db", "password", False),
        ("URL", "ConfigMap/shop/c", "url", True),
        ("its environment", "ConfigMap/shop/all", "", False),
        ("its environment", "Secret/shop/more", "", False),
    ]
