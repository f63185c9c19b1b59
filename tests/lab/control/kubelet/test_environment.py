"""The environment of a container."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.environment import ConfigError, environment, expand, service_links

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
        ({"fieldRef": {"fieldPath": "spec.nope"}}, "unsupported fieldPath: spec.nope"),
    ],
)
def test_what_is_missing_is_named(source: Manifest, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        _env(_from("A", **source))


def test_services_are_variables_too() -> None:
    service = {
        "metadata": {"name": "web-api"},
        "spec": {"clusterIP": "10.96.1.1", "ports": [{"name": "http", "port": 80}, {"port": 53, "protocol": "UDP"}]},
    }
    headless = {"metadata": {"name": "none"}, "spec": {"clusterIP": "None", "ports": [{"port": 80}]}}
    links = service_links([service, headless])
    assert links["WEB_API_SERVICE_HOST"] == "10.96.1.1"
    assert links["WEB_API_SERVICE_PORT"] == links["WEB_API_SERVICE_PORT_HTTP"] == "80"
    assert links["WEB_API_PORT"] == links["WEB_API_PORT_80_TCP"] == "tcp://10.96.1.1:80"
    assert links["WEB_API_PORT_53_UDP_PROTO"] == "udp"
    assert not any(name.startswith("NONE") for name in links)
    entry = {"name": "URL", "value": "http://$(WEB_API_SERVICE_HOST)"}
    assert environment(Objects(), POD, {"env": [entry]}, links) == {"URL": "http://10.96.1.1"}


@given(st.text("$()AB ", max_size=20), st.text("xy", max_size=3))
def test_expansion(text: str, value: str) -> None:
    assert expand(text.replace("$", "$$"), {"A": value}) == text
    assert expand("$(A)", {"A": value}) == value
