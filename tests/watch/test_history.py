"""Changes from the history that a recorder left in a state folder."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from aiops.agents.ask.answering import answer
from aiops.analysis.changes.watched import WATCHED_KINDS
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.changes import FieldChange
from aiops.core.clock import VirtualClock
from aiops.core.entity import Entity
from aiops.core.errors import ConfigurationError
from aiops.tools.kit.context import Context
from aiops.watch.history import CHANGES_FILE, recorded_history
from aiops.watch.versions import Version, VersionStore

NOW = 1_800_000_000.0
GEO = Entity(kind="Deployment", namespace="shop", name="cart")
KEY = FieldChange(path="spec.env[DB_PASSWORD].value", old="hunter1", new="hunter2")


def _record(folder: Path) -> None:
    store = VersionStore(folder / CHANGES_FILE)
    for kind in WATCHED_KINDS:
        store.begin(kind, "", NOW - 9000)
    replicas = FieldChange(path="spec.replicas", old=3, new=1)
    store.add([Version(GEO, NOW - 300, "updated", "kubectl", {"spec": {"replicas": 1}}, (replicas, KEY))])
    store.close()


def _context(folder: Path) -> Context:
    def serve(request: httpx2.Request) -> httpx2.Response:
        items = [{"metadata": {"name": "shop"}}] if request.url.path.endswith("/namespaces") else []
        return httpx2.Response(200, json={"items": items})

    kube = KubernetesClient.at("http://cluster", transport=httpx2.MockTransport(serve))
    return Context(kube=kube, clock=VirtualClock(NOW), changes=recorded_history(folder))


async def test_what_was_recorded_is_told_with_its_author_and_without_secrets(tmp_path: Path) -> None:
    _record(tmp_path)
    given = await answer("what changed in the last 10 minutes in shop?", _context(tmp_path))
    (table,) = given.tables
    (row,) = table.rows
    assert "Deployment/shop/cart" in row
    assert "kubectl" in row
    assert "spec.replicas: 3 -> 1" in row[-1]
    assert "hunter" not in str(given)
    assert given.citations[0].query.tool == "recent_changes"
    assert "No change" in (await answer("what changed in the last 2 minutes?", _context(tmp_path))).sentences[0].text


async def test_where_nothing_was_recorded_nothing_is_made(tmp_path: Path) -> None:
    given = await answer("what changed today?", _context(tmp_path))
    assert "No history of changes is recorded yet" in given.sentences[0].text
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_history_is_named(tmp_path: Path) -> None:
    (tmp_path / CHANGES_FILE).write_text("no database " * 200)
    with pytest.raises(ConfigurationError, match=CHANGES_FILE):
        recorded_history(tmp_path)
