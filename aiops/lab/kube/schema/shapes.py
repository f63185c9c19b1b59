"""The JSON types of well-known fields, so that a body of another shape is refused before anybody reads it."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.errors import ApiError, bad_request

_TYPES: dict[str, type] = {
    **dict.fromkeys(("metadata", "spec", "template", "roleRef", "podSelector", "involvedObject"), dict),
    **dict.fromkeys(
        ("httpGet", "tcpSocket", "exec", "valueFrom", "configMap", "secret", "projected", "affinity"), dict
    ),
    **dict.fromkeys(("labels", "annotations", "matchLabels", "nodeSelector", "selector", "strategy"), dict),
    **dict.fromkeys(("rollingUpdate", "livenessProbe", "readinessProbe", "startupProbe", "requests"), dict),
    **dict.fromkeys(("data", "stringData", "binaryData"), dict),
    **dict.fromkeys(("containers", "initContainers", "env", "envFrom", "ports", "volumes", "volumeMounts"), list),
    **dict.fromkeys(("tolerations", "taints", "subjects", "rules", "verbs", "apiGroups", "resourceNames"), list),
    **dict.fromkeys(("nonResourceURLs", "matchExpressions", "ownerReferences", "finalizers", "subsets"), list),
    **dict.fromkeys(("ingress", "egress", "from", "to", "policyTypes", "sources", "items"), list),
    **dict.fromkeys(("replicas", "periodSeconds", "timeoutSeconds", "initialDelaySeconds", "minReadySeconds"), int),
    **dict.fromkeys(("failureThreshold", "successThreshold", "containerPort", "nodePort"), int),
    **dict.fromkeys(("terminationGracePeriodSeconds", "progressDeadlineSeconds", "revisionHistoryLimit"), int),
    **dict.fromkeys(("image", "name", "namespace", "key", "mountPath", "subPath", "fieldPath"), str),
    **dict.fromkeys(("nodeName", "serviceAccountName", "clusterIP", "restartPolicy"), str),
}
_OBJECT_LISTS = ("containers", "initContainers", "env", "envFrom", "ports", "volumes", "volumeMounts", "tolerations",
                 "taints", "subjects", "rules", "matchExpressions", "ownerReferences", "sources")  # fmt: skip
_TEXT_MAPS = ("labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData", "binaryData")
_OPEN = ("status", "managedFields", "limits", "requests")
"""Not looked into: keys there are anybody's, or the system's own."""


def check_shape(value: Any, path: str = "") -> None:
    """Raise 400 for the first well-known field that has another type than it has in Kubernetes; null is allowed."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            check_shape(item, f"{path}[{index}]")
    if not isinstance(value, dict):
        return
    for name, item in value.items():
        where = f"{path}.{name}" if path else name
        if item is None or name in _OPEN:
            continue
        wanted = _TYPES.get(name)
        if wanted is not None and (not isinstance(item, wanted) or (wanted is int and isinstance(item, bool))):
            raise _wrong(where, item, wanted.__name__)
        if name in _OBJECT_LISTS and not all(isinstance(entry, dict) for entry in item):
            raise _wrong(where, item, "list of objects")
        if name in _TEXT_MAPS and not (name == "data" and value.get("kind") == "ControllerRevision"):
            if not all(isinstance(entry, str) for entry in item.values()):
                raise _wrong(where, item, "map of strings")
        else:
            check_shape(item, where)


def _wrong(path: str, value: Any, wanted: str) -> ApiError:
    return bad_request(
        f"error decoding the body: cannot unmarshal {type(value).__name__} into field {path} of type {wanted}"
    )
