"""PodSecurity: refuses pods that break the level of their namespace, and warns of workloads whose pods will."""

from __future__ import annotations

from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.kube.admission.attributes import Attributes, Operation
from aiops.lab.kube.admission.plugin import Plugin
from aiops.lab.kube.admission.podsecurity.policy import Level, Policy, policy_of
from aiops.lab.kube.admission.podsecurity.standards import findings
from aiops.lab.kube.admission.podsecurity.words import Finding, Spec, containers
from aiops.lab.kube.errors import invalid
from aiops.lab.kube.kinds.resources import Resource
from aiops.lab.kube.objects import controller_of, labels_of

MOST_PODS = 3000
"""How many pods of a namespace are looked at when its level changes."""

_CONTROLLERS = (
    "ReplicationController",
    "PodTemplate",
    "ReplicaSet",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
)
_IGNORED = ("exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status")


class PodSecurity(Plugin):
    """The plug-in of this name. Its defaults are those of the API server: everything is allowed without labels."""

    def handles(self, operation: Operation, resource: Resource, subresource: str) -> bool:
        if operation not in ("CREATE", "UPDATE") or resource.stored:
            return False
        if resource.kind == "Pod":
            return subresource not in _IGNORED
        return not subresource and (resource.kind == "Namespace" or resource.kind in _CONTROLLERS)

    def validate(self, request: Attributes) -> None:
        if request.resource.kind == "Namespace":
            self._namespace(request)
            return
        namespace = self._cluster.find("Namespace", "", request.namespace)
        if namespace is None or not namespace["metadata"].get("labels"):
            return
        policy, _ = policy_of(labels_of(namespace))
        if not policy.free:
            self._check(request, policy)

    def _check(self, request: Attributes, policy: Policy) -> None:
        pod = request.resource.kind == "Pod"
        if pod and request.old is not None and not _significant(request.new, request.old):
            return
        metadata, spec = _template(request.new)
        if spec is None:
            return
        if pod:
            found = findings(policy.enforce.name, policy.enforce.minor, metadata, spec)
            if found:
                raise request.forbidden(f'violates PodSecurity "{policy.enforce}": {_detail(found)}')
        found = findings(policy.warn.name, policy.warn.minor, metadata, spec)
        if found:
            request.writer.warn(f'would violate PodSecurity "{policy.warn}": {_detail(found)}')

    def _namespace(self, request: Attributes) -> None:
        """Wrong labels are refused; of pods that are there and break a stricter level the caller is warned."""
        policy, wrong = policy_of(labels_of(request.new))
        if request.old is None:
            if wrong:
                raise invalid(request.resource, request.new["metadata"]["name"], wrong)
            return
        before, old_wrong = policy_of(labels_of(request.old))
        if wrong and wrong != old_wrong:
            raise invalid(request.resource, request.name, wrong)
        new, old = policy.enforce, before.enforce
        if (
            new != old
            and new.name != "privileged"
            and not (new.version == old.version and new.strictness <= old.strictness)
        ):
            for text in self._existing(request.name, new):
                request.writer.warn(text)

    def _existing(self, namespace: str, level: Level) -> list[str]:
        """Warnings of the pods that break a level, by what they break."""
        pods = _one_of_each_controller(self._cluster.objects("Pod", namespace))
        broken: dict[str, list[str]] = {}
        for pod in pods[:MOST_PODS]:
            found = findings(level.name, level.minor, pod["metadata"], pod["spec"])
            if found:
                broken.setdefault(", ".join(finding.reason for finding in found), []).append(pod["metadata"]["name"])
        told = []
        if len(pods) > MOST_PODS:
            what = f"the first {MOST_PODS} of {len(pods)} existing pods"
            told.append(f"new PodSecurity enforce level only checked against {what}")
        if broken:
            told.append(f'existing pods in namespace "{namespace}" violate the new PodSecurity enforce level "{level}"')
        return told + sorted(f"{_names(names)}: {reason}" for reason, names in broken.items())


def _names(names: list[str]) -> str:
    others = len(names) - 1
    if not others:
        return names[0]
    return f"{min(names)} (and {others} other {'pod' if others == 1 else 'pods'})"


def _one_of_each_controller(pods: list[Manifest]) -> list[Manifest]:
    """Pods without a controller and the first of each, then the others."""
    first, rest, seen = [], [], set()
    for pod in pods:
        owner = controller_of(pod)
        if owner is not None and owner["uid"] in seen:
            rest.append(pod)
            continue
        if owner is not None:
            seen.add(owner["uid"])
        first.append(pod)
    return first + rest


def _detail(found: list[Finding]) -> str:
    return ", ".join(f"{finding.reason} ({finding.detail})" if finding.detail else finding.reason for finding in found)


def _template(manifest: Manifest) -> tuple[Spec, Spec | None]:
    """The metadata and spec of the pods that an object stands for."""
    if manifest["kind"] == "Pod":
        return manifest["metadata"], manifest["spec"]
    place: Any = manifest.get("spec") or {}
    if manifest["kind"] == "CronJob":
        place = (place.get("jobTemplate") or {}).get("spec") or {}
    template = manifest.get("template") if manifest["kind"] == "PodTemplate" else place.get("template")
    if not template:
        return {}, None
    return template.get("metadata") or {}, template.get("spec")


def _significant(new: Manifest, old: Manifest) -> bool:
    """Does an update change an image or a container?"""
    images = [{c["name"]: c.get("image") for c in containers(pod["spec"])} for pod in (new, old)]
    return images[0] != images[1]
