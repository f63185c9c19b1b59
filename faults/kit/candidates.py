"""Objects that are worth breaking: those that serve somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.errors import ConfigurationError
from aiops.core.target import Target

_ADDRESS = re.compile(r"(?<![\w.-])([a-z](?:[a-z0-9.-]*[a-z0-9])?):\d{1,5}(?!\d)")


async def serving(target: Target, kind: str, namespace: str) -> list[Entity]:
    """Services with ready endpoints or Deployments with available pods, sorted by name."""
    if kind == "Service":
        return await _services(target, namespace)
    if kind == "Deployment":
        return [Entity.of(deployment) for deployment in await deployments_in_use(target, namespace)]
    raise ConfigurationError(f"no candidates are known for kind {kind}")


async def needed_calls(target: Target, namespace: str) -> list[Edge]:
    """Calls of Deployments to Services that their environment names as `HOST:PORT`, sorted.

    Only callers all of whose addresses are Services here: of another one we could not say what it needs.
    """
    services = {service.name: service for service in await _services(target, namespace)}
    config = await _config(target, namespace)
    edges = []
    for deployment in await deployments_in_use(target, namespace):
        called = sorted({service_name(host, namespace) for host in _hosts(deployment, config)})
        if all(name in services for name in called):
            edges += [Edge(source=Entity.of(deployment), target=services[name]) for name in called]
    return edges


async def calls_here(target: Target, namespace: str) -> list[Edge]:
    """Every call of Deployments to Services in use of the same namespace, sorted, wherever else they call."""
    services = {service.name: service for service in await _services(target, namespace)}
    config = await _config(target, namespace)
    return [
        Edge(source=Entity.of(deployment), target=services[name])
        for deployment in await deployments_in_use(target, namespace)
        for name in sorted({service_name(host, namespace) for host in _hosts(deployment, config)})
        if name in services
    ]


async def callers(target: Target, namespace: str) -> list[Entity]:
    """Deployments in use whose environment names a Service here, sorted by name."""
    services = {service.name for service in await _services(target, namespace)}
    config = await _config(target, namespace)
    return [
        Entity.of(deployment)
        for deployment in await deployments_in_use(target, namespace)
        if any(service_name(host, namespace) in services for host in _hosts(deployment, config))
    ]


async def _config(target: Target, namespace: str) -> dict[str, dict[str, str]]:
    return {item["metadata"]["name"]: item.get("data") or {} for item in await target.list("ConfigMap", namespace)}


async def _services(target: Target, namespace: str) -> list[Entity]:
    ready = {
        slice_["metadata"].get("labels", {}).get("kubernetes.io/service-name")
        for slice_ in await target.list("EndpointSlice", namespace)
        for endpoint in slice_.get("endpoints") or ()
        if endpoint.get("conditions", {}).get("ready")
    }
    found = [
        Entity.of(service)
        for service in await target.list("Service", namespace)
        if service["spec"].get("selector") and service["metadata"]["name"] in ready
    ]
    return sorted(found, key=str)


async def addresses(target: Target, namespace: str) -> dict[Entity, list[str]]:
    """The hosts that the environment of each Deployment in use names with a port, sorted."""
    config = await _config(target, namespace)
    deployments = await deployments_in_use(target, namespace)
    return {Entity.of(deployment): sorted(set(_hosts(deployment, config))) for deployment in deployments}


async def deployments_in_use(target: Target, namespace: str) -> list[Manifest]:
    """Deployments with available pods, by name."""
    found = [
        item for item in await target.list("Deployment", namespace) if item.get("status", {}).get("availableReplicas")
    ]
    return sorted(found, key=lambda item: str(item["metadata"]["name"]))


def _hosts(deployment: Manifest, config: dict[str, dict[str, str]]) -> Iterator[str]:
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        for variable in container.get("env") or ():
            yield from _ADDRESS.findall(_value(variable, config))


def _value(variable: Manifest, config: dict[str, dict[str, str]]) -> str:
    reference = (variable.get("valueFrom") or {}).get("configMapKeyRef")
    if reference:
        return config.get(reference["name"], {}).get(reference["key"], "")
    return str(variable.get("value") or "")


def service_name(host: str, namespace: str) -> str:
    """`geo`, `geo.hotel` and `geo.hotel.svc.cluster.local` are `geo` in namespace hotel; other hosts stay."""
    name, _, rest = host.partition(".")
    return name if rest in ("", namespace, f"{namespace}.svc", f"{namespace}.svc.cluster.local") else host
