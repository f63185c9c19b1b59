"""Deployments, ReplicaSets, StatefulSets, DaemonSets and ReplicationControllers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import IMMUTABLE, forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import dns_label
from aiops.lab.kube.kinds.checks.labels import in_go_order, is_empty, label_selector
from aiops.lab.kube.kinds.checks.numbers import (
    at_most_hundred_percent,
    count_field,
    count_or_percent,
    is_zero,
)
from aiops.lab.kube.kinds.podspec.defaults import claim_spec, template
from aiops.lab.kube.kinds.podspec.spec import pod_template
from aiops.lab.kube.kinds.podspec.warnings import pod_warnings
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules
from aiops.lab.kube.kinds.rules.storage import claim_spec_problems
from aiops.lab.kube.selectors import matches_selector

Spec = dict[str, Any]

_HISTORY = 10
_GENERATION = "deprecated.daemonset.template.generation"
_SET_MUTABLE = ("replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
                "persistentVolumeClaimRetentionPolicy", "minReadySeconds")  # fmt: skip
_SET_FORBIDDEN = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)


def selected_template(spec: Spec, kind: str, unreadable: str = "invalid label selector") -> Iterator[Cause]:
    """The selector, and the template that it must match; `unreadable` is said of a selector that cannot be read."""
    selector = spec.get("selector")
    path = "spec.selector"
    if selector is None:
        yield required(path)
    else:
        wrong = list(label_selector(selector, path))
        yield from wrong
        if is_empty(selector):
            yield invalid_value(path, selector, f"empty selector is invalid for {kind}")
        if wrong:
            yield invalid_value(path, in_go_order(selector), unreadable)
            return
    yield from template_labels(spec)
    yield from pod_template(spec.get("template"), "spec.template")


def template_labels(spec: Spec) -> Iterator[Cause]:
    """Do the labels of the template match the selector? Without one nothing matches."""
    selector = spec.get("selector")
    metadata = (spec.get("template") or {}).get("metadata") or {}
    found = metadata.get("labels")
    matches = selector is not None and (is_empty(selector) or matches_selector(selector, found or {}))
    if not matches:
        why = "`selector` does not match template `labels`"
        yield invalid_value("spec.template.metadata.labels", found, why)


def long_running(spec: Spec, kind: str) -> Iterator[Cause]:
    """Pods that are to run for ever."""
    pod = (spec.get("template") or {}).get("spec") or {}
    if pod.get("restartPolicy") != "Always":
        yield not_supported("spec.template.spec.restartPolicy", pod.get("restartPolicy", ""), ("Always",))
    if pod.get("activeDeadlineSeconds") is not None:
        where = "spec.template.spec.activeDeadlineSeconds"
        yield forbidden(where, f"activeDeadlineSeconds in {kind} is not Supported")


def same_selector(new: Manifest, old: Manifest) -> Iterator[Cause]:
    if new["spec"].get("selector") != old["spec"].get("selector"):
        yield invalid_value("spec.selector", new["spec"].get("selector"), IMMUTABLE)


class _Workload(Rules, ABC):
    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        self.default_spec(spec)
        template(spec)

    @abstractmethod
    def default_spec(self, spec: Spec) -> None:
        """What the spec says where it says nothing, its template left aside."""

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {}

    def warnings(self, new: Manifest) -> Iterator[str]:
        return pod_warnings((new["spec"].get("template") or {}).get("spec") or {}, "spec.template")


@rules("Deployment")
class DeploymentRules(_Workload):
    """As `ValidateDeploymentSpec`."""

    def default_spec(self, spec: Spec) -> None:
        spec.setdefault("replicas", 1)
        strategy = spec.setdefault("strategy", {})
        if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
            rolling = strategy.get("rollingUpdate") or {}
            strategy["rollingUpdate"] = {"maxUnavailable": "25%", "maxSurge": "25%"} | rolling
        spec.setdefault("revisionHistoryLimit", _HISTORY)
        spec.setdefault("progressDeadlineSeconds", 600)

    def counts_change(self, new: Manifest, old: Manifest) -> bool:
        """Annotations count, too: they are copied to ReplicaSets."""
        before, now = old["metadata"].get("annotations") or {}, new["metadata"].get("annotations") or {}
        return new.get("spec") != old.get("spec") or now != before

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        yield from count_field(spec, "replicas", "spec")
        yield from selected_template(spec, "deployment")
        yield from long_running(spec, "ReplicaSet")
        yield from _deployment_strategy(spec["strategy"], "spec.strategy")
        for field in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
            yield from count_field(spec, field, "spec")
        deadline = spec.get("progressDeadlineSeconds")
        if deadline is not None and deadline <= spec.get("minReadySeconds", 0):
            yield invalid_value("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        yield from same_selector(new, old)

    def validate_status(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from _replica_status(new.get("status") or {}, ("updatedReplicas", "readyReplicas", "availableReplicas"))


def _deployment_strategy(strategy: Spec, path: str) -> Iterator[Cause]:
    kind, rolling = strategy.get("type"), strategy.get("rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            yield forbidden(f"{path}.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'")
    elif kind == "RollingUpdate":
        most, surge = (rolling or {}).get("maxUnavailable"), (rolling or {}).get("maxSurge")
        yield from count_or_percent(most, f"{path}.rollingUpdate.maxUnavailable")  # type: ignore[arg-type]
        yield from count_or_percent(surge, f"{path}.rollingUpdate.maxSurge")  # type: ignore[arg-type]
        if is_zero(most) and is_zero(surge):
            yield invalid_value(f"{path}.rollingUpdate.maxUnavailable", most, "may not be 0 when `maxSurge` is 0")
        yield from at_most_hundred_percent(most, f"{path}.rollingUpdate.maxUnavailable")
    else:
        shown = {"Type": kind, "RollingUpdate": None}
        yield not_supported(path, shown, ("Recreate", "RollingUpdate"))


def _replica_status(status: Spec, parts: tuple[str, ...]) -> Iterator[Cause]:
    for field in ("observedGeneration", "replicas", *parts):
        yield from count_field(status, field, "status")
    total = status.get("replicas", 0)
    for field in parts:
        if status.get(field, 0) > total:
            yield invalid_value(f"status.{field}", status[field], "cannot be greater than status.replicas")
    if status.get("availableReplicas", 0) > status.get("readyReplicas", 0):
        yield invalid_value("status.availableReplicas", status["availableReplicas"],
                            "cannot be greater than readyReplicas")  # fmt: skip


@rules("ReplicaSet")
class ReplicaSetRules(_Workload):
    """As `ValidateReplicaSetSpec`."""

    def default_spec(self, spec: Spec) -> None:
        spec.setdefault("replicas", 1)

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {"replicas": 0}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        yield from count_field(spec, "replicas", "spec")
        yield from count_field(spec, "minReadySeconds", "spec")
        yield from selected_template(spec, "deployment")
        yield from long_running(spec, "ReplicaSet")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from self.validate(new)
        yield from same_selector(new, old)

    def validate_status(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        parts = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
        yield from _replica_status(new.get("status") or {}, parts)


@rules("StatefulSet")
class StatefulSetRules(_Workload):
    """As `ValidateStatefulSetSpec`."""

    name_format = staticmethod(dns_label)

    def default_spec(self, spec: Spec) -> None:
        spec.setdefault("podManagementPolicy", "OrderedReady")
        strategy = spec.setdefault("updateStrategy", {})
        if not strategy.get("type"):
            strategy["type"] = "RollingUpdate"
            strategy.setdefault("rollingUpdate", {})
        if strategy["type"] == "RollingUpdate" and strategy.get("rollingUpdate") is not None:
            strategy["rollingUpdate"].setdefault("partition", 0)
        retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
        retention.setdefault("whenDeleted", "Retain")
        retention.setdefault("whenScaled", "Retain")
        spec.setdefault("replicas", 1)
        spec.setdefault("revisionHistoryLimit", _HISTORY)
        spec.setdefault("serviceName", "")
        for claim in spec.get("volumeClaimTemplates") or ():
            claim.setdefault("apiVersion", "v1")
            claim.setdefault("kind", "PersistentVolumeClaim")
            claim_spec(claim.setdefault("spec", {}))
            claim["status"] = {"phase": "Pending"}

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        _without_unavailable(new)
        new["status"] = {"replicas": 0, "availableReplicas": 0}

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        _without_unavailable(new)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        yield from _set_strategy(spec)
        for index, claim in enumerate(spec.get("volumeClaimTemplates") or ()):
            yield from claim_spec_problems(claim.get("spec") or {}, f"spec.volumeClaimTemplates[{index}].spec")
        yield from self._rest(spec)

    def _rest(self, spec: Spec) -> Iterator[Cause]:
        for field in ("replicas", "minReadySeconds"):
            yield from count_field(spec, field, "spec")
        if spec.get("ordinals"):
            yield from count_field(spec["ordinals"], "start", "spec.ordinals")
        if spec.get("serviceName"):
            for why in dns_label(spec["serviceName"]):
                yield invalid_value("spec.serviceName", spec["serviceName"], why)
        yield from selected_template(_with_claims(spec), "statefulset", "")
        yield from long_running(spec, "StatefulSet")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from _set_strategy(new["spec"])
        yield from self._rest(new["spec"])
        if _fixed(new["spec"]) != _fixed(old["spec"]):
            yield forbidden("spec", _SET_FORBIDDEN)

    def validate_status(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        parts = ("readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas")
        yield from _replica_status(new.get("status") or {}, parts)


def _without_unavailable(new: Manifest) -> None:
    """The field belongs to a feature that is off."""
    rolling = new["spec"]["updateStrategy"].get("rollingUpdate")
    if rolling:
        rolling.pop("maxUnavailable", None)


def _set_strategy(spec: Spec) -> Iterator[Cause]:
    policy, strategy = spec["podManagementPolicy"], spec["updateStrategy"]
    if policy not in ("OrderedReady", "Parallel"):
        yield invalid_value("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'")
    path, rolling = "spec.updateStrategy", strategy.get("rollingUpdate")
    if strategy["type"] == "OnDelete":
        if rolling is not None:
            shown = {"Partition": rolling.get("partition", 0), "MaxUnavailable": rolling.get("maxUnavailable")}
            yield invalid_value(f"{path}.rollingUpdate", shown, "only allowed for updateStrategy 'RollingUpdate'")
    elif strategy["type"] == "RollingUpdate":
        yield from count_field(rolling or {}, "partition", f"{path}.rollingUpdate")
    else:
        shown = {"Type": strategy["type"], "RollingUpdate": None}
        yield invalid_value(path, shown, "must be 'RollingUpdate' or 'OnDelete'")
    for field in ("whenDeleted", "whenScaled"):
        value = spec["persistentVolumeClaimRetentionPolicy"].get(field)
        if value not in ("Retain", "Delete"):
            yield not_supported(f"spec.persistentVolumeClaimRetentionPolicy.{field}", value, ("Retain", "Delete"))


def _with_claims(spec: Spec) -> Spec:
    """The spec as its pods will have it: each claim's template is a volume."""
    claims = [(claim.get("metadata") or {}).get("name", "") for claim in spec.get("volumeClaimTemplates") or ()]
    if not claims:
        return spec
    template = spec.get("template") or {}
    pod = template.get("spec") or {}
    made = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in claims]
    own = [volume for volume in pod.get("volumes") or () if volume.get("name") not in claims]
    return {**spec, "template": {**template, "spec": {**pod, "volumes": [*made, *own]}}}


