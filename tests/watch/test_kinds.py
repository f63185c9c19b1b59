"""What is kept of an object."""

from __future__ import annotations

from aiops.watch.kinds import LEADER, kept


def secret(value, name="login"):
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "a", "annotations": {"copy": value}},
        "data": {"password": value},
    }


def test_secrets_are_hashed():
    state = kept(secret("aGk="))
    assert "aGk=" not in str(state)
    assert state["data"]["password"].startswith("sha256:")
    assert state == kept(secret("aGk="))
    assert state["data"] != kept(secret("aGo="))["data"]


def test_equal_values_in_two_secrets_do_not_look_equal():
    assert kept(secret("aGk="))["data"] != kept(secret("aGk=", "other"))["data"]


def test_leader_elections_are_left_out():
    manifest = {
        "kind": "ConfigMap",
        "metadata": {"name": "x", "annotations": {LEADER: "me", "note": "kept"}},
        "data": {},
    }
    assert kept(manifest)["metadata"]["annotations"] == {"note": "kept"}


def test_nodes_keep_spec_and_labels():
    manifest = {
        "kind": "Node",
        "metadata": {"name": "n", "labels": {"zone": "a"}, "annotations": {"ttl": "0"}},
        "spec": {"unschedulable": True},
        "status": {"conditions": []},
    }
    assert kept(manifest) == {
        "kind": "Node",
        "metadata": {"name": "n", "labels": {"zone": "a"}},
        "spec": {"unschedulable": True},
    }
