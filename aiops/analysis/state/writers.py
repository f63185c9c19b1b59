"""Which program of the cluster writes under the name of a field manager."""

from __future__ import annotations

from collections.abc import Sequence

from aiops.analysis.state.cluster import pod_template
from aiops.core.entity import Entity, Manifest


def writing_workload(programs: Sequence[Manifest], manager: str) -> Entity | None:
    """The one workload or CronJob of this name, else the one whose image or service account has it: by default a
    program's field manager is the name of its binary. None where none or several fit."""
    for names in (_by_name, _by_image, _by_account):
        fitting = [Entity.of(item) for item in programs if manager in names(item)]
        if fitting:
            return fitting[0] if len(fitting) == 1 else None
    return None


def _by_name(item: Manifest) -> list[str]:
    return [item["metadata"]["name"]]


def _by_image(item: Manifest) -> list[str]:
    images = [container.get("image", "") for container in _pod(item).get("containers") or ()]
    return [image.partition("@")[0].rpartition("/")[2].partition(":")[0] for image in images]


def _by_account(item: Manifest) -> list[str]:
    return [_pod(item).get("serviceAccountName") or ""]


def _pod(item: Manifest) -> Manifest:
    """The pod spec of a workload or CronJob."""
    spec: Manifest = pod_template(item.get("spec", {}).get("jobTemplate") or item).get("spec") or {}
    return spec