def _fixed(spec: Spec) -> Spec:
    return {key: value for key, value in spec.items() if key not in _SET_MUTABLE}


@rules("DaemonSet")
class DaemonSetRules(_Workload):
    """As `ValidateDaemonSetSpec`; the generation of the template is kept in an annotation."""

    def default_spec(self, spec: Spec) -> None:
        strategy = spec.setdefault("updateStrategy", {})
        if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
            rolling = strategy.get("rollingUpdate") or {}
            strategy["rollingUpdate"] = {"maxUnavailable": 1, "maxSurge": 0} | rolling
        spec.setdefault("revisionHistoryLimit", _HISTORY)

    def default(self, new: Manifest) -> None:
        super().default(new)
        # The field of the first versions lives on in an annotation that every write carries.
        metadata = new.setdefault("metadata", {})
        metadata["annotations"] = {_GENERATION: "0", **(metadata.get("annotations") or {})}

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = dict.fromkeys(
            ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"), 0
        )
        given = (new["metadata"].get("annotations") or {}).get(_GENERATION, "")
        _count_template(new, int(given) if given.isdecimal() and int(given) else 1)

    def prepare_update(self, new: Manifest, old: Manifest, reader: Reader) -> None:
        before = (old["metadata"].get("annotations") or {}).get(_GENERATION, "1")
        changed = new["spec"].get("template") != old["spec"].get("template")
        _count_template(new, int(before) + changed)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        selector = spec.get("selector")
        if selector is None:
            yield required("spec.selector")
        else:
            wrong = list(label_selector(selector, "spec.selector"))
            yield from wrong
            if not wrong:
                yield from template_labels(spec)
            if is_empty(selector):
                yield invalid_value("spec.selector", selector, "empty selector is invalid for daemonset")
        yield from pod_template(spec.get("template"), "spec.template")
        yield from long_running(spec, "DaemonSet")
        yield from count_field(spec, "minReadySeconds", "spec")
        yield from _daemon_strategy(spec["updateStrategy"], "spec.updateStrategy")
        yield from count_field(spec, "revisionHistoryLimit", "spec")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from same_selector(new, old)
        yield from self.validate(new)


