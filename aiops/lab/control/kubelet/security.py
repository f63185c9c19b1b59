"""What a container's security context forbids: running as root where it must not, as the kubelet verifies it."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.kubelet.environment import ConfigError
from aiops.lab.kube.objects import uid_of


def pod_name(pod: Manifest) -> str:
    """A pod as the kubelet names it in its messages."""
    return f"{pod['metadata']['name']}_{pod['metadata']['namespace']}({uid_of(pod)})"


def check_user(pod: Manifest, spec: Manifest, image_user: str) -> None:
    """Raises `ConfigError` where the container must not run as root and would, or might."""
    if not _effective(pod, spec, "runAsNonRoot"):
        return
    whose = f'(pod: "{pod_name(pod)}", container: {spec["name"]})'
    user = _effective(pod, spec, "runAsUser")
    if user is not None:
        if user == 0:
            raise ConfigError(f"container's runAsUser breaks non-root policy {whose}")
        return
    if not image_user.isdecimal():
        why = f"image has non-numeric user ({image_user}), cannot verify user is non-root"
        raise ConfigError(f"container has runAsNonRoot and {why} {whose}")
    if int(image_user) == 0:
        raise ConfigError(f"container has runAsNonRoot and image will run as root {whose}")


def _effective(pod: Manifest, spec: Manifest, field: str) -> Any:
    """A field of the container's own security context, else of the pod's."""
    own = (spec.get("securityContext") or {}).get(field)
    return own if own is not None else (pod["spec"].get("securityContext") or {}).get(field)
