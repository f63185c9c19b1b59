"""An application's Kubernetes objects at the start, as raw manifests."""

from __future__ import annotations

import base64
from math import ceil

from aiops.core.entity import Manifest
from aiops.lab.apps.access import access_manifests
from aiops.lab.apps.certificates import tls_secrets
from aiops.lab.apps.model import Application, Node, Program, Workload
from aiops.lab.apps.policies import network_policies

CLUSTER_NAMESPACES = ("aiops", "default", "ingress-nginx", "kube-system", "monitoring")


def manifests(application: Application, now: float, seed: int) -> list[Manifest]:
    """Every object, in an order in which they can be created. Certificates count from `now` (unix seconds)."""
    objects = [_namespace(name) for name in sorted({*CLUSTER_NAMESPACES, application.namespace})]
    objects += [_node(node) for node in application.nodes]
    objects.append(_storage_class())
    objects += [_secret(application, name, values) for name, values in application.secrets.items()]
    objects += tls_secrets(application, now, seed)
    for name, data in application.configs.items():
        objects.append({**_object("v1", "ConfigMap", application.namespace, name), "data": dict(data)})
    accounts = []
    for name, workload in application.workloads.items():
        namespace = workload.namespace or application.namespace
        account = workload.service_account or name
        accounts.append(_object("v1", "ServiceAccount", namespace, account))
        if workload.config:
            config = {config_key(variable): value for variable, value in workload.config.items()}
            accounts.append({**_object("v1", "ConfigMap", namespace, f"{name}-config"), "data": config})
    objects += accounts
    objects += access_manifests(application)
    objects += network_policies(application)
    for name, workload in application.workloads.items():
        program = application.programs[workload.program]
        namespace = workload.namespace or application.namespace
        objects.append(_service(namespace, name, workload, program))
        objects.append(_deployment(application.name, namespace, name, workload, program))
    objects.append(_ingress(application))
    return objects


def config_key(variable: str) -> str:
    """The key of a ConfigMap that holds an environment variable: `GEO_ADDR` is kept as `geo-addr`."""
    return variable.lower().replace("_", "-")


def port_name(program: Program) -> str:
    """The name of the port on which a program serves."""
    return program.protocol


def _object(api_version: str, kind: str, namespace: str, name: str) -> Manifest:
    metadata: Manifest = {"name": name}
    if namespace:
        metadata["namespace"] = namespace
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def _namespace(name: str) -> Manifest:
    made = _object("v1", "Namespace", "", name)
    made["metadata"]["labels"] = {"kubernetes.io/metadata.name": name}
    return made


def _node(node: Node) -> Manifest:
    made = _object("v1", "Node", "", node.name)
    made["metadata"]["labels"] = {
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
    }
    amounts = {"cpu": f"{node.cpu:g}", "memory": f"{node.memory / 1024:.0f}Ki", "pods": "110"}
    made["spec"] = {}
    made["status"] = {
        "capacity": amounts,
        "allocatable": amounts,
        "addresses": [{"type": "InternalIP", "address": node.address}, {"type": "Hostname", "address": node.name}],
    }
    return made


