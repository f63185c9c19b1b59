"""Putting objects back, also while others write to them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.entity import Entity, Manifest
from aiops.core.errors import ConflictError, NotFoundError
from aiops.core.fields import desired
from aiops.core.wellknown import REVISION
from aiops.faults.injection import inject, revert
from aiops.faults.journal import InjectionJournal
from aiops.faults.registry import FAULTS
from aiops.faults.restoring import WRITE_ATTEMPTS, restore_object
from tests.faults.conftest import made

CONFIG = Entity(kind="ConfigMap", namespace="shop", name="web-config")
WEB = Entity(kind="Deployment", namespace="shop", name="web")
TEXTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text("xyz", max_size=3), max_size=3)


class Busy:
    """A client whose first replacements meet a write of somebody else."""

    def __init__(self, kube: KubernetesClient, times: int) -> None:
        self._kube = kube
        self.times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kube, name)

    async def replace(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        if self.times:
            self.times -= 1
            await self._kube.patch(Entity.of(manifest), {"data": {"theirs": str(self.times)}}, "merge")
        return await self._kube.replace(manifest, dry_run=dry_run)


@pytest.mark.parametrize("times", [0, 1, WRITE_ATTEMPTS - 1])
async def test_it_is_put_back_though_others_write(kube: KubernetesClient, times: int) -> None:
    before = await kube.get(CONFIG)
    await kube.patch(CONFIG, {"data": {"log": "debug"}}, "merge")
    assert await restore_object(Busy(kube, times), CONFIG, before)
    assert desired(await kube.get(CONFIG)) == desired(before)


async def test_who_never_lets_go_is_told(kube: KubernetesClient) -> None:
    before = await kube.get(CONFIG)
    await kube.patch(CONFIG, {"data": {"log": "debug"}}, "merge")
    busy = Busy(kube, WRITE_ATTEMPTS)
    with pytest.raises(ConflictError):
        await restore_object(busy, CONFIG, before)
    assert busy.times == 0


async def test_nothing_is_written_where_nothing_differs(kube: KubernetesClient) -> None:
    before = await kube.get(CONFIG)
    assert not await restore_object(kube, CONFIG, before)
    assert (await kube.get(CONFIG))["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def test_what_was_not_there_goes_and_what_was_comes_back(kube: KubernetesClient) -> None:
    extra = made("ConfigMap", "extra", data={"a": "b"})
    await kube.create(extra)
    there = await kube.get(Entity.of(extra))
    assert await restore_object(kube, Entity.of(extra), None)
    assert not await restore_object(kube, Entity.of(extra), None)
    with pytest.raises(NotFoundError):
        await kube.get(Entity.of(extra))
    assert await restore_object(kube, Entity.of(extra), there)
    assert desired(await kube.get(Entity.of(extra))) == desired(there)


async def test_notes_of_controllers_stay_as_they_are(kube: KubernetesClient) -> None:
    await kube.patch(WEB, {"metadata": {"annotations": {REVISION: "1", "team": "shop"}}}, "merge")
    before = await kube.get(WEB)
    await kube.patch(
        WEB, {"metadata": {"annotations": {REVISION: "2", "team": None}}, "spec": {"replicas": 3}}, "merge"
    )
    assert await restore_object(kube, WEB, before)
    now = await kube.get(WEB)
    assert now["metadata"]["annotations"] == {REVISION: "2", "team": "shop"}
    assert now["metadata"]["uid"] == before["metadata"]["uid"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=TEXTS, second=TEXTS)
async def test_any_two_states_are_one_write_apart(kube: KubernetesClient, first: Any, second: Any) -> None:
    thing = Entity(kind="ConfigMap", namespace="shop", name="thing")
    for state in (first, second):
        await restore_object(kube, thing, None)
        await kube.create(made("ConfigMap", "thing", data=state))
        before = await kube.get(thing)
        await restore_object(kube, thing, made("ConfigMap", "thing", data=first))
        assert (await kube.get(thing)).get("data", {}) == first
        assert await restore_object(kube, thing, before) is (state != first)


async def test_a_revert_is_exact_after_somebody_else_wrote_the_same_object(
    kube: KubernetesClient, tmp_path: Path
) -> None:
    before = desired(await kube.get(WEB))
    injection = await inject(FAULTS.get("scaled_to_zero"), kube, tmp_path / "j", {"deployment": WEB})
    await kube.patch(WEB, {"metadata": {"labels": {"owner": "growth"}}, "spec": {"replicas": 5}}, "merge")
    assert await revert(kube, tmp_path / "j", injection.id) == 1
    assert desired(await kube.get(WEB)) == before


async def test_what_was_read_and_then_written_is_put_back_to_how_it_was_read(
    kube: KubernetesClient, tmp_path: Path
) -> None:
    path = tmp_path / "folder" / "faults.jsonl"
    journal = InjectionJournal(path)
    injection = journal.begin("sample")
    read = await kube.get(CONFIG)
    journal.read(injection, CONFIG, read)
    journal.read(injection, WEB, await kube.get(WEB))
    journal.intend(injection, CONFIG, {**read, "data": {"log": "later"}})
    assert journal.before(injection)[CONFIG] == read
    assert set(journal.before(injection)) == {CONFIG, WEB}
    assert [entity for entity, _ in journal.originals(injection)] == [CONFIG]
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_service_whose_address_somebody_else_has_gets_another_one(kube: KubernetesClient) -> None:
    web = Entity(kind="Service", namespace="shop", name="web")
    before = await kube.get(web)
    await kube.patch(web, {"spec": {"type": "ExternalName", "externalName": "web.example.com"}}, "merge")
    spec = {"clusterIP": before["spec"]["clusterIP"], "ports": [{"port": 80}]}
    await kube.create(
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "heir", "namespace": "shop"}, "spec": spec}
    )
    assert await restore_object(kube, web, before)
    now = (await kube.get(web))["spec"]
    assert now["selector"] == before["spec"]["selector"]
    assert now["type"] == before["spec"]["type"]
    assert now["clusterIP"] != before["spec"]["clusterIP"]
