"""The horizontal pod autoscaler."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from aiops.core.clock import rfc3339
from aiops.core.entity import Manifest
from aiops.core.quantity import parse_quantity
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.scaling.behavior import Limits, Memory, Verdict, normalise
from aiops.lab.control.scaling.proposals import MetricError, Question, Wanted, wanted
from aiops.lab.control.scaling.usage import Tolerance
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.kinds.scale import replicas_of, scale_of, with_replicas
from aiops.lab.kube.objects import Key, key_of
from aiops.lab.kube.selectors import parse_labels, selector_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

PERIOD = 15.0
"""Seconds between two looks at an autoscaler, and until the first (`--horizontal-pod-autoscaler-sync-period`)."""

_GOT_SCALE = ("True", "SucceededGetScale", "the HPA controller was able to get the target's current scale")
_NO_SELECTOR = ("False", "InvalidSelector", "the HPA target's scale is missing a selector")
_DISABLED = ("False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero")


class _UnscalableError(Exception):
    """There is nothing to scale by that name."""


class _Target(NamedTuple):
    """The workload to scale, and its kind."""

    resource: Resource
    item: Manifest


@dataclass(slots=True)
class _Look:
    """One look at an autoscaler, and what becomes of its status."""

    hpa: Manifest
    conditions: list[dict[str, Any]]
    metrics: list[dict[str, Any]] | None = None
    current: int = 0

    @property
    def least(self) -> int:
        value = self.hpa["spec"].get("minReplicas")
        return 1 if value is None else int(value)

    @property
    def most(self) -> int:
        return int(self.hpa["spec"]["maxReplicas"])


class HorizontalController(Controller):
    """Brings the replicas of a workload to what its pods' use calls for."""

    account = "horizontal-pod-autoscaler"
    hears = ("HorizontalPodAutoscaler",)

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._events = events
        self._memories: dict[Key, Memory] = {}
        self._due: dict[Key, float] = {}

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "HorizontalPodAutoscaler" and write.type != "MODIFIED":
            yield key_of(write.new)

    def sync(self, key: Key) -> float | None:
        hpa, now = self._store.find("HorizontalPodAutoscaler", *key), self._store.now()
        if hpa is None:
            self._memories.pop(key, None)
            self._due.pop(key, None)
            return None
        due = self._due.setdefault(key, now + PERIOD)
        if now >= due:
            self._reconcile(key, hpa)
            self._due[key] = due = now + PERIOD
        return due

    def _reconcile(self, key: Key, hpa: Manifest) -> None:
        status = hpa.get("status") or {}
        look = _Look(hpa, list(status.get("conditions") or ()))
        try:
            target = self._target(hpa)
        except _UnscalableError as error:
            self._events.record(hpa, WARNING, "FailedGetScale", str(error))
            message = f"the HPA controller was unable to get the target's current scale: {error}"
            self._set(look, "AbleToScale", ("False", "FailedGetScale", message))
            self._client.update_status(hpa, {**status, **_listed(look.conditions)})
            return
        self._set(look, "AbleToScale", _GOT_SCALE)
        look.current = replicas_of(*target)
        memory = self._memories.setdefault(key, Memory([(self._store.now(), look.current)]))
        decided = self._decide(look, target, memory)
        if decided is None:
            self._write(look, int(status.get("desiredReplicas", 0)), rescaled=False)
            return
        desired, reason = decided
        rescale = desired != look.current
        if rescale and not self._rescale(look, target, desired, reason):
            self._write(look, int(status.get("desiredReplicas", 0)), rescaled=False)
            return
        if rescale:
            memory.scaled(look.current, desired, hpa["spec"].get("behavior") or {}, self._store.now())
        self._write(look, desired, rescaled=rescale)

    # ---- the target

    def _target(self, hpa: Manifest) -> _Target:
        """Raises `_UnscalableError`."""
        reference, namespace = hpa["spec"]["scaleTargetRef"], hpa["metadata"]["namespace"]
        group = reference.get("apiVersion", "").rpartition("/")[0]
        resource = next(
            (each for each in self._store.catalog if (each.group, each.kind) == (group, reference["kind"])), None
        )
        if resource is None:
            raise _UnscalableError(f'no matches for kind "{reference["kind"]}" in group "{group}"')
        if "scale" not in resource.subresources:
            raise _UnscalableError("the server could not find the requested resource")
        found = self._store.find(resource.shelf, namespace, reference["name"])
        if found is None:
            raise _UnscalableError(f'{resource.qualified} "{reference["name"]}" not found')
        return _Target(resource, found)

    def _rescale(self, look: _Look, target: _Target, desired: int, reason: str) -> bool:
        try:
            self._client.update(with_replicas(*target, desired))
        except ApiError as error:
            message = f"New size: {desired}; reason: {reason}; error: {error}"
            self._events.record(look.hpa, WARNING, "FailedRescale", message)
            failed = f"the HPA controller was unable to update the target scale: {error}"
            self._set(look, "AbleToScale", ("False", "FailedUpdateScale", failed))
            return False
        done = f"the HPA controller was able to update the target scale to {desired}"
        self._set(look, "AbleToScale", ("True", "SucceededRescale", done))
        self._events.record(look.hpa, NORMAL, "SuccessfulRescale", f"New size: {desired}; reason: {reason}")
        return True

    # ---- how many

    def _decide(self, look: _Look, target: _Target, memory: Memory) -> tuple[int, str] | None:
        """The number of replicas and why; None where no metric says anything."""
        if look.current == 0:
            self._set(look, "ScalingActive", _DISABLED)
            return 0, ""
        if look.current > look.most:
            return look.most, "Current number of replicas above Spec.MaxReplicas"
        if look.current < look.least:
            return look.least, "Current number of replicas below Spec.MinReplicas"
        found = self._by_metrics(look, target)
        if found is None:
            return None
        behavior, now = look.hpa["spec"].get("behavior"), self._store.now()
        limits = Limits(look.least, look.most, look.current)
        desired, able, limited = normalise(memory, limits, found.replicas, behavior, now)
        self._set(look, "AbleToScale", able)
        self._set(look, "ScalingLimited", limited)
        above = found.replicas > look.current
        return desired, f"{found.name} above target" if above else "All metrics below target"

    def _by_metrics(self, look: _Look, target: _Target) -> Wanted | None:
        """The metric that asks for most (`computeReplicasForMetrics`)."""
        selector = self._selector(look, target)
        if selector is None:
            return None
        specs = look.hpa["spec"].get("metrics") or []
        question = self._question(look, selector)
        best: Wanted | None = None
        failed: list[MetricError] = []
        look.metrics = []
        for spec in specs:
            try:
                answer = wanted(self._store, spec, question)
            except MetricError as error:
                self._events.record(look.hpa, WARNING, error.reason, error.detail)
                failed.append(error)
                look.metrics.append({"type": ""})
                continue
            look.metrics.append(answer.status)
            if best is None or answer.replicas > best.replicas:
                best = answer
        if failed and (best is None or best.replicas < look.current):
            first = failed[0]
            message = f"the HPA was unable to compute the replica count: {first.detail}"
            self._set(look, "ScalingActive", ("False", first.reason, message))
            summary = f"invalid metrics ({len(failed)} invalid out of {len(specs)}), first error is: {first}"
            self._events.record(look.hpa, WARNING, "FailedComputeMetricsReplicas", summary)
            return None
        if best is not None:
            message = f"the HPA was able to successfully calculate a replica count from {best.name}"
            self._set(look, "ScalingActive", ("True", "ValidMetricFound", message))
        return best

    def _question(self, look: _Look, selector: Manifest) -> Question:
        behavior = look.hpa["spec"].get("behavior") or {}
        down, up = ((behavior.get(part) or {}).get("tolerance") for part in ("scaleDown", "scaleUp"))
        tolerance = Tolerance(0.1 if down is None else parse_quantity(down), 0.1 if up is None else parse_quantity(up))
        return Question(look.hpa["metadata"]["namespace"], selector, look.current, tolerance)

    def _selector(self, look: _Look, target: _Target) -> Manifest | None:
        """Which pods are the target's; None after an Event where its scale does not say."""
        text = scale_of(*target)["status"].get("selector", "")
        try:
            requirements = parse_labels(text)
        except ApiError as error:
            why = f"couldn't convert selector into a corresponding internal selector object: {error}"
            self._events.record(look.hpa, WARNING, "InvalidSelector", why)
            self._set(look, "ScalingActive", ("False", "InvalidSelector", why))
            return None
        if not requirements:
            self._events.record(look.hpa, WARNING, "SelectorRequired", "selector is required")
            self._set(look, "ScalingActive", _NO_SELECTOR)
            return None
        return selector_of(requirements)

    # ---- status

    def _set(self, look: _Look, kind: str, verdict: Verdict) -> None:
        status, reason, message = verdict
        known = next((entry for entry in look.conditions if entry["type"] == kind), None)
        since = known.get("lastTransitionTime") if known and known["status"] == status else None
        since = since or rfc3339(self._store.now())
        entry = {"type": kind, "status": status, "lastTransitionTime": since, "reason": reason, "message": message}
        if known is None:
            look.conditions.append(entry)
        else:
            look.conditions[look.conditions.index(known)] = entry

    def _write(self, look: _Look, desired: int, *, rescaled: bool) -> None:
        before = look.hpa.get("status") or {}
        status: dict[str, Any] = {"desiredReplicas": desired, "currentMetrics": look.metrics}
        if look.current:
            status["currentReplicas"] = look.current
        scaled = rfc3339(self._store.now()) if rescaled else before.get("lastScaleTime")
        if scaled:
            status["lastScaleTime"] = scaled
        self._client.update_status(look.hpa, {**status, **_listed(look.conditions)})


def _listed(conditions: list[dict[str, Any]]) -> dict[str, Any]:
    return {"conditions": conditions} if conditions else {}
