"""What every fault promises: it breaks something, its truth says what, the journal takes it back, nothing names it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import desired, read
from aiops.core.kubernetes_api import PatchType
from aiops.faults.injection import fix_otherwise, inject_drawn, is_present, revert
from aiops.faults.registry import FAULTS
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.kube.kinds.resources import RESOURCES
from tests.support.worlds import aged

SEEDS = range(3)
TELLING = re.compile(r"\b(chaos|faults?|inject\w*|aiops|sabotage|broken|wrong|bad)\b", re.IGNORECASE)


class Cluster:
    """A lab that has settled, and a client of an ordinary engineer."""

    def __init__(self) -> None:
        self.world = aged(90, seed=3)
        app = kubernetes_app(
            self.world.cluster, tokens={"token": User("jane.doe@example.com", (MASTERS,))}, logs=self.world.logs
        )
        self.kube = KubernetesClient.at(
            "http://cluster", token="token", field_manager="kubectl-edit", transport=httpx2.ASGITransport(app=app)
        )

    @property
    def namespace(self) -> str:
        return self.world.namespace

    def run(self, seconds: float) -> None:
        for _ in self.world.ticks(seconds):
            pass

    def well(self, felt: str) -> bool:
        """Whether the service level that a fault breaks is kept now."""
        if felt == "rollout":
            return not any(_is_stuck(item) for item in self._of("Deployment"))
        return self.world.service_level(self.world.now - 60, self.world.now).good >= self.world.objective.availability

    def becomes(self, felt: str, *, well: bool) -> bool:
        """Let up to seven minutes pass until the service level is kept, or broken. Was it?"""
        for _ in range(28):
            self.run(15)
            if self.well(felt) == well:
                return True
        return False

    def manifests(self) -> dict[str, Manifest]:
        """Every object of the namespace, events excepted."""
        kinds = sorted(each.kind for each in RESOURCES if each.kind != "Event")
        return {str(Entity.of(item)): item for kind in kinds for item in self._of(kind)}

    def asked_for(self) -> dict[str, Manifest]:
        """The desired state of what people made; what controllers made follows from it."""
        return {
            name: desired(item)
            for name, item in self.manifests().items()
            if not item["metadata"].get("ownerReferences") and not name.startswith(("Endpoint", "Lease"))
        }

    def _of(self, kind: str) -> list[Manifest]:
        return [{**item, "kind": kind} for item in self.world.cluster.objects(kind, self.namespace)]


def _is_stuck(deployment: Manifest) -> bool:
    conditions = deployment["status"].get("conditions", [])
    return any((c["type"], c["status"]) == ("Progressing", "False") for c in conditions)


class KilledError(Exception):
    """Stands for the end of the process: nothing of ours catches it."""


class DyingClient:
    """The client of a process that is killed right before, or right after, its first write."""

    def __init__(self, kube: KubernetesClient, *, after: bool) -> None:
        self._kube = kube
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kube, name)

    async def patch(self, entity: Entity, body: Any, patch_type: PatchType, *, dry_run: bool = False) -> Manifest:
        if self._after:
            await self._kube.patch(entity, body, patch_type, dry_run=dry_run)
        raise KilledError

    async def create(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        if self._after:
            await self._kube.create(manifest, dry_run=dry_run)
        raise KilledError

    async def delete(self, entity: Entity, *, uid: str | None = None, dry_run: bool = False) -> None:
        if self._after:
            await self._kube.delete(entity, uid=uid, dry_run=dry_run)
        raise KilledError


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    cluster = Cluster()
    yield cluster
    await cluster.kube.close()


@pytest.mark.parametrize("name", FAULTS.names())
def test_a_fault_describes_itself(name: str) -> None:
    fault = FAULTS.get(name)
    described = fault.describe()
    assert described["name"] == name == fault.function.__module__.rpartition(".")[2]
    assert described["family"]
    assert described["entities"]
    assert described["felt"] in ("requests", "rollout")
    assert described["parameters"]
    assert described["summary"].endswith(".")
    json.dumps(described)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_breaks_what_its_truth_says_and_is_taken_back(
    name: str, seed: int, cluster: Cluster, tmp_path: Path
) -> None:
    fault, journal = FAULTS.get(name), tmp_path / "faults.jsonl"
    before = cluster.asked_for()
    injection = await inject_drawn(fault, cluster.kube, journal, cluster.namespace, seed)
    after = cluster.asked_for()

    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    truth = injection.truth
    assert changed == {str(truth.subject)}
    assert (injection.fault, truth.mechanism) == (name, fault.mechanism)
    assert str(truth.subject).startswith(tuple(f"{kind}/{cluster.namespace}/" for kind in fault.entities))
    assert await is_present(fault, cluster.kube, journal, injection)
    if truth.field is not None:
        subject = str(truth.subject)
        assert read(before.get(subject), truth.field) != read(after[subject], truth.field)

    assert await revert(cluster.kube, journal, injection.id) == 1
    assert cluster.asked_for() == before
    assert await revert(cluster.kube, journal, injection.id) == 0
    assert not await is_present(fault, cluster.kube, journal, injection)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FAULTS.names())
async def test_another_fix_removes_the_root_condition(name: str, seed: int, cluster: Cluster, tmp_path: Path) -> None:
    fault, journal = FAULTS.get(name), tmp_path / "faults.jsonl"
    original = cluster.asked_for()
    injection = await inject_drawn(fault, cluster.kube, journal, cluster.namespace, seed)
    await fix_otherwise(fault, cluster.kube, journal, injection)
    assert not await is_present(fault, cluster.kube, journal, injection)
    assert cluster.asked_for() != original


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_is_felt_and_people_are_well_after_a_fix(
    name: str, seed: int, cluster: Cluster, tmp_path: Path
) -> None:
    fault, journal = FAULTS.get(name), tmp_path / "faults.jsonl"
    assert cluster.well(fault.felt)
    injection = await inject_drawn(fault, cluster.kube, journal, cluster.namespace, seed)
    assert cluster.becomes(fault.felt, well=False)
    assert await is_present(fault, cluster.kube, journal, injection)
    if seed:
        await fix_otherwise(fault, cluster.kube, journal, injection)
    else:
        await revert(cluster.kube, journal, injection.id)
    assert cluster.becomes(fault.felt, well=True)
    assert not await is_present(fault, cluster.kube, journal, injection)


@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_does_not_go_away_by_itself_or_by_a_restart(name: str, cluster: Cluster, tmp_path: Path) -> None:
    fault, journal = FAULTS.get(name), tmp_path / "faults.jsonl"
    injection = await inject_drawn(fault, cluster.kube, journal, cluster.namespace, 2)
    cluster.run(60)
    for pod in list(cluster.world.cluster.objects("Pod", cluster.namespace)):
        await cluster.kube.delete(Entity(kind="Pod", namespace=cluster.namespace, name=pod["metadata"]["name"]))
    cluster.run(60)
    assert await is_present(fault, cluster.kube, journal, injection)


@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_is_taken_back_after_controllers_have_acted(name: str, cluster: Cluster, tmp_path: Path) -> None:
    journal = tmp_path / "faults.jsonl"
    before = cluster.asked_for()
    injection = await inject_drawn(FAULTS.get(name), cluster.kube, journal, cluster.namespace, 7)
    cluster.run(60)
    assert cluster.asked_for() != before
    assert await revert(cluster.kube, journal, injection.id) == 1
    cluster.run(30)
    assert cluster.asked_for() == before


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_is_taken_back_after_a_crash(name: str, after: bool, cluster: Cluster, tmp_path: Path) -> None:
    journal = tmp_path / "faults.jsonl"
    before = cluster.asked_for()
    with pytest.raises(KilledError):
        await inject_drawn(FAULTS.get(name), DyingClient(cluster.kube, after=after), journal, cluster.namespace, 1)
    assert (cluster.asked_for() != before) == after
    assert await revert(cluster.kube, journal, f"{name}-1") == int(after)
    assert cluster.asked_for() == before


@pytest.mark.parametrize("name", FAULTS.names())
async def test_nothing_in_the_cluster_names_it(name: str, cluster: Cluster, tmp_path: Path) -> None:
    before = cluster.manifests()
    await inject_drawn(FAULTS.get(name), cluster.kube, tmp_path / "faults.jsonl", cluster.namespace, 5)
    cluster.run(30)
    for key, manifest in cluster.manifests().items():
        if manifest == before.get(key):
            continue
        text = json.dumps(manifest)
        assert not any(form in text for form in (name, name.replace("_", "-"), name.replace("_", "")))
        assert not TELLING.search(text), key


@pytest.mark.parametrize("name", FAULTS.names())
async def test_equal_seeds_draw_equal_arguments(name: str, cluster: Cluster, tmp_path: Path) -> None:
    drawn = []
    for attempt in range(2):
        journal = tmp_path / f"{attempt}.jsonl"
        injection = await inject_drawn(FAULTS.get(name), cluster.kube, journal, cluster.namespace, 11)
        drawn.append(injection.arguments)
        await revert(cluster.kube, journal, injection.id)
    assert drawn[0] == drawn[1]
