"""LimitRanger: what containers, pods and claims may ask for, and what they get where they ask for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.access.rbac import joined
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.admission.podresources import pod_limits, pod_requests
from aiops.lab.kube.admission.quantities import ZERO, Amounts, Quantity, quantities
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import deleting

ANNOTATION = "kubernetes.io/limit-ranger"


class LimitRanger(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        if resource.shelf == "Pod":
            return (operation, subresource) in (("CREATE", ""), ("UPDATE", "resize"))
        return resource.shelf == "PersistentVolumeClaim" and operation in ("CREATE", "UPDATE") and not subresource

    def admit(self, request: Attributes) -> None:
        if request.resource.kind == "Pod" and not _ends(request):
            for limits in self._cluster.objects("LimitRange", request.namespace):
                _set_defaults(request.new, limits)

    def validate(self, request: Attributes) -> None:
        if _ends(request):
            return
        for limits in self._cluster.objects("LimitRange", request.namespace):
            pod = request.resource.kind == "Pod"
            problems = list(_pod(request.new, limits) if pod else _claim(request.new, limits))
            if problems:
                raise request.forbidden(joined(problems))


def _ends(request: Attributes) -> bool:
    return request.old is not None and deleting(request.old)


def _items(limits: Manifest, kind: str) -> list[dict[str, Any]]:
    return [item for item in limits["spec"].get("limits") or () if item.get("type") == kind]


def _set_defaults(pod: Manifest, limits: Manifest) -> None:
    """Requests and limits of containers that name none, and a note of what was set."""
    requests: dict[str, Any] = {}
    most: dict[str, Any] = {}
    for item in _items(limits, "Container"):
        requests |= item.get("defaultRequest") or {}
        most |= item.get("default") or {}
    notes: list[str] = []
    for field, title in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(field) or ():
            notes += _complete(container, title, requests, most)
    if notes:
        metadata = pod["metadata"]
        text = f"LimitRanger plugin set: {'; '.join(notes)}"
        metadata["annotations"] = {**(metadata.get("annotations") or {}), ANNOTATION: text}


def _complete(container: dict[str, Any], title: str, requests: dict[str, Any], limits: dict[str, Any]) -> Iterator[str]:
    resources = container.get("resources") or {}
    for field, word, wanted in (("requests", "request", requests), ("limits", "limit", limits)):
        given = resources.get(field) or {}
        missing = {name: value for name, value in wanted.items() if name not in given}
        if missing:
            resources = {**resources, field: {**given, **missing}}
            yield f"{', '.join(sorted(missing))} {word} for {title} {container['name']}"
    container["resources"] = resources


def _pod(pod: Manifest, limits: Manifest) -> Iterator[str]:
    spec = pod["spec"]
    for item in limits["spec"].get("limits") or ():
        if item.get("type") == "Container":
            for container in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]:
                resources = container.get("resources") or {}
                yield from _bounds(item, quantities(resources.get("requests")), quantities(resources.get("limits")))
        elif item.get("type") == "Pod":
            yield from _bounds(item, pod_requests(spec), pod_limits(spec))


def _bounds(item: dict[str, Any], requests: Amounts, limits: Amounts) -> Iterator[str]:
    kind = item["type"]
    for name, least in quantities(item.get("min")).items():
        yield from _at_least(kind, name, least, requests, limits)
    for name, most in quantities(item.get("max")).items():
        yield from _at_most(kind, name, most, requests, limits)
    for name, ratio in quantities(item.get("maxLimitRequestRatio")).items():
        yield from _within_ratio(kind, name, ratio, requests, limits)


def _at_least(kind: str, name: str, least: Quantity, requests: Amounts, limits: Amounts) -> Iterator[str]:
    start = f"minimum {name} usage per {kind} is {least}"
    if name not in requests:
        yield f"{start}.  No request is specified"
    elif requests[name].value < least.value:
        yield f"{start}, but request is {requests[name]}"
    elif name in limits and limits[name].value < least.value:
        yield f"{start}, but limit is {limits[name]}"


def _at_most(kind: str, name: str, most: Quantity, requests: Amounts, limits: Amounts) -> Iterator[str]:
    start = f"maximum {name} usage per {kind} is {most}"
    if name not in limits:
        yield f"{start}.  No limit is specified"
    elif limits[name].value > most.value:
        yield f"{start}, but limit is {limits[name]}"
    elif name in requests and requests[name].value > most.value:
        yield f"{start}, but request is {requests[name]}"


def _within_ratio(kind: str, name: str, most: Quantity, requests: Amounts, limits: Amounts) -> Iterator[str]:
    start = f"{name} max limit to request ratio per {kind} is {most}"
    request, limit = requests.get(name, ZERO).value, limits.get(name, ZERO).value
    if not request:
        yield f"{start}, but no request is specified or request is 0"
    elif not limit:
        yield f"{start}, but no limit is specified or limit is 0"
    elif limit / request > most.value:
        yield f"{start}, but provided ratio is {limit / request:.6f}"


def _claim(claim: Manifest, limits: Manifest) -> Iterator[str]:
    requests = quantities((claim["spec"].get("resources") or {}).get("requests"))
    for item in _items(limits, "PersistentVolumeClaim"):
        for name, least in quantities(item.get("min")).items():
            yield from _at_least(item["type"], name, least, requests, {})
        for name, most in quantities(item.get("max")).items():
            start = f"maximum {name} usage per {item['type']} is {most}"
            if name not in requests:
                yield f"{start}.  No request is specified"
            elif requests[name].value > most.value:
                yield f"{start}, but request is {requests[name]}"
