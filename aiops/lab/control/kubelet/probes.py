"""Liveness, readiness and startup probes of a running container, as the kubelet's prober runs and counts them."""

from __future__ import annotations

from dataclasses import dataclass

from aiops.core.entity import Manifest
from aiops.lab.control.events import WARNING
from aiops.lab.control.kubelet.notes import PodNotes
from aiops.lab.control.kubelet.worker import INFINITY, ContainerState, ProbeState
from aiops.lab.ports import Runtime

KINDS = ("startupProbe", "livenessProbe", "readinessProbe")
NAMES = {"startupProbe": "startup", "livenessProbe": "liveness", "readinessProbe": "readiness"}


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """`changed`: the container's readiness may be another. `kill`: the probe that wants it restarted."""

    changed: bool = False
    kill: str = ""


def new_probes(spec: Manifest, started_at: float) -> dict[str, ProbeState]:
    """The probes of a container that starts now."""
    return {
        kind: ProbeState(
            asks=with_port_number(spec[kind], spec),
            next_at=started_at + spec[kind].get("initialDelaySeconds", 0),
            good=kind == "livenessProbe",
        )
        for kind in KINDS
        if spec.get(kind)
    }


def run_probes(runtime: Runtime, container: ContainerState, spec: Manifest, notes: PodNotes, now: float) -> ProbeResult:
    """Run every probe that is due, as often as its period asks for. Until the startup probe passes no other runs, and
    only readiness is asked of a container that is being stopped."""
    changed = False
    for kind in KINDS:
        probe, startup = container.probes.get(kind), container.probes.get("startupProbe")
        if probe is None:
            continue
        if container.stopping and kind != "readinessProbe":
            probe.next_at = INFINITY
            continue
        if kind != "startupProbe" and startup is not None and not startup.good:
            probe.next_at = max(probe.next_at, startup.next_at)
            continue
        while probe.next_at <= now:
            probe.next_at += probe.asks["periodSeconds"]
            before = probe.good
            _run(runtime, container, spec, kind, probe, notes)
            changed |= probe.good != before
            if kind != "readinessProbe" and probe.failed >= probe.asks["failureThreshold"]:
                return ProbeResult(changed, kind)
            if kind == "startupProbe" and probe.good:
                probe.next_at = INFINITY
                _release(container, now)
    return ProbeResult(changed)


def _release(container: ContainerState, now: float) -> None:
    """The container has started: its other probes may run from now on."""
    for kind in KINDS[1:]:
        if kind in container.probes:
            container.probes[kind].next_at = min(container.probes[kind].next_at, now)


def _run(
    runtime: Runtime, container: ContainerState, spec: Manifest, kind: str, probe: ProbeState, notes: PodNotes
) -> None:
    error = runtime.probe(container.id, probe.asks)
    if error is None:
        probe.passed, probe.failed = probe.passed + 1, 0
        if probe.passed >= probe.asks.get("successThreshold", 1):
            probe.good = True
        return
    probe.passed, probe.failed = 0, probe.failed + 1
    notes.container(spec, WARNING, "Unhealthy", f"{NAMES[kind].capitalize()} probe failed: {error}")
    if probe.failed >= probe.asks["failureThreshold"]:
        probe.good = False


def with_port_number(probe: Manifest, spec: Manifest) -> Manifest:
    """The probe with a named port replaced by its number, where the container has a port of this name."""
    for field in ("httpGet", "tcpSocket"):
        port = (probe.get(field) or {}).get("port")
        if isinstance(port, str):
            number = next((p["containerPort"] for p in spec.get("ports") or () if p.get("name") == port), port)
            return {**probe, field: {**probe[field], "port": number}}
    return probe
