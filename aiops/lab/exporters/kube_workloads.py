"""kube-state-metrics of everything but pods."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.exporters.samples import Metric

_STATES = ("true", "false", "unknown")


def deployment_metrics(deployment: Manifest) -> Iterator[Metric]:
    """`kube_deployment_*` of one Deployment."""
    meta, spec, status = deployment["metadata"], deployment["spec"], deployment.get("status") or {}
    labels = {"namespace": meta["namespace"], "deployment": meta["name"]}
    yield "kube_deployment_spec_replicas", labels, float(spec.get("replicas", 1))
    yield "kube_deployment_spec_paused", labels, float(bool(spec.get("paused")))
    yield "kube_deployment_metadata_generation", labels, float(meta.get("generation", 1))
    yield "kube_deployment_status_observed_generation", labels, float(status.get("observedGeneration", 0))
    yield "kube_deployment_status_replicas", labels, float(status.get("replicas", 0))
    for field in ("ready", "available", "updated", "unavailable"):
        value = float(status.get(f"{field}Replicas", 0))
        yield f"kube_deployment_status_replicas_{field}", labels, value
    for condition in status.get("conditions") or ():
        for state in _STATES:
            value = float(condition["status"].lower() == state)
            yield (
                "kube_deployment_status_condition",
                {**labels, "condition": condition["type"], "status": state},
                value,
            )


def replicaset_metrics(replicaset: Manifest) -> Iterator[Metric]:
    """`kube_replicaset_*` of one ReplicaSet."""
    meta, status = replicaset["metadata"], replicaset.get("status") or {}
    labels = {"namespace": meta["namespace"], "replicaset": meta["name"]}
    owner: Manifest = next(iter(meta.get("ownerReferences") or ()), {})
    owned = {"owner_kind": owner.get("kind", ""), "owner_name": owner.get("name", "")}
    yield "kube_replicaset_owner", {**labels, **owned}, 1.0
    yield "kube_replicaset_spec_replicas", labels, float(replicaset["spec"].get("replicas", 1))
    yield "kube_replicaset_status_ready_replicas", labels, float(status.get("readyReplicas", 0))


def endpoint_metrics(piece: Manifest) -> Iterator[Metric]:
    """`kube_endpoint_address` of one EndpointSlice, for each address and port."""
    meta = piece["metadata"]
    service = (meta.get("labels") or {}).get("kubernetes.io/service-name", "")
    labels = {"namespace": meta["namespace"], "endpoint": service}
    for endpoint in piece.get("endpoints") or ():
        ready = (endpoint.get("conditions") or {}).get("ready") is not False
        for address in endpoint["addresses"]:
            for port in piece.get("ports") or ():
                shown = {
                    "ip": address,
                    "port_name": port.get("name") or "",
                    "port_number": str(port.get("port", "")),
                    "port_protocol": port.get("protocol", "TCP"),
                    "ready": str(ready).lower(),
                }
                yield "kube_endpoint_address", {**labels, **shown}, 1.0


def service_metrics(service: Manifest) -> Iterator[Metric]:
    """`kube_service_info` of one Service."""
    meta = service["metadata"]
    labels = {"namespace": meta["namespace"], "service": meta["name"]}
    yield "kube_service_info", {**labels, "cluster_ip": service["spec"].get("clusterIP", "")}, 1.0


def node_metrics(node: Manifest) -> Iterator[Metric]:
    """`kube_node_*` of one node."""
    name, status = node["metadata"]["name"], node.get("status") or {}
    yield "kube_node_info", {"node": name}, 1.0
    yield "kube_node_spec_unschedulable", {"node": name}, float(bool((node.get("spec") or {}).get("unschedulable")))
    for condition in status.get("conditions") or ():
        for state in _STATES:
            labels = {"node": name, "condition": condition["type"], "status": state}
            yield "kube_node_status_condition", labels, float(condition["status"].lower() == state)
    for resource, amount in (status.get("allocatable") or {}).items():
        unit = {"cpu": "core", "memory": "byte"}.get(resource, "integer")
        labels = {"node": name, "resource": resource, "unit": unit}
        yield "kube_node_status_allocatable", labels, parse_quantity(amount)
