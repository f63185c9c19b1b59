"""Which cluster `aiops fault` breaks, what is below its API, and where it is journaled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aiops.cli.rig import LabAddress
    from aiops.clients.kubernetes import KubernetesClient
    from aiops.core.target import DataPlane

JOURNAL = "faults.jsonl"


class Place(NamedTuple):
    """The options of that name. Without a kubeconfig it is a lab: that of the folder, or the one that runs here."""

    lab: Path | None
    kubeconfig: Path | None
    chaos_mesh: str | None = None
    journal: Path | None = None

    def main_namespace(self) -> str:
        """The namespace of the lab's application. Raises `InvalidInputError` where another cluster is meant."""
        from aiops.core.errors import InvalidInputError

        if self.kubeconfig is not None:
            raise InvalidInputError("--namespace: say which namespace of the cluster of --kubeconfig is to be broken")
        return self._address().namespace

    def prometheus(self) -> str | None:
        """The address of the lab's; None where another cluster is meant."""
        return None if self.kubeconfig is not None else self._address().addresses["prometheus"]

    def journal_file(self) -> Path:
        """The journal that was named; else the lab's own, or that of the state folder for another cluster."""
        from aiops.cli.lab_folder import lab_folder
        from aiops.core.settings import load_settings

        if self.journal is not None:
            return self.journal
        return (load_settings().state_dir if self.kubeconfig else lab_folder(self.lab)) / JOURNAL

    @asynccontextmanager
    async def cluster(self) -> AsyncIterator[KubernetesClient]:
        """The Kubernetes API as a person uses it."""
        from aiops.clients.kubeconfig import load_access
        from aiops.clients.kubernetes import KubernetesClient

        path = self.kubeconfig or self._address().kubeconfig("engineer")
        kube = KubernetesClient.connect(load_access(path), field_manager="kubectl-edit")
        try:
            yield kube
        finally:
            await kube.close()

    @asynccontextmanager
    async def plane(self, kube: KubernetesClient) -> AsyncIterator[DataPlane | None]:
        """What is below the Kubernetes API: the lab's, or Chaos Mesh's where its namespace is named."""
        from aiops.faults.planes.chaos_mesh import ChaosMesh
        from aiops.faults.planes.lab_plane import LabPlane

        if self.kubeconfig is not None:
            yield ChaosMesh(kube, self.chaos_mesh) if self.chaos_mesh else None
            return
        address = self._address()
        plane = LabPlane(address.addresses["control"], token=address.admin_token)
        try:
            yield plane
        finally:
            await plane.close()

    def _address(self) -> LabAddress:
        from aiops.cli.lab_folder import lab_folder
        from aiops.cli.rig import LabAddress

        return LabAddress.read(lab_folder(self.lab))
