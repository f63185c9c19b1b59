"""Whose place a more important pod takes: the default preemption of the scheduler."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.scheduling.cache import ClusterCache
from aiops.lab.control.scheduling.cycle import Attempt
from aiops.lab.control.scheduling.evaluation import Refusal
from aiops.lab.control.scheduling.fit import NOT_HELPFUL, histogram
from aiops.lab.control.scheduling.nodeinfo import NodeInfo, PodInfo
from aiops.lab.kube.objects import condition
from aiops.lab.kube.selectors import matches_selector
from aiops.lab.kube.storage.store import ObjectStore

PREEMPTED = "PreemptionByScheduler"
MOST_CANDIDATES = 100
"""Nodes that are looked at before the best is taken; a tenth of the nodes where that is more."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node with the pods that would have to go, the most important first."""

    name: str
    victims: tuple[PodInfo, ...]
    violations: int

    def rank(self) -> tuple[int, int, int, int, float]:
        """Better candidates have lower ranks (`pickOneNodeForPreemption`)."""
        priorities = [victim.priority for victim in self.victims]
        first = min(_started(v.pod) for v in self.victims if v.priority == priorities[0])
        return self.violations, priorities[0], sum(p + 2**31 for p in priorities), len(priorities), -first


class Preemption:
    """Looks for a node on which less important pods would make room."""

    def __init__(self, store: ObjectStore, cache: ClusterCache) -> None:
        self._store = store
        self._cache = cache

    def ineligible(self, attempt: Attempt) -> str:
        """Why the pod may not push others aside; empty where it may."""
        if attempt.pod["spec"].get("preemptionPolicy") == "Never":
            return "not eligible due to preemptionPolicy=Never."
        nominated = (attempt.pod.get("status") or {}).get("nominatedNodeName")
        info = self._cache.nodes.get(nominated or "")
        refusal = attempt.diagnosis.refusals.get(nominated or "")
        if info is None or (refusal is not None and refusal.final):
            return ""
        if any(pod.priority < attempt.info.priority and _leaving(pod.pod) for pod in info.pods.values()):
            return "not eligible due to a terminating pod on the nominated node."
        return ""

    def choose(self, attempt: Attempt) -> tuple[Candidate | None, str]:
        """The best candidate, or what to say where there is none."""
        diagnosis = attempt.diagnosis
        possible = [name for name, refusal in diagnosis.refusals.items() if not refusal.final]
        budgets = self._store.objects("PodDisruptionBudget") if possible else []
        most = max(len(possible) // 10, MOST_CANDIDATES)
        found: list[Candidate] = []
        refusals: dict[str, Refusal] = {}
        for name in possible:
            result = self._victims(attempt, self._cache.nodes[name].copy(), budgets)
            if isinstance(result, Candidate):
                found.append(result)
                if len(found) >= most and any(not each.violations for each in found):
                    break
            else:
                refusals[name] = result
        if found:
            return min(found, key=Candidate.rank), ""
        reasons = histogram(refusals.values(), NOT_HELPFUL, diagnosis.total)
        return None, f"0/{diagnosis.total} nodes are available: {reasons}."

    def _victims(self, attempt: Attempt, info: NodeInfo, budgets: list[Manifest]) -> Candidate | Refusal:
        """As `SelectVictimsOnNode`: all less important pods leave, then as many as fit come back."""
        lower = [pod for pod in info.pods.values() if pod.priority < attempt.info.priority]
        if not lower:
            return Refusal(("No preemption victims found for incoming pod",))
        for pod in lower:
            info.remove(pod.uid)
        refusal = attempt.with_waiting(info)
        if refusal is not None:
            return refusal
        lower.sort(key=_importance)
        protected, others = _by_budget(lower, budgets)
        victims: list[PodInfo] = []
        violations = 0
        for pod in [*protected, *others]:
            info.add(pod)
            if attempt.with_waiting(info) is not None:
                info.remove(pod.uid)
                victims.append(pod)
                violations += pod in protected
        return Candidate(info.name, tuple(sorted(victims, key=_importance)), violations)


def _importance(pod: PodInfo) -> tuple[int, float]:
    """More important pods first: of higher priority, then those that run longer."""
    return -pod.priority, _started(pod.pod)


def _started(pod: Manifest) -> float:
    started = (pod.get("status") or {}).get("startTime")
    return from_rfc3339(started) if started else float("inf")


def _leaving(pod: Manifest) -> bool:
    entry = condition(pod, "DisruptionTarget")
    return (
        "deletionTimestamp" in pod["metadata"]
        and entry is not None
        and entry["status"] == "True"
        and entry.get("reason") == PREEMPTED
    )


def _by_budget(pods: list[PodInfo], budgets: list[Manifest]) -> tuple[list[PodInfo], list[PodInfo]]:
    """The pods whose leaving breaks a PodDisruptionBudget, and the others."""
    allowed = [(budget.get("status") or {}).get("disruptionsAllowed", 0) for budget in budgets]
    breaking: list[PodInfo] = []
    free: list[PodInfo] = []
    for pod in pods:
        broken = False
        for index, budget in enumerate(budgets):
            selector = budget["spec"].get("selector")
            if budget["metadata"]["namespace"] != pod.namespace or not selector or not pod.labels:
                continue
            disrupted = (budget.get("status") or {}).get("disruptedPods") or {}
            if matches_selector(selector, pod.labels) and pod.pod["metadata"]["name"] not in disrupted:
                allowed[index] -= 1
                broken = broken or allowed[index] < 0
        (breaking if broken else free).append(pod)
    return breaking, free