def _count_template(new: Manifest, generation: int) -> None:
    annotations = new["metadata"].get("annotations") or {}
    new["metadata"]["annotations"] = {**annotations, _GENERATION: str(generation)}


def _daemon_strategy(strategy: Spec, path: str) -> Iterator[Cause]:
    kind = strategy["type"]
    if kind == "RollingUpdate":
        where, rolling = f"{path}.rollingUpdate", strategy["rollingUpdate"]
        most, surge = rolling["maxUnavailable"], rolling["maxSurge"]
        yield from count_or_percent(most, f"{where}.maxUnavailable")
        yield from count_or_percent(surge, f"{where}.maxSurge")
        yield from at_most_hundred_percent(most, f"{where}.maxUnavailable")
        yield from at_most_hundred_percent(surge, f"{where}.maxSurge")
        if not is_zero(most) and not is_zero(surge):
            yield invalid_value(f"{where}.maxSurge", surge, "may not be set when maxUnavailable is non-zero")
        if is_zero(most) and is_zero(surge):
            yield required(f"{where}.maxUnavailable", "cannot be 0 when maxSurge is 0")
    elif kind != "OnDelete":
        yield not_supported(path, {"Type": kind, "RollingUpdate": None}, ("RollingUpdate", "OnDelete"))


@rules("ReplicationController")
class ReplicationControllerRules(_Workload):
    """The forerunner of ReplicaSets, with a plain map for a selector."""

    def default(self, new: Manifest) -> None:
        super().default(new)
        spec = new["spec"]
        labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels")
        if labels:
            spec["selector"] = spec.get("selector") or dict(labels)
            new["metadata"]["labels"] = new["metadata"].get("labels") or dict(labels)

    def default_spec(self, spec: Spec) -> None:
        spec.setdefault("replicas", 1)

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {"replicas": 0}

    def validate(self, new: Manifest) -> Iterator[Cause]:
        spec = new["spec"]
        yield from count_field(spec, "minReadySeconds", "spec")
        if not spec.get("selector"):
            yield required("spec.selector")
        yield from count_field(spec, "replicas", "spec")
        if not spec.get("template"):
            yield required("spec.template")
            return
        labels = (spec["template"].get("metadata") or {}).get("labels") or {}
        if not (spec.get("selector") or {}).items() <= labels.items():
            yield invalid_value("spec.template.metadata.labels", labels, "`selector` does not match template `labels`")
        yield from pod_template(spec["template"], "spec.template")
        yield from long_running(spec, "ReplicationController")


@rules("ControllerRevision")
class ControllerRevisionRules(Rules):
    """A past template; its data stays as it is."""

    def validate(self, new: Manifest) -> Iterator[Cause]:
        yield from count_field(new, "revision", "revision")
        if new.get("data") is None:
            yield required("data", "data is mandatory")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from count_field(new, "revision", "revision")
        if new.get("data") != old.get("data"):
            yield invalid_value("data", new.get("data"), IMMUTABLE)
