"""What an admission plug-in is."""

from __future__ import annotations

from abc import ABC, abstractmethod

from aiops.lab.kube.admission.attributes import Attributes, Cluster, Operation
from aiops.lab.kube.kinds.resources import Resource


class Plugin(ABC):
    """One admission plug-in. It sees the requests that it handles: first all plug-ins `admit`, which may change the
    object, then all `validate`, which may only refuse it. Both raise ApiError."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    @abstractmethod
    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        """Asked once for each kind of request; the answer is kept."""

    def admit(self, request: Attributes) -> None:  # noqa: B027 - most plug-ins only validate
        """Change the object, or refuse it."""

    def validate(self, request: Attributes) -> None:  # noqa: B027 - most plug-ins only admit
        """Refuse the object."""
