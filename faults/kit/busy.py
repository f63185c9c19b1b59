"""Workloads on the way of users' requests: what goes wrong with them is felt."""

from __future__ import annotations

from collections import defaultdict

from aiops.core.entity import Entity, Manifest
from aiops.core.errors import AiopsError
from aiops.core.quantity import parse_quantity
from aiops.core.target import Target
from aiops.faults.kit.candidates import addresses, deployments_in_use
from aiops.faults.kit.workloads import containers, template_labels

SERVING = ("http", "https", "grpc")
_DATABASES = ("mongodb", "postgresql", "mysql")
"""Names of ports, as manifests have them."""

_PARTLY, _MOSTLY = 0.5, 0.85
"""The share of the mean CPU of all workloads of a kind from which on one counts as busy: services, databases."""


async def services_in_use(target: Target, namespace: str) -> list[Manifest]:
    """Deployments that answer requests of users or of others, and are not idle; by name."""
    asked = await _asked(target, namespace)
    found = [
        deployment
        for deployment in await deployments_in_use(target, namespace)
        if serves_as(deployment, SERVING) and any(_selected(selector, deployment) for selector in asked[namespace])
    ]
    return await _busy(target, found, _PARTLY)


async def databases_in_use(target: Target, namespace: str) -> list[Manifest]:
    """Deployments and StatefulSets of databases that workloads of the namespace use, wherever they are; by name."""
    asked = await _asked(target, namespace)
    found = [
        {**item, "kind": kind}
        for place in sorted(asked)
        for kind in ("Deployment", "StatefulSet")
        for item in await target.list(kind, place)
        if item.get("status", {}).get("readyReplicas")
        and serves_as(item, _DATABASES)
        and any(_selected(selector, item) for selector in asked[place])
    ]
    return await _busy(target, sorted(found, key=lambda item: str(item["metadata"]["name"])), _MOSTLY)


async def services_with_database(target: Target, namespace: str) -> list[Manifest]:
    """Those of `services_in_use` whose environment names a database; by name."""
    places = {
        (place, service["metadata"]["name"])
        for place in sorted({each["metadata"]["namespace"] for each in await databases_in_use(target, namespace)})
        for service in await target.list("Service", place)
        if any(port.get("name") in _DATABASES for port in service["spec"]["ports"])
    }
    named = await addresses(target, namespace)
    return [
        service
        for service in await services_in_use(target, namespace)
        if any(_place(host, namespace) in places for host in named[Entity.of(service)])
    ]


def serves_as(workload: Manifest, names: tuple[str, ...]) -> bool:
    """Whether a workload has a port of one of these names."""
    return any(port.get("name") in names for container in containers(workload) for port in container.get("ports") or ())


def entities(workloads: list[Manifest]) -> list[Entity]:
    return [Entity.of(workload) for workload in workloads]


async def _asked(target: Target, namespace: str) -> dict[str, list[dict[str, str]]]:
    """The selectors of Services that the environment of workloads names, or an Ingress, by namespace."""
    names = {(namespace, name) for name in await _behind_ingresses(target, namespace)}
    for hosts in (await addresses(target, namespace)).values():
        names |= {_place(host, namespace) for host in hosts}
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for place in sorted({place for place, _ in names}):
        for service in await target.list("Service", place):
            if (place, service["metadata"]["name"]) in names and service["spec"].get("selector"):
                found[place].append(service["spec"]["selector"])
    return found


def _place(host: str, namespace: str) -> tuple[str, str]:
    """(namespace, Service) of a host."""
    name, _, rest = host.partition(".")
    return rest.partition(".")[0] or namespace, name


async def _behind_ingresses(target: Target, namespace: str) -> set[str]:
    return {
        path["backend"]["service"]["name"]
        for ingress in await target.list("Ingress", namespace)
        for rule in ingress["spec"].get("rules") or ()
        for path in (rule.get("http") or {}).get("paths") or ()
        if "service" in path["backend"]
    }


def _selected(selector: dict[str, str], workload: Manifest) -> bool:
    return selector.items() <= template_labels(workload).items()


async def _busy(target: Target, workloads: list[Manifest], share: float) -> list[Manifest]:
    """Those that use at least this share of the mean CPU; all, where nobody measures it."""
    used = [await cores_of(target, workload) for workload in workloads]
    least = share * sum(used) / len(used) if used else 0.0
    return [workload for workload, cores in zip(workloads, used, strict=True) if cores >= least]


async def cores_of(target: Target, workload: Manifest) -> float:
    """What the pods of a workload use now, in cores."""
    wanted = (workload["spec"]["selector"].get("matchLabels") or {}).items()
    try:
        measured = await target.list("PodMetrics", workload["metadata"]["namespace"])
    except AiopsError:
        return 0.0
    return sum(
        parse_quantity(container["usage"]["cpu"])
        for pod in measured
        if wanted <= (pod["metadata"].get("labels") or {}).items()
        for container in pod["containers"]
    )
