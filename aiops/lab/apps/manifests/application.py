"""Every object of an application, in an order in which they can be created."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.apps.access import access_manifests
from aiops.lab.apps.certificates import tls_secrets
from aiops.lab.apps.manifests.cluster import namespace, node, priority_class, storage_class
from aiops.lab.apps.manifests.dns import dns_config
from aiops.lab.apps.manifests.guards import autoscaler, disruption_budget
from aiops.lab.apps.manifests.parts import bare
from aiops.lab.apps.manifests.services import ingresses, service
from aiops.lab.apps.manifests.settings import config_maps, secrets, settings_of
from aiops.lab.apps.manifests.workloads import workload_objects
from aiops.lab.apps.model import CLUSTER_NAMESPACES, Application
from aiops.lab.apps.policies import network_policies


def manifests(application: Application, now: float, seed: int) -> list[Manifest]:
    """Every object of an application. Certificates count from `now` (unix seconds)."""
    objects = [namespace(name) for name in sorted({*CLUSTER_NAMESPACES, *application.namespaces})]
    objects += [node(one) for one in application.nodes]
    objects.append(storage_class())
    objects += [priority_class(name, value) for name, value in application.priorities.items()]
    objects += secrets(application)
    objects += tls_secrets(application, now, seed)
    objects += config_maps(application)
    objects.append(dns_config())
    for name, workload in application.workloads.items():
        place = application.namespace_of(name)
        objects.append(bare("v1", "ServiceAccount", place, workload.service_account or name))
        objects += settings_of(name, place, workload)
    objects += access_manifests(application)
    objects += network_policies(application)
    for name in application.workloads:
        objects += _running(application, name)
    return objects + ingresses(application)


def _running(application: Application, name: str) -> list[Manifest]:
    """A workload with its Service and what guards it."""
    workload = application.workloads[name]
    program, place = application.programs[workload.program], application.namespace_of(name)
    made: list[Manifest] = []
    if program.port and workload.kind in ("Deployment", "StatefulSet", "DaemonSet"):
        made.append(service(place, name, workload, program))
    made += workload_objects(application, name)
    if workload.autoscaler is not None:
        made.append(autoscaler(place, name, workload.kind, workload.autoscaler))
    if workload.disruption_budget is not None:
        made.append(disruption_budget(place, name, workload.disruption_budget))
    return made
