"""The Events that the kubelet writes about one pod."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.entity import Manifest
from aiops.lab.control.events import EventRecorder

_FIELDS = ("containers", "initContainers", "ephemeralContainers")


@dataclass(frozen=True, slots=True)
class PodNotes:
    """A recorder bound to a pod."""

    events: EventRecorder
    pod: Manifest

    @property
    def node(self) -> str:
        return str(self.pod["spec"]["nodeName"])

    def pod_event(self, type_: str, reason: str, message: str) -> None:
        self.events.record(self.pod, type_, reason, message, host=self.node)

    def container(self, spec: Manifest, type_: str, reason: str, message: str) -> None:
        """About one container of the pod."""
        name = spec["name"]
        field = next(
            (f for f in _FIELDS for entry in self.pod["spec"].get(f) or () if entry["name"] == name), _FIELDS[0]
        )
        self.events.record(self.pod, type_, reason, message, host=self.node, path=f"spec.{field}{{{name}}}")
