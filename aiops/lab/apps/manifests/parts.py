"""What the makers of manifests share: the head of an object, labels, names of ports and keys."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.apps.model import Application, Program

DNS_LABELS = {"k8s-app": "kube-dns"}
"""By which the cluster's DNS is chosen, whatever answers there: by policies, dashboards, people."""


def bare(api_version: str, kind: str, namespace: str, name: str) -> Manifest:
    """An object with nothing but its name; no namespace where it is empty."""
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def labels_of(application: Application, name: str) -> dict[str, str]:
    """The labels of a workload and its pods."""
    workload, place = application.workloads[name], application.namespace_of(name)
    program = application.programs[workload.program]
    return {
        "app": name,
        **(DNS_LABELS if program.role == "dns" else {}),
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": program.role,
        "app.kubernetes.io/part-of": application.name if place in application.namespaces else place,
        "app.kubernetes.io/version": workload.version,
    }


def config_key(variable: str) -> str:
    """The key of a ConfigMap that holds an environment variable: `GEO_ADDR` is kept as `geo-addr`."""
    return variable.lower().replace("_", "-")


def port_name(program: Program) -> str:
    """The name of the port on which a program serves."""
    return program.protocol
