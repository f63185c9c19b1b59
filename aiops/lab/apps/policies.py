"""The NetworkPolicies that an application starts with."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.apps.model import Application


def network_policies(application: Application) -> list[Manifest]:
    """The entries are reached from the gateway, from inside and by monitoring; data stores open no connections but for
    names."""
    entries = dict.fromkeys([application.entry, *(application.entry_of(o) for o in application.operations)])
    stores = [name for name, w in application.workloads.items() if application.programs[w.program].role == "store"]
    return [
        *(_entry(application, name) for name in entries),
        *(_stores(place) for place in dict.fromkeys(application.namespace_of(name) for name in stores)),
    ]


def _entry(application: Application, name: str) -> Manifest:
    program = application.programs[application.workloads[name].program]
    allowed = {
        "from": [{"podSelector": {}}, _namespace("ingress-nginx"), _namespace("monitoring")],
        "ports": [{"port": program.port, "protocol": "TCP"}],
    }
    return _policy(application.namespace_of(name), name, {"app": name}, {"ingress": [allowed]})


def _stores(namespace: str) -> Manifest:
    names = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    rules = {"egress": [{"to": [_namespace("kube-system")], "ports": names}]}
    return _policy(namespace, "data-stores", {"app.kubernetes.io/component": "store"}, rules)


def _namespace(name: str) -> Manifest:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


def _policy(namespace: str, name: str, selector: dict[str, str], rules: Manifest) -> Manifest:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "podSelector": {"matchLabels": selector},
            "policyTypes": [direction.capitalize() for direction in rules],
            **rules,
        },
    }
