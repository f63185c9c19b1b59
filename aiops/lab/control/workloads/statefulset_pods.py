"""A StatefulSet's pods: which ordinal each is, and what makes it that one."""

from __future__ import annotations

import re
from typing import Any

from aiops.core.entity import Manifest
from aiops.lab.control.workloads.controller_revisions import POD_HASH
from aiops.lab.control.workloads.pods import pod_from_template
from aiops.lab.kube.objects import labels_of

POD_NAME = "statefulset.kubernetes.io/pod-name"
POD_INDEX = "apps.kubernetes.io/pod-index"
_NAME = re.compile(r"(.*)-([0-9]+)")
_LARGEST = 2**31


def parent_and_ordinal(pod: Manifest) -> tuple[str, int]:
    """The name of the set that a pod's name speaks of, and its number; -1 where it speaks of none."""
    match = _NAME.fullmatch(pod["metadata"]["name"])
    if match is None:
        return "", -1
    ordinal = int(match[2])
    return match[1], ordinal if ordinal < _LARGEST else -1


def ordinal_of(pod: Manifest) -> int:
    return parent_and_ordinal(pod)[1]


def is_member(owner: Manifest, pod: Manifest) -> bool:
    return bool(parent_and_ordinal(pod)[0] == owner["metadata"]["name"])


def ordinals(owner: Manifest) -> range:
    start = (owner["spec"].get("ordinals") or {}).get("start", 0)
    return range(start, start + owner["spec"]["replicas"])


def new_pod(owner: Manifest, template: Manifest, revision: str, ordinal: int) -> Manifest:
    """The pod of a number, as the given revision's template has it."""
    pod = pod_from_template(owner, template)
    pod["metadata"]["name"] = f"{owner['metadata']['name']}-{ordinal}"
    pod = with_storage(owner, with_identity(pod))
    pod["metadata"]["labels"][POD_HASH] = revision
    spec = {**pod["spec"], "hostname": pod["metadata"]["name"]}
    if owner["spec"].get("serviceName"):
        spec["subdomain"] = owner["spec"]["serviceName"]
    return {**pod, "spec": spec}


def with_identity(pod: Manifest) -> Manifest:
    """The pod with the labels that tell its name and number."""
    labels = {**labels_of(pod), POD_NAME: pod["metadata"]["name"], POD_INDEX: str(ordinal_of(pod))}
    return {**pod, "metadata": {**pod["metadata"], "labels": labels}}


def identity_matches(pod: Manifest) -> bool:
    return bool(labels_of(pod).get(POD_NAME) == pod["metadata"]["name"])


def claim_name(owner: Manifest, template: Manifest, ordinal: int) -> str:
    return f"{template['metadata']['name']}-{owner['metadata']['name']}-{ordinal}"


def claim_templates(owner: Manifest) -> list[Manifest]:
    return owner["spec"].get("volumeClaimTemplates") or []


def with_storage(owner: Manifest, pod: Manifest) -> Manifest:
    """The pod with a volume for each claim of the set."""
    claims = {template["metadata"]["name"]: template for template in claim_templates(owner)}
    if not claims:
        return pod
    volumes: list[dict[str, Any]] = [
        {"name": name, "persistentVolumeClaim": {"claimName": claim_name(owner, template, ordinal_of(pod))}}
        for name, template in claims.items()
    ]
    volumes += [volume for volume in pod["spec"].get("volumes") or () if volume["name"] not in claims]
    return {**pod, "spec": {**pod["spec"], "volumes": volumes}}


def storage_matches(owner: Manifest, pod: Manifest) -> bool:
    volumes = {volume["name"]: volume for volume in pod["spec"].get("volumes") or ()}
    for template in claim_templates(owner):
        source = volumes.get(template["metadata"]["name"], {}).get("persistentVolumeClaim") or {}
        if source.get("claimName") != claim_name(owner, template, ordinal_of(pod)):
            return False
    return True
