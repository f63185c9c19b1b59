"""Faults against a real API server: each changes the object that its truth names, and the journal takes it back.

Whether a fault is felt needs kubelets and users; the lab's tests see to that.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from aiops.clients.kubeconfig import load_access
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Manifest
from aiops.faults.injection import inject_drawn, revert
from aiops.faults.registry import FAULTS
from tests.cluster.application import NAMESPACE, asked_for, changed

pytestmark = pytest.mark.cluster


@pytest.fixture
async def engineer(people: dict[str, Path], application: list[Manifest]) -> AsyncGenerator[KubernetesClient]:
    kube = KubernetesClient.connect(load_access(people["admin"]), field_manager="kubectl-edit")
    yield kube
    await kube.close()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_changes_what_its_truth_says_and_is_taken_back(
    name: str, seed: int, engineer: KubernetesClient, tmp_path: Path
) -> None:
    journal, before = tmp_path / "faults.jsonl", await asked_for(engineer)
    injection = await inject_drawn(FAULTS.get(name), engineer, journal, NAMESPACE, seed)
    assert changed(before, await asked_for(engineer)) == {str(injection.truth.subject)}
    assert await revert(engineer, journal, injection.id) == 1
    assert await asked_for(engineer) == before
    assert await revert(engineer, journal, injection.id) == 0
