"""The NetworkPolicies that an application starts with: services talk inside the namespace, a store to its clients."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.apps.model import Application


def network_policies(application: Application) -> list[Manifest]:
    """One policy for the services, and one for each data store that names its clients."""
    inside: Manifest = {"podSelector": {}}
    gateway: Manifest = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}
    made = [
        _policy(application, "services", {"app.kubernetes.io/component": "service"}, [{"from": [inside, gateway]}]),
    ]
    for name, workload in application.workloads.items():
        if workload.clients:
            peers = [{"podSelector": {"matchLabels": {"app": client}}} for client in workload.clients]
            port = application.programs[workload.program].port
            rule = {"from": peers, "ports": [{"port": port, "protocol": "TCP"}]}
            made.append(_policy(application, name, {"app": name}, [rule]))
    return made


def _policy(application: Application, name: str, selector: dict[str, str], ingress: list[Manifest]) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": application.namespace},
        "spec": {"podSelector": {"matchLabels": selector}, "policyTypes": ["Ingress"], "ingress": ingress},
    }
