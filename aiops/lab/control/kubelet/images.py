"""Pulling a container's image: from the node where it is there, else from the registry, with back-off.

As the kubelet's image manager does it, in its words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

from aiops.core.entity import Manifest
from aiops.lab.control.events import NORMAL, WARNING
from aiops.lab.control.kubelet.durations import go_duration
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.worker import ContainerState, waiting
from aiops.lab.ports import Runtime

PULL_SECONDS, CHECK_SECONDS = (0.8, 3.2), (0.2, 0.6)
"""How long it takes, between these two, to pull an image, and to find that the registry's is the one that is here."""

RESYNC = 10.0
"""Seconds until a container that cannot be created is tried again; the kubelet's `backOffPeriod`."""

BACKOFF_STATE = 1.0
"""Seconds after a failed pull until the container says that it waits for the next one."""

_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?{_PART}(?:/{_PART})*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[a-f0-9]{64})?"
)

Logins = Mapping[str, tuple[str, str]]


class ImageManager:
    """The images on each node."""

    def __init__(self, runtime: Runtime, rng: Random) -> None:
        self._runtime = runtime
        self._rng = rng
        self._present: dict[str, dict[str, None]] = {}

    def ensure(
        self, container: ContainerState, spec: Manifest, notes: PodNotes, logins: Logins, now: float
    ) -> float | None:
        """None once the image is there; else when to try again, with the container's state set."""
        image = spec["image"]
        present = self._present.setdefault(notes.node, {})
        if container.pulled_at is not None:
            return self._wait(container, spec, notes, now)
        if why := name_problem(image):
            return _refuse(container, spec, notes, ("InspectFailed", "InvalidImageName"), why, now)
        if image in present and spec.get("imagePullPolicy") != "Always":
            text = f'Container image "{image}" already present on machine and can be accessed by the pod'
            notes.container(spec, NORMAL, "Pulled", text)
            container.image = image
            return None
        if spec.get("imagePullPolicy") == "Never":
            why = f'Container image "{image}" is not present with pull policy of Never'
            return _refuse(container, spec, notes, ("ErrImageNeverPull", "ErrImageNeverPull"), why, now)
        retry = container.pull_backoff.until(container.pull_failed_at)
        if container.pull_failed_at and now < retry:
            _back_off(container, spec, notes)
            return retry
        return self._pull(container, spec, notes, logins, now)

    def _pull(self, container: ContainerState, spec: Manifest, notes: PodNotes, logins: Logins, now: float) -> float:
        image = spec["image"]
        notes.container(spec, NORMAL, "Pulling", f'Pulling image "{image}"')
        error = self._runtime.pull(image, logins)
        if error is None:
            known = image in self._present[notes.node]
            container.pull_started_at = now
            container.pulled_at = now + self._rng.uniform(*(CHECK_SECONDS if known else PULL_SECONDS))
            container.pull_failed_at = 0.0
            return container.pulled_at
        notes.container(spec, WARNING, "Failed", f'Failed to pull image "{image}": {error}')
        notes.container(spec, WARNING, "Failed", "Error: ErrImagePull")
        container.state = waiting("ErrImagePull", error)
        container.pull_error = error
        container.pull_failed_at = now
        container.pull_backoff.use(now)
        return now + BACKOFF_STATE

    def _wait(self, container: ContainerState, spec: Manifest, notes: PodNotes, now: float) -> float | None:
        """A pull is under way, or has just ended."""
        image, done = spec["image"], container.pulled_at or now
        if now < done:
            return done
        if container.pull_started_at:
            took = go_duration(done - container.pull_started_at)
            size = self._runtime.facts(image).size
            pulled = f'Successfully pulled image "{image}" in {took} ({took} including waiting)'
            notes.container(spec, NORMAL, "Pulled", f"{pulled}. Image size: {size} bytes.")
            container.image = image
            container.pull_started_at = 0.0
            self._present[notes.node][image] = None
        return None


def _refuse(
    container: ContainerState, spec: Manifest, notes: PodNotes, words: tuple[str, str], why: str, now: float
) -> float:
    """The image cannot be had. `words`: the Event's reason, and the container's."""
    event, reason = words
    notes.container(spec, WARNING, event, why)
    notes.container(spec, WARNING, "Failed", f"Error: {reason}")
    container.state = waiting(reason, why)
    return now + RESYNC


def _back_off(container: ContainerState, spec: Manifest, notes: PodNotes) -> None:
    message = f'Back-off pulling image "{spec["image"]}"'
    notes.container(spec, NORMAL, "BackOff", message)
    notes.container(spec, WARNING, "Failed", "Error: ImagePullBackOff")
    container.state = waiting("ImagePullBackOff", f"{message}: ErrImagePull: {container.pull_error}")


def name_problem(image: str) -> str:
    """Why a text names no image, in the kubelet's words; empty where it does."""
    if _NAME.fullmatch(image):
        return ""
    why = f'couldn\'t parse image name "{image}": invalid reference format'
    if _NAME.fullmatch(image.lower()):
        why += f": repository name ({image.partition(':')[0]}) must be lowercase"
    return f'Failed to apply default image tag "{image}": {why}'
