"""`componentstatuses`: the parts of a control plane, which in the lab live and die together."""

from __future__ import annotations

from aiops.core.entity import Manifest

_COMPONENTS = ("scheduler", "controller-manager", "etcd-0")


def component_statuses() -> list[Manifest]:
    """Every part, healthy; not stored, so without versions and dates."""
    healthy = {"type": "Healthy", "status": "True", "message": "ok"}
    head = {"apiVersion": "v1", "kind": "ComponentStatus"}
    return [{**head, "metadata": {"name": name}, "conditions": [healthy]} for name in _COMPONENTS]
