"""What failing probes say, and whether that speaks against the probe or against the process."""

from __future__ import annotations

import re

from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.events import events_about
from aiops.core.entity import Entity, Manifest

HANDLERS = ("httpGet", "tcpSocket", "grpc")

RECENT = 600.0
"""Seconds for which a failure says something about now."""

_WRONG_QUESTION = re.compile(
    r"statuscode: 4\d\d|malformed HTTP|server gave HTTP response to HTTPS|connect: connection refused|"
    r"no such file|executable file not found|unknown service|unimplemented|tls: first record",
    re.IGNORECASE,
)
_NOT_WELL = re.compile(r"statuscode: 5\d\d|NOT_SERVING", re.IGNORECASE)

ODD, UNTOLD, UNWELL = 0.6, 0.3, 0.15
"""How far a failure speaks against the probe: it asks what the process does not know, nothing tells, or the process
answers itself that it is not well."""


def said_of(state: ClusterState, pod: Entity, *probes: str) -> str:
    """The newest message about failing probes (`Readiness`, `Liveness`, `Startup`) of a pod; empty without one."""
    for event in events_about(state, pod, "Unhealthy"):
        if event.message.partition(" ")[0] in probes and state.now - event.last_at < RECENT:
            return event.message
    return ""


def own_fault(said: str) -> float:
    """How far a probe's message speaks against the probe itself, in 0..1."""
    if _NOT_WELL.search(said):
        return UNWELL
    return ODD if _WRONG_QUESTION.search(said) else UNTOLD


def asks_undeclared_port(probe: Manifest, container: Manifest) -> bool:
    """Does a probe ask a port that is none of those which the container declares?"""
    asked = next((probe[h].get("port") for h in HANDLERS if h in probe), None)
    ports = container.get("ports", [])
    if asked is None or not ports:
        return False
    return not any(asked in (p["containerPort"], str(p["containerPort"]), p.get("name")) for p in ports)
