"""Which incident a signal belongs to."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from aiops.core.incident import Signal
from aiops.tools.kit.alert_labels import namespace_of

MOST_AT_ONCE = 20
"""Unfinished incidents beyond which trouble in yet another namespace is taken for trouble of the whole cluster."""


def namespaces_of(signal: Signal) -> tuple[str, ...]:
    """The namespaces that a signal speaks of; none where it speaks of the whole cluster."""
    named = signal.subject.namespace if signal.subject else ""
    named = named or namespace_of(signal.labels)
    return (named,) if named else ()


def home_of(signal: Signal, unfinished: Mapping[str, tuple[str, ...]], knowing: Collection[str]) -> str | None:
    """The id of the unfinished incident that a signal belongs to: the one that knows its alert, else one about its
    namespace, else, where there are very many, the one about the whole cluster. `unfinished` has the namespaces of
    each, newest first; `knowing` are incidents that know the alert."""
    for incident in unfinished:
        if incident in knowing:
            return incident
    spoken_of = set(namespaces_of(signal))
    for incident, namespaces in unfinished.items():
        if not spoken_of or spoken_of & set(namespaces):
            return incident
    if len(unfinished) > MOST_AT_ONCE:
        return next((incident for incident, namespaces in unfinished.items() if not namespaces), None)
    return None
