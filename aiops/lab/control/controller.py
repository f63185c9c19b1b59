"""What every controller is: it hears of writes, and brings one object at a time to where it should be."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from aiops.lab.kube.access.user import User, controller
from aiops.lab.kube.objects import Key
from aiops.lab.kube.storage.history import Write

CONTROLLER_MANAGER = "kube-controller-manager"
"""The field manager and user of the controllers here."""


class Controller(ABC):
    """A level-triggered control loop."""

    hears: tuple[str, ...] | None = None
    """The kinds that it hears of; None: all."""

    account = ""
    """Its service account in kube-system."""

    @abstractmethod
    def keys(self, write: Write) -> Iterable[Key]:
        """The objects to look at again after a write."""

    @abstractmethod
    def sync(self, key: Key) -> float | None:
        """Look at one object and act. Returns the moment (unix seconds) at which to look again, if there is one."""

    def user(self, key: Key) -> User:  # noqa: ARG002 - kubelets have one for each node
        """In whose name it looks at an object."""
        return controller(self.account)
