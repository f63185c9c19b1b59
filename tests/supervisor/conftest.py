from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aiops.core.action import Action, PatchEdit, Proposal, Risk
from aiops.core.entity import Entity
from aiops.core.incident import Signal
from aiops.supervisor.database import Database
from aiops.supervisor.store import Store

NOW = 1_700_000_000.0


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "state" / "aiops.db")
    yield database
    database.close()


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database, lambda: NOW)


@pytest.fixture
def signal() -> Callable[..., Signal]:
    def make(
        fingerprint: str = "f1", namespace: str = "shop", *, starts_at: float = NOW - 60, **other: object
    ) -> Signal:
        fields: dict[str, object] = {
            "id": f"{fingerprint}-{starts_at:.0f}",
            "kind": "alert",
            "title": "Errors: users see errors",
            "labels": {"namespace": namespace} if namespace else {},
            "fingerprint": fingerprint,
            "starts_at": starts_at,
            "received_at": NOW,
        }
        return Signal.model_validate(fields | other)

    return make


@pytest.fixture
def action() -> Callable[..., Action]:
    def make(identifier: str = "act-1", namespace: str = "shop", replicas: int = 2) -> Action:
        target = Entity(kind="Deployment", namespace=namespace, name="cart")
        proposal = Proposal(
            tool="scale",
            arguments={"replicas": replicas},
            target=target,
            mechanism=None,
            reason="too few",
            expected_effect="enough",
            evidence=("e1",),
        )
        edit = PatchEdit(target=target, patch_type="merge", body={"spec": {"replicas": replicas}})
        return Action(id=identifier, proposal=proposal, risk=Risk.LOW, edits=(edit,), diff="-1\n+2")

    return make
