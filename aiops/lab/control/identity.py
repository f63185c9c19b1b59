"""Who a controller is to the API server: each has a service account of its own."""

from __future__ import annotations

import re
from functools import lru_cache

from aiops.lab.control.controller import Controller
from aiops.lab.kube.access.user import API_SERVER, User, component, controller
from aiops.lab.kube.objects import Key

_NAMES = {
    "DefaultAccounts": "service-account-controller",
    "RootAuthority": "root-ca-cert-publisher",
    "FinishedJobs": "ttl-after-finished-controller",
    "DaemonSetController": "daemon-set-controller",
    "EndpointsController": "endpoint-controller",
    "EndpointSliceController": "endpointslice-controller",
    "EndpointSliceMirroringController": "endpointslicemirroring-controller",
    "GarbageCollector": "generic-garbage-collector",
    "HorizontalPodAutoscalerController": "horizontal-pod-autoscaler",
    "HorizontalController": "horizontal-pod-autoscaler",
    "NodeLifecycleController": "node-controller",
    "PersistentVolumeBinder": "persistent-volume-binder",
    "PodGarbageCollector": "pod-garbage-collector",
    "ReplicationController": "replication-controller",
    "StatefulSetController": "statefulset-controller",
}
"""Where the account is called otherwise than the class."""

_SHORT = {"replica-set-controller": "replicaset-controller", "cron-job-controller": "cronjob-controller"}


def user_of(each: Controller, key: Key) -> User:
    """The user in whose name a controller looks at an object: its own `user(key)` where it has one."""
    own = getattr(each, "user", None)
    return own(key) if own is not None else _by_class(type(each).__name__)


@lru_cache(maxsize=256)
def _by_class(name: str) -> User:
    if name == "EventExpiry":
        return API_SERVER  # in Kubernetes the store itself forgets Events
    if name == "Scheduler":
        return component("kube-scheduler")
    if name in _NAMES:
        return controller(_NAMES[name])
    words = re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()
    return controller(_SHORT.get(words, words))
