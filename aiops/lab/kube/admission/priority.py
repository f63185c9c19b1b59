"""Priority: a pod's class becomes its priority."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource

_PREEMPTS = "PreemptLowerPriority"
_GIVEN = "must not be provided in pod spec; priority admission controller computed"
_FROM = "from the given PriorityClass name"


class Priority(Plugin):
    """As the plug-in of this name does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation in ("CREATE", "UPDATE") and resource.shelf in ("Pod", "PriorityClass") and not subresource

    def admit(self, request: Attributes) -> None:
        if request.resource.kind != "Pod":
            return
        spec = request.new["spec"]
        if request.old is not None:
            for field in ("priority", "preemptionPolicy"):
                if field not in spec and field in request.old["spec"]:
                    spec[field] = request.old["spec"][field]
            return
        name, value, policy = self._established(request, spec.get("priorityClassName", ""))
        if name:
            spec["priorityClassName"] = name
        if spec.get("priority", value) != value:
            why = f"the integer value of priority ({spec['priority']}) {_GIVEN} {value} {_FROM}"
            raise request.forbidden(why)
        spec["priority"] = value
        given = spec.get("preemptionPolicy", policy)
        if given != policy:
            why = f"the string value of PreemptionPolicy ({given}) {_GIVEN} {policy} {_FROM}"
            raise request.forbidden(why)
        spec["preemptionPolicy"] = policy

    def validate(self, request: Attributes) -> None:
        if request.resource.kind == "PriorityClass" and request.new.get("globalDefault"):
            known = self._default()
            if known is not None and (request.old is None or known["metadata"]["name"] != request.name):
                name = known["metadata"]["name"]
                why = f"PriorityClass {name} is already marked as default. Only one default can exist"
                raise request.forbidden(why)

    def _established(self, request: Attributes, name: str) -> tuple[str, int, str]:
        """The class's name, value and preemption policy."""
        found = self._cluster.find("PriorityClass", "", name) if name else self._default()
        if found is None:
            if name:
                raise request.forbidden(f"no PriorityClass with name {name} was found")
            return "", 0, _PREEMPTS
        return found["metadata"]["name"], found["value"], found.get("preemptionPolicy", _PREEMPTS)

    def _default(self) -> Manifest | None:
        """The class of pods that name none: of several the lowest."""
        marked = [item for item in self._cluster.objects("PriorityClass") if item.get("globalDefault")]
        return min(marked, key=lambda item: int(item["value"]), default=None)
