"""Small good objects of each kind that something acts on, from which odd ones are made."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]

_LABELS = {"app": "web"}
_SELECTOR = {"matchLabels": _LABELS}
_CONTAINER = {
    "name": "app",
    "image": "app:1",
    "ports": [{"name": "http", "containerPort": 80}],
    "resources": {"requests": {"cpu": "10m"}},
    "env": [{"name": "A", "valueFrom": {"configMapKeyRef": {"name": "configmap", "key": "a"}}}],
}
_POD = {"containers": [_CONTAINER]}
_TEMPLATE = {"metadata": {"labels": _LABELS}, "spec": _POD}
_ONCE = {"template": {"metadata": {"labels": _LABELS}, "spec": {**_POD, "restartPolicy": "Never"}}}
_SPACE = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
_TARGET = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "deployment"}
_USE = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}}}
_RBAC = "rbac.authorization.k8s.io"
_RULES = {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}
_NAMES = {"kind": "Odd", "plural": "odds"}
_VERSION = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
_OPERATIONS = [{"apiGroups": ["example.com"], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["odds"]}]

BODIES: dict[str, tuple[str, Body]] = {
    "Namespace": ("v1", {"spec": {}}),
    "Node": ("v1", {"spec": {}}),
    "Pod": ("v1", {"metadata": {"labels": _LABELS}, "spec": _POD}),
    "ReplicationController": ("v1", {"spec": {"replicas": 1, "selector": _LABELS, "template": _TEMPLATE}}),
    "Deployment": ("apps/v1", {"spec": {"replicas": 2, "selector": _SELECTOR, "template": _TEMPLATE}}),
    "ReplicaSet": ("apps/v1", {"spec": {"replicas": 2, "selector": _SELECTOR, "template": _TEMPLATE}}),
    "StatefulSet": (
        "apps/v1",
        {
            "spec": {
                "replicas": 2,
                "serviceName": "web",
                "selector": _SELECTOR,
                "template": _TEMPLATE,
                "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": _SPACE}],
            }
        },
    ),
    "DaemonSet": ("apps/v1", {"spec": {"selector": _SELECTOR, "template": _TEMPLATE}}),
    "ControllerRevision": ("apps/v1", {"revision": 1, "data": {"a": 1}}),
    "Job": ("batch/v1", {"spec": {"completions": 2, "parallelism": 1, "ttlSecondsAfterFinished": 5, **_ONCE}}),
    "CronJob": ("batch/v1", {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": _ONCE}}}),
    "Service": ("v1", {"spec": {"selector": _LABELS, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}}),
    "Endpoints": ("v1", {"subsets": [{"addresses": [{"ip": "10.0.0.9"}], "ports": [{"port": 80}]}]}),
    "EndpointSlice": (
        "discovery.k8s.io/v1",
        {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.9"]}], "ports": [{"port": 80}]},
    ),
    "HorizontalPodAutoscaler": (
        "autoscaling/v2",
        {"spec": {"scaleTargetRef": _TARGET, "minReplicas": 1, "maxReplicas": 4, "metrics": [_USE]}},
    ),
    "PodDisruptionBudget": ("policy/v1", {"spec": {"selector": _SELECTOR, "minAvailable": 1}}),
    "PersistentVolumeClaim": ("v1", {"spec": _SPACE}),
    "PersistentVolume": (
        "v1",
        {"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], "hostPath": {"path": "/x"}}},
    ),
    "StorageClass": ("storage.k8s.io/v1", {"provisioner": "rancher.io/local-path"}),
    "ResourceQuota": ("v1", {"spec": {"hard": {"pods": "50"}}}),
    "LimitRange": ("v1", {"spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}}]}}),
    "ConfigMap": ("v1", {"data": {"a": "1"}}),
    "Secret": ("v1", {"data": {"a": "YQ=="}}),
    "ServiceAccount": ("v1", {}),
    "Ingress": (
        "networking.k8s.io/v1",
        {"spec": {"defaultBackend": {"service": {"name": "service", "port": {"number": 80}}}}},
    ),
    "NetworkPolicy": (
        "networking.k8s.io/v1",
        {"spec": {"podSelector": _SELECTOR, "ingress": [{"from": [{"podSelector": _SELECTOR}]}]}},
    ),
    "Role": (f"{_RBAC}/v1", _RULES),
    "ClusterRole": (f"{_RBAC}/v1", _RULES),
    "RoleBinding": (
        f"{_RBAC}/v1",
        {
            "roleRef": {"apiGroup": _RBAC, "kind": "Role", "name": "role"},
            "subjects": [{"kind": "ServiceAccount", "name": "default", "namespace": "default"}],
        },
    ),
    "PriorityClass": ("scheduling.k8s.io/v1", {"value": 5}),
    "RuntimeClass": ("node.k8s.io/v1", {"handler": "runc"}),
    "Lease": ("coordination.k8s.io/v1", {"spec": {"holderIdentity": "a", "leaseDurationSeconds": 40}}),
    "Event": (
        "v1",
        {"involvedObject": {"kind": "Pod", "namespace": "default", "name": "x"}, "reason": "Odd", "type": "Normal"},
    ),
    "CustomResourceDefinition": (
        "apiextensions.k8s.io/v1",
        {"spec": {"group": "example.com", "names": _NAMES, "scope": "Namespaced", "versions": [_VERSION]}},
    ),
    "APIService": (
        "apiregistration.k8s.io/v1",
        {"spec": {"group": "odd.example.com", "version": "v1", "groupPriorityMinimum": 5, "versionPriority": 5}},
    ),
    "ValidatingAdmissionPolicy": (
        "admissionregistration.k8s.io/v1",
        {"spec": {"matchConstraints": {"resourceRules": _OPERATIONS}, "validations": [{"expression": "true"}]}},
    ),
    "FlowSchema": ("flowcontrol.apiserver.k8s.io/v1", {"spec": {"priorityLevelConfiguration": {"name": "x"}}}),
    "VolumeAttachment": (
        "storage.k8s.io/v1",
        {"spec": {"attacher": "a", "nodeName": "node-0", "source": {"persistentVolumeName": "x"}}},
    ),
}

NAMES = {"CustomResourceDefinition": "odds.example.com", "APIService": "v1.odd.example.com"}
"""Those of kinds whose names follow from their bodies; others are named for their kind."""
