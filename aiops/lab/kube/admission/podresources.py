"""What a whole pod asks for, as `PodRequests` and `PodLimits` of the API server work it out."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.admission.quantities import Amounts, added, largest, quantities

_OF_PODS = ("cpu", "memory")


def pod_requests(spec: dict[str, Any], *, overhead: bool = False) -> Amounts:
    """Containers together, or the largest of the init containers where that is more; the pod's own figures first."""
    total = _total(spec, "requests")
    return added((total, quantities(spec.get("overhead")))) if overhead else total


def pod_limits(spec: dict[str, Any], *, overhead: bool = False) -> Amounts:
    total = _total(spec, "limits")
    if not overhead:
        return total
    more = {name: amount for name, amount in quantities(spec.get("overhead")).items() if name in total}
    return added((total, more))


def _total(spec: dict[str, Any], field: str) -> Amounts:
    total = added(_of(container, field) for container in spec.get("containers") or ())
    sidecars: Amounts = {}
    starting: Amounts = {}
    for container in spec.get("initContainers") or ():
        own = _of(container, field)
        if container.get("restartPolicy") == "Always":
            total, sidecars = added((total, own)), added((sidecars, own))
            own = sidecars
        else:
            own = added((own, sidecars))
        starting = largest(starting, own)
    total = largest(total, starting)
    own = quantities((spec.get("resources") or {}).get(field))
    return {**total, **{name: amount for name, amount in own.items() if _of_pod(name)}}


def _of_pod(name: str) -> bool:
    return name in _OF_PODS or name.startswith("hugepages-")


def _of(container: dict[str, Any], field: str) -> Amounts:
    return quantities((container.get("resources") or {}).get(field))
