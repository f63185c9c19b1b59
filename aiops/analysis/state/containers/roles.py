"""Which container of a pod is its program, and which ones help it."""

from __future__ import annotations

from aiops.core.entity import Manifest

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
"""The annotation by which a pod names its program."""

NAME_LABELS = ("app.kubernetes.io/name", "app", "k8s-app", "app.kubernetes.io/component")


def main_container(template: Manifest, workload: str) -> str:
    """The name of the container that a pod template is there for: the one that it names itself, else the one called
    like the workload or its labels, else the first with a port, else the first."""
    containers = template.get("spec", {}).get("containers") or []
    names = [container.get("name", "") for container in containers]
    meta = template.get("metadata", {})
    labels = meta.get("labels") or {}
    wanted = [(meta.get("annotations") or {}).get(DEFAULT_CONTAINER), workload, *map(labels.get, NAME_LABELS)]
    called = [name for name in wanted if name in names]
    with_port = [container["name"] for container in containers if container.get("ports")]
    return str(next(iter([*called, *with_port, *names]), ""))


def is_helper(template: Manifest, workload: str, container: str) -> bool:
    """Is a container a further one beside the program: a sidecar, or an init container that stays?"""
    spec = template.get("spec", {})
    stays = [c for c in spec.get("initContainers") or [] if c.get("restartPolicy") == "Always"]
    if container in [c.get("name") for c in stays]:
        return True
    several = len(spec.get("containers") or []) > 1
    return several and container != main_container(template, workload) and not is_init(template, container)


def is_init(template: Manifest, container: str) -> bool:
    """Does a container run before the program, and end?"""
    init = [c for c in template.get("spec", {}).get("initContainers") or [] if c.get("restartPolicy") != "Always"]
    return container in [c.get("name") for c in init]
