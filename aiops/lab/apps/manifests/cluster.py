"""What the cluster itself is made of: namespaces, machines, the storage class, priority classes."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.parts import bare
from aiops.lab.apps.model import Node

ACCELERATOR = "nvidia.com/gpu"
"""The extended resource under which a device plugin offers accelerators."""


def namespace(name: str) -> Manifest:
    made = bare("v1", "Namespace", "", name)
    made["metadata"]["labels"] = {"kubernetes.io/metadata.name": name}
    return made


def node(machine: Node) -> Manifest:
    """A Node with its capacity; no disk or accelerators where the machine says nothing of them."""
    made = bare("v1", "Node", "", machine.name)
    made["metadata"]["labels"] = {
        "kubernetes.io/hostname": machine.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        **machine.labels,
    }
    amounts = {"cpu": f"{machine.cpu:g}", "memory": f"{machine.memory / 1024:.0f}Ki", "pods": "110"}
    if machine.disk:
        amounts["ephemeral-storage"] = f"{machine.disk / 1024:.0f}Ki"
    if machine.accelerators:
        amounts[ACCELERATOR] = str(machine.accelerators)
        made["metadata"]["labels"]["nvidia.com/gpu.product"] = machine.accelerator_model
    taints = [{k: v for k, v in taint.model_dump().items() if v} for taint in machine.taints]
    made["spec"] = {"taints": taints} if taints else {}
    made["status"] = {
        "capacity": amounts,
        "allocatable": amounts,
        "addresses": [
            {"type": "InternalIP", "address": machine.address},
            {"type": "Hostname", "address": machine.name},
        ],
    }
    return made


def storage_class() -> Manifest:
    """The class of claims that name none; its volumes are made on the pod's node."""
    made = bare("storage.k8s.io/v1", "StorageClass", "", "standard")
    made["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    made |= {"provisioner": "rancher.io/local-path", "reclaimPolicy": "Delete"}
    return {**made, "volumeBindingMode": "WaitForFirstConsumer"}


def priority_class(name: str, value: int) -> Manifest:
    extra: dict[str, Any] = {"value": value, "globalDefault": False, "preemptionPolicy": "PreemptLowerPriority"}
    return {**bare("scheduling.k8s.io/v1", "PriorityClass", "", name), **extra}
