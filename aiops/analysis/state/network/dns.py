"""Where the cluster's DNS is."""

from __future__ import annotations

from aiops.analysis.state.cluster import ClusterState
from aiops.core.entity import Manifest
from aiops.core.wellknown import SYSTEM_NAMESPACE

DNS_LABEL = ("k8s-app", "kube-dns")
"""The label by which every distribution's DNS Service is found, whatever answers behind it."""

DNS_PORT = 53


def dns_service(state: ClusterState) -> Manifest | None:
    """The Service that pods ask for names."""
    key, value = DNS_LABEL
    found = state.of("Service", SYSTEM_NAMESPACE)
    labelled = [s for s in found if s["metadata"].get("labels", {}).get(key) == value]
    return next(iter(labelled or [s for s in found if _answers_names(s)]), None)


def _answers_names(service: Manifest) -> bool:
    """Does a Service take questions for names, by datagram as clients send them first?"""
    ports = service.get("spec", {}).get("ports") or []
    return any((port.get("port"), port.get("protocol")) == (DNS_PORT, "UDP") for port in ports)


def dns_workload(state: ClusterState) -> Manifest | None:
    """The workload that answers for names."""
    service = dns_service(state)
    return next(iter(state.backends(service)), None) if service else None
