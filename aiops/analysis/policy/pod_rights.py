"""The parts of a pod template that decide what its pods may do to the cluster, to their node, and as whom.

They are what the Pod Security Standards (https://kubernetes.io/docs/concepts/security/pod-security-standards/) judge,
and the identity that the pods run with. The commands and images that run are not told apart here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from aiops.analysis.policy.account import identities
from aiops.analysis.policy.security_context import is_narrower
from aiops.core.entity import Manifest

ACCOUNT_NAME = "serviceAccountName"
AUTOMOUNT = "automountServiceAccountToken"

PLAIN_VOLUMES = frozenset(
    {
        "configMap",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "name",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)
"""Fields of volumes that lead to no node and no other machine."""

POD_FIELDS = ("automountServiceAccountToken", "runtimeClassName", "securityContext", "shareProcessNamespace")
HARMLESS_HOST = frozenset({"hostname", "hostnameOverride"})
"""All other fields of a pod whose names begin with `host` open the node to it."""

DEFAULTS = {"automountServiceAccountToken": True, "hostUsers": True}
"""Where false takes away what pods have by default."""

CONTAINERS = ("containers", "initContainers", "ephemeralContainers")
SECURITY_ANNOTATIONS = ("container.apparmor.security.", "container.seccomp.security.", "seccomp.security.")


def other_rights(template: Manifest, other: Manifest) -> list[str]:
    """The fields, by path below the pod's spec, in which two pod templates differ in what their pods may do."""
    one, two = dict(_rights(template)), dict(_rights(other))
    return sorted(field for field in one.keys() | two.keys() if one.get(field) != two.get(field))


def gained_rights(now: Manifest, wanted: Manifest) -> list[str]:
    """Those of the fields in which `wanted` may let pods do more than `now`: not where it only gives something up."""
    one, two = dict(_rights(now)), dict(_rights(wanted))
    return [field for field in other_rights(now, wanted) if not _only_less(field, one.get(field), two.get(field))]


def _only_less(field: str, now: Any, wanted: Any) -> bool:
    if field.endswith("securityContext"):
        return is_narrower(now or {}, wanted or {})
    opens = field.startswith(("host", "volumes[")) or field.endswith((".hostPort", ".volumeDevices", "]"))
    return wanted is None and opens and field != "hostUsers" and not field.startswith("metadata[")


def _rights(template: Manifest) -> Iterator[tuple[str, Any]]:
    """What is set of these fields; a default counts as not set."""
    spec = template.get("spec") or {}
    yield ACCOUNT_NAME, spec.get(ACCOUNT_NAME) or spec.get("serviceAccount") or "default"
    for field in (*POD_FIELDS, *(key for key in spec if key.startswith("host") and key not in HARMLESS_HOST)):
        if (value := spec.get(field)) not in (None, {}, [], DEFAULTS.get(field, False)):
            yield field, value
    special = {volume.get("name", ""): volume for volume in spec.get("volumes") or () if _is_special(volume)}
    for name, volume in special.items():
        yield f"volumes[{name}]", volume
    for kind in CONTAINERS:
        for container in spec.get(kind) or ():
            yield from _of_container(f"{kind}[{container.get('name', '')}]", container, special)
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    profiles = {key: value for key, value in annotations.items() if key.startswith(SECURITY_ANNOTATIONS)}
    for key, value in {**identities(template), **profiles}.items():
        yield f"metadata[{key}]", value


def _is_special(volume: Manifest) -> bool:
    """Is this volume of the node, of another machine, or a token of the account?"""
    sources = (volume.get("projected") or {}).get("sources") or ()
    return bool(volume.keys() - PLAIN_VOLUMES) or any("serviceAccountToken" in source for source in sources)


def _of_container(path: str, container: Manifest, special: Manifest) -> Iterator[tuple[str, Any]]:
    if container.get("securityContext"):
        yield f"{path}.securityContext", container["securityContext"]
    if container.get("volumeDevices"):
        yield f"{path}.volumeDevices", container["volumeDevices"]
    for port in container.get("ports") or ():
        if port.get("hostPort"):
            yield f"{path}.ports[{port.get('containerPort')}].hostPort", (port["hostPort"], port.get("hostIP"))
    for mount in container.get("volumeMounts") or ():
        if mount.get("name") in special:
            yield f"{path}.volumeMounts[{mount.get('mountPath')}]", mount
