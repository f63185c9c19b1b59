"""What admission makes of objects. The words of the real API server are in the recordings."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiops.core.entity import Manifest
from aiops.lab.kube import ObjectStore, User
from aiops.lab.kube.access.user import controller
from aiops.lab.kube.admission.podsecurity.standards import NEWEST, findings
from aiops.lab.kube.errors import ApiError
from aiops.lab.world import World


def _update_labels(store: ObjectStore, **labels: str) -> list[str]:
    namespace = store.get("Namespace", "", "default")
    changed = {f"pod-security.kubernetes.io/{key}": value for key, value in labels.items()}
    metadata = {**namespace["metadata"], "labels": {**namespace["metadata"]["labels"], **changed}}
    warnings: list[str] = []
    with store.acting(User("admin"), warnings):
        store.update({**namespace, "metadata": metadata}, manager="m")
    return warnings


def test_a_pod_gets_an_account_and_its_token(store: ObjectStore, pod: Any) -> None:
    made = pod()
    volume = made["spec"]["volumes"][0]
    assert volume["name"].startswith("kube-api-access-")
    assert made["spec"]["containers"][0]["volumeMounts"][0]["name"] == volume["name"]
    assert store.find("ServiceAccount", "default", "default") is not None
    bare = pod(name="b", automountServiceAccountToken=False)
    assert "volumes" not in bare["spec"]
    with pytest.raises(ApiError, match="error looking up service account default/nobody"):
        pod(name="c", serviceAccountName="nobody")


def test_a_dry_run_makes_no_account(store: ObjectStore, pod: Any) -> None:
    revision = store.revision
    assert pod(dry_run=True)["spec"]["serviceAccountName"] == "default"
    assert store.revision == revision


def test_priorities(store: ObjectStore, pod: Any) -> None:
    klass = {"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "value": 7}
    store.create({**klass, "metadata": {"name": "seven"}, "globalDefault": True}, manager="m")
    assert pod()["spec"]["priority"] == 7
    assert pod(name="b", priorityClassName="system-node-critical")["spec"]["priority"] == 2_000_001_000
    with pytest.raises(ApiError, match="PriorityClass seven is already marked as default"):
        store.create({**klass, "metadata": {"name": "other"}, "globalDefault": True}, manager="m")


def test_levels_refuse_and_warn(store: ObjectStore, pod: Any) -> None:
    pod(hostNetwork=True)
    warnings = _update_labels(store, enforce="baseline", warn="restricted")
    assert warnings == [
        'existing pods in namespace "default" violate the new PodSecurity enforce level "baseline:latest"',
        "a: host namespaces",
    ]
    with pytest.raises(ApiError, match='violates PodSecurity "baseline:latest": privileged'):
        pod(name="b", more={"securityContext": {"privileged": True}})
    told: list[str] = []
    with store.acting(User("jane"), told):
        pod(name="c")
    assert told[0].startswith('would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false')
    with pytest.raises(ApiError, match="must be one of privileged, baseline, restricted"):
        _update_labels(store, enforce="none")


CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "privileged": st.booleans(),
        "runAsNonRoot": st.booleans(),
        "runAsUser": st.integers(0, 2),
        "allowPrivilegeEscalation": st.booleans(),
        "capabilities": st.fixed_dictionaries({}, optional={"add": st.just(["NET_RAW"]), "drop": st.just(["ALL"])}),
        "seccompProfile": st.fixed_dictionaries({"type": st.sampled_from(["RuntimeDefault", "Unconfined"])}),
        "procMount": st.sampled_from(["Default", "Unmasked"]),
    },
)


@given(st.lists(CONTEXTS, min_size=1, max_size=3), CONTEXTS, st.booleans(), st.integers(0, NEWEST + 2))
def test_what_restricted_allows_baseline_allows(
    contexts: list[Manifest], own: Manifest, host: bool, minor: int
) -> None:
    containers = [{"name": f"c{i}", "securityContext": context} for i, context in enumerate(contexts)]
    spec = {"containers": containers, "securityContext": own, "hostNetwork": host}
    if not findings("restricted", minor, {}, spec):
        assert not findings("baseline", minor, {}, spec)
    assert not findings("privileged", minor, {}, spec)


def test_protected_namespaces_and_missing_ones(store: ObjectStore) -> None:
    with pytest.raises(ApiError, match='namespaces "default" is forbidden: this namespace may not be deleted'):
        store.delete("Namespace", "", "default")
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "none"}}
    with pytest.raises(ApiError, match='namespaces "none" not found'):
        store.create(body, manager="m")


def test_policies_that_nothing_evaluates_are_refused(store: ObjectStore) -> None:
    api = "admissionregistration.k8s.io/v1"
    policy = {"apiVersion": api, "kind": "MutatingAdmissionPolicy", "metadata": {"name": "a"}, "spec": {}}
    with pytest.raises(ApiError, match="does not evaluate mutating admission policies"):
        store.create(policy, manager="m")
    spec = {"policyName": "a", "validationActions": ["Deny"], "paramRef": {"selector": {}}}
    bound = {"apiVersion": api, "kind": "ValidatingAdmissionPolicyBinding", "metadata": {"name": "a"}, "spec": spec}
    with pytest.raises(ApiError, match="not by a selector"):
        store.create(bound, manager="m")


def test_who_writes_is_known_inside_and_forgotten_outside(store: ObjectStore) -> None:
    assert store.writer.user.name == "system:apiserver"
    with store.acting(controller("job-controller")):
        assert store.writer.user.name == "system:serviceaccount:kube-system:job-controller"
        with store.acting(User("jane")):
            assert store.writer.user.name == "jane"
        assert store.writer.user.name.endswith("job-controller")
    assert store.writer.user.name == "system:apiserver"


def test_a_world_is_copied_by_pickle() -> None:
    world = World("hotel", seed=3)
    for _ in world.ticks(10):
        pass
    copied = pickle.loads(pickle.dumps(world))
    assert copied.cluster.objects("Pod") == world.cluster.objects("Pod")


def test_a_node_is_tainted_until_it_is_found_ready(store: ObjectStore) -> None:
    made = store.create({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}, manager="m")
    assert made["spec"]["taints"] == [{"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}]


def test_an_apply_of_nothing_but_a_name_meets_admission(store: ObjectStore) -> None:
    bare = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "none"}}
    with pytest.raises(ApiError, match='namespaces "none" not found'):
        store.apply(bare, manager="m")
    made, new = store.apply({**bare, "metadata": {"name": "a", "namespace": "default"}}, manager="m")
    assert (made["metadata"]["name"], new) == ("a", True)
