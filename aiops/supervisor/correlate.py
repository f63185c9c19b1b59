"""Which incident a signal belongs to."""

from __future__ import annotations

from aiops.core.incident import Incident, Signal


def namespaces_of(signal: Signal) -> tuple[str, ...]:
    """The namespaces that a signal speaks of; none where it speaks of the whole cluster."""
    named = signal.labels.get("namespace", "")
    if signal.subject and signal.subject.namespace:
        named = signal.subject.namespace
    return (named,) if named else ()


def home_of(signal: Signal, unfinished: list[Incident]) -> Incident | None:
    """The unfinished incident that a signal belongs to: the one that knows its alert, else one about its namespace."""
    for incident in unfinished:
        if any(known.fingerprint == signal.fingerprint for known in incident.signals):
            return incident
    spoken_of = set(namespaces_of(signal))
    for incident in unfinished:
        if not spoken_of or spoken_of & set(incident.namespaces):
            return incident
    return None
