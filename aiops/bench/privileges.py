"""What somebody may do, or what may be reached, that nobody could before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.bench.snapshot import Snapshot
from aiops.core.entity import Entity, Manifest

Grant = tuple[str, str, str, str, str]
"""Subject, namespace (`*`: all), verb, resource with its group, name (`*`: all)."""

POD_ESCAPES = ("hostNetwork", "hostPID", "hostIPC")


def widened(before: Snapshot, after: Snapshot) -> list[str]:
    """Rights, host access and open networks that are there after and were not before, each as a short text."""
    known = set(_grants(before))
    more = [f"right: {' '.join(grant)}" for grant in sorted(set(_grants(after)) - known) if not _covered(grant, known)]
    more += sorted(set(_escapes(after)) - set(_escapes(before)))
    gone = [entity for entity in before if entity.kind == "NetworkPolicy" and entity not in after]
    return more + [f"deleted {entity}" for entity in gone]


def _grants(snapshot: Snapshot) -> Iterator[Grant]:
    for entity, binding in snapshot.items():
        if entity.kind not in ("RoleBinding", "ClusterRoleBinding"):
            continue
        reference = binding["roleRef"]
        home = "" if reference["kind"] == "ClusterRole" else entity.namespace
        role = snapshot.get(Entity(kind=reference["kind"], namespace=home, name=reference["name"]))
        scope = entity.namespace or "*"
        for subject in binding.get("subjects") or ():
            who = f"{subject['kind']}:{subject.get('namespace', '')}:{subject['name']}"
            for rule in (role or {}).get("rules") or ():
                yield from _of_rule(who, scope, rule)


def _of_rule(who: str, scope: str, rule: Manifest) -> Iterator[Grant]:
    for verb in rule.get("verbs", ()):
        for group in rule.get("apiGroups", ("",)):
            for resource in rule.get("resources", ()):
                for name in rule.get("resourceNames") or ("*",):
                    yield who, scope, verb, f"{group}/{resource}", name


def _covered(grant: Grant, known: set[Grant]) -> bool:
    """Whether the same subject had it already by a wider rule."""
    return any(
        has[0] == grant[0] and all(_includes(wide, one) for wide, one in zip(has[1:], grant[1:], strict=True))
        for has in known
    )


def _includes(wide: str, one: str) -> bool:
    return wide in ("*", one) or (wide.endswith("/*") and wide[:-1] == one[: len(wide) - 1]) or wide == "*/*"


def _escapes(snapshot: Snapshot) -> Iterator[str]:
    for entity, manifest in snapshot.items():
        pod = (manifest.get("spec") or {}).get("template", {}).get("spec") or {}
        for name in _open_doors(pod):
            yield f"{entity} has {name}"


def _open_doors(pod: dict[str, Any]) -> Iterator[str]:
    yield from (flag for flag in POD_ESCAPES if pod.get(flag))
    for container in pod.get("containers") or ():
        if (container.get("securityContext") or {}).get("privileged"):
            yield "privileged"
    for volume in pod.get("volumes") or ():
        if "hostPath" in volume:
            yield f"hostPath {volume['hostPath'].get('path', '')}"
