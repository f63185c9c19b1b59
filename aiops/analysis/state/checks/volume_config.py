"""A pod that cannot start because a volume of it shows a ConfigMap, a Secret or a key that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from aiops.analysis.state.before import template_before
from aiops.analysis.state.cluster import ClusterState
from aiops.analysis.state.events import events
from aiops.analysis.state.makers import subject_of
from aiops.analysis.state.registry import Finding, blame, check
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism
from aiops.core.moments import created_at

_VOLUME = re.compile(r'MountVolume\.SetUp failed for volume "(?P<volume>[^"]+)"')
_NO_OBJECT = re.compile(r'\b(?P<kind>configmap|secret) "(?P<name>[^"]+)" not found', re.IGNORECASE)
_NO_KEY = re.compile(r"references non-existent (?:config|secret) key: (?P<key>\S+)", re.IGNORECASE)
"""What the kubelet writes (`pkg/volume/configmap`, `pkg/volume/secret`)."""

PROOF = 0.95


@check("volume-config")
def volume_config(state: ClusterState) -> Iterator[Finding]:
    """Pods that wait for a volume which shows an object or a key that is not there."""
    said: set[tuple[Entity, str]] = set()
    for event in events(state, "FailedMount"):
        pod = state.find("Pod", event.entity.namespace, event.entity.name)
        volume, lost, key = (
            _VOLUME.search(event.message),
            _NO_OBJECT.search(event.message),
            _NO_KEY.search(event.message),
        )
        if pod is None or volume is None or not (lost or key) or not _waits(pod):
            continue
        subject = subject_of(state, pod)
        missing = _missing(pod, volume["volume"], lost, key)
        if missing is None or (subject, volume["volume"]) in said:
            continue
        said.add((subject, volume["volume"]))
        config, name = missing
        what = f"{config} lacks key {name}" if name else f"{config} is not there"
        yield Finding(
            subject=subject,
            seen_in=event.entity,
            summary=f"A pod of {subject} cannot start: {what}.",
            observed=event.message,
            score=1.0,
            since=created_at(pod) or event.first_at,
            suggests=_suggests(state, subject, volume["volume"], config, name),
        )


def _waits(pod: Manifest) -> bool:
    """Has none of its containers ever started?"""
    found = pod.get("status", {}).get("containerStatuses") or []
    return pod.get("status", {}).get("phase") == "Pending" and not any(s.get("containerID") for s in found)


def _missing(
    pod: Manifest, volume: str, lost: re.Match[str] | None, key: re.Match[str] | None
) -> tuple[Entity, str] | None:
    """The object, and the key where it is that which lacks."""
    namespace = pod["metadata"].get("namespace", "")
    if lost:
        kind = "ConfigMap" if lost["kind"].lower() == "configmap" else "Secret"
        return Entity(kind=kind, namespace=namespace, name=lost["name"].rpartition("/")[2]), ""
    source = _source(pod["spec"], volume)
    if key is None or source is None:
        return None
    return Entity(kind=source[0], namespace=namespace, name=source[1]), key["key"]


def _source(spec: Manifest, volume: str) -> tuple[str, str] | None:
    """(kind, name) of what a volume shows."""
    found: Manifest = next((v for v in spec.get("volumes") or [] if v.get("name") == volume), {})
    parts = [found, *((found.get("projected") or {}).get("sources") or [])]
    for part in parts:
        if part.get("configMap"):
            return "ConfigMap", str(part["configMap"].get("name"))
        if part.get("secret"):
            return "Secret", str(part["secret"].get("secretName") or part["secret"].get("name"))
    return None


def _suggests(state: ClusterState, subject: Entity, volume: str, config: Entity, key: str) -> tuple[Hypothesis, ...]:
    mechanism = Mechanism.CONFIG_MISSING_KEY if key else Mechanism.CONFIG_OBJECT_MISSING
    before = template_before(state, subject)
    if before is not None and _source(before.get("spec", {}), volume) != (config.kind, config.name):
        return blame(subject, mechanism, PROOF, f"spec.template.spec.volumes[{volume}]")
    return blame(config, mechanism, PROOF, f"data.{key}" if key else None)
