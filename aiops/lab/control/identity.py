"""Who a controller is to the API server: each has a service account of its own."""

from __future__ import annotations

from aiops.lab.control.controller import Controller
from aiops.lab.kube.access.user import API_SERVER, User, component, controller
from aiops.lab.kube.objects import Key

_ACCOUNTS = {
    "CronJobController": "cronjob-controller",
    "DaemonSetController": "daemon-set-controller",
    "DefaultAccounts": "service-account-controller",
    "DeploymentController": "deployment-controller",
    "DisruptionController": "disruption-controller",
    "EndpointSliceController": "endpointslice-controller",
    "EndpointSliceMirroringController": "endpointslicemirroring-controller",
    "EndpointsController": "endpoint-controller",
    "FinishedJobs": "ttl-after-finished-controller",
    "GarbageCollector": "generic-garbage-collector",
    "HorizontalController": "horizontal-pod-autoscaler",
    "JobController": "job-controller",
    "LocalPathProvisioner": "local-path-provisioner",
    "NamespaceController": "namespace-controller",
    "NodeLifecycleController": "node-controller",
    "PersistentVolumeBinder": "persistent-volume-binder",
    "PodGarbageCollector": "pod-garbage-collector",
    "PvProtectionController": "pv-protection-controller",
    "PvcProtectionController": "pvc-protection-controller",
    "RootAuthority": "root-ca-cert-publisher",
    "StatefulSetController": "statefulset-controller",
    "TaintEvictionController": "taint-eviction-controller",
}
"""The accounts in kube-system by class."""

_USERS = {name: controller(account) for name, account in _ACCOUNTS.items()} | {
    "EventExpiry": API_SERVER,  # in Kubernetes the store itself forgets Events
    "Scheduler": component("kube-scheduler"),
}


def user_of(each: Controller, key: Key) -> User:
    """The user in whose name a controller looks at an object: its own `user(key)` where it has one.

    Raises KeyError for a controller that nobody has given an account."""
    own = getattr(each, "user", None)
    return own(key) if own is not None else _USERS[type(each).__name__]
