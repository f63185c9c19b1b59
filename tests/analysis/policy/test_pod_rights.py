"""Which differences between two pod templates change what the pods may do, and which do not."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.analysis.policy.pod_rights import gained_rights, other_rights


def template(container: dict[str, Any] | None = None, annotations: dict[str, str] | None = None, **spec: Any) -> Any:
    metadata = {"labels": {"app": "a"}, "annotations": annotations}
    return {"metadata": metadata, "spec": {"containers": [{"name": "a", "image": "a:1", **(container or {})}], **spec}}


HOST = {"name": "v", "hostPath": {"path": "/"}}
TOKEN = {"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "t", "audience": "vault"}}]}}
GUARDED: list[tuple[Any, list[str]]] = [
    (template(serviceAccountName="admin"), ["serviceAccountName"]),
    (template(serviceAccount="admin"), ["serviceAccountName"]),
    (template(automountServiceAccountToken=False), ["automountServiceAccountToken"]),
    (template(hostPID=True, hostNetwork=True, hostIPC=True), ["hostIPC", "hostNetwork", "hostPID"]),
    (template(hostUsers=False), ["hostUsers"]),
    (template(hostAliases=[{"ip": "10.0.0.1", "hostnames": ["db"]}]), ["hostAliases"]),
    (template(shareProcessNamespace=True), ["shareProcessNamespace"]),
    (template(runtimeClassName="kata"), ["runtimeClassName"]),
    (template(securityContext={"runAsUser": 0}), ["securityContext"]),
    (template({"securityContext": {"privileged": True}}), ["containers[a].securityContext"]),
    (template({"securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}), ["containers[a].securityContext"]),
    (
        template(initContainers=[{"name": "i", "securityContext": {"privileged": True}}]),
        ["initContainers[i].securityContext"],
    ),
    (template({"ports": [{"containerPort": 80, "hostPort": 80}]}), ["containers[a].ports[80].hostPort"]),
    (template({"volumeDevices": [{"name": "d", "devicePath": "/dev/x"}]}), ["containers[a].volumeDevices"]),
    (template(volumes=[HOST]), ["volumes[v]"]),
    (template(volumes=[{"name": "v", "csi": {"driver": "secrets-store.csi.k8s.io"}}]), ["volumes[v]"]),
    (template(volumes=[TOKEN]), ["volumes[v]"]),
    (template(annotations={"vault.hashicorp.com/role": "admin"}), ["metadata[vault.hashicorp.com/role]"]),
    (
        template(annotations={"container.apparmor.security.beta.kubernetes.io/a": "unconfined"}),
        ["metadata[container.apparmor.security.beta.kubernetes.io/a]"],
    ),
]


@pytest.mark.parametrize(("other", "fields"), GUARDED, ids=[fields[0] for _, fields in GUARDED])
def test_a_field_that_gives_or_takes_rights_is_named_both_ways(other: Any, fields: list[str]) -> None:
    assert other_rights(template(), other) == fields
    assert other_rights(other, template()) == fields
    assert other_rights(other, other) == []


def test_a_volume_of_the_node_in_another_container_is_named() -> None:
    mounted = template({"volumeMounts": [{"name": "v", "mountPath": "/host"}]}, volumes=[HOST])
    assert other_rights(template(volumes=[HOST]), mounted) == ["containers[a].volumeMounts[/host]"]


@pytest.mark.parametrize(
    "other",
    [
        template({"image": "a:2", "env": [{"name": "X", "value": "1"}], "resources": {"limits": {"cpu": "1"}}}),
        template({"readinessProbe": {"exec": {"command": ["ls"]}}, "securityContext": {}}),
        template(nodeSelector={"disk": "ssd"}, hostname="a", volumes=[{"name": "c", "configMap": {"name": "c"}}]),
        template(hostPID=False, hostUsers=True, automountServiceAccountToken=True, serviceAccountName="default"),
        template(annotations={"kubectl.kubernetes.io/restartedAt": "now"}, securityContext={}),
    ],
)
def test_other_fields_and_defaults_change_no_rights(other: Any) -> None:
    assert other_rights(template(), other) == []


BARE = template()
CONFINED = {"runAsNonRoot": True, "allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@pytest.mark.parametrize(
    ("now", "wanted", "fields"),
    [
        (template({"ports": [{"containerPort": 80, "hostPort": 80}]}), BARE, []),
        (BARE, template({"ports": [{"containerPort": 80, "hostPort": 80}]}), ["containers[a].ports[80].hostPort"]),
        (template(hostNetwork=True, hostPID=True), BARE, []),
        (template(hostUsers=False), BARE, ["hostUsers"]),
        (template(volumes=[HOST]), BARE, []),
        (template(serviceAccountName="admin"), BARE, ["serviceAccountName"]),
        (template(automountServiceAccountToken=False), BARE, ["automountServiceAccountToken"]),
        (template({"securityContext": {"privileged": True, "runAsUser": 0}}), BARE, []),
        (template({"securityContext": CONFINED}), BARE, ["containers[a].securityContext"]),
        (
            template({"securityContext": {**CONFINED, "capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}}}),
            template({"securityContext": CONFINED}),
            [],
        ),
        (template(securityContext={"runAsUser": 0}), template(securityContext={"runAsUser": 1000}), []),
        (template(securityContext={"fsGroup": 1}), BARE, ["securityContext"]),
    ],
)
def test_what_is_only_given_up_needs_nobody(now: Any, wanted: Any, fields: list[str]) -> None:
    assert gained_rights(now, wanted) == fields
