"""Jobs that have ended go when their `ttlSecondsAfterFinished` are over."""

from __future__ import annotations

from collections.abc import Iterable

from aiops.core.clock import from_rfc3339
from aiops.core.entity import Manifest
from aiops.lab.control.controller import Controller
from aiops.lab.kube.objects import Key, deleting, key_of, uid_of
from aiops.lab.kube.storage.deletion import DeleteOptions
from aiops.lab.kube.storage.history import Write
from aiops.lab.kube.storage.store import ObjectStore


class FinishedJobs(Controller):
    """Deletes Jobs in the foreground, so that their pods go first."""

    account = "ttl-after-finished-controller"
    hears = ("Job",)

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def keys(self, write: Write) -> Iterable[Key]:
        if write.kind == "Job" and write.type != "DELETED" and _end(write.new) is not None:
            yield key_of(write.new)

    def sync(self, key: Key) -> float | None:
        job = self._store.find("Job", *key)
        end = _end(job) if job is not None else None
        if job is None or end is None:
            return None
        if end > self._store.now():
            return end
        self._store.delete("Job", *key, DeleteOptions(propagation="Foreground", uid=uid_of(job)))
        return None


def _end(job: Manifest) -> float | None:
    """When the Job is to go; None where it is not."""
    seconds = job["spec"].get("ttlSecondsAfterFinished")
    if seconds is None or deleting(job):
        return None
    for entry in (job.get("status") or {}).get("conditions") or ():
        if entry["type"] in ("Complete", "Failed") and entry["status"] == "True":
            ended = entry.get("lastTransitionTime")
            return from_rfc3339(ended) + float(seconds) if ended else None
    return None
