"""Faults against a real API server: each changes the object that its truth names, and the journal takes it back.

Whether a fault is felt needs kubelets and users; the lab's tests see to that.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from aiops.bench.suites import smoke
from aiops.clients.kubernetes import KubernetesClient
from aiops.faults.injection import inject_drawn, revert
from aiops.faults.registry import FAULTS
from tests.cluster.application import NAMESPACE, asked_for, changed

pytestmark = [pytest.mark.cluster, pytest.mark.usefixtures("gone")]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", smoke.FAULTS)
async def test_it_changes_what_its_truth_says_and_is_taken_back(
    name: str, seed: int, admin_client: KubernetesClient, tmp_path: Path
) -> None:
    journal, before = tmp_path / "faults.jsonl", await asked_for(admin_client)
    injection = await inject_drawn(FAULTS.get(name), admin_client, journal, NAMESPACE, seed)
    assert changed(before, await asked_for(admin_client)) == {str(injection.truth.subject)}
    assert await revert(admin_client, journal, injection.id) == 1
    assert await asked_for(admin_client) == before
    assert await revert(admin_client, journal, injection.id) == 0
