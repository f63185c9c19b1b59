"""The pods of a workload: one container with its settings, resources, probes and volumes."""

from __future__ import annotations

from math import ceil
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.cluster import ACCELERATOR
from aiops.lab.apps.manifests.dns import dns_container, dns_volume
from aiops.lab.apps.manifests.parts import bare, config_key, labels_of, port_name
from aiops.lab.apps.model import Application, Program, Taint, Volume, Workload


def pod_template(application: Application, name: str) -> Manifest:
    """The template of a workload's pods."""
    workload = application.workloads[name]
    spec: Manifest = {
        "serviceAccountName": workload.service_account or name,
        "terminationGracePeriodSeconds": 30,
        "containers": [_container(name, workload, application.programs[workload.program])],
    }
    spec |= _placement(name, workload)
    if application.programs[workload.program].role == "dns":
        spec["volumes"] = [*spec.get("volumes", []), dns_volume()]
        spec["containers"][0] |= dns_container()
    return {"metadata": {"labels": labels_of(application, name)}, "spec": spec}


def claim(namespace: str, name: str, volume: Volume) -> Manifest:
    """A PersistentVolumeClaim; a template of one where no namespace is given."""
    made = bare("v1", "PersistentVolumeClaim", namespace, name)
    made["spec"] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": volume.size}}}
    if volume.storage_class:
        made["spec"]["storageClassName"] = volume.storage_class
    return made


def _placement(name: str, workload: Workload) -> Manifest:
    """Where the pods may run, how important they are, and their volumes; only what the workload says."""
    spread = {
        "maxSkew": 1,
        "topologyKey": workload.spread,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": {"app": name}},
    }
    made: Manifest = {
        "priorityClassName": workload.priority,
        "nodeSelector": dict(workload.node_selector),
        "tolerations": [_toleration(taint) for taint in workload.tolerations],
        "topologySpreadConstraints": [spread] if workload.spread else [],
        "volumes": _volumes(name, workload),
    }
    return {key: value for key, value in made.items() if value}


def _toleration(taint: Taint) -> dict[str, str]:
    if taint.value:
        return {"key": taint.key, "operator": "Equal", "value": taint.value, "effect": taint.effect}
    return {"key": taint.key, "operator": "Exists", "effect": taint.effect}


def _volumes(name: str, workload: Workload) -> list[dict[str, Any]]:
    """The pods' volumes; a StatefulSet makes those of its claims itself."""
    made: list[dict[str, Any]] = []
    for volume, wanted in workload.volumes.items():
        if wanted.host:
            made.append({"name": volume, "hostPath": {"path": wanted.path, "type": "Directory"}})
        elif not wanted.claim:
            made.append({"name": volume, "emptyDir": {"sizeLimit": wanted.size}})
        elif workload.kind != "StatefulSet":
            made.append({"name": volume, "persistentVolumeClaim": {"claimName": f"{name}-{volume}"}})
    return made


def _container(name: str, workload: Workload, program: Program) -> Manifest:
    limits, serves = workload.resources, bool(program.port) and not workload.command
    gpus = {ACCELERATOR: str(workload.accelerators)} if workload.accelerators else {}
    made: Manifest = {
        "name": name,
        "image": f"{program.image}:{workload.version}",
        "imagePullPolicy": "IfNotPresent",
        "command": list(workload.command),
        "ports": _container_ports(program) if serves else [],
        "env": _environment(name, workload),
        "resources": {
            "requests": {"cpu": limits.cpu_request, "memory": limits.memory_request, **gpus},
            "limits": {"cpu": limits.cpu_limit, "memory": limits.memory_limit, **gpus},
        },
        "volumeMounts": [{"name": v, "mountPath": volume.path} for v, volume in workload.volumes.items()],
        **(_probes(program) if serves else {}),
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
    if program.role in ("store", "queue") or program.protocol not in ("http", "dns"):
        check = {"tcpSocket": {"port": port_name(program)}}
        return {"readinessProbe": {**check, **ready}, "livenessProbe": {**check, **alive}}
    live_port, ready_port = {"gateway": (10254, 10254), "dns": (8080, 8181)}.get(program.role, ("http", "http"))
    live_path, ready_path = program.health_paths[0], program.health_paths[-1]
    return {
        "readinessProbe": {"httpGet": {"path": ready_path, "port": ready_port, "scheme": "HTTP"}, **ready},
        "livenessProbe": {"httpGet": {"path": live_path, "port": live_port, "scheme": "HTTP"}, **alive},
    }
