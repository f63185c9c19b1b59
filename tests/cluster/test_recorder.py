"""The change recorder on a real API server with the assistant's rights: people's changes are told, no others."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from aiops.clients.kubernetes import KubernetesClient
from aiops.core.changes import Change
from aiops.core.clock import SystemClock
from aiops.core.entity import Entity, Manifest
from aiops.core.fields import read
from aiops.watch.recorder import ChangeRecorder
from tests.cluster.application import NAMESPACE
from tests.cluster.kubectl import Kubectl

pytestmark = pytest.mark.cluster

GEO = Entity(kind="Deployment", namespace=NAMESPACE, name="geo")
SETTINGS = Entity(kind="ConfigMap", namespace=NAMESPACE, name="settings")
SOON = 60
"""Seconds by which a server's clock may be ahead of ours."""


@pytest.fixture
async def recorder(
    assistant_client: KubernetesClient, gone: list[Manifest], tmp_path: Path
) -> AsyncGenerator[ChangeRecorder]:
    recorder = ChangeRecorder(assistant_client, SystemClock(), tmp_path / "changes.db", (NAMESPACE,))
    await recorder.start()
    yield recorder
    await recorder.stop()


async def changes(recorder: ChangeRecorder) -> list[Change]:
    return await recorder.changes(0, SystemClock().now() + SOON, (NAMESPACE,))


async def test_every_kind_but_secrets_may_be_watched(recorder: ChangeRecorder) -> None:
    assert [reason.split(":")[0] for reason in recorder.health().denied] == ["Secret"]
    assert recorder.problems() == ()


async def test_a_change_is_told_with_its_author_and_what_controllers_make_of_it_is_not(
    recorder: ChangeRecorder, kubectl: dict[str, Kubectl]
) -> None:
    kubectl["engineer"].run("set", "image", "deployment/geo", "geo=geo:2", "-n", NAMESPACE)
    kubectl["engineer"].run("rollout", "status", "deployment/geo", "-n", NAMESPACE, "--timeout=50s")
    (change,) = await changes(recorder)
    assert (change.entity, change.verb, change.actor) == (GEO, "updated", "kubectl-set")
    (field,) = change.fields
    assert (field.path, field.new) == ("spec.template.spec.containers[geo].image", "geo:2")
    before = await recorder.version_before(GEO, change.at)
    assert before is not None
    assert read(before, field.path) == field.old
    kubectl["engineer"].run("rollout", "undo", "deployment/geo", "-n", NAMESPACE)
    undone, _ = await changes(recorder)
    assert undone.actor.startswith("kubectl")  # the rest of the name differs between its versions
    assert [(one.path, one.new) for one in undone.fields] == [(field.path, field.old)]


async def test_what_was_deleted_is_known_as_it_was(
    recorder: ChangeRecorder, kubectl: dict[str, Kubectl], admin_client: KubernetesClient
) -> None:
    settings = await admin_client.get(SETTINGS)
    kubectl["engineer"].run("delete", "configmap", "settings", "-n", NAMESPACE)
    (change,) = await changes(recorder)
    assert (change.entity, change.verb) == (SETTINGS, "deleted")
    before = await recorder.version_before(SETTINGS, change.at)
    assert before is not None
    assert before["data"] == settings["data"]
    await admin_client.create(before)
