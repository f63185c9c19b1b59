"""The change recorder against the lab's API server: nothing is lost, nothing is made up."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager

import pytest

from aiops.core.clock import pause
from aiops.core.entity import Entity
from aiops.core.fields import read
from aiops.watch.recorder import ChangeRecorder
from aiops.watch.versions import VersionStore

GEO = Entity(kind="Deployment", namespace="hotel", name="geo")
SETTINGS = Entity(kind="ConfigMap", namespace="hotel", name="settings")


def deployment(name="geo", namespace="hotel", image="geo:1"):
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": name, "image": image}]},
            },
        },
    }


def config(name="settings", namespace="hotel", kind="ConfigMap", **data):
    return {
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "data": data,
    }


@asynccontextmanager
async def recording(cluster, path, namespaces=("hotel",)):
    recorder = ChangeRecorder(cluster.client("watcher"), cluster.clock, path / "changes.db", namespaces)
    await recorder.start()
    try:
        yield recorder
    finally:
        await recorder.stop()


async def until(condition):
    """A watch that was refused tries again after a while of its own."""
    for _ in range(1000):
        if condition():
            return
        await pause(0.01)
    raise AssertionError("it never came")


async def everything(recorder, cluster):
    return await recorder.changes(0, cluster.clock.now() + 10, ("hotel", ""))


async def test_what_is_there_at_the_start_is_no_change(cluster, tmp_path):
    cluster.create(deployment())
    async with recording(cluster, tmp_path) as recorder:
        assert await everything(recorder, cluster) == []
        assert await recorder.watched_since() == cluster.clock.now()
        assert recorder.health().failing == recorder.health().denied == ()


async def test_an_update_is_told_with_time_actor_and_fields(cluster, tmp_path):
    cluster.create(deployment())
    async with recording(cluster, tmp_path) as recorder:
        await cluster.clock.sleep(60)
        body = {"spec": {"template": {"spec": {"containers": [{"name": "geo", "image": "geo:2"}]}}}}
        await cluster.client("kubectl-edit").patch(GEO, body, "strategic")
        await cluster.clock.sleep(60)
        (change,) = await everything(recorder, cluster)
        assert (change.entity, change.verb, change.actor) == (GEO, "updated", "kubectl-edit")
        assert change.at == cluster.clock.now() - 60
        (field,) = change.fields
        assert (field.path, field.old, field.new) == ("spec.template.spec.containers[geo].image", "geo:1", "geo:2")
        before = await recorder.version_before(GEO, change.at)
        assert read(before, field.path) == "geo:1"
        after = await recorder.version_before(GEO, change.at + 1)
        assert read(after, field.path) == "geo:2"


async def test_who_only_takes_something_away_leaves_no_trace_and_its_time_is_known(cluster, tmp_path):
    made = deployment()
    made["spec"]["template"]["spec"]["containers"][0]["env"] = [
        {"name": "A", "value": "1"},
        {"name": "B", "value": "2"},
    ]
    cluster.create(made, manager="helm")
    await cluster.clock.sleep(600)
    async with recording(cluster, tmp_path) as recorder:
        await cluster.clock.sleep(300)
        entity = Entity.of(made)
        keep = [{"name": "geo", "env": [{"name": "B", "$patch": "delete"}]}]
        body = {"spec": {"template": {"spec": {"containers": keep}}}}
        await cluster.client("ann").patch(entity, body, "strategic")
        (change,) = await everything(recorder, cluster)
        assert change.at == pytest.approx(cluster.clock.now(), abs=2)
        assert [field.path for field in change.fields] == ["spec.template.spec.containers[geo].env[B]"]
        before = await recorder.version_before(entity, change.at)
        assert len(before["spec"]["template"]["spec"]["containers"][0]["env"]) == 2


async def test_creation_and_deletion(cluster, tmp_path):
    async with recording(cluster, tmp_path) as recorder:
        await cluster.clock.sleep(10)
        await cluster.client("ann").create(config(a="1"))
        await cluster.clock.sleep(10)
        await cluster.client("bob").delete(SETTINGS)
        deleted, created = await everything(recorder, cluster)
        assert (created.verb, created.actor, created.at) == ("created", "ann", cluster.clock.now() - 10)
        assert (deleted.verb, deleted.at) == ("deleted", cluster.clock.now())
        assert await recorder.version_before(SETTINGS, cluster.clock.now() + 1) is None
        assert (await recorder.version_before(SETTINGS, cluster.clock.now()))["data"] == {"a": "1"}


async def test_status_is_no_change(cluster, tmp_path):
    made = cluster.create(deployment())
    async with recording(cluster, tmp_path) as recorder:
        fresh = {**made, "status": {"replicas": 1, "readyReplicas": 1}}
        cluster.store.update(fresh, manager="kube-controller-manager", subresource="status")
        assert await everything(recorder, cluster) == []


async def test_every_version_on_the_way_is_kept(cluster, tmp_path):
    cluster.create(config(a="0"))
    async with recording(cluster, tmp_path) as recorder:
        for value in "123":
            await cluster.client().patch(SETTINGS, {"data": {"a": value}}, "merge")
        changes = await everything(recorder, cluster)
        assert [(c.fields[0].old, c.fields[0].new) for c in changes] == [("2", "3"), ("1", "2"), ("0", "1")]


async def test_secrets_are_compared_and_never_kept(cluster, tmp_path):
    cluster.create(config("login", kind="Secret", password="aHVudGVyMg=="))
    async with recording(cluster, tmp_path) as recorder:
        entity = Entity(kind="Secret", namespace="hotel", name="login")
        await cluster.client().patch(entity, {"data": {"password": "aHVudGVyMw=="}}, "merge")
        (change,) = await everything(recorder, cluster)
        (field,) = change.fields
        assert field.path == "data.password"
        assert field.old != field.new
        assert str(field.old).startswith("sha256:")
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"aHVudGVy" not in stored
    assert b"hunter" not in stored


async def test_other_namespaces_are_left_alone(cluster, tmp_path):
    async with recording(cluster, tmp_path) as recorder:
        await cluster.client().create(config(namespace="other", a="1"))
        assert await recorder.changes(0, 1e12) == []
    async with recording(cluster, tmp_path / "all", ()) as recorder:
        entity = Entity(kind="ConfigMap", namespace="other", name="settings")
        await cluster.client().patch(entity, {"data": {"a": "2"}}, "merge")
        (change,) = await recorder.changes(0, 1e12)
        assert change.entity == entity
        assert await recorder.changes(0, 1e12, ("hotel",)) == []


async def test_what_all_namespaces_lean_on_is_recorded_beside_named_ones(cluster, tmp_path):
    async with recording(cluster, tmp_path) as recorder:
        await cluster.client().create(config("coredns", "kube-system", Corefile="x"))
        (change,) = await recorder.changes(0, 1e12, ("hotel", "kube-system"))
        assert change.entity == Entity(kind="ConfigMap", namespace="kube-system", name="coredns")
        assert await recorder.changes(0, 1e12, ("hotel",)) == []


async def test_the_jobs_of_a_cron_job_are_nobodys_change(cluster, tmp_path):
    def job(name, *owners):
        template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x:1"}]}}
        metadata = {"name": name, "namespace": "hotel", "ownerReferences": list(owners)}
        return {"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": {"template": template}}

    owner = {"apiVersion": "batch/v1", "kind": "CronJob", "name": "nightly", "uid": "u-1", "controller": True}
    async with recording(cluster, tmp_path) as recorder:
        for manifest in (job("by-hand"), job("nightly-1", owner)):
            await cluster.client("ann").create(manifest)
        changes = await recorder.changes(0, 1e12, ("hotel",))
        assert [change.entity.name for change in changes if change.entity.kind == "Job"] == ["by-hand"]


async def test_a_restart_sees_what_happened_meanwhile(cluster, tmp_path):
    cluster.create(config(a="1"))
    cluster.create(deployment())
    async with recording(cluster, tmp_path) as recorder:
        since = await recorder.watched_since()
    await cluster.clock.sleep(100)
    client = cluster.client("night-shift")
    await client.patch(SETTINGS, {"data": {"a": "2"}}, "merge")
    await client.delete(GEO)
    await client.create(deployment("rate"))
    await cluster.clock.sleep(100)
    async with recording(cluster, tmp_path) as recorder:
        changes = {change.entity.name: change for change in await everything(recorder, cluster)}
        assert {name: change.verb for name, change in changes.items()} == {
            "settings": "updated",
            "geo": "deleted",
            "rate": "created",
        }
        assert changes["settings"].at == changes["rate"].at == cluster.clock.now() - 100
        assert changes["settings"].actor == "night-shift"
        assert await recorder.watched_since() == since


async def test_broken_streams_are_opened_again(cluster, tmp_path):
    cluster.create(config(a="1"))
    async with recording(cluster, tmp_path) as recorder:
        for value in "234":
            cluster.transport.cut()
            await cluster.client().patch(SETTINGS, {"data": {"a": value}}, "merge")
            await pause(0.05)
        changes = await everything(recorder, cluster)
        assert [change.fields[0].new for change in changes] == ["4", "3", "2"]


async def test_a_cluster_that_does_not_answer_is_said_and_waited_for(cluster, tmp_path):
    cluster.create(config(a="1"))
    async with recording(cluster, tmp_path) as recorder:
        await cluster.client().patch(SETTINGS, {"data": {"a": "2"}}, "merge")
        await recorder.sync()
        cluster.transport.up = False
        cluster.transport.cut()
        assert len(await everything(recorder, cluster)) == 1
        assert "did not answer" in recorder.problems()[0]
        cluster.transport.up = True
        await pause(0.1)
        await cluster.client().patch(SETTINGS, {"data": {"a": "3"}}, "merge")
        assert len(await everything(recorder, cluster)) == 2
        assert recorder.problems() == ()


async def test_it_starts_without_a_cluster(cluster, tmp_path):
    cluster.transport.up = False
    async with recording(cluster, tmp_path) as recorder:
        assert recorder.health().since is None
        assert recorder.problems()
        assert await recorder.watched_since() == cluster.clock.now()
        cluster.create(config(a="1"))
        cluster.transport.up = True
        await until(lambda: recorder.health().since is not None)
        assert recorder.health().since == cluster.clock.now()
        assert await everything(recorder, cluster) == []


async def test_what_may_not_be_seen_is_said_and_the_rest_goes_on(cluster, tmp_path):
    cluster.transport.refuse["/secrets"] = 403
    cluster.create(config(a="1"))
    async with recording(cluster, tmp_path) as recorder:
        await cluster.client().patch(SETTINGS, {"data": {"a": "2"}}, "merge")
        assert len(await everything(recorder, cluster)) == 1
        assert recorder.health().denied[0].startswith("Secret: ")
        assert recorder.problems() == ()


async def test_a_history_that_is_too_old_is_listed_anew(cluster, tmp_path):
    cluster.create(config(a="1"))
    async with recording(cluster, tmp_path) as recorder:
        cluster.transport.refuse["/configmaps"] = 410
        cluster.transport.cut()
        await pause(0.05)
        await cluster.clock.sleep(1)
        cluster.store.update({**cluster.store.get("ConfigMap", "hotel", "settings"), "data": {"a": "2"}}, manager="ann")
        cluster.transport.refuse.clear()
        await pause(0.1)
        (change,) = await everything(recorder, cluster)
        assert (change.actor, change.fields[0].new) == ("ann", "2")


async def test_a_watch_that_lags_does_not_hide_a_change(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("aiops.watch.recorder.PATIENCE", 0.05)
    cluster.create(config(a="1"))
    async with recording(cluster, tmp_path) as recorder:
        cluster.transport.delay_events = True
        await cluster.client().patch(SETTINGS, {"data": {"a": "2"}}, "merge")
        await cluster.client().patch(SETTINGS, {"data": {"a": "3"}}, "merge")
        (change,) = await everything(recorder, cluster)
        assert (change.fields[0].old, change.fields[0].new) == ("1", "3")
        cluster.transport.delay_events = False
        await pause(0.05)
        assert len(await everything(recorder, cluster)) == 1


async def test_readers_that_wait_are_served_together(cluster, tmp_path):
    cluster.create(config(a="1"))
    async with recording(cluster, tmp_path) as recorder:
        await cluster.client().patch(SETTINGS, {"data": {"a": "2"}}, "merge")
        cluster.transport.lists = 0
        await recorder.sync()
        kinds = cluster.transport.lists
        await asyncio.gather(*(recorder.sync() for _ in range(6)))
        assert cluster.transport.lists == 3 * kinds, "the first, which had begun, and one for all that came after it"


async def test_who_calls_while_the_history_is_read_sees_what_was_written_before_the_call(cluster, tmp_path):
    cluster.create(config(a="1"))
    async with recording(cluster, tmp_path) as recorder:
        under_way = asyncio.create_task(recorder.sync())
        await asyncio.sleep(0)
        await cluster.client().patch(SETTINGS, {"data": {"a": "2"}}, "merge")
        found = await asyncio.gather(*(everything(recorder, cluster) for _ in range(3)))
        assert [[change.fields[0].new for change in changes] for changes in found] == [["2"]] * 3
        await under_way


async def test_one_look_catches_up_once(cluster, tmp_path):
    cluster.create(config(a="1"))
    async with recording(cluster, tmp_path) as recorder:
        await cluster.client().patch(SETTINGS, {"data": {"a": "2"}}, "merge")
        cluster.transport.lists = 0
        look = recorder.reading_once()
        assert len(await everything(look, cluster)) == 1
        kinds = cluster.transport.lists
        assert len(await look.changes(0, 1e12)) == 1
        assert cluster.transport.lists == kinds
        assert len(await everything(recorder.reading_once(), cluster)) == 1
        assert cluster.transport.lists == 2 * kinds
        assert (await look.version_before(SETTINGS, 1e12))["data"] == {"a": "2"}
        assert await look.watched_since() == await recorder.watched_since()
        assert look.problems() == ()
        assert look.reading_once() is look


@pytest.mark.parametrize("kind", ["Service", "NetworkPolicy", "ServiceAccount", "Role"])
async def test_other_kinds_are_recorded_too(cluster, tmp_path, kind):
    manifests = {
        "Service": {"apiVersion": "v1", "spec": {"ports": [{"port": 80}], "selector": {"app": "x"}}},
        "NetworkPolicy": {"apiVersion": "networking.k8s.io/v1", "spec": {"podSelector": {}}},
        "ServiceAccount": {"apiVersion": "v1", "automountServiceAccountToken": False},
        "Role": {"apiVersion": "rbac.authorization.k8s.io/v1", "rules": []},
    }
    async with recording(cluster, tmp_path) as recorder:
        manifest = {"kind": kind, "metadata": {"name": "x", "namespace": "hotel"}, **manifests[kind]}
        await cluster.client("ann").create(manifest)
        changes = await everything(recorder, cluster)
        assert [(c.entity.kind, c.verb, c.actor) for c in changes] == [(kind, "created", "ann")]


@pytest.mark.parametrize("items", [[{}], [{"metadata": {}}], [{"metadata": {"name": "x", "namespace": "hotel"}}], [3]])
async def test_a_list_that_is_none_ends_no_watch_and_is_told(cluster, tmp_path, items):
    cluster.create(deployment())
    cluster.transport.answer["/configmaps"] = {
        "kind": "ConfigMapList",
        "metadata": {"resourceVersion": "1"},
        "items": items,
    }
    async with recording(cluster, tmp_path) as recorder:
        assert any(failure.startswith("ConfigMap: ") for failure in recorder.health().failing)
        assert recorder.problems()
        cluster.transport.answer.clear()
        await recorder.sync()
        cluster.create(config(a="1"))
        assert SETTINGS in {change.entity for change in await everything(recorder, cluster)}


async def test_a_disk_that_is_full_is_told_and_does_not_hold_up_the_start(cluster, tmp_path, monkeypatch):
    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    cluster.create(deployment())
    monkeypatch.setattr(VersionStore, "begin", full)
    async with recording(cluster, tmp_path) as recorder:
        assert "Deployment: OperationalError: database or disk is full" in recorder.health().failing
