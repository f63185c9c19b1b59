"""The checks of level `restricted` of the Pod Security Standards."""

from __future__ import annotations

from aiops.lab.kube.admission.podsecurity.baseline import PROFILES, own_user_namespace, seccomp_profiles
from aiops.lab.kube.admission.podsecurity.words import (
    Finding,
    Spec,
    Subject,
    containers,
    count,
    named,
    quoted,
    security,
    setters,
)

_VOLUMES = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)


def allow_privilege_escalation(subject: Subject) -> Finding | None:
    if subject.minor >= 25 and _windows(subject.spec):
        return None
    names = [c["name"] for c in containers(subject.spec) if security(c).get("allowPrivilegeEscalation") is not False]
    if not names:
        return None
    detail = f"{named(names)} must set securityContext.allowPrivilegeEscalation=false"
    return Finding("allowPrivilegeEscalation != false", detail)


def capabilities(subject: Subject) -> Finding | None:
    if subject.minor >= 25 and _windows(subject.spec):
        return None
    keeping, adding, added = [], [], set()
    for container in containers(subject.spec):
        wanted = security(container).get("capabilities") or {}
        if "ALL" not in (wanted.get("drop") or ()):
            keeping.append(container["name"])
        if more := set(wanted.get("add") or ()) - {"NET_BIND_SERVICE"}:
            adding.append(container["name"])
            added |= more
    details = []
    if keeping:
        details.append(f'{named(keeping)} must set securityContext.capabilities.drop=["ALL"]')
    if adding:
        what = f"must not include {quoted(sorted(added))} in securityContext.capabilities.add"
        details.append(f"{named(adding)} {what}")
    return Finding("unrestricted capabilities", "; ".join(details)) if details else None


def volumes(subject: Subject) -> Finding | None:
    bad = [volume for volume in subject.spec.get("volumes") or () if not any(kind in volume for kind in _VOLUMES)]
    if not bad:
        return None
    names = [volume["name"] for volume in bad]
    kinds = sorted({next((key for key in volume if key != "name"), "unknown") for volume in bad})
    what = count(kinds, "restricted volume type", "restricted volume types")
    detail = f"{named(names, 'volume', 'volumes')} {count(names, 'uses', 'use')} {what} {quoted(kinds)}"
    return Finding("restricted volume types", detail)


def run_as_non_root(subject: Subject) -> Finding | None:
    if subject.minor >= 35 and own_user_namespace(subject.spec):
        return None
    own = security(subject.spec).get("runAsNonRoot")
    told = {container["name"]: security(container).get("runAsNonRoot") for container in containers(subject.spec)}
    refusing = [name for name, value in told.items() if value is False]
    if own is False or refusing:
        who = setters(own is False, refusing)
        return Finding("runAsNonRoot != true", f"{who} must not set securityContext.runAsNonRoot=false")
    silent = [name for name, value in told.items() if value is None]
    if own or not silent:
        return None
    return Finding("runAsNonRoot != true", f"pod or {named(silent)} must set securityContext.runAsNonRoot=true")


def run_as_user(subject: Subject) -> Finding | None:
    if subject.minor >= 35 and own_user_namespace(subject.spec):
        return None
    pod = security(subject.spec).get("runAsUser") == 0
    names = [container["name"] for container in containers(subject.spec) if security(container).get("runAsUser") == 0]
    if not pod and not names:
        return None
    return Finding("runAsUser=0", f"{setters(pod, names)} must not set runAsUser=0")


def seccomp(subject: Subject) -> Finding | None:
    if subject.minor >= 25 and _windows(subject.spec):
        return None
    found = seccomp_profiles(subject.spec)
    if found is not None:
        return found
    if (security(subject.spec).get("seccompProfile") or {}).get("type") in PROFILES:
        return None
    silent = [c["name"] for c in containers(subject.spec) if security(c).get("seccompProfile") is None]
    if not silent:
        return None
    what = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"'
    return Finding("seccompProfile", f"pod or {named(silent)} {what}")


def _windows(spec: Spec) -> bool:
    return (spec.get("os") or {}).get("name") == "windows"
