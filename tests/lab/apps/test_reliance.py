"""What users' requests rely on."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.lab.apps.building import complete_application
from aiops.lab.apps.reliance import reliance
from tests.lab.apps.applications import NAMES, load
from tests.lab.apps.test_shorthand import SHOP


def _shop(*calls: Any) -> dict[str, float]:
    services = {
        **SHOP["services"],
        "web": {**SHOP["services"]["web"], "routes": {"GET /": {"cpu_ms": 2, "calls": list(calls)}}},
    }
    return reliance(complete_application({**SHOP, "services": services}, "shop.yaml"))


def test_requests_rely_on_what_is_called_on_their_way() -> None:
    found = _shop({"call": "items GET /items", "probability": 0.5})
    assert found["Deployment/shop/web"] == 1
    assert found["Deployment/shop/items"] == found["Service/shop/items"] == pytest.approx(0.5)
    assert found["Deployment/shop/web -> Service/shop/items"] == pytest.approx(0.5)
    assert found["Deployment/shop/web -> Deployment/shop/items"] == pytest.approx(0.5)
    assert found["Deployment/shop/web ITEMS_URL"] == pytest.approx(0.5)
    assert 0 < found["Deployment/shop/items -> Service/shop-data/db"] < 0.5, "behind a cache"


def test_nobody_relies_on_what_a_caller_goes_on_without() -> None:
    found = _shop({"call": "items GET /items", "optional": True}, {"call": "jobs publish", "topic": "tasks"})
    assert found["Deployment/shop/items"] == found["Deployment/shop/web -> Service/shop/items"] == 0
    assert found["Deployment/shop/worker"] == 0


@pytest.mark.parametrize("name", NAMES)
def test_shares_are_shares_and_all_rely_on_the_entry(name: str) -> None:
    application = load(name)
    found = reliance(application)
    assert all(0 <= share <= 1 for share in found.values())
    assert not any("/kube-system/" in each or "/ingress-nginx/" in each for each in found if " " not in each)
    for operation in application.operations:
        assert found[f"Deployment/{application.namespace}/{application.entry_of(operation)}"] >= operation.share


def test_a_claim_is_relied_on_where_requests_go_through_its_disk() -> None:
    found = reliance(load("social"))
    claim = "PersistentVolumeClaim/social/data-user-db-0"
    assert found[claim] == found["StatefulSet/social/user-db"] > 0
    assert found[f"{claim} written"] == 0, "users are only read there"
    written = "PersistentVolumeClaim/social/data-graph-db-0 written"
    assert found[written] == pytest.approx(found["StatefulSet/social/graph-db"]), "and who follows whom is written"
