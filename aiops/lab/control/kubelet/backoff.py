"""Delays that double: between restarts of a container, between pulls of an image, between tries to mount."""

from __future__ import annotations

from dataclasses import dataclass

INITIAL_BACKOFF = 10.0
MAX_BACKOFF = 300.0
"""Seconds; the kubelet's own for restarts and for image pulls. Twice the most without trouble starts anew."""

MOUNT_INITIAL, MOUNT_MAX = 0.5, 122.0
"""Seconds; those of a volume that cannot be set up, as Kubernetes' `exponentialbackoff`."""


@dataclass(slots=True)
class Backoff:
    """A delay that doubles each time it is used. Times in unix seconds."""

    delay: float = 0.0
    used_at: float = 0.0
    initial: float = INITIAL_BACKOFF
    most: float = MAX_BACKOFF

    def until(self, since: float) -> float:
        """When the next try may be, after a failure at `since`."""
        return since if self._expired(since) else since + self.delay

    def use(self, now: float) -> None:
        """Count one more try."""
        if self._expired(now):
            self.delay = 0.0
        self.delay = min(self.delay * 2, self.most) if self.delay else self.initial
        self.used_at = now

    def _expired(self, now: float) -> bool:
        return now - self.used_at > 2 * self.most
