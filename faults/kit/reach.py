"""What users wait for: the calls on the way of their requests."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Edge, Entity, Manifest
from aiops.core.target import Target
from aiops.faults.kit.candidates import calls_here
from aiops.faults.kit.workloads import template_labels

UNAWAITED = ("memcached", "redis", "amqp", "kafka")
"""Names of the ports of caches, without which a caller mostly goes on, and of queues, which are worked off later."""


async def waited_for(target: Target, namespace: str) -> list[Edge]:
    """Calls from Deployments to Services that users wait for, sorted: all on the ways that start at what an Ingress
    leads to, but for those to caches and queues."""
    services = {str(Entity.of(item)): item for item in await target.list("Service", namespace)}
    behind = await _behind(target, namespace, services)
    calls = [call for call in await calls_here(target, namespace) if _awaited(services[str(call.target)])]
    reached = {name for ingress in await target.list("Ingress", namespace) for name in _backends(ingress)}
    waiting = {deployment for name in reached for deployment in behind.get(f"Service/{namespace}/{name}", ())}
    while more := {
        deployment for call in calls if call.source in waiting for deployment in behind[str(call.target)]
    }.difference(waiting):
        waiting |= more
    return [call for call in calls if call.source in waiting]


async def answering(target: Target, namespace: str) -> list[Entity]:
    """The Services that users wait for, sorted by name."""
    return sorted({call.target for call in await waited_for(target, namespace)}, key=str)


async def waiting(target: Target, namespace: str) -> list[Entity]:
    """The Deployments that users wait for and that wait for others, sorted by name."""
    return sorted({call.source for call in await waited_for(target, namespace)}, key=str)


async def _behind(target: Target, namespace: str, services: dict[str, Manifest]) -> dict[str, set[Entity]]:
    """The Deployments whose pods each Service selects."""
    deployments = await target.list("Deployment", namespace)
    return {
        name: {
            Entity.of(item)
            for item in deployments
            if (wanted := service["spec"].get("selector") or {}) and wanted.items() <= template_labels(item).items()
        }
        for name, service in services.items()
    }


def _awaited(service: Manifest) -> bool:
    return all(port.get("name") not in UNAWAITED for port in service["spec"].get("ports") or ())


def _backends(ingress: Manifest) -> Iterator[str]:
    for rule in ingress["spec"].get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield path["backend"]["service"]["name"]
