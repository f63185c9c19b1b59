"""What every fault promises: it breaks something, its truth says what, the journal takes it back, nothing names it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import httpx2
import pytest

from aiops.bench.plane import WorldPlane
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest, ends
from aiops.core.errors import NotPossibleError
from aiops.core.fields import desired, read
from aiops.core.kubernetes_api import PatchType
from aiops.faults.injection import DirectTarget, Injection, fix_otherwise, inject_drawn, is_present, revert
from aiops.faults.parameters import draw_arguments
from aiops.faults.registry import FAULTS, Fault
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.kube.kinds.resources import RESOURCES
from tests.support.worlds import aged

SEEDS = range(3)
APPLICATIONS = ("hotel", "social", "training")
"""Each fault is tried on the first of them that it fits."""

CURABLE = [name for name in FAULTS.names() if FAULTS.get(name).other_fix is not None]
LASTING = [name for name in FAULTS.names() if FAULTS.get(name).cure != "restart"]
SEEN = [name for name in FAULTS.names() if FAULTS.get(name).felt in ("requests", "rollout")]
"""Those of which this cluster alone tells whether users, or a rollout, suffer."""

TELLING = re.compile(r"\b(chaos|faults?|inject\w*|aiops|sabotage|broken|wrong|bad|buggy)\b", re.IGNORECASE)
PASSING = ("Endpoint", "Lease", "Event")
"""Kinds (by prefix) that follow from others."""


class Cluster:
    """A lab that has settled, and a client of an ordinary engineer."""

    def __init__(self, application: str) -> None:
        self.world = aged(90, seed=3, application=application)
        app = kubernetes_app(
            self.world.cluster, tokens={"token": User("jane.doe@example.com", (MASTERS,))}, logs=self.world.logs
        )
        self.kube = KubernetesClient.at(
            "http://cluster", token="token", field_manager="kubectl-edit", transport=httpx2.ASGITransport(app=app)
        )
        self.plane = WorldPlane(self.world)

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
        """Every object, events excepted."""
        kinds = sorted(each.kind for each in RESOURCES if each.kind != "Event")
        return {str(Entity.of(item)): item for kind in kinds for item in self._of(kind)}

    def asked_for(self) -> dict[str, Manifest]:
        """The desired state of what people made and have not deleted; what controllers made follows from it."""
        scaled = {item["spec"]["scaleTargetRef"]["name"] for item in self._of("HorizontalPodAutoscaler")}
        return {
            name: _without_what_controllers_write(desired(item), scaled)
            for name, item in self.manifests().items()
            if not item["metadata"].get("ownerReferences") and not name.startswith(PASSING)
            if "deletionTimestamp" not in item["metadata"]
        }

    async def inject(self, name: str, journal: Path, seed: int) -> tuple[Fault, Injection]:
        fault = FAULTS.get(name)
        return fault, await inject_drawn(fault, self.kube, journal, self.namespace, seed, self.plane)

    async def present(self, fault: Fault, journal: Path, injection: Injection) -> bool:
        return await is_present(fault, self.kube, journal, injection, self.plane)

    async def revert(self, journal: Path, injection: str) -> int:
        return await revert(self.kube, journal, injection, self.plane)

    async def fix(self, fault: Fault, journal: Path, injection: Injection) -> None:
        await fix_otherwise(fault, self.kube, journal, injection, self.plane)

    def _of(self, kind: str) -> list[Manifest]:
        return [{**item, "kind": kind} for item in self.world.cluster.objects(kind)]


def _without_what_controllers_write(state: Manifest, scaled: set[str]) -> Manifest:
    """Autoscalers write numbers of replicas, the node lifecycle writes taints."""
    spec = dict(state.get("spec") or {})
    if state["kind"] in ("Deployment", "StatefulSet") and state["metadata"]["name"] in scaled:
        spec.pop("replicas", None)
    if state["kind"] == "Node":
        own = [taint for taint in spec.get("taints") or () if not taint["key"].startswith("node.kubernetes.io/")]
        spec = {key: value for key, value in spec.items() if key != "taints"} | ({"taints": own} if own else {})
    return {**state, "spec": spec} if spec else state


def _is_stuck(deployment: Manifest) -> bool:
    conditions = deployment["status"].get("conditions", [])
    return any(c["type"] in ("Progressing", "Available") and c["status"] == "False" for c in conditions)


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


@cache
def _fitting(name: str) -> str:
    """The first application that has something that the fault can break."""

    async def fits(application: str) -> bool:
        cluster = Cluster(application)
        target = DirectTarget(cluster.kube, cluster.plane)
        try:
            for seed in range(12):
                await draw_arguments(FAULTS.get(name).parameters, target, cluster.namespace, Random(f"{name}:{seed}"))
        except NotPossibleError:
            return False
        finally:
            await cluster.kube.close()
        return True

    return next(application for application in APPLICATIONS if asyncio.run(fits(application)))


@pytest.fixture
def application(name: str) -> str:
    return _fitting(name)


@pytest.fixture
async def cluster(application: str) -> AsyncIterator[Cluster]:
    cluster = Cluster(application)
    yield cluster
    await cluster.kube.close()


@pytest.mark.parametrize("name", FAULTS.names())
def test_a_fault_describes_itself(name: str) -> None:
    fault = FAULTS.get(name)
    described = fault.describe()
    assert described["name"] == name == fault.function.__module__.rpartition(".")[2]
    assert described["family"]
    assert described["entities"]
    assert described["felt"] in ("requests", "rollout", "drain", "job", "answers")
    assert described["parameters"]
    assert described["summary"].endswith(".")
    json.dumps(described)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_breaks_what_its_truth_says_and_is_taken_back(
    name: str, seed: int, cluster: Cluster, tmp_path: Path
) -> None:
    journal = tmp_path / "faults.jsonl"
    before = cluster.asked_for()
    fault, injection = await cluster.inject(name, journal, seed)
    after, standing = cluster.asked_for(), await cluster.plane.standing()

    changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    truth = injection.truth
    assert changed or standing or truth.subject.kind == "Pod"
    assert standing or changed & {str(end) for end in ends(truth.subject)} or truth.subject.kind == "Pod"
    assert (injection.fault, truth.mechanism) == (name, fault.mechanism)
    assert {end.kind for end in ends(truth.subject)} <= set(fault.entities)
    assert await cluster.present(fault, journal, injection)
    if truth.field is not None and str(truth.subject) in changed:
        subject = str(truth.subject)
        assert read(before.get(subject), truth.field) != read(after[subject], truth.field)

    assert await cluster.revert(journal, injection.id) >= 1
    assert cluster.asked_for() == before
    assert not await cluster.plane.standing()
    assert await cluster.revert(journal, injection.id) == 0
    assert not await cluster.present(fault, journal, injection)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", CURABLE)
async def test_another_fix_removes_the_root_condition(name: str, seed: int, cluster: Cluster, tmp_path: Path) -> None:
    journal = tmp_path / "faults.jsonl"
    fault, injection = await cluster.inject(name, journal, seed)
    await cluster.fix(fault, journal, injection)
    assert not await cluster.present(fault, journal, injection)


@pytest.mark.parametrize("name", SEEN)
async def test_it_is_felt_and_people_are_well_after_it_is_taken_back(
    name: str, cluster: Cluster, tmp_path: Path
) -> None:
    journal = tmp_path / "faults.jsonl"
    felt = FAULTS.get(name).felt
    assert cluster.well(felt)
    fault, injection = await cluster.inject(name, journal, 0)
    assert cluster.becomes(felt, well=False)
    assert await cluster.present(fault, journal, injection)
    await cluster.revert(journal, injection.id)
    assert cluster.becomes(felt, well=True)
    assert not await cluster.present(fault, journal, injection)


@pytest.mark.parametrize("name", LASTING)
async def test_it_does_not_go_away_by_itself_or_by_a_restart(name: str, cluster: Cluster, tmp_path: Path) -> None:
    journal = tmp_path / "faults.jsonl"
    fault, injection = await cluster.inject(name, journal, 2)
    cluster.run(60)
    for pod in list(cluster.world.cluster.objects("Pod", cluster.namespace)):
        await cluster.kube.delete(Entity(kind="Pod", namespace=cluster.namespace, name=pod["metadata"]["name"]))
    cluster.run(60)
    assert await cluster.present(fault, journal, injection)


@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_is_taken_back_after_controllers_have_acted(name: str, cluster: Cluster, tmp_path: Path) -> None:
    journal = tmp_path / "faults.jsonl"
    before = cluster.asked_for()
    _, injection = await cluster.inject(name, journal, 7)
    cluster.run(60)
    assert await cluster.revert(journal, injection.id) >= 1
    cluster.run(30)
    assert cluster.asked_for() == before


@pytest.mark.parametrize("after", [False, True], ids=["before the write", "after the write"])
@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_is_taken_back_after_a_crash(name: str, after: bool, cluster: Cluster, tmp_path: Path) -> None:
    journal, fault = tmp_path / "faults.jsonl", FAULTS.get(name)
    before = cluster.asked_for()
    try:
        dying = DyingClient(cluster.kube, after=after)
        await inject_drawn(fault, dying, journal, cluster.namespace, 1, cluster.plane)
    except KilledError:
        pass
    await cluster.revert(journal, f"{name}-1")
    assert cluster.asked_for() == before
    assert not await cluster.plane.standing()


@pytest.mark.parametrize("name", FAULTS.names())
async def test_nothing_in_the_cluster_names_it(name: str, cluster: Cluster, tmp_path: Path) -> None:
    before = cluster.manifests()
    await cluster.inject(name, tmp_path / "faults.jsonl", 5)
    cluster.run(30)
    for key, manifest in cluster.manifests().items():
        if manifest == before.get(key):
            continue
        text = json.dumps(manifest)
        assert not any(form in text for form in (name, name.replace("_", "-"), name.replace("_", "")))
        assert not TELLING.search(text), key


@pytest.mark.parametrize("name", FAULTS.names())
async def test_equal_seeds_draw_equal_arguments(name: str, application: str, tmp_path: Path) -> None:
    drawn = []
    for attempt in range(2):
        cluster = Cluster(application)
        _, injection = await cluster.inject(name, tmp_path / f"{attempt}.jsonl", 11)
        drawn.append(injection.arguments)
        await cluster.kube.close()
    assert drawn[0] == drawn[1]
