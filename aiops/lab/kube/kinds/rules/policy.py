"""PodDisruptionBudgets and PriorityClasses."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden, invalid_value, not_supported
from aiops.lab.kube.kinds.checks.labels import label_selector
from aiops.lab.kube.kinds.checks.numbers import at_most_hundred_percent, count_or_percent
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules

_EVICTION = ("AlwaysAllow", "IfHealthyBudget")
_HIGHEST = 1_000_000_000
_PREEMPTION = ("PreemptLowerPriority", "Never")
_SYSTEM = {"system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000}


@rules("PodDisruptionBudget")
class BudgetRules(Rules):
    """As `ValidatePodDisruptionBudgetSpec`."""

    def default(self, new: Manifest) -> None:
        new.setdefault("spec", {})

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = dict.fromkeys(("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"), 0)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
        if least is not None and most is not None:
            shown = {"MinAvailable": least, "Selector": spec.get("selector"), "MaxUnavailable": most,
                     "UnhealthyPodEvictionPolicy": spec.get("unhealthyPodEvictionPolicy")}  # fmt: skip
            yield invalid_value("spec", shown, "minAvailable and maxUnavailable cannot be both set")
        for field, value in (("minAvailable", least), ("maxUnavailable", most)):
            if value is not None:
                yield from count_or_percent(value, f"spec.{field}")
                yield from at_most_hundred_percent(value, f"spec.{field}")
        yield from label_selector(spec.get("selector"), "spec.selector")
        policy = spec.get("unhealthyPodEvictionPolicy")
        if policy is not None and policy not in _EVICTION:
            yield not_supported("spec.unhealthyPodEvictionPolicy", policy, _EVICTION)


@rules("PriorityClass")
class PriorityClassRules(Rules):
    """As `ValidatePriorityClass`: names that begin with `system-` are the system's own."""

    def default(self, new: Manifest) -> None:
        new.setdefault("preemptionPolicy", "PreemptLowerPriority")
        new.setdefault("value", 0)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        name, value = new["metadata"]["name"], new["value"]
        if name.startswith("system-"):
            if _SYSTEM.get(name) != value:
                why = (
                    "priority class names with 'system-' prefix are reserved for system use only. error: "
                    f"{_system_error(name)}"
                )
                yield forbidden("metadata.name", why)
        elif value > _HIGHEST:
            why = f"maximum allowed value of a user defined priority is {_HIGHEST}"
            yield forbidden("value", why)
        if new["preemptionPolicy"] not in _PREEMPTION:
            yield not_supported("preemptionPolicy", new["preemptionPolicy"], _PREEMPTION)

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        if new["value"] != old.get("value", 0):
            yield forbidden("value", "may not be changed in an update.")
        if new["preemptionPolicy"] != old.get("preemptionPolicy", "PreemptLowerPriority"):
            yield invalid_value("preemptionPolicy", new["preemptionPolicy"], "field is immutable")


def _system_error(name: str) -> str:
    if name in _SYSTEM:
        return f"value of {name} PriorityClass must be {_SYSTEM[name]}"
    return f"{name} is not a known system priority class"
