"""What every fault promises: it breaks something, its truth says what, the journal takes it back, nothing names it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import httpx2
import pytest

from aiops.bench.plane import WorldPlane
from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest, ends
from aiops.core.errors import NotPossibleError
from aiops.core.fields import desired, read
from aiops.core.kubernetes_api import PatchType
from aiops.faults.injection import (
    DirectTarget,
    Injection,
    RememberingTarget,
    draw,
    fix_otherwise,
    inject_drawn,
    is_present,
    revert,
)
from aiops.faults.registry import FAULTS, Fault
from aiops.lab.kube import MASTERS, User, kubernetes_app
from aiops.lab.kube.kinds.resources import RESOURCES
from tests.support.worlds import aged

pytestmark = pytest.mark.timeout(300)

SEEDS = (0, 2)
DRAWN = (0, 1, 2)
"""All seeds that something is drawn with here."""
APPLICATIONS = ("hotel", "social", "training", "random:20")
"""Each fault is tried on the first of them that it fits."""

LASTING = [name for name in FAULTS.names() if FAULTS.get(name).cure != "restart"]
SEEN = [name for name in FAULTS.names() if FAULTS.get(name).felt in ("requests", "rollout")]
"""Those of which this cluster alone tells whether users, or a rollout, suffer."""

PLAYED = [
    name if number % 8 == 0 else pytest.param(name, marks=pytest.mark.soak)
    for number, name in enumerate(FAULTS.names())
]
"""Every eighth in every run of the tests."""

TELLING = re.compile(r"\b(chaos|faults?|inject\w*|aiops|sabotage|broken|wrong|bad|buggy)\b", re.IGNORECASE)
PASSING = ("Endpoint", "Lease", "Event")
"""Kinds (by prefix) that follow from others."""


class Cluster:
    """A lab that has settled, and a client of an ordinary engineer."""

    def __init__(self, application: str) -> None:
        self.world = aged(90, seed=3, application=application)
        self.world.monitored = False  # nobody looks at metrics here
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

    async def restart(self) -> None:
        """Delete the application's pods."""
        for pod in list(self.world.cluster.objects("Pod", self.namespace)):
            await self.kube.delete(Entity(kind="Pod", namespace=self.namespace, name=pod["metadata"]["name"]))

    def telling(self, name: str, before: dict[str, Manifest]) -> Iterator[str]:
        """The objects that are others than before and name the fault, or say that something is wrong with them."""
        forms = (name, name.replace("_", "-"), name.replace("_", ""))
        for key, manifest in self.manifests().items():
            if manifest != before.get(key):
                text = json.dumps(manifest)
                if TELLING.search(text) or any(form in text for form in forms):
                    yield key

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
    return any(c["type"] in ("Progressing", "Available") and c["status"] != "True" for c in conditions)


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
def _fitting(application: str) -> frozenset[str]:
    """The faults that can break something in an application, and in none before it."""
    before = APPLICATIONS[: APPLICATIONS.index(application)]
    names = [name for name in FAULTS.names() if not any(name in _fitting(other) for other in before)]

    async def fits(name: str, cluster: Cluster) -> bool:
        target = RememberingTarget(cluster.kube, cluster.plane)
        try:
            for seed in DRAWN:
                await draw(FAULTS.get(name), target, cluster.namespace, seed)
        except NotPossibleError:
            return False
        return True

    async def found() -> frozenset[str]:
        cluster = Cluster(application)
        try:
            return frozenset([name for name in names if await fits(name, cluster)])
        finally:
            await cluster.kube.close()

    return asyncio.run(found())


@pytest.fixture
def application(name: str) -> str:
    return next(application for application in APPLICATIONS if name in _fitting(application))


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
    assert described["felt"] in ("requests", "rollout", "drain", "job", "answers", "messages")
    assert described["parameters"]
    assert described["summary"].endswith(".")
    json.dumps(described)


@pytest.mark.parametrize("name", FAULTS.names())
async def test_it_breaks_what_its_truth_says_and_is_taken_back(name: str, cluster: Cluster, tmp_path: Path) -> None:
    """All on one cluster, in which hardly any time passes: to take a fault back leaves it as it was."""
    for seed in SEEDS:
        await _breaks_and_is_taken_back(name, seed, cluster, tmp_path / f"faults-{seed}.jsonl")
    cluster.run(60)  # what was drained from a node runs again
    await _is_taken_back_after_a_crash(name, cluster, tmp_path / "crashed.jsonl")
    if FAULTS.get(name).other_fix is not None:
        cluster.run(60)
        await _another_fix_removes_the_root_condition(name, cluster, tmp_path / "fixed.jsonl")


async def _breaks_and_is_taken_back(name: str, seed: int, cluster: Cluster, journal: Path) -> None:
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


async def _another_fix_removes_the_root_condition(name: str, cluster: Cluster, journal: Path) -> None:
    target = DirectTarget(cluster.kube, cluster.plane)
    known = await draw(FAULTS.get(name), target, cluster.namespace, 1)
    fault, injection = await cluster.inject(name, journal, 1)
    assert {key: str(value) for key, value in known.items()} == {k: str(v) for k, v in injection.arguments.items()}
    await cluster.fix(fault, journal, injection)
    assert not await cluster.present(fault, journal, injection)


@pytest.mark.parametrize("name", PLAYED)
async def test_it_stays_and_is_felt_until_it_is_taken_back(name: str, cluster: Cluster, tmp_path: Path) -> None:
    """Controllers act on it, nothing names it, no restart helps where none is said to, and people are well again."""
    journal = tmp_path / "faults.jsonl"
    before, manifests, felt = cluster.asked_for(), cluster.manifests(), FAULTS.get(name).felt
    assert cluster.well(felt)
    fault, injection = await cluster.inject(name, journal, 0)
    cluster.run(30)
    assert not list(cluster.telling(name, manifests))
    if name in SEEN:
        assert cluster.becomes(felt, well=False)
    if name in LASTING:
        await cluster.restart()
        cluster.run(60)
    if name in SEEN or name in LASTING:
        assert await cluster.present(fault, journal, injection)
    assert await cluster.revert(journal, injection.id) >= 1
    cluster.run(30)
    assert cluster.asked_for() == before
    if name in SEEN:
        assert cluster.becomes(felt, well=True)
    assert not await cluster.present(fault, journal, injection)


async def _is_taken_back_after_a_crash(name: str, cluster: Cluster, journal: Path) -> None:
    """Right before its first write, and right after it."""
    fault, before = FAULTS.get(name), cluster.asked_for()
    for number, after in enumerate((False, True)):
        dying = DyingClient(cluster.kube, after=after)
        with suppress(KilledError):
            await inject_drawn(fault, dying, journal, cluster.namespace, 1, cluster.plane)
        await cluster.revert(journal, f"{name}-{number + 1}")
        assert cluster.asked_for() == before
        assert not await cluster.plane.standing()
