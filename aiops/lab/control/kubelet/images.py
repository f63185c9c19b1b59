"""Pulling a container's image: from the node where it is there, else from the registry, with back-off."""

from __future__ import annotations

from random import Random

from aiops.core.entity import Manifest
from aiops.lab.control.events import NORMAL, WARNING
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.worker import ContainerState, waiting
from aiops.lab.ports import Runtime

PULL_SECONDS = (0.8, 3.2)
"""How long a pull takes, between these two."""


class ImageManager:
    """The images on each node."""

    def __init__(self, runtime: Runtime, rng: Random) -> None:
        self._runtime = runtime
        self._rng = rng
        self._present: dict[str, dict[str, None]] = {}

    def ensure(self, container: ContainerState, spec: Manifest, notes: PodNotes, now: float) -> float | None:
        """None once the image is there; else when to try again, with the container's state set."""
        image, node = spec["image"], notes.node
        present = self._present.setdefault(node, {})
        if container.pulled_at is not None:
            return self._wait(container, spec, notes, now)
        if image in present and spec["imagePullPolicy"] != "Always":
            notes.container(spec, NORMAL, "Pulled", f'Container image "{image}" already present on machine')
            container.image = image
            return None
        if spec["imagePullPolicy"] == "Never":
            container.state = waiting(
                "ErrImageNeverPull", f'Container image "{image}" is not present with pull policy of Never'
            )
            return now + 60.0
        retry = container.pull_backoff.until(container.pull_failed_at)
        if container.pull_failed_at and now < retry:
            self._back_off(container, spec, notes)
            return retry
        return self._pull(container, spec, notes, now)

    def _pull(self, container: ContainerState, spec: Manifest, notes: PodNotes, now: float) -> float:
        image = spec["image"]
        notes.container(spec, NORMAL, "Pulling", f'Pulling image "{image}"')
        error = self._runtime.pull(image)
        if error is None:
            container.pulled_at = now + self._rng.uniform(*PULL_SECONDS)
            container.pull_failed_at = 0.0
            return container.pulled_at
        notes.container(spec, WARNING, "Failed", f'Failed to pull image "{image}": {error}')
        notes.container(spec, WARNING, "Failed", "Error: ErrImagePull")
        container.state = waiting("ErrImagePull", error)
        container.pull_failed_at = now
        container.pull_backoff.use(now)
        return now + 1.0

    def _wait(self, container: ContainerState, spec: Manifest, notes: PodNotes, now: float) -> float | None:
        """A pull is under way, or has just ended."""
        image = spec["image"]
        done = container.pulled_at or now
        if now < done:
            return done
        if container.image != image:
            container.image = image
            self._present[notes.node][image] = None
            notes.container(spec, NORMAL, "Pulled", f'Successfully pulled image "{image}"')
        return None

    def _back_off(self, container: ContainerState, spec: Manifest, notes: PodNotes) -> None:
        message = f'Back-off pulling image "{spec["image"]}"'
        notes.container(spec, NORMAL, "BackOff", message)
        notes.container(spec, WARNING, "Failed", "Error: ImagePullBackOff")
        container.state = waiting("ImagePullBackOff", message)
