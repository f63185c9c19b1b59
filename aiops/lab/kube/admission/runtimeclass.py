"""RuntimeClass: a pod takes over its runtime's overhead and the nodes that have it."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource


class RuntimeClass(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation == "CREATE" and resource.shelf == "Pod" and not subresource

    def admit(self, request: Attributes) -> None:
        spec = request.new["spec"]
        runtime = self._runtime(request, spec)
        overhead = _overhead(runtime)
        if overhead:
            if spec.get("overhead") and spec["overhead"] != overhead:
                raise request.forbidden("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
            spec["overhead"] = dict(overhead)
        scheduling = (runtime or {}).get("scheduling") or {}
        _select_nodes(request, spec, scheduling.get("nodeSelector") or {})
        given = spec.get("tolerations") or []
        more = [item for item in scheduling.get("tolerations") or () if item not in given]
        if more:
            spec["tolerations"] = [*given, *more]

    def validate(self, request: Attributes) -> None:
        spec = request.new["spec"]
        overhead = _overhead(self._runtime(request, spec))
        if overhead and spec.get("overhead") != overhead:
            raise request.forbidden("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
        if not overhead and spec.get("overhead") is not None:
            why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"
            raise request.forbidden(why)

    def _runtime(self, request: Attributes, spec: dict[str, Any]) -> Manifest | None:
        name = spec.get("runtimeClassName")
        if name is None:
            return None
        found = self._cluster.find("RuntimeClass", "", name)
        if found is None:
            raise request.forbidden(f'pod rejected: RuntimeClass "{name}" not found')
        return found


def _overhead(runtime: Manifest | None) -> dict[str, Any]:
    return ((runtime or {}).get("overhead") or {}).get("podFixed") or {}


def _select_nodes(request: Attributes, spec: dict[str, Any], wanted: dict[str, str]) -> None:
    if not wanted:
        return
    given = spec.get("nodeSelector") or {}
    for key, value in wanted.items():
        if given.get(key, value) != value:
            theirs, own = f"runtimeClass.scheduling.nodeSelector[{key}] = {value}", f"pod.spec.nodeSelector[{key}]"
            raise request.forbidden(f"conflict: {theirs}; {own} = {given[key]}")
    spec["nodeSelector"] = {**given, **wanted}
