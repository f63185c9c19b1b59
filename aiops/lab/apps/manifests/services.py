"""Services, and the Ingresses through which users come."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.parts import DNS_LABELS, bare, port_name
from aiops.lab.apps.model import Application, Operation, Program, Workload


def service(namespace: str, name: str, workload: Workload, program: Program) -> Manifest:
    """The Service in front of a workload's pods."""
    made = bare("v1", "Service", namespace, workload.service or name)
    made["metadata"]["labels"] = {"app": name, "app.kubernetes.io/name": name}
    port = port_name(program)
    ports = [{"name": port, "port": workload.service_port or program.port, "targetPort": port, "protocol": "TCP"}]
    if program.role == "dns":
        made["metadata"]["labels"] |= {**DNS_LABELS, "kubernetes.io/cluster-service": "true"}
        ports = [{**ports[0], "protocol": "UDP"}, {**ports[0], "name": f"{port}-tcp", "targetPort": f"{port}-tcp"}]
    made["spec"] = {"type": "ClusterIP", "selector": {"app": name}, "ports": ports}
    if workload.cluster_ip:
        made["spec"]["clusterIP"] = workload.cluster_ip
    if program.role == "gateway":
        made["spec"]["type"] = "LoadBalancer"
    return made


def ingresses(application: Application) -> list[Manifest]:
    """One Ingress for each namespace in which an operation's entry lies; the first bears the application's name."""
    places: dict[str, list[Operation]] = {}
    for operation in application.operations:
        places.setdefault(application.namespace_of(application.entry_of(operation)), []).append(operation)
    names = {place: application.name if place == application.namespace else place for place in places}
    return [_ingress(application, names[place], place, operations) for place, operations in places.items()]


def _ingress(application: Application, name: str, place: str, operations: list[Operation]) -> Manifest:
    made = bare("networking.k8s.io/v1", "Ingress", place, name)
    hosts = sorted({application.host_of(operation) for operation in operations})
    rules = []
    for host in hosts:
        entries = {o.path: application.entry_of(o) for o in operations if application.host_of(o) == host}
        rules.append({"host": host, "http": {"paths": [_path(application, p, entries[p]) for p in sorted(entries)]}})
    made["spec"] = {
        "ingressClassName": "nginx",
        "tls": [{"hosts": hosts, "secretName": application.tls.secret}],
        "rules": rules,
    }
    return made


def _path(application: Application, path: str, entry: str) -> Manifest:
    workload = application.workloads[entry]
    port = {"name": port_name(application.programs[workload.program])}
    return {
        "path": path,
        "pathType": "Prefix",
        "backend": {"service": {"name": workload.service or entry, "port": port}},
    }
