"""Environment and files of a container."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.configuration import ConfigError, MountError, environment, expand, files

OBJECTS = {
    ("ConfigMap", "settings"): {"kind": "ConfigMap", "data": {"MODE": "fast", "app.yaml": "a: 1"}},
    ("Secret", "keys"): {"kind": "Secret", "data": {"password": "c2VzYW1l"}},
}
POD: Manifest = {
    "metadata": {"name": "p", "namespace": "ns", "uid": "u", "labels": {"app": "web"}, "annotations": {"a/b": "c"}},
    "spec": {"nodeName": "n1", "serviceAccountName": "robot"},
    "status": {"podIP": "10.1.1.1", "hostIP": "172.1.1.1"},
}


class Objects:
    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        return OBJECTS.get((kind, name)) if namespace == "ns" else None


def _env(*entries: Manifest, **container: Any) -> dict[str, str]:
    return environment(Objects(), POD, {"env": list(entries), **container})


def _from(name: str, **source: Any) -> Manifest:
    return {"name": name, "valueFrom": source}


def test_every_source() -> None:
    resources = {"limits": {"memory": "64Mi", "cpu": "1500m"}}
    found = _env(
        {"name": "PLAIN", "value": "x"},
        {"name": "EMPTY"},
        {"name": "BUILT", "value": "$(PLAIN)-$$(PLAIN)-$(NOPE)"},
        _from("MODE", configMapKeyRef={"name": "settings", "key": "MODE"}),
        _from("PASSWORD", secretKeyRef={"name": "keys", "key": "password"}),
        _from("NODE", fieldRef={"fieldPath": "spec.nodeName"}),
        _from("IP", fieldRef={"fieldPath": "status.podIP"}),
        _from("LABEL", fieldRef={"fieldPath": "metadata.labels['app']"}),
        _from("NOTE", fieldRef={"fieldPath": "metadata.annotations['a/b']"}),
        _from("MEMORY", resourceFieldRef={"resource": "limits.memory", "divisor": "1Mi"}),
        _from("CPU", resourceFieldRef={"resource": "limits.cpu"}),
        _from("MAYBE", configMapKeyRef={"name": "settings", "key": "nope", "optional": True}),
        _from("PERHAPS", secretKeyRef={"name": "nope", "key": "nope", "optional": True}),
        resources=resources,
    )
    assert found == {
        "PLAIN": "x",
        "EMPTY": "",
        "BUILT": "x-$(PLAIN)-$(NOPE)",
        "MODE": "fast",
        "PASSWORD": "sesame",
        "NODE": "n1",
        "IP": "10.1.1.1",
        "LABEL": "web",
        "NOTE": "c",
        "MEMORY": "64",
        "CPU": "2",
    }


def test_whole_maps_with_a_prefix_give_way_to_single_entries() -> None:
    sources = [{"prefix": "C_", "configMapRef": {"name": "settings"}}, {"secretRef": {"name": "keys"}}]
    found = _env({"name": "C_MODE", "value": "own"}, envFrom=sources)
    assert found == {"C_MODE": "own", "C_app.yaml": "a: 1", "password": "sesame"}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"configMapKeyRef": {"name": "nope", "key": "a"}}, 'configmap "nope" not found'),
        ({"secretKeyRef": {"name": "keys", "key": "a"}}, "couldn't find key a in Secret ns/keys"),
        ({"fieldRef": {"fieldPath": "spec.nope"}}, "invalid field path"),
        ({}, "no known source"),
    ],
)
def test_what_is_missing_is_named(source: Manifest, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _env(_from("A", **source))


def _files(volume: Manifest, **mount: Any) -> dict[str, str]:
    pod = {**POD, "spec": {**POD["spec"], "volumes": [{"name": "v", **volume}]}}
    return files(Objects(), pod, {"volumeMounts": [{"name": "v", "mountPath": "/etc/app/", **mount}]})


@pytest.mark.parametrize(
    ("volume", "mount", "expected"),
    [
        ({"configMap": {"name": "settings"}}, {}, {"/etc/app/MODE": "fast", "/etc/app/app.yaml": "a: 1"}),
        ({"secret": {"secretName": "keys"}}, {}, {"/etc/app/password": "sesame"}),
        (
            {"configMap": {"name": "settings", "items": [{"key": "MODE", "path": "m/mode"}]}},
            {},
            {"/etc/app/m/mode": "fast"},
        ),
        (
            {"configMap": {"name": "settings"}},
            {"subPath": "app.yaml", "mountPath": "/app.yaml"},
            {"/app.yaml": "a: 1"},
        ),
        ({"configMap": {"name": "nope", "optional": True}}, {}, {}),
        ({"emptyDir": {}}, {}, {}),
        (
            {"projected": {"sources": [{"configMap": {"name": "settings"}}, {"secret": {"name": "keys"}}]}},
            {},
            {"/etc/app/MODE": "fast", "/etc/app/app.yaml": "a: 1", "/etc/app/password": "sesame"},
        ),
    ],
)
def test_volumes(volume: Manifest, mount: Manifest, expected: dict[str, str]) -> None:
    assert _files(volume, **mount) == expected


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"secret": {"secretName": "nope"}}, 'failed for volume "v" : secret "nope" not found'),
        ({"configMap": {"name": "settings", "items": [{"key": "x", "path": "x"}]}}, "non-existent config key: x"),
    ],
)
def test_volumes_that_cannot_be_set_up(volume: Manifest, message: str) -> None:
    with pytest.raises(MountError, match=message):
        _files(volume)


@given(st.text("$()AB ", max_size=20), st.text("xy", max_size=3))
def test_expansion(text: str, value: str) -> None:
    assert expand(text.replace("$", "$$"), {"A": value}) == text
    assert expand("$(A)", {"A": value}) == value
