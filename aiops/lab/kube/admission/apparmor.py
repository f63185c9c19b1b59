"""The deprecated AppArmor annotations of a pod become fields of its containers, with a warning. In Kubernetes the
registry of pods does this, in front of the validating plug-ins."""

from __future__ import annotations

from typing import Any

from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.kinds.resources import Resource

PREFIX = "container.apparmor.security.beta.kubernetes.io/"
_LOCAL = "localhost/"
_TYPES = {"runtime/default": "RuntimeDefault", "unconfined": "Unconfined"}


class AppArmorProfiles(Plugin):
    """As `applyAppArmorVersionSkew` does."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        return operation == "CREATE" and resource.shelf == "Pod" and not subresource

    def admit(self, request: Attributes) -> None:
        annotations = request.new["metadata"].get("annotations") or {}
        if not any(key.startswith(PREFIX) for key in annotations):
            return
        spec = request.new["spec"]
        own = (spec.get("securityContext") or {}).get("appArmorProfile")
        for field in ("initContainers", "containers"):
            for container in spec.get(field) or ():
                key = f"{PREFIX}{container['name']}"
                context = container.get("securityContext") or {}
                if key in annotations and context.get("appArmorProfile") is None:
                    profile = _profile(annotations[key])
                    if profile is not None and profile == own:
                        continue
                    if profile is not None:
                        container["securityContext"] = {**context, "appArmorProfile": profile}
                    what = 'deprecated since v1.30; use the "appArmorProfile" field instead'
                    request.writer.warn(f"metadata.annotations[{key}]: {what}")


def _profile(text: str) -> dict[str, Any] | None:
    """The field for an annotation; None for one that stands for nothing."""
    if text in _TYPES:
        return {"type": _TYPES[text]}
    if text.startswith(_LOCAL) and text != _LOCAL:
        return {"type": "Localhost", "localhostProfile": text.removeprefix(_LOCAL)}
    return None
