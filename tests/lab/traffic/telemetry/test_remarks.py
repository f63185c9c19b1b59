"""What stores and readers say beside requests, in a cluster in which something is done to a store."""

from __future__ import annotations

import re
from typing import Any

import pytest

from aiops.core.disturbance import disturbance_of
from aiops.lab.world import World
from tests.support.worlds import aged

STORE = {"app": "catalog-db"}
READER = "catalog"
LIVED = 120.0


def _lines(world: World, app: str, since: float = 0.0) -> list[str]:
    """What the containers of an application wrote from a moment on."""
    logs = world.container_logs
    found = [stream.container_id for stream in logs.log_streams() if stream.app == app]
    return [line.text for each in found for line in logs.written(each, since, world.now)]


def _after(span: float, **disturbance: Any) -> tuple[str, str]:
    """(lines of the store, lines of its client) from the beginning of a disturbance of the store's pods."""
    world = aged(LIVED, application="boutique")
    start = world.now
    pods = {"namespace": "boutique", "labels": STORE}
    world.disturbances.begin("one", disturbance_of({**disturbance, "pods": pods}))
    for _ in world.ticks(span):
        pass
    return "\n".join(_lines(world, STORE["app"], start)), "\n".join(_lines(world, READER, start))


def _misbehaving(**behaviour: Any) -> tuple[str, str]:
    return _after(60.0, kind="misbehaviour", behaviours=[behaviour])


def test_nothing_is_said_in_good_health() -> None:
    world = aged(LIVED, application="boutique")
    said = "\n".join([*_lines(world, STORE["app"]), *_lines(world, READER)])
    assert len(said) > 1000
    assert not re.search("FATAL|Input/output|page verification|permission denied|record skipped", said)


def test_a_user_that_is_not_there_is_named_by_the_store_and_hidden_from_the_client() -> None:
    store, client = _misbehaving(kind="refused_user")
    assert 'FATAL:  password authentication failed for user "app"' in store
    assert 'Role "app" does not exist' in store
    assert "password authentication failed" in client
    assert "does not exist" not in client


def test_clients_without_tls_are_named_by_their_address() -> None:
    store, client = _misbehaving(kind="plaintext_refused", clients={})
    assert re.search(r'no pg_hba.conf entry for host "10\.244\.\d+\.\d+", .*no encryption', store)
    assert "no pg_hba.conf entry for host" in client
    assert "connection reset" not in client


def test_rights_that_are_missing_are_told_and_are_no_exceptions() -> None:
    store, client = _misbehaving(kind="operation_errors", percent=90, status=403)
    assert "ERROR:  permission denied for table" in store
    assert "deadlock" not in store
    assert "permission denied" in client


def test_a_disk_that_fails_is_told_by_both_sides() -> None:
    store, client = _after(60.0, kind="io.errors", percent=60)
    assert "could not read block" in store
    assert "Input/output error" in store
    assert "deadlock" not in store
    assert "Input/output error (SQLSTATE 58030)" in client


def test_a_slow_disk_shows_in_the_checkpoints() -> None:
    store, _ = _after(330.0, kind="io.delay", seconds=1.5)
    [longest] = re.findall(r"checkpoint complete: .* longest=([0-9.]+) s", store)[-1:]
    assert float(longest) > 1.5


def test_a_disk_with_little_left_shows_in_the_checkpoints_too() -> None:
    world = aged(LIVED, application="boutique")
    start = world.now
    nodes = [node["metadata"]["name"] for node in world.cluster.objects("Node")]
    slow = {"kind": "node.disk_slow", "nodes": {"names": nodes}, "percent": 0.02}
    world.disturbances.begin("one", disturbance_of(slow))
    for _ in world.ticks(330.0):
        pass
    text = "\n".join(_lines(world, STORE["app"], start))
    assert float(re.findall(r"longest=([0-9.]+) s", text)[-1]) > 1.0


def test_some_wrong_answers_are_seen_to_be_wrong() -> None:
    store, client = _after(180.0, kind="misbehaviour", behaviours=[{"kind": "wrong_answers", "percent": 80}])
    assert store.count("page verification failed") >= 1
    assert client.count("record skipped") + client.count("skipped a record") >= 1


@pytest.mark.parametrize("store", ["catalog-db", "cart-redis"])
def test_the_events_of_a_store_end_with_their_cause(store: str) -> None:
    world = aged(LIVED, application="boutique")
    pods = {"namespace": "boutique", "labels": {"app": store}}
    behaviour = {"kind": "plaintext_refused", "clients": {}}
    world.disturbances.begin("one", disturbance_of({"kind": "misbehaviour", "pods": pods, "behaviours": [behaviour]}))
    for _ in world.ticks(30.0):
        pass
    world.disturbances.end("one")
    for _ in world.ticks(10.0):
        pass
    since = world.now
    for _ in world.ticks(60.0):
        pass
    text = "\n".join(_lines(world, store, since))
    assert "no encryption" not in text
    assert "SSL routines" not in text
