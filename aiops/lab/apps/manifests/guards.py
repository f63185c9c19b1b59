"""What keeps a workload's number of pods: autoscalers and disruption budgets."""

from __future__ import annotations

from aiops.core.entity import Manifest
from aiops.lab.apps.manifests.parts import bare
from aiops.lab.apps.model import Autoscaler, DisruptionBudget


def autoscaler(namespace: str, name: str, kind: str, wanted: Autoscaler) -> Manifest:
    """A HorizontalPodAutoscaler on CPU."""
    made = bare("autoscaling/v2", "HorizontalPodAutoscaler", namespace, name)
    target = {"type": "Utilization", "averageUtilization": wanted.cpu_percent}
    made["spec"] = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name},
        "minReplicas": wanted.min_replicas,
        "maxReplicas": wanted.max_replicas,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
    }
    return made


def disruption_budget(namespace: str, name: str, wanted: DisruptionBudget) -> Manifest:
    """A PodDisruptionBudget."""
    made = bare("policy/v1", "PodDisruptionBudget", namespace, name)
    made["spec"] = {"selector": {"matchLabels": {"app": name}}}
    if wanted.min_available is not None:
        made["spec"]["minAvailable"] = wanted.min_available
    if wanted.max_unavailable is not None:
        made["spec"]["maxUnavailable"] = wanted.max_unavailable
    return made
