"""The DaemonSet controller: a pod on each node that should have one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.client import ControllerClient
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, WARNING, EventRecorder
from aiops.lab.control.workloads.batches import in_batches
from aiops.lab.control.workloads.controller_revisions import POD_HASH
from aiops.lab.control.workloads.daemonset_nodes import spec_for
from aiops.lab.control.workloads.daemonset_pods import GENERATION, POD_GENERATION, Daemons, daemons
from aiops.lab.control.workloads.daemonset_revisions import DaemonHistory
from aiops.lab.control.workloads.daemonset_rollout import Plan, coverage, update
from aiops.lab.control.workloads.owning import Dependents
from aiops.lab.control.workloads.pods import PodControl, is_ready, next_available, pod_from_template
from aiops.lab.control.workloads.retry_delays import RetryDelays
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import Key, annotations_of, deleting, key_of, labels_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

BURST = 250
"""Pods that one look creates or deletes at most."""

FIRST_DELAY, LONGEST_DELAY = 1.0, 900.0
"""Seconds before a daemon pod that failed is replaced: doubled each time."""


class DaemonSetController(Controller):
    """Runs a pod of each DaemonSet on every node that fits."""

    account = "daemon-set-controller"
    hears = ("DaemonSet", "Pod", "ControllerRevision", "Node")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._events = events
        self._client = ControllerClient(store)
        self._control = PodControl(store, events)
        self._pods = Dependents(store, "DaemonSet", "Pod")
        self._revisions = Dependents(store, "DaemonSet", "ControllerRevision")
        self._history = DaemonHistory(store, self._revisions)
        self._delays = RetryDelays(FIRST_DELAY, LONGEST_DELAY)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "DaemonSet" and write.type != "DELETED":
            yield key_of(write.new)
        elif write.kind == "Pod":
            yield from self._pods.owners_to_wake(write)
        elif write.kind == "ControllerRevision":
            yield from self._revisions.owners_to_wake(write)
        elif write.kind == "Node" and (write.type != "MODIFIED" or _view(write.old) != _view(write.new)):
            yield from (key_of(owner) for owner in self._store.objects("DaemonSet"))

    def sync(self, key: Key) -> float | None:
        owner = self._store.find("DaemonSet", *key)
        if owner is None or deleting(owner):
            return None
        pods, now = self._pods.claim(owner), self._store.now()
        revision, old = self._history.construct(owner, pods)
        nodes = self._store.objects("Node")
        found = daemons(owner, labels_of(revision).get(POD_HASH, ""), nodes, pods, now)
        plan, retry = self._without_delayed(found, coverage(found))
        failure = self._carry_out(found, plan)
        if failure is None and not plan and owner["spec"]["updateStrategy"]["type"] == "RollingUpdate":
            failure = self._carry_out(found, update(found))
        if failure is None:
            self._history.clean_up(owner, old, pods)
        self._report(owner, found)
        if failure is not None:
            raise failure
        moments = [moment for moment in (retry, next_available(pods, found.delay, now)) if moment is not None]
        return min(moments, default=None)

    def _without_delayed(self, found: Daemons, plan: Plan) -> tuple[Plan, float | None]:
        """The plan without those failed pods that have to wait, and when they may go; tells of the others."""
        moments = []
        for pod in plan.failed:
            generation = (found.owner.get("status") or {}).get("observedGeneration", 0)
            place = (found.owner["metadata"]["uid"], str(generation), pod["spec"].get("nodeName", ""))
            if (moment := self._delays.until(place, found.now)) is not None:
                moments.append(moment)
                continue
            self._delays.use(place, found.now)
            self._tell(found.owner, WARNING, "FailedDaemonPod", "failed", pod, "kill")
            plan.delete.append(pod)
        for pod in plan.succeeded:
            self._tell(found.owner, NORMAL, "SucceededDaemonPod", "succeeded", pod, "delete")
            plan.delete.append(pod)
        return Plan(plan.nodes, plan.delete), min(moments, default=None)

    def _tell(self, owner: Manifest, type_: str, reason: str, how: str, pod: Manifest, verb: str) -> None:
        name, node = "/".join(key_of(pod)), pod["spec"].get("nodeName", "")
        text = f"Found {how} daemon pod {name} on node {node}, will try to {verb} it"
        self._events.record(owner, type_, reason, text)

    def _carry_out(self, found: Daemons, plan: Plan) -> ApiError | None:
        owner = found.owner
        failure = in_batches(plan.nodes[:BURST], lambda node: self._control.create(owner, _pod(found, node)))
        for pod in plan.delete[:BURST]:
            try:
                self._control.delete(owner, pod)
            except ApiError as error:
                failure = failure or error
        return failure

    def _report(self, owner: Manifest, found: Daemons) -> None:
        status = {**(self._store.get("DaemonSet", *key_of(owner)).get("status") or {}), **_counts(found)}
        status["observedGeneration"] = owner["metadata"]["generation"]
        optional = ("updatedNumberScheduled", "numberAvailable", "numberUnavailable")
        kept = {name: value for name, value in status.items() if value or name not in optional}
        self._client.update_status(self._store.get("DaemonSet", *key_of(owner)), kept)


def _counts(found: Daemons) -> dict[str, int]:
    """As `updateDaemonSetStatus` counts: on each node the oldest pod stands for all."""
    first = {name: pods[0] for name, pods in found.pods.items() if name in found.runs}
    placed = [pod for name, pod in first.items() if found.runs[name][0]]
    ready = [pod for pod in placed if is_ready(pod)]
    available = sum(found.available(pod) for pod in ready)
    return {
        "desiredNumberScheduled": found.desired,
        "currentNumberScheduled": len(placed),
        "numberMisscheduled": len(first) - len(placed),
        "numberReady": len(ready),
        "updatedNumberScheduled": sum(found.updated(pod) for pod in placed),
        "numberAvailable": available,
        "numberUnavailable": found.desired - available,
    }


def _pod(found: Daemons, node: str) -> Manifest:
    template = found.owner["spec"]["template"]
    pod = pod_from_template(found.owner, template)
    labels = {**labels_of(pod), POD_HASH: found.digest}
    if (generation := annotations_of(found.owner).get(GENERATION)) is not None:
        labels[POD_GENERATION] = generation
    pod["metadata"]["labels"] = labels
    return {**pod, "spec": spec_for(template["spec"], node)}


def _view(node: Manifest | None) -> tuple[Any, ...]:
    """What of a node decides whether daemons run on it."""
    if node is None:
        return ()
    return labels_of(node), (node.get("spec") or {}).get("taints")
