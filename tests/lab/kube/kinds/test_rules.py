"""The rules of built-in kinds: defaults, refusals, what the system decides, what may change."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore, bootstrap
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.prepare import set_defaults
from tests.lab.kube.conftest import config_map, deployment

NAMES = st.from_regex(r"[a-z]([-a-z0-9]{0,8}[a-z0-9])?", fullmatch=True)
AMOUNTS = st.sampled_from(["100m", "0.5", "1", "64Mi", "1Gi"])
PORTS = st.integers(1, 65535)


@st.composite
def containers(draw: st.DrawFn, name: str) -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "image": f"{draw(NAMES)}:{draw(st.integers(1, 9))}"}
    if draw(st.booleans()):
        made["ports"] = [{"containerPort": draw(PORTS)}]
    if draw(st.booleans()):
        made["readinessProbe"] = {"httpGet": {"port": draw(PORTS)}, "periodSeconds": draw(st.integers(1, 60))}
    if draw(st.booleans()):
        made["resources"] = {"limits": {draw(st.sampled_from(["cpu", "memory"])): draw(AMOUNTS)}}
    if draw(st.booleans()):
        made["env"] = [{"name": draw(NAMES).upper().replace("-", "_"), "value": draw(NAMES)}]
    return made


@st.composite
def pods(draw: st.DrawFn) -> Manifest:
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    spec: dict[str, Any] = {"containers": [draw(containers(name)) for name in names]}
    if draw(st.booleans()):
        spec["tolerations"] = [{"key": draw(NAMES), "operator": "Exists"}]
    if draw(st.booleans()):
        spec["restartPolicy"] = draw(st.sampled_from(["Always", "OnFailure", "Never"]))
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": draw(NAMES), "namespace": "default"}, "spec": spec}


@pytest.fixture(scope="module")
def shared() -> ObjectStore:
    store = ObjectStore(now=lambda: 1_780_000_000.0, rng=Random(1))
    bootstrap(store)
    return store


@settings(max_examples=40, deadline=None)
@given(pods())
def test_a_pod_that_is_taken_is_taken_again_as_it_was_stored(shared: ObjectStore, pod: Manifest) -> None:
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "default"}}
    if shared.find("ServiceAccount", "default", "default") is None:
        shared.create(account, manager="test")
    made = shared.create(pod, manager="test", dry_run=True)
    again = copy.deepcopy(made)
    set_defaults(shared.catalog.stored("Pod"), again)
    assert again == made
    kept = {"name": made["metadata"]["name"], "namespace": "default"}
    twice = shared.create({**made, "metadata": kept}, manager="test", dry_run=True)
    assert [each["name"] for each in twice["spec"]["containers"]] == [
        each["name"] for each in pod["spec"]["containers"]
    ]


def refusal(store: ObjectStore, manifest: Manifest) -> dict[str, str]:
    """Fields and reasons of what is wrong with an object."""
    with pytest.raises(ApiError) as caught:
        store.create(manifest, manager="test")
    assert caught.value.status == 422
    return {cause["field"]: cause["reason"] for cause in (caught.value.details or {})["causes"]}


def made(kind: str, api_version: str = "v1", name: str = "x", **fields: Any) -> Manifest:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "default"}, **fields}


@pytest.mark.parametrize(
    ("manifest", "wrong"),
    [
        (made("ConfigMap", data={"a b": "1"}), {"data[a b]": "FieldValueInvalid"}),
        (made("ConfigMap", name="Bad_Name"), {"metadata.name": "FieldValueInvalid"}),
        (made("Service", spec={"type": "Odd", "ports": [{"port": 80}]}), {"spec.type": "FieldValueNotSupported"}),
        (made("Service", spec={"ports": [{"port": 0}]}), {"spec.ports[0].port": "FieldValueInvalid",
                                                         "spec.ports[0].targetPort": "FieldValueInvalid"}),
        (deployment(replicas=-1), {"spec.replicas": "FieldValueInvalid"}),
        (deployment(selector={"matchLabels": {"other": "x"}}), {"spec.template.metadata.labels": "FieldValueInvalid"}),
        (made("CronJob", "batch/v1", spec={"schedule": "bad", "jobTemplate": {"spec": {"template": {"spec": {
            "restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}}}}}),
         {"spec.schedule": "FieldValueInvalid"}),
        (made("PodDisruptionBudget", "policy/v1", spec={"minAvailable": 1, "maxUnavailable": 1}),
         {"spec": "FieldValueInvalid"}),
    ],
)  # fmt: skip
def test_wrong_objects_are_refused(store: ObjectStore, manifest: Manifest, wrong: dict[str, str]) -> None:
    assert refusal(store, manifest) == wrong


def service(name: str, **spec: Any) -> Manifest:
    return made("Service", name=name, spec={"ports": [{"port": 80}], **spec})


def test_every_service_has_an_address_of_its_own_until_it_goes(store: ObjectStore) -> None:
    found = [store.create(service(f"s{number}"), manager="test")["spec"]["clusterIP"] for number in range(20)]
    assert len(set(found)) == 20
    with pytest.raises(ApiError, match="provided IP is already allocated"):
        store.create(service("taken", clusterIP=found[0]), manager="test")
    store.delete("Service", "default", "s0")
    assert store.create(service("again", clusterIP=found[0]), manager="test")["spec"]["clusterIP"] == found[0]


def test_node_ports_come_and_go_with_the_type(store: ObjectStore) -> None:
    made_ = store.create(service("web", type="NodePort"), manager="test")
    (port,) = made_["spec"]["ports"]
    assert 30000 <= port["nodePort"] <= 32767
    inside = store.update({**made_, "spec": {**made_["spec"], "type": "ClusterIP"}}, manager="test")
    assert "nodePort" not in inside["spec"]["ports"][0]
    assert inside["spec"]["clusterIP"] == made_["spec"]["clusterIP"]


def test_a_headless_service_has_no_address(store: ObjectStore) -> None:
    assert store.create(service("web", clusterIP="None"), manager="test")["spec"]["clusterIPs"] == ["None"]


def test_what_is_fixed_stays(store: ObjectStore) -> None:
    web = store.create(deployment(), manager="test")
    spec = {**web["spec"], "selector": {"matchLabels": {"app": "other"}}}
    with pytest.raises(ApiError, match="field is immutable") as caught:
        store.update({**web, "spec": spec}, manager="test")
    assert "spec.selector" in {cause["field"] for cause in (caught.value.details or {})["causes"]}
    fixed = store.create({**config_map("c", a="1"), "immutable": True}, manager="test")
    with pytest.raises(ApiError, match="field is immutable when `immutable` is set"):
        store.update({**fixed, "data": {"a": "2"}}, manager="test")


def test_wrong_metadata_of_an_update_is_told_for_the_registry_and_for_the_kind(store: ObjectStore) -> None:
    kept = config_map("c")
    kept["metadata"]["finalizers"] = ["example.com/a"]
    store.create(kept, manager="test")
    store.delete("ConfigMap", "default", "c")
    old = store.get("ConfigMap", "default", "c")
    metadata = {**old["metadata"], "finalizers": ["example.com/a", "example.com/b"]}
    with pytest.raises(ApiError) as caught:
        store.update({**old, "metadata": metadata}, manager="test")
    causes = (caught.value.details or {})["causes"]
    assert len(causes) == 2
    assert causes[0] == causes[1]
    assert causes[0]["message"].endswith('found new finalizers []string{"example.com/b"}')


def test_a_slice_without_endpoints_has_none(store: ObjectStore) -> None:
    slice_ = made("EndpointSlice", "discovery.k8s.io/v1", addressType="IPv4", endpoints=[], ports=[])
    stored = store.create(slice_, manager="test")
    assert (stored["endpoints"], stored["ports"]) == (None, None)
    assert set(stored["metadata"]["managedFields"][0]["fieldsV1"]) == {"f:addressType", "f:endpoints", "f:ports"}
