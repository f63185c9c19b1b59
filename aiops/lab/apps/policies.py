"""The NetworkPolicies that an application starts with."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.apps.model import Application


def network_policies(application: Application) -> list[Manifest]:
    """The entry is reached from the gateway and from inside; data stores open no connections but for names."""
    inside: Manifest = {"podSelector": {}}
    entry = application.programs[application.workloads[application.entry].program]
    to_entry = {"from": [inside, _namespace("ingress-nginx")], "ports": [{"port": entry.port, "protocol": "TCP"}]}
    names = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    return [
        _policy(application, application.entry, {"app": application.entry}, {"ingress": [to_entry]}),
        _policy(
            application,
            "data-stores",
            {"app.kubernetes.io/component": "store"},
            {"egress": [{"to": [_namespace("kube-system")], "ports": names}]},
        ),
    ]


def _namespace(name: str) -> Manifest:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _policy(application: Application, name: str, selector: dict[str, str], rules: Manifest) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": application.namespace},
        "spec": {
            "podSelector": {"matchLabels": selector},
            "policyTypes": [direction.capitalize() for direction in rules],
            **rules,
        },
    }
