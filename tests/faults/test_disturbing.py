"""Faults below the Kubernetes API: journaled before they begin, ended from the journal alone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.clients.transport import Retry
from aiops.core.disturbance import Disturbance, Pods, disturbance_of
from aiops.core.disturbance.network import NetworkLoss
from aiops.core.entity import Entity
from aiops.core.errors import ConflictError, InvalidInputError, NotPossibleError, NotSupportedError, ServiceError
from aiops.core.mechanism import Mechanism
from aiops.core.target import Target
from aiops.faults.injection import DirectTarget, inject, is_present, revert
from aiops.faults.journal import InjectionJournal
from aiops.faults.planes.lab_plane import LabPlane
from aiops.faults.registry import Before, Fault
from aiops.faults.truth import GroundTruth
from aiops.lab.keeper import Keeper
from aiops.lab.lab_api import lab_app
from aiops.lab.world import World
from tests.support.worlds import aged

ONCE = Retry(attempts=1)
LOSS = NetworkLoss(pods=Pods(namespace="hotel", labels={"app": "geo"}), percent=40)
NOBODY = NetworkLoss(pods=Pods(namespace="nowhere"), percent=40)
TRUTH = GroundTruth(
    subject=Entity(kind="Deployment", namespace="hotel", name="geo"), mechanism=Mechanism.NETWORK_LATENCY, field=None
)


async def _stands(target: Target, before: Before) -> bool:
    del before
    return any(each.in_effect for each in (await target.disturbances()).values())


async def _ended(target: Target, before: Before) -> None:
    del before
    for name in await target.disturbances():
        await target.undisturb(name)


def _fault(*disturbances: Disturbance) -> Fault:
    async def lossy(target: Target) -> GroundTruth:
        for disturbance in disturbances:
            await target.disturb(disturbance)
        return TRUTH

    return Fault(
        name="lossy",
        mechanism=Mechanism.NETWORK_LATENCY,
        entities=("Deployment",),
        family="network",
        tags=frozenset(),
        summary="Packets are lost.",
        parameters={},
        function=lossy,
        felt="requests",
        present=_stands,
        other_fix=_ended,
    )


@pytest.fixture
def world() -> World:
    return aged(60.0)


@pytest.fixture
async def plane(world: World) -> AsyncIterator[LabPlane]:
    keeper = Keeper(world)
    transport = httpx2.ASGITransport(app=lab_app(keeper, clock_token="clock", admin_token="admin"))
    driver = LabPlane("http://lab", token="admin", transport=transport, retry=ONCE)
    yield driver
    await driver.close()
    await keeper.close()


async def test_a_disturbance_is_ended_from_the_journal(
    kube: KubernetesClient, world: World, plane: LabPlane, tmp_path: Path
) -> None:
    journal = tmp_path / "j"
    fault = _fault(LOSS, LOSS)
    injection = await inject(fault, kube, journal, {}, plane)
    names = InjectionJournal(journal).disturbances(injection.id)
    assert list(world.disturbances.standing()) == names
    assert len(set(names)) == 2
    assert "lossy" not in "".join(names)
    assert await is_present(fault, kube, journal, injection, plane)
    assert await revert(kube, journal, injection.id, plane) == 2
    assert await revert(kube, journal, injection.id, plane) == 0
    assert not world.disturbances.standing()
    assert not await is_present(fault, kube, journal, injection, plane)


async def test_a_journaled_disturbance_that_never_began_is_no_obstacle(
    kube: KubernetesClient, plane: LabPlane, tmp_path: Path
) -> None:
    lines = InjectionJournal(tmp_path / "j")
    injection = lines.begin("lossy")
    lines.disturb(injection, "never-begun", LOSS)
    assert await revert(kube, tmp_path / "j", injection, plane) == 0
    assert lines.is_reverted(injection)


async def test_what_fails_half_way_is_taken_back(
    kube: KubernetesClient, world: World, plane: LabPlane, tmp_path: Path
) -> None:
    with pytest.raises(NotPossibleError, match=r"network\.loss"):
        await inject(_fault(LOSS, NOBODY), kube, tmp_path / "j", {}, plane)
    assert not world.disturbances.standing()


async def test_without_a_driver_it_is_refused(kube: KubernetesClient, tmp_path: Path) -> None:
    with pytest.raises(NotSupportedError, match=r"network\.loss"):
        await inject(_fault(LOSS), kube, tmp_path / "j", {})
    with pytest.raises(NotSupportedError):
        await DirectTarget(kube).disturb(LOSS)
    assert await DirectTarget(kube).disturbances() == {}
    assert not await DirectTarget(kube).undisturb("any")


async def test_a_revert_needs_the_driver_that_began_it(
    kube: KubernetesClient, world: World, plane: LabPlane, tmp_path: Path
) -> None:
    injection = await inject(_fault(LOSS), kube, tmp_path / "j", {}, plane)
    with pytest.raises(NotSupportedError, match="disturbed"):
        await revert(kube, tmp_path / "j", injection.id)
    assert world.disturbances.standing()
    assert await revert(kube, tmp_path / "j", injection.id, plane) == 1


async def test_the_lab_says_what_is_wrong(plane: LabPlane) -> None:
    await plane.begin("one", LOSS)
    await plane.begin("one", LOSS)
    with pytest.raises(ConflictError):
        await plane.begin("one", LOSS.model_copy(update={"percent": 30.0}))
    with pytest.raises(InvalidInputError, match="id"):
        await plane.begin("No_Id", LOSS)
    with pytest.raises(InvalidInputError, match="percent"):
        await plane.begin("two", LOSS.model_copy(update={"percent": 300.0}))
    standing = await plane.standing()
    assert standing["one"].disturbance == LOSS
    assert await plane.end("one")
    assert not await plane.end("one")


@pytest.mark.parametrize("token", ["clock", "assistant", ""])
async def test_no_other_token_reads_or_writes_disturbances(world: World, token: str) -> None:
    """The clock's token, an agent's own token of the Kubernetes API, and none."""
    world.disturbances.begin("one", disturbance_of(LOSS.model_dump()))
    keeper = Keeper(world)
    transport = httpx2.ASGITransport(app=lab_app(keeper, clock_token="clock", admin_token="admin"))
    stranger = LabPlane("http://lab", token=token or "none", transport=transport, retry=ONCE)
    for attempt in (stranger.standing(), stranger.begin("two", LOSS), stranger.end("one")):
        with pytest.raises(ServiceError) as refused:
            await attempt
        assert refused.value.status == 401
        assert "loss" not in str(refused.value)
    assert list(world.disturbances.standing()) == ["one"]
    await stranger.close()
    await keeper.close()
