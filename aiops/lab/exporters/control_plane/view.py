"""What the exporters of the control plane read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiops.lab.control.queue import WorkQueue
from aiops.lab.control.scheduling.scheduler import Scheduler
from aiops.lab.kube.objects import Key
from aiops.lab.kube.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class ControlPlaneView:
    """`queues` are those of kube-controller-manager, by the names that its metrics give them."""

    store: ObjectStore
    scheduler: Scheduler
    queues: Mapping[str, WorkQueue[Key]]
