"""Two sides of a call of which one demands TLS and the other does not speak it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aiops.analysis.calls.error_kinds import ErrorKind
from aiops.analysis.state.cluster import ClusterState, ObservedCall, container_of, pod_template
from aiops.analysis.state.network.failing_calls import called_service, described, edge_of, failing_calls
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.mechanism import Mechanism

BROKEN_OFF = (ErrorKind.RESET, ErrorKind.HANDSHAKE)

CLEARLY = 0.5
"""Share of the calls that fail where one side demands TLS: all of them do, from some moment on."""

_ABOUT_TLS = re.compile(r"tls|ssl|encrypt|secure_?transport|https", re.IGNORECASE)
_BOTH_SIDES = re.compile(r"mtls|mutual|peer|mesh|sidecar|client_?(auth|cert)", re.IGNORECASE)

CHANGED, SET = 0.9, 0.4
"""Strength where the revision before had another setting, and where it is only set."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a container that speaks of TLS, with its path, and whether the revision before had another."""

    path: str
    text: str
    changed: bool
    wanted: object = None


@check("encryption")
def encryption(state: ClusterState) -> Iterator[Finding]:
    """Calls that are broken off before any answer, where a setting of one side speaks of TLS."""
    for call in failing_calls(state, *BROKEN_OFF, least=CLEARLY):
        service = called_service(state, call)
        servers = [Entity.of(w) for w in state.backends(service)] if service else []
        for side in (*servers, call.source):
            for setting in settings_of(state, side):
                if setting.changed or side in servers:
                    yield _finding(state, call, side, setting)


def settings_of(state: ClusterState, workload: Entity) -> list[Setting]:
    """The environment variables and arguments of a workload that speak of TLS."""
    manifest = state.find(workload.kind, workload.namespace, workload.name)
    earlier = next(iter(state.templates(workload)), None)
    found: list[Setting] = []
    for container in pod_template(manifest or {}).get("spec", {}).get("containers") or []:
        former = container_of(earlier, container["name"]) if earlier else None
        place = f"spec.template.spec.containers[{container['name']}]"
        found += _variables(container, former, place)
        found += _arguments(container, former, place)
    return found


def _variables(container: Manifest, former: Manifest | None, place: str) -> Iterator[Setting]:
    before = {v["name"]: v.get("value") for v in (former or {}).get("env") or []}
    for variable in container.get("env") or []:
        name, value = variable["name"], variable.get("value")
        if isinstance(value, str) and _ABOUT_TLS.search(f"{name} {value}"):
            changed = former is not None and before.get(name) != value
            path = f"{place}.env[{name}].value"
            yield Setting(path, f"{name}={value}", changed, before.get(name) if changed else None)


def _arguments(container: Manifest, former: Manifest | None, place: str) -> Iterator[Setting]:
    for field in ("command", "args"):
        words = container.get(field) or []
        told = [word for word in words if isinstance(word, str) and _ABOUT_TLS.search(word)]
        if told:
            changed = former is not None and (former.get(field) or []) != words
            yield Setting(f"{place}.{field}", " ".join(told), changed)


def _finding(state: ClusterState, call: ObservedCall, side: Entity, setting: Setting) -> Finding:
    mutual = bool(_BOTH_SIDES.search(setting.text)) or not is_store(call)
    mechanism = Mechanism.NETWORK_MTLS if mutual else Mechanism.TLS_REQUIRED
    strength = CHANGED if setting.changed else SET
    return Finding(
        subject=edge_of(state, call),
        seen_in=side,
        summary=f"Calls of {call.source} to {call.host} are broken off, and {side} is set to {setting.text}.",
        observed=f"{described(call)}; {setting.path}",
        score=0.9,
        suggests=blame(side, mechanism, strength, setting.path, setting.wanted),
    )


def is_store(call: ObservedCall) -> bool:
    """Does the caller use a client of a data store?"""
    return call.protocol not in ("", "http", "traced")
