"""Which share of users' requests relies on a workload, on a Service, on one call: followed down the calls."""

from __future__ import annotations

from collections import defaultdict

from aiops.core.entity import Edge, Entity
from aiops.lab.apps.expected import Callgraph, Place
from aiops.lab.apps.model import CLUSTER_NAMESPACES, Application, Route

WRITTEN = "written"
_MISSES = 0.2
"""The share of the calls behind a cache that are taken to be made."""


def reliance(application: Application) -> dict[str, float]:
    """The share of users' requests (0 to 1; about, where a request takes several ways there) that fail where this
    answers nothing, by what it is: `Deployment/shop/items`, `Service/shop/items`, a call `Deployment/shop/web ->
    Service/shop/items`, and the variable that its address is in, `Deployment/shop/web ITEMS_ADDRESS`; of a claim, those
    that go through its disk, and, with ` written` behind its name, those that write there.

    Every workload of the application's own namespaces is in it; of calls that their caller goes on without, and of
    messages, the share is 0."""
    graph = Callgraph(application)
    found: dict[str, float] = defaultdict(float)
    shares: dict[Place, float] = defaultdict(float)
    for name in application.workloads:
        if application.namespace_of(name) in CLUSTER_NAMESPACES:
            continue
        found[str(_workload(application, name))] = found[str(_service(application, name))] = 0.0
    for operation in application.operations:
        shares[application.entry_of(operation), operation.route] += operation.share
    for place in graph.ordered():
        share, caller = min(shares[place], 1.0), _workload(application, place[0])
        found[str(caller)] += share
        found[str(_service(application, place[0]))] += share
        program = application.programs[application.workloads[place[0]].program]
        for claim in _claims(application, place[0]):
            found[str(claim)] += share * _uses_disk(program.routes[place[1]])
            found[f"{claim} {WRITTEN}"] += share * _writes(program.routes[place[1]])
        for call in (call for stage in program.routes[place[1]].calls for call in stage):
            reached = graph.target(place[0], call)
            through = 0.0 if call.optional or call.topic else share * call.probability * (_MISSES if call.cache else 1)
            shares[reached, call.route] += through
            for called in (_service(application, reached), _workload(application, reached)):
                found[str(Edge(source=caller, target=called))] += through
            found[f"{caller} {call.to}"] += through
    return {name: min(share, 1.0) for name, share in found.items()}


def _workload(application: Application, name: str) -> Entity:
    kind = application.workloads[name].kind
    return Entity(kind=kind, namespace=application.namespace_of(name), name=name)


def _claims(application: Application, name: str) -> list[Entity]:
    """The claims that the pods of a workload mount."""
    workload, namespace = application.workloads[name], application.namespace_of(name)
    volumes = [volume for volume, wanted in workload.volumes.items() if wanted.claim and not wanted.host]
    names = [f"{name}-{volume}" for volume in volumes]
    if workload.kind == "StatefulSet":
        names = [f"{volume}-{name}-{number}" for volume in volumes for number in range(workload.replicas)]
    return [Entity(kind="PersistentVolumeClaim", namespace=namespace, name=claim) for claim in names]


def _uses_disk(route: Route) -> bool:
    return bool(route.read_bytes) or _writes(route)


def _writes(route: Route) -> bool:
    return bool(route.written_bytes or route.stored_bytes)


def _service(application: Application, name: str) -> Entity:
    service = application.workloads[name].service or name
    return Entity(kind="Service", namespace=application.namespace_of(name), name=service)
