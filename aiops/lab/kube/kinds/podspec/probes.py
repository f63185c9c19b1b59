"""Probes and lifecycle hooks of a container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden, invalid_value, not_supported, required
from aiops.lab.kube.kinds.checks.formats import http_header
from aiops.lab.kube.kinds.checks.numbers import count_field, port, port_number_or_name

Spec = dict[str, Any]

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


def probes(container: Spec, grace: int | None, path: str) -> Iterator[Cause]:
    for field in PROBES:
        if field in container:
            yield from _probe(container[field], field, grace, f"{path}.{field}")


def _probe(probe: Spec, kind: str, grace: int | None, path: str) -> Iterator[Cause]:
    yield from handler(probe, grace, path)
    for field in _TIMES:
        yield from count_field(probe, field, path)
    own = probe.get("terminationGracePeriodSeconds")
    if own is not None and own <= 0:
        yield invalid_value(f"{path}.terminationGracePeriodSeconds", own, "must be greater than 0")
    if kind == "readinessProbe":
        if own is not None:
            why = "must not be set for readinessProbes"
            yield invalid_value(f"{path}.terminationGracePeriodSeconds", own, why)
    elif probe.get("successThreshold") != 1:
        yield invalid_value(f"{path}.successThreshold", probe.get("successThreshold"), "must be 1")


def lifecycle(hooks: Spec, grace: int | None, path: str, system: str) -> Iterator[Cause]:
    for field in ("postStart", "preStop"):
        if field in hooks:
            yield from handler(hooks[field], grace, f"{path}.{field}")
    if "stopSignal" in hooks and not system:
        yield forbidden(f"{path}.stopSignal", "may not be set for containers with empty `spec.os.name`")


def handler(spec: Spec, grace: int | None, path: str) -> Iterator[Cause]:
    """Exactly one thing to do."""
    found = False
    for field in HANDLERS:
        action = spec.get(field)
        if action is None:
            continue
        if found:
            yield forbidden(f"{path}.{field}", "may not specify more than 1 handler type")
            continue
        found = True
        yield from _action(field, action, grace, f"{path}.{field}")
    if not found:
        yield required(path, "must specify a handler type")


def _action(field: str, action: Spec, grace: int | None, path: str) -> Iterator[Cause]:
    if field == "exec":
        if not action.get("command"):
            yield required(f"{path}.command")
    elif field == "httpGet":
        yield from _http_get(action, path)
    elif field == "tcpSocket":
        yield from port_number_or_name(action.get("port", 0), f"{path}.port")
    elif field == "grpc":
        yield from port(action.get("port", 0), f"{path}.port")
    elif grace is not None and not 0 <= action.get("seconds", 0) <= grace:
        why = f"must be non-negative and less than terminationGracePeriodSeconds ({grace})"
        yield invalid_value(path, action.get("seconds", 0), why)


def _http_get(action: Spec, path: str) -> Iterator[Cause]:
    yield from port_number_or_name(action.get("port", 0), f"{path}.port")
    if action.get("scheme") not in ("HTTP", "HTTPS"):
        yield not_supported(f"{path}.scheme", action.get("scheme", ""), ("HTTP", "HTTPS"))
    for header in action.get("httpHeaders") or ():
        for why in http_header(header.get("name", "")):
            yield invalid_value(f"{path}.httpHeaders", header.get("name", ""), why)
