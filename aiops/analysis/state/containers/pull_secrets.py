"""Which object keeps a registry from letting a pod in."""

from __future__ import annotations

import re

from aiops.analysis.state.before import image_before, template_before
from aiops.analysis.state.cluster import ClusterState, pod_template
from aiops.analysis.state.events import events_about
from aiops.analysis.state.registry import blame
from aiops.core.entity import Entity, Manifest
from aiops.core.evidence import Hypothesis
from aiops.core.mechanism import Mechanism

FIELD = "imagePullSecrets"

_LOST = re.compile(r"[Uu]nable to retrieve some image pull secrets \((?P<names>[^)]+)\)")
"""What the kubelet writes (`pkg/kubelet/kubelet_pods.go`)."""

PROOF, LIKELY, PERHAPS = 0.95, 0.85, 0.6


def credentials_suspects(state: ClusterState, pod: Manifest, subject: Entity, container: str) -> tuple[Hypothesis, ...]:
    """The workload where it lost its pull secrets, or has its image from somewhere else now; the Secret that is not
    there; the service account whose pods had one before; else the Secret that the pod names."""
    namespace = subject.namespace
    named = _names(pod["spec"])
    manifest = state.find(subject.kind, namespace, subject.name)
    before = template_before(state, subject)
    own = _names(pod_template(manifest).get("spec", {})) if manifest else []
    former = _names(before.get("spec", {})) if before else own
    image = image_before(state, subject, container)
    if image is not None:
        path = f"spec.template.spec.containers[{container}].image"
        return blame(subject, Mechanism.IMAGE_CREDENTIALS, PROOF, path, image)
    if former != own:
        path = f"spec.template.spec.{FIELD}"
        wanted = (before or {}).get("spec", {}).get(FIELD)
        return blame(subject, Mechanism.IMAGE_CREDENTIALS, PROOF, path, wanted)
    for name in _lost(state, pod):
        secret = Entity(kind="Secret", namespace=namespace, name=name)
        return blame(secret, Mechanism.IMAGE_CREDENTIALS, PROOF)
    others = [_names(other["spec"]) for other in state.pods_of(subject) if other is not pod]
    if any(set(names) - set(named) for names in others):
        account = Entity(
            kind="ServiceAccount", namespace=namespace, name=pod["spec"].get("serviceAccountName") or "default"
        )
        return blame(account, Mechanism.IMAGE_CREDENTIALS, LIKELY, FIELD)
    if named:
        secret = Entity(kind="Secret", namespace=namespace, name=named[0])
        return blame(secret, Mechanism.IMAGE_CREDENTIALS, LIKELY, "data[.dockerconfigjson]")
    return blame(subject, Mechanism.IMAGE_CREDENTIALS, PERHAPS)


def lacks_secret(state: ClusterState, pod: Manifest) -> bool:
    """Does the kubelet say that a pull secret of the pod is not there?"""
    return bool(_lost(state, pod))


def _lost(state: ClusterState, pod: Manifest) -> list[str]:
    about = Entity.of(pod)
    found = [_LOST.search(event.message) for event in events_about(state, about, "FailedToRetrieveImagePullSecret")]
    return [name for match in found if match for name in re.split(r"[,;]\s*", match["names"])]


def _names(spec: Manifest) -> list[str]:
    return sorted(item["name"] for item in spec.get(FIELD) or [] if item.get("name"))
