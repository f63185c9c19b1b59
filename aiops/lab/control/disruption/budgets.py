"""The disruption controller: keeps the status of PodDisruptionBudgets, which evictions are measured by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiops.core.clock import from_rfc3339, rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.disruption.expected import ExpectedCountError, expected
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.selecting import Selecting
from aiops.lab.kube.objects import Key, condition_is, deleting, key_of, labels_of
from aiops.lab.kube.selectors import matches_selector
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

DELETION_TIMEOUT = 120.0
"""Seconds in which a pod whose eviction was allowed is expected to be deleted."""

ALLOWED = "DisruptionAllowed"


class DisruptionController(Controller):
    """Counts the pods of each budget anew when one of them changes, or the scale of their controller."""

    account = "disruption-controller"
    hears = ("PodDisruptionBudget", "Pod", "Deployment", "ReplicaSet", "StatefulSet", "ReplicationController")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._client = ControllerClient(store)
        self._budgets = Selecting(store, "PodDisruptionBudget", _pairs)
        self._events = events

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "PodDisruptionBudget":
            if write.type != "DELETED":
                yield key_of(write.new)
            return
        if write.kind == "Pod" and _matters(write):
            pods = [pod for pod in (write.new, write.old) if pod]
            for budget in self._budgets.candidates(write.new["metadata"]["namespace"], *map(labels_of, pods)):
                if any(selects(budget, pod) for pod in pods):
                    yield key_of(budget)
        elif write.kind in ("Deployment", "ReplicaSet", "StatefulSet", "ReplicationController") and _scaled(write):
            for budget in self._store.objects("PodDisruptionBudget", write.new["metadata"]["namespace"]):
                yield key_of(budget)

    def sync(self, key: Key) -> float | None:
        budget = self._store.find("PodDisruptionBudget", *key)
        if budget is None:
            return None
        asked = _pairs(budget)
        known = self._store.labelled("Pod", key[0], asked) if asked else self._store.objects("Pod", key[0])
        pods = [pod for pod in known if selects(budget, pod)]
        if not pods:
            self._events.record(budget, NORMAL, "NoPods", "No matching pods found")
        try:
            wanted = expected(self._store, budget, pods)
        except ExpectedCountError as error:
            message = f"Failed to calculate the number of expected pods: {error}"
            self._events.record(budget, WARNING, "CalculateExpectedPodCountFailed", message)
            self._fail(budget, str(error))
            return None
        if wanted.unmanaged:
            self._events.record(budget, WARNING, "UnmanagedPods", _unmanaged(budget))
        disrupted, again = self._disrupted(budget, pods)
        healthy = sum(
            not deleting(pod) and pod["metadata"]["name"] not in disrupted and condition_is(pod, "Ready")
            for pod in pods
        )
        allowed = max(healthy - wanted.healthy, 0) if wanted.pods > 0 else 0
        status: dict[str, Any] = {
            **(budget.get("status") or {}),
            "disruptionsAllowed": allowed,
            "currentHealthy": healthy,
            "desiredHealthy": wanted.healthy,
            "expectedPods": wanted.pods,
            "observedGeneration": budget["metadata"].get("generation", 1),
        }
        status.pop("disruptedPods", None)
        if disrupted:
            status["disruptedPods"] = disrupted
        status["conditions"] = allowed_condition(status, self._store.now())
        self._client.update_status(budget, status)
        return again

    def _disrupted(self, budget: Manifest, pods: list[Manifest]) -> tuple[dict[str, str], float | None]:
        """The pods that are about to be deleted, and when to look again."""
        listed = (budget.get("status") or {}).get("disruptedPods") or {}
        found: dict[str, str] = {}
        ends = []
        for pod in pods:
            name = pod["metadata"]["name"]
            if name not in listed or deleting(pod):
                continue
            end = from_rfc3339(listed[name]) + DELETION_TIMEOUT
            if end < self._store.now():
                namespace = budget["metadata"]["namespace"]
                message = f"Pod was expected by PDB {namespace}/{namespace} to be deleted but it wasn't"
                self._events.record(pod, WARNING, "NotDeleted", message)
            else:
                found[name] = listed[name]
                ends.append(end + 1.0)
        return found, min(ends, default=None)

    def _fail(self, budget: Manifest, why: str) -> None:
        """Allow nothing while nobody knows."""
        status = {**(budget.get("status") or {}), "disruptionsAllowed": 0}
        entry = {"status": "False", "reason": "SyncFailed", "message": why}
        status["conditions"] = with_condition(status, entry, self._store.now())
        self._client.update_status(budget, status)


def _pairs(budget: Manifest) -> Mapping[str, str] | None:
    """The plain labels that a budget asks for; its expressions may ask for more. None where it has no selector."""
    selector = budget["spec"].get("selector")
    return None if selector is None else selector.get("matchLabels") or {}


def selects(budget: Manifest, pod: Manifest) -> bool:
    """Does a budget count the pod? Without a selector it counts none, with an empty one all."""
    selector = budget["spec"].get("selector")
    return selector is not None and matches_selector(selector, labels_of(pod))


def allowed_condition(status: dict[str, Any], now: float) -> list[dict[str, Any]]:
    """The conditions for what `disruptionsAllowed` says (`UpdateDisruptionAllowedCondition`)."""
    allowed = status.get("disruptionsAllowed", 0) > 0
    word, reason = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
    return with_condition(status, {"status": word, "reason": reason, "message": ""}, now)


def with_condition(status: dict[str, Any], entry: dict[str, Any], now: float) -> list[dict[str, Any]]:
    before = next((each for each in status.get("conditions") or () if each["type"] == ALLOWED), None)
    others = [each for each in status.get("conditions") or () if each["type"] != ALLOWED]
    same = before is not None and before["status"] == entry["status"]
    since = (before.get("lastTransitionTime") if before is not None and same else None) or rfc3339(now)
    generation = status.get("observedGeneration")
    observed = {"observedGeneration": generation} if generation else {}
    return [*others, {"type": ALLOWED, **observed, "lastTransitionTime": since, **entry}]


def _unmanaged(budget: Manifest) -> str:
    selector = budget["spec"].get("selector") or {}
    labels = "".join(f"{key}: {value}," for key, value in sorted((selector.get("matchLabels") or {}).items()))
    nothing = "MatchExpressions:[]LabelSelectorRequirement{}"
    listed = f"&LabelSelector{{MatchLabels:map[string]string{{{labels}}},{nothing},}}"
    return (
        f"Pods selected by this PodDisruptionBudget (selector: {listed}) were found to be unmanaged. As a result, the "
        "status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for "
        'these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
    )


def _matters(write: Write) -> bool:
    """Does a write to a pod change what budgets see?"""
    old, new = write.old, write.new
    if old is None or write.type == "DELETED":
        return True
    return (
        condition_is(old, "Ready") != condition_is(new, "Ready")
        or deleting(old) != deleting(new)
        or labels_of(old) != labels_of(new)
    )


def _scaled(write: Write) -> bool:
    return write.old is None or write.old["spec"].get("replicas") != write.new["spec"].get("replicas")
