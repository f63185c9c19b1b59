"""Pods."""

from __future__ import annotations

from collections.abc import Iterator

from aiops.core.entity import Manifest
from aiops.lab.kube.errors import Cause
from aiops.lab.kube.kinds.checks.causes import forbidden
from aiops.lab.kube.kinds.podspec import defaults
from aiops.lab.kube.kinds.podspec.parts import (
    EPHEMERAL,
    RESIZE,
    ephemeral_update,
    only_ephemeral_containers,
    only_resources,
    resize,
)
from aiops.lab.kube.kinds.podspec.spec import pod_spec, pod_template
from aiops.lab.kube.kinds.podspec.update import pod_update
from aiops.lab.kube.kinds.podspec.warnings import pod_warnings
from aiops.lab.kube.kinds.rules.base import Reader, Rules, rules


@rules("Pod")
class PodRules(Rules):
    """As the registry's `podStrategy`."""

    status_subresources = ("binding",)

    def default(self, new: Manifest) -> None:
        spec = new.setdefault("spec", {})
        defaults.pod_spec(spec)
        defaults.requests_from_limits(spec)
        spec.setdefault("enableServiceLinks", True)
        defaults.host_ports(spec)

    def prepare_create(self, new: Manifest, reader: Reader) -> None:
        new["status"] = {"phase": "Pending", "qosClass": defaults.qos_class(new["spec"])}
        if new["spec"].get("schedulingGates"):
            gated = "Scheduling is blocked due to non-empty scheduling gates"
            condition = {
                "type": "PodScheduled",
                "status": "False",
                "lastProbeTime": None,
                "lastTransitionTime": new["metadata"]["creationTimestamp"],
                "reason": "SchedulingGated",
                "message": gated,
            }
            new["status"]["conditions"] = [condition]

    def validate(self, new: Manifest) -> Iterator[Cause]:
        yield from pod_spec(new["spec"], "spec", pod=True, name=new["metadata"]["name"])
        if new["spec"].get("ephemeralContainers"):
            yield forbidden("spec.ephemeralContainers", "cannot be set on create")

    def warnings(self, new: Manifest) -> Iterator[str]:
        return pod_warnings(new["spec"], "")

    def validate_update(self, new: Manifest, old: Manifest) -> Iterator[Cause]:
        yield from pod_spec(new["spec"], "spec", pod=True, name=new["metadata"]["name"])
        yield from pod_update(new, old)

    def prepare_subresource(self, new: Manifest, old: Manifest, subresource: str) -> None:
        if subresource == EPHEMERAL:
            only_ephemeral_containers(new, old)
        elif subresource == RESIZE:
            only_resources(new, old)

    def validate_subresource(self, new: Manifest, old: Manifest, subresource: str) -> Iterator[Cause]:
        yield from pod_spec(new["spec"], "spec", pod=True, name=new["metadata"]["name"])
        if subresource == EPHEMERAL:
            yield from ephemeral_update(new, old)
        elif subresource == RESIZE:
            yield from resize(new, old)


@rules("PodTemplate")
class PodTemplateRules(Rules):
    """Templates that stand alone."""

    def default(self, new: Manifest) -> None:
        defaults.template(new)

    def validate(self, new: Manifest) -> Iterator[Cause]:
        return pod_template(new.get("template"), "template")