def _storage_class() -> Manifest:
    """The class of claims that name none; its volumes are made on the pod's node."""
    made = _object("storage.k8s.io/v1", "StorageClass", "", "standard")
    made["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    made |= {"provisioner": "rancher.io/local-path", "reclaimPolicy": "Delete"}
    return {**made, "volumeBindingMode": "WaitForFirstConsumer"}


def _secret(application: Application, name: str, values: dict[str, str]) -> Manifest:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {**_object("v1", "Secret", application.namespace, name), "type": "Opaque", "data": data}


def _labels(part_of: str, name: str, workload: Workload, program: Program) -> dict[str, str]:
    return {
        "app": name,
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": program.role,
        "app.kubernetes.io/part-of": workload.namespace or part_of,
        "app.kubernetes.io/version": workload.version,
    }


def _service(namespace: str, name: str, workload: Workload, program: Program) -> Manifest:
    made = _object("v1", "Service", namespace, workload.service or name)
    made["metadata"]["labels"] = {"app": name, "app.kubernetes.io/name": name}
    port = port_name(program)
    ports = [{"name": port, "port": workload.service_port or program.port, "targetPort": port, "protocol": "TCP"}]
    if program.role == "dns":
        ports = [{**ports[0], "protocol": "UDP"}, {**ports[0], "name": f"{port}-tcp", "targetPort": f"{port}-tcp"}]
    made["spec"] = {"type": "ClusterIP", "selector": {"app": name}, "ports": ports}
    if workload.cluster_ip:
        made["spec"]["clusterIP"] = workload.cluster_ip
    if program.role == "gateway":
        made["spec"]["type"] = "LoadBalancer"
    return made


def _deployment(part_of: str, namespace: str, name: str, workload: Workload, program: Program) -> Manifest:
    made = _object("apps/v1", "Deployment", namespace, name)
    labels = _labels(part_of, name, workload, program)
    made["metadata"]["labels"] = labels
    made["spec"] = {
        "replicas": workload.replicas,
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 120,
        "selector": {"matchLabels": {"app": name}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
        "template": {
            "metadata": {"labels": dict(labels)},
            "spec": {
                "serviceAccountName": workload.service_account or name,
                "terminationGracePeriodSeconds": 30,
                "containers": [_container(name, workload, program)],
            },
        },
    }
    return made


def _container(name: str, workload: Workload, program: Program) -> Manifest:
    limits = workload.resources
    made: Manifest = {
        "name": name,
        "image": f"{program.image}:{workload.version}",
        "imagePullPolicy": "IfNotPresent",
        "ports": _container_ports(program),
        "env": _environment(name, workload),
        "resources": {
            "requests": {"cpu": limits.cpu_request, "memory": limits.memory_request},
            "limits": {"cpu": limits.cpu_limit, "memory": limits.memory_limit},
        },
        **_probes(program),
    }
    return {key: value for key, value in made.items() if value != []}


def _container_ports(program: Program) -> list[Manifest]:
    name = port_name(program)
    if program.role == "dns":
        return [
            {"name": name, "containerPort": program.port, "protocol": "UDP"},
            {"name": f"{name}-tcp", "containerPort": program.port, "protocol": "TCP"},
        ]
    return [{"name": name, "containerPort": program.port, "protocol": "TCP"}]


def _environment(name: str, workload: Workload) -> list[Manifest]:
    made: list[Manifest] = [{"name": variable, "value": value} for variable, value in workload.env.items()]
    for variable in workload.config:
        reference = {"configMapKeyRef": {"name": f"{name}-config", "key": config_key(variable)}}
        made.append({"name": variable, "valueFrom": reference})
    for variable, secret in workload.secrets.items():
        made.append({"name": variable, "valueFrom": {"secretKeyRef": {"name": secret.secret, "key": secret.key}}})
    return made


def _probes(program: Program) -> dict[str, Manifest]:
    delay = ceil(program.startup_seconds)
    ready: Manifest = {"initialDelaySeconds": delay, "periodSeconds": 5, "timeoutSeconds": 2, "failureThreshold": 3}
    alive: Manifest = {**ready, "initialDelaySeconds": delay + 10, "periodSeconds": 10}
    if program.role == "store":
        check = {"tcpSocket": {"port": port_name(program)}}
        return {"readinessProbe": {**check, **ready}, "livenessProbe": {**check, **alive}}
    live_port, ready_port = {"gateway": (10254, 10254), "dns": (8080, 8181)}.get(program.role, ("http", "http"))
    live_path, ready_path = program.health_paths[0], program.health_paths[-1]
    return {
        "readinessProbe": {"httpGet": {"path": ready_path, "port": ready_port, "scheme": "HTTP"}, **ready},
        "livenessProbe": {"httpGet": {"path": live_path, "port": live_port, "scheme": "HTTP"}, **alive},
    }


def _ingress(application: Application) -> Manifest:
    made = _object("networking.k8s.io/v1", "Ingress", application.namespace, application.name)
    entry = application.workloads[application.entry]
    service = {
        "name": entry.service or application.entry,
        "port": {"name": port_name(application.programs[entry.program])},
    }
    paths = sorted({operation.path for operation in application.operations})
    rules = [{"path": path, "pathType": "Prefix", "backend": {"service": service}} for path in paths]
    tls = [{"hosts": [application.host], "secretName": application.tls.secret}]
    made["spec"] = {
        "ingressClassName": "nginx",
        "tls": tls,
        "rules": [{"host": application.host, "http": {"paths": rules}}],
    }
    return made
