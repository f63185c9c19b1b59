"""When what a Service sends to last changed: client-side measurements of how long a change takes start there."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.kube.objects import Key, condition, key_of


class TriggerTimes:
    """Remembers the moments that were told already, as `TriggerTimeTracker` does."""

    def __init__(self) -> None:
        self._services: dict[Key, str] = {}
        self._pods: dict[Key, dict[str, str]] = {}

    def next(self, service: Manifest, pods: list[Manifest]) -> str:
        """The earliest change since the last call, as RFC 3339; empty where there is none."""
        key = key_of(service)
        known = self._pods.get(key, {})
        moments = {pod["metadata"]["name"]: _moment(pod) for pod in pods}
        changes = [moment for name, moment in moments.items() if moment and moment > known.get(name, "")]
        self._pods[key] = moments
        made = service["metadata"]["creationTimestamp"]
        if self._services.get(key) != made:
            # What happened before there was a Service is not its change.
            self._services[key] = made
            return str(made)
        return min(changes, default="")

    def forget(self, key: Key) -> None:
        self._services.pop(key, None)
        self._pods.pop(key, None)


def _moment(pod: Manifest) -> str:
    entry = condition(pod, "Ready")
    return str(entry["lastTransitionTime"]) if entry and entry.get("lastTransitionTime") else ""
