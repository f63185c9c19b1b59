"""What every controller is: it hears of writes, and brings one object at a time to where it should be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from aiops.lab.kube.objects import Key
from aiops.lab.kube.storage.history import Write

CONTROLLER_MANAGER = "kube-controller-manager"
"""The field manager and user of the controllers here."""


class Controller(Protocol):
    """A level-triggered control loop. It may name the kinds that it `hears` of; else it hears of all."""

    def keys(self, write: Write) -> Iterable[Key]:
        """The objects to look at again after a write."""
        ...

    def sync(self, key: Key) -> float | None:
        """Look at one object and act. Returns the moment (unix seconds) at which to look again, if there is one."""
        ...
