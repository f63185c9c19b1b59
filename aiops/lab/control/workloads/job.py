"""The Job controller: runs pods until enough of them have succeeded, or too many failed."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.clock import rfc3339
from aiops.lab.control.controller import Controller
from aiops.lab.control.events import NORMAL, EventRecorder
from aiops.lab.control.workloads.job_look import SUCCESS, Look, new_condition
from aiops.lab.control.workloads.job_pods import JobPods
from aiops.lab.control.workloads.job_spec import is_finished_job, is_suspended, is_tracked
from aiops.lab.control.workloads.job_tracking import JobTracking
from aiops.lab.control.workloads.owning import Dependents
from aiops.lab.kube.errors import ApiError
from aiops.lab.kube.objects import Key, controller_of, deleting, key_of, uid_of
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore

_POD = "pod/"
"""Before the name in a key that stands for a pod whose Job is gone; no object's name has a slash."""

CONTROLLER = "kubernetes.io/job-controller"


class JobController(Controller):
    """Runs Jobs to their end."""

    account = "job-controller"
    hears = ("Job", "Pod")

    def __init__(self, store: ObjectStore, events: EventRecorder) -> None:
        self._store = store
        self._events = events
        self._dependents = Dependents(store, "Job", "Pod")
        self._pods = JobPods(store, events)
        self._tracking = JobTracking(store, self._pods, events)

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Job":
            yield key_of(write.new)
            if write.type == "DELETED":
                pods = self._store.owned(uid_of(write.new), "Pod")
                yield from ((pod["metadata"]["namespace"], _POD + pod["metadata"]["name"]) for pod in pods)
        elif write.kind == "Pod":
            yield from self._dependents.owners_to_wake(write)
            owner = controller_of(write.new)
            if write.type == "ADDED" and is_tracked(write.new) and owner and self._store.by_uid(owner["uid"]) is None:
                yield write.new["metadata"]["namespace"], _POD + write.new["metadata"]["name"]

    def sync(self, key: Key) -> float | None:
        if key[1].startswith(_POD):
            self._release_orphan((key[0], key[1].removeprefix(_POD)))
            return None
        job = self._store.find("Job", *key)
        if job is None or is_finished_job(job):
            self._tracking.forget(key)
            return None
        if job["spec"].get("managedBy", CONTROLLER) != CONTROLLER:
            return None
        look = Look(job, self._dependents.claim(job), self._store.now())
        if "startTime" not in look.status and not is_suspended(job):
            look.status["startTime"] = rfc3339(look.now)
        look.record = self._tracking.record(key).after(look.new_succeeded, look.new_failed)
        deadline = look.judge()
        moment, failure = self._act(look)
        self._tracking.track(look)
        if failure is not None:
            raise failure
        return min((each for each in (deadline, moment) if each is not None and each > look.now), default=None)

    def _release_orphan(self, key: Key) -> None:
        """Take the finalizer off a pod whose Job is gone: nobody else would."""
        pod = self._store.find("Pod", *key)
        owner = controller_of(pod) if pod is not None else None
        if pod is not None and (owner is None or self._store.by_uid(owner["uid"]) is None):
            self._pods.release(pod)

    def _act(self, look: Look) -> tuple[float | None, ApiError | None]:
        """Delete the pods of a Job that has ended, or bring their number to what is wanted."""
        active, moment, failure = len(look.active), None, None
        if look.verdict is not None:
            removed, failure = self._pods.delete(look, look.active, release=False)
            if removed != active:
                look.verdict = None
            active -= removed
        else:
            if not deleting(look.job):
                active, moment, failure = self._pods.manage(look, active)
            if _enough(look, active):
                text = "Reached expected number of succeeded pods"
                look.verdict = new_condition(SUCCESS, "CompletionsReached", text, look.now)
            elif not deleting(look.job):
                self._note_suspension(look)
        look.status |= {"active": active, "ready": look.ready, "terminating": look.terminating}
        return moment, failure

    def _note_suspension(self, look: Look) -> None:
        entries = list(look.status.get("conditions") or ())
        known = next((entry for entry in entries if entry["type"] == "Suspended"), None)
        suspended = is_suspended(look.job)
        if suspended == (known is not None and known["status"] == "True"):
            return
        reason, message = ("JobSuspended", "Job suspended") if suspended else ("JobResumed", "Job resumed")
        entry = new_condition("Suspended", reason, message, look.now, "True" if suspended else "False")
        kept = [entry if each is known else each for each in entries]
        look.status["conditions"] = kept if known is not None else [*entries, entry]
        if suspended:
            look.status.pop("startTime", None)
        else:
            look.status["startTime"] = rfc3339(look.now)
        self._events.record(look.job, NORMAL, reason.removeprefix("Job"), message)


def _enough(look: Look, active: int) -> bool:
    total = look.job["spec"].get("completions")
    if total is None:
        return look.succeeded > 0 and active == 0
    return look.succeeded >= int(total) and active == 0
