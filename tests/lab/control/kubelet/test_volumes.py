"""The files that volumes put into a container."""

from __future__ import annotations

from typing import Any

import pytest

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.volumes import MountError, files_of, volumes_of

OBJECTS: dict[tuple[str, str], Manifest] = {
    ("ConfigMap", "settings"): {"kind": "ConfigMap", "data": {"MODE": "fast", "app.yaml": "a: 1"}},
    ("Secret", "keys"): {"kind": "Secret", "data": {"password": "c2VzYW1l"}},
    ("PersistentVolumeClaim", "data"): {"spec": {"volumeName": "pv-1"}, "status": {"phase": "Bound"}},
    ("PersistentVolumeClaim", "new"): {"spec": {}, "status": {"phase": "Pending"}},
}
POD: Manifest = {
    "metadata": {"name": "p", "namespace": "ns", "uid": "u", "labels": {"app": "web", "tier": 'a"b'}},
    "spec": {"nodeName": "n1", "serviceAccountName": "robot", "containers": [
        {"name": "app", "resources": {"limits": {"memory": "64Mi"}}}]},
    "status": {"podIP": "10.1.1.1", "hostIP": "172.1.1.1"},
}  # fmt: skip


class Objects:
    def find(self, kind: str, namespace: str, name: str) -> Manifest | None:
        return OBJECTS.get((kind, name)) if namespace == "ns" else None


def _files(volume: Manifest, **mount: Any) -> dict[str, str]:
    pod = {**POD, "spec": {**POD["spec"], "volumes": [{"name": "v", **volume}]}}
    return files_of(volumes_of(Objects(), pod), {"volumeMounts": [{"name": "v", "mountPath": "/etc/app/", **mount}]})


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
        ({"persistentVolumeClaim": {"claimName": "data"}}, {}, {}),
        (
            {
                "downwardAPI": {
                    "items": [
                        {"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}},
                        {"path": "memory", "resourceFieldRef": {"containerName": "app", "resource": "limits.memory"}},
                    ]
                }
            },
            {},
            {"/etc/app/labels": 'app="web"\ntier="a\\"b"', "/etc/app/memory": "67108864"},
        ),
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
        (
            {"secret": {"secretName": "keys", "items": [{"key": "x", "path": "x"}]}},
            "references non-existent secret key: x",
        ),
        ({"persistentVolumeClaim": {"claimName": "new"}}, "error processing PVC ns/new: PVC is not bound"),
        ({"persistentVolumeClaim": {"claimName": "nope"}}, 'persistentvolumeclaims "nope" not found'),
    ],
)
def test_volumes_that_cannot_be_set_up(volume: Manifest, message: str) -> None:
    with pytest.raises(MountError, match=message):
        _files(volume)
