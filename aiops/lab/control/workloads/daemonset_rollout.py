"""Which of a DaemonSet's pods go and where new ones come: to cover the nodes, and to update the pods."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.daemonset_pods import Daemons
from aiops.lab.control.workloads.pods import is_ready, phase
from aiops.lab.kube.objects import deleting


@dataclass(slots=True)
class Plan:
    """Nodes that get a pod, pods that go, and of those the ones that ended by themselves."""

    nodes: list[str] = field(default_factory=list)
    delete: list[Manifest] = field(default_factory=list)
    failed: list[Manifest] = field(default_factory=list)
    succeeded: list[Manifest] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.nodes or self.delete or self.failed or self.succeeded)


def coverage(found: Daemons) -> Plan:
    """What is missing and what is too much, as the controller's `podsShouldBeOnNode` has it."""
    plan = Plan()
    for node in found.nodes:
        name = node["metadata"]["name"]
        should, may = found.runs[name]
        there = found.pods.get(name)
        if should and there is None:
            plan.nodes.append(name)
        elif may:
            _cover(plan, found, name)
        elif there:
            plan.delete.extend(pod for pod in there if not deleting(pod))
    for name, pods in found.pods.items():
        if name not in found.runs:
            plan.delete.extend(pod for pod in pods if not pod["spec"].get("nodeName"))
    return plan


def _cover(plan: Plan, found: Daemons, node: str) -> None:
    left = [pod for pod in found.pods.get(node, ()) if not deleting(pod)]
    plan.failed.extend(pod for pod in left if phase(pod) == "Failed")
    plan.succeeded.extend(pod for pod in left if phase(pod) == "Succeeded")
    running = [pod for pod in left if phase(pod) not in ("Failed", "Succeeded")]
    if not found.allows_surge():
        plan.delete.extend(running[1:])
        return
    if not running and found.runs[node][0]:
        plan.nodes.append(node)
        return
    new = [pod for pod in running if found.updated(pod)]
    old = [pod for pod in running if not found.updated(pod)]
    if len(running) > 1:
        plan.delete.extend([*new[1:], *old[1:]])
    if new and old and (not is_ready(old[0]) or found.available(new[0])):
        plan.delete.append(old[0])


def update(found: Daemons) -> Plan:
    """The next step of a rolling update."""
    surge, unavailable = found.bounds()
    names = [node["metadata"]["name"] for node in found.nodes if found.runs[node["metadata"]["name"]][0]]
    names += [name for name in found.pods if name not in names]
    return _surging(found, names, surge) if surge else _replacing(found, names, unavailable)


def _replacing(found: Daemons, names: list[str], most: int) -> Plan:
    """Delete old pods: those that are not available, and as many others as may be missing."""
    missing = 0
    broken: list[Manifest] = []
    candidates: list[Manifest] = []
    for name in names:
        pair = found.new_and_old(name)
        if pair is None or (pair[0] is None) == (pair[1] is None):
            missing += 1
            continue
        new, old = pair
        if new is not None:
            missing += not found.available(new)
        elif old is not None and not found.available(old):
            broken.append(old)
            missing += 1
        elif old is not None:
            candidates.append(old)
    return Plan(delete=[*broken, *candidates[: max(most - missing, 0)]])


def _surging(found: Daemons, names: list[str], most: int) -> Plan:
    """Start new pods beside old ones, and delete the old where the new are available."""
    plan = Plan()
    candidates: list[str] = []
    leaving: list[Manifest] = []
    surging = available = 0
    for name in names:
        pair = found.new_and_old(name)
        if pair is None:
            surging += 1
            continue
        new, old = pair
        counted = old or new
        available += counted is not None and found.available(counted)
        if old is None:
            continue
        if new is not None:
            if found.available(new):
                plan.delete.append(old)
            else:
                surging += 1
        elif not found.runs.get(name, (False, False))[0]:
            (leaving if found.available(old) else plan.delete).append(old)
        else:
            (candidates if found.available(old) else plan.nodes).append(name)
    plan.delete.extend(leaving[: max(available - found.desired, 0)])
    plan.nodes.extend(candidates[: max(most - surging, 0)])
    return plan
