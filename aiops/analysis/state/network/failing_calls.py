"""The calls that fail now and got through before, as checks of settings want them: by their kind of error."""

from __future__ import annotations

from aiops.analysis.calls.error_kinds import ErrorKind, kind_of
from aiops.analysis.state.cluster import ClusterState, ObservedCall
from aiops.core.entity import Edge, Entity, Manifest

CLEARLY = 0.1
"""Share of a caller's calls that fails where a setting keeps them from working."""


def failing_calls(state: ClusterState, *kinds: ErrorKind, least: float = CLEARLY) -> list[ObservedCall]:
    """The calls of which at least this share fails, mostly with an error of these kinds (none: of any), the worst
    first."""
    found = [c for c in state.calls if c.error_ratio >= least and (not kinds or kind_of(c.error_type) in kinds)]
    return sorted(found, key=lambda call: -call.error_ratio)


def called_service(state: ClusterState, call: ObservedCall) -> Manifest | None:
    """The Service that a call goes to."""
    return state.service_of_host(call.host, call.source.namespace)


def calls_to(state: ClusterState, service: Entity) -> list[ObservedCall]:
    """The calls that go to a Service."""
    found = ((call, called_service(state, call)) for call in state.calls)
    return [call for call, one in found if one is not None and Entity.of(one) == service]


def calls_of(state: ClusterState, workload: Entity) -> list[ObservedCall]:
    """The calls that a workload makes."""
    return [call for call in state.calls if call.source == workload]


def described(call: ObservedCall) -> str:
    """Who calls whom, and how that fails."""
    return (
        f"{call.error_ratio:.0%} of the calls of {call.source} to {call.host} fail ({call.error_type or 'no reason'})"
    )


def edge_of(state: ClusterState, call: ObservedCall) -> Edge:
    """The call as an edge to the workload that should answer; to the Service or the host where none does."""
    service = called_service(state, call)
    answering = state.backends(service) if service else []
    if answering:
        return Edge(source=call.source, target=Entity.of(answering[0]))
    target = Entity.of(service) if service else Entity(kind="External", name=call.host)
    return Edge(source=call.source, target=target)
